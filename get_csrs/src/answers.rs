//! Values as given, by flags or by `--answers FILE`: TOML with the names of the flags as keys.

use crate::command::{Command, RequestWish, Stage, SysadminWish, Task, Wish, Work};
use cli::output::Format;
use cli::{Exit, Failure, PassphraseArgs, input, place};
use common::{Pair, Role, Untrusted};
use std::path::{Path, PathBuf};
use store::rotation::Mode;
use toml::{Table, Value};

/// Largest answers file: 250 SANs a role of 253 octets fit four times over.
const LIMIT: usize = 512 * 1024;

/// What flags or the answers file give; nothing is parsed yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) main: Option<String>,
    pub(crate) assets: Option<String>,
    pub(crate) main_san: Option<Vec<String>>,
    pub(crate) assets_san: Option<Vec<String>>,
    pub(crate) key_type: Option<String>,
    pub(crate) main_key_type: Option<String>,
    pub(crate) assets_key_type: Option<String>,
    pub(crate) cluster_name: Option<String>,
    pub(crate) sysadmin_email: Option<String>,
    pub(crate) sysadmin_password_file: Option<PathBuf>,
    pub(crate) passphrase: PassphraseArgs,
    pub(crate) store: Option<PathBuf>,
    pub(crate) log_file: Option<PathBuf>,
    pub(crate) out: Option<PathBuf>,
    pub(crate) format: Option<Format>,
    pub(crate) yes: Option<bool>,
    pub(crate) dry_run: Option<bool>,
    pub(crate) rotate: Option<bool>,
    pub(crate) replace_staged: Option<bool>,
}

impl Answers {
    /// Reads an answers file.
    ///
    /// # Errors
    /// [`Exit::Usage`] with every mistake in it, none of them quoting its values.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let content = input::read(path, LIMIT)?;
        let refused = |mistakes: Vec<String>| {
            let mut failure =
                Failure::new(Exit::Usage, format!("the answers file {} cannot be used", path.display()));
            failure.causes = mistakes;
            failure.hint("its keys are the names of the flags: main = \"kms.example.com\", main-san = [\"192.0.2.1\"], yes = true")
        };
        let text = std::str::from_utf8(&content).map_err(|_| refused(vec!["it is not UTF-8".into()]))?;
        Self::parse(text).map_err(refused)
    }

    /// Reads the text of an answers file, or says everything that is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<String>> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            vec![format!("line {line} is not TOML")]
        })?;
        let mut keys = Keys { table, mistakes: vec![] };
        let answers = Self {
            main: keys.text("main"),
            assets: keys.text("assets"),
            main_san: keys.texts("main-san"),
            assets_san: keys.texts("assets-san"),
            key_type: keys.text("key-type"),
            main_key_type: keys.text("main-key-type"),
            assets_key_type: keys.text("assets-key-type"),
            cluster_name: keys.text("cluster-name"),
            sysadmin_email: keys.text("sysadmin-email"),
            sysadmin_password_file: keys.text("sysadmin-password-file").map(PathBuf::from),
            passphrase: PassphraseArgs {
                passphrase_file: keys.text("passphrase-file").map(PathBuf::from),
                passphrase_fd: keys.number("passphrase-fd"),
            },
            store: keys.text("store").map(PathBuf::from),
            log_file: keys.text("log-file").map(PathBuf::from),
            out: keys.text("out").map(PathBuf::from),
            format: keys.format("format"),
            yes: keys.flag("yes"),
            dry_run: keys.flag("dry-run"),
            rotate: keys.flag("rotate"),
            replace_staged: keys.flag("replace-staged"),
        };
        let PassphraseArgs { passphrase_file, passphrase_fd } = &answers.passphrase;
        if passphrase_file.is_some() && passphrase_fd.is_some() {
            keys.mistakes.push("passphrase-file and passphrase-fd exclude each other".into());
        }
        keys.finish().map(|()| answers)
    }

    /// These values, and for what they leave open those of `other`.
    ///
    /// Where two keys answer one question (a key type for both roles or for one, a passphrase from
    /// a file or a descriptor), any of them here hides all of them there.
    pub(crate) fn or(self, mut other: Self) -> Self {
        if self.key_type.is_some() {
            (other.main_key_type, other.assets_key_type) = (None, None);
        }
        Self {
            main: self.main.or(other.main),
            assets: self.assets.or(other.assets),
            main_san: self.main_san.or(other.main_san),
            assets_san: self.assets_san.or(other.assets_san),
            key_type: self.key_type.or(other.key_type),
            main_key_type: self.main_key_type.or(other.main_key_type),
            assets_key_type: self.assets_key_type.or(other.assets_key_type),
            cluster_name: self.cluster_name.or(other.cluster_name),
            sysadmin_email: self.sysadmin_email.or(other.sysadmin_email),
            sysadmin_password_file: self.sysadmin_password_file.or(other.sysadmin_password_file),
            passphrase: self.passphrase.or(other.passphrase),
            store: self.store.or(other.store),
            log_file: self.log_file.or(other.log_file),
            out: self.out.or(other.out),
            format: self.format.or(other.format),
            yes: self.yes.or(other.yes),
            dry_run: self.dry_run.or(other.dry_run),
            rotate: self.rotate.or(other.rotate),
            replace_staged: self.replace_staged.or(other.replace_staged),
        }
    }

    /// What they ask for; `sysadmin_by_flags` is what flags alone say of the sysadmin.
    pub(crate) fn command(self, show: bool, sysadmin_by_flags: SysadminWish) -> Command {
        let task = if show { Task::Show } else { Task::Stage(Box::new(self.stage(sysadmin_by_flags))) };
        let store = place::store(self.store);
        let format = self.format.unwrap_or_default();
        Command::Work(Work { task, store, log_file: self.log_file, format, out: self.out })
    }

    pub(crate) fn stage(&self, sysadmin_by_flags: SysadminWish) -> Stage {
        Stage {
            wish: Wish {
                requests: Pair::from_fn(|role| self.request(role)),
                cluster_name: self.cluster_name.clone(),
                sysadmin: self.sysadmin(),
                sysadmin_by_flags,
                passphrase: self.passphrase.clone().given_or_credential(),
            },
            mode: if self.rotate.unwrap_or_default() { Mode::Rotate } else { Mode::First },
            replace_staged: self.replace_staged.unwrap_or_default(),
            confirmed: self.yes.unwrap_or_default(),
            dry_run: self.dry_run.unwrap_or_default(),
        }
    }

    fn request(&self, role: Role) -> RequestWish {
        let (name, sans, flag, key_type) = match role {
            Role::Main => (&self.main, &self.main_san, "--main-key-type", &self.main_key_type),
            Role::Assets => (&self.assets, &self.assets_san, "--assets-key-type", &self.assets_key_type),
        };
        let own = key_type.clone().map(|value| (flag, value));
        let key_type = own.or_else(|| self.key_type.clone().map(|value| ("--key-type", value)));
        RequestWish { name: name.clone(), sans: sans.clone(), key_type }
    }

    /// What they say of the first sysadmin.
    pub(crate) fn sysadmin(&self) -> SysadminWish {
        SysadminWish {
            email: self.sysadmin_email.clone(),
            password_file: self.sysadmin_password_file.clone(),
        }
    }
}

/// A table being emptied key by key; what is left at the end is unknown.
struct Keys {
    table: Table,
    mistakes: Vec<String>,
}

impl Keys {
    fn take<T>(&mut self, key: &str, wanted: &str, read: impl FnOnce(Value) -> Option<T>) -> Option<T> {
        let value = read(self.table.remove(key)?);
        if value.is_none() {
            self.mistakes.push(format!("{key} must be {wanted}"));
        }
        value
    }

    fn text(&mut self, key: &str) -> Option<String> {
        self.take(key, "a string", string)
    }

    fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        self.take(key, "a list of strings", |value| match value {
            Value::Array(values) => values.into_iter().map(string).collect(),
            other @ (Value::String(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::Table(_)) => string(other).map(|one| vec![one]),
        })
    }

    fn number(&mut self, key: &str) -> Option<i32> {
        self.take(key, "the number of a descriptor", |value| i32::try_from(value.as_integer()?).ok())
    }

    fn flag(&mut self, key: &str) -> Option<bool> {
        self.take(key, "true or false", |value| value.as_bool())
    }

    fn format(&mut self, key: &str) -> Option<Format> {
        self.take(key, "\"text\" or \"json\"", |value| {
            <Format as clap::ValueEnum>::from_str(value.as_str()?, false).ok()
        })
    }

    fn finish(mut self) -> Result<(), Vec<String>> {
        let unknown = self.table.keys().map(|key| format!("unknown key {}", Untrusted::new(key.as_str())));
        self.mistakes.extend(unknown);
        if self.mistakes.is_empty() { Ok(()) } else { Err(self.mistakes) }
    }
}

fn string(value: Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};

    #[test]
    fn every_flag_that_answers_a_question_is_a_key_and_gives_the_same_value() {
        let text = r#"
            main = "a.example"
            assets = "b.example"
            main-san = ["192.0.2.1", "c.example"]
            assets-san = "d.example"
            key-type = "RSA3072"
            main-key-type = "NISTP256"
            assets-key-type = "NISTP384"
            cluster-name = "Example"
            sysadmin-email = "a@example.com"
            sysadmin-password-file = "/p"
            passphrase-file = "/q"
            store = "/s"
            log-file = "/l"
            out = "/o"
            format = "json"
            yes = true
            dry-run = true
            rotate = true
            replace-staged = true
        "#;
        let line = "get_csrs --main a.example --assets b.example --main-san 192.0.2.1 --main-san c.example \
            --assets-san d.example --key-type RSA3072 --main-key-type NISTP256 --assets-key-type NISTP384 \
            --cluster-name Example --sysadmin-email a@example.com --sysadmin-password-file /p \
            --passphrase-file /q --store /s --log-file /l --out /o --format json --yes --dry-run --rotate \
            --replace-staged";
        let flags = crate::flags::Flags::try_parse_from(line.split_whitespace()).unwrap();
        assert_eq!(Answers::parse(text).unwrap(), flags.into_answers());
        assert_eq!(Answers::parse("passphrase-fd = 3").unwrap().passphrase.passphrase_fd, Some(3));
    }

    #[test]
    fn every_flag_but_the_four_about_the_run_itself_is_a_known_key() {
        for argument in crate::flags::Flags::command().get_arguments() {
            let key = argument.get_long().unwrap();
            let known = !Answers::parse(&format!("{key} = 1979-05-27"))
                .unwrap_err()
                .iter()
                .any(|mistake| mistake.starts_with("unknown"));
            let about_the_run = ["answers", "show", "generate"].contains(&key);
            assert_eq!(known, !about_the_run, "{key}");
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once_and_no_value_is_quoted() {
        let mistakes = Answers::parse(
            "passphrase = \"hunter2hunter2\"\nmain = 7\nyes = \"secret\"\nmain-san = [1]\nformat = \"yaml\"\npassphrase-fd = 99999999999",
        )
        .unwrap_err();
        assert_eq!(
            mistakes,
            [
                "main must be a string",
                "main-san must be a list of strings",
                "passphrase-fd must be the number of a descriptor",
                "format must be \"text\" or \"json\"",
                "yes must be true or false",
                "unknown key passphrase",
            ]
        );
        assert_eq!(Answers::parse("main = \"x\"\nhunter2 hunter2").unwrap_err(), ["line 2 is not TOML"]);
    }

    #[test]
    fn flags_win_over_the_file_and_a_general_key_type_over_its_special_ones() {
        let file = Answers::parse(
            "main = \"f\"\nassets = \"g\"\nmain-key-type = \"RSA4096\"\nyes = true\npassphrase-file = \"/f\"",
        )
        .unwrap();
        let flags = Answers {
            main: Some("a".into()),
            key_type: Some("NISTP256".into()),
            passphrase: PassphraseArgs { passphrase_file: None, passphrase_fd: Some(3) },
            ..Answers::default()
        };
        let merged = flags.or(file.clone());
        assert_eq!((merged.main.as_deref(), merged.assets.as_deref()), (Some("a"), Some("g")));
        assert_eq!(merged.request(Role::Main).key_type, Some(("--key-type", "NISTP256".to_owned())));
        let passphrase = PassphraseArgs { passphrase_file: None, passphrase_fd: Some(3) };
        assert_eq!((merged.passphrase, merged.yes), (passphrase, Some(true)));
        let special = Answers { main_key_type: Some("NISTP256".into()), ..Answers::default() };
        assert_eq!(special.or(file).request(Role::Main).key_type.unwrap().1, "NISTP256");
    }
}

//! The flags; their doc comments are the help and the man page.

use crate::answers::Answers;
use crate::command::Command;
use clap::CommandFactory;
use cli::generate::{Generate, generate};
use cli::output::Format;
use cli::{Failure, PassphraseArgs};
use std::path::PathBuf;

/// Make both private keys and print both certificate requests
///
/// Makes one key and one request for Main (the API of the cluster) and one for Assets (its web
/// UI), seals both keys under a passphrase, creates the first sysadmin account, stages everything
/// in one step and only then prints the requests. Nothing that is being served is touched:
/// install_certs switches to the new pair when the signed chains are there.
///
/// At a terminal what no flag and no answers file gives is asked. Without a terminal nothing is
/// ever asked: all that is missing is listed at once.
#[derive(Debug, clap::Parser)]
#[command(name = "get_csrs", bin_name = "get_csrs", version, after_long_help = AFTER, max_term_width = 100)]
#[command(mut_args(in_our_words))]
pub(crate) struct Flags {
    /// Name Main (the cluster): a host name, or a distinguished name
    ///
    /// A host name (kms.example.com) is the Simple format. A distinguished name is read in three
    /// spellings: "CN=kms.example.com O=Example Corp", RFC 4514 ("CN=kms.example.com,O=Example
    /// Corp") and OpenSSL ("/O=Example Corp/CN=kms.example.com").
    #[arg(long, value_name = "NAME|DN")]
    main: Option<String>,
    /// Name Assets (the web UI), in the same formats
    #[arg(long, value_name = "NAME|DN")]
    assets: Option<String>,
    /// Add a SAN to Main: DNS name, IP address, URI or e-mail (repeatable)
    ///
    /// The primary name is always the first SAN. An empty value stands for no further SAN, which
    /// with --rotate drops those of the installed certificate.
    #[arg(long, value_name = "SAN")]
    main_san: Vec<String>,
    /// Add a SAN to Assets (repeatable)
    #[arg(long, value_name = "SAN")]
    assets_san: Vec<String>,
    /// Choose the type of both keys: RSA2048, RSA3072, RSA4096, NISTP256, NISTP384, NISTP521
    #[arg(long, value_name = "TYPE")]
    key_type: Option<String>,
    /// Choose the type of the key of Main
    #[arg(long, value_name = "TYPE")]
    main_key_type: Option<String>,
    /// Choose the type of the key of Assets
    #[arg(long, value_name = "TYPE")]
    assets_key_type: Option<String>,
    /// Name the cluster, for people
    #[arg(long, value_name = "NAME")]
    cluster_name: Option<String>,
    /// Give the e-mail address of the first sysadmin
    #[arg(long, value_name = "EMAIL")]
    sysadmin_email: Option<String>,
    /// Read the first sysadmin's password from the first line of a file only its owner can read
    ///
    /// Without it the systemd credential cluster-certs.sysadmin-password is used, if there is one.
    #[arg(long, value_name = "FILE")]
    sysadmin_password_file: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Read answers from a TOML file with the names of the flags as keys
    ///
    /// Flags win over it. Example: main = "kms.example.com", main-san = ["192.0.2.1"], yes = true
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Request new certificates for the installed pair, always for new keys
    ///
    /// Names, SANs, subjects and key types are those of the installed pair unless a flag says
    /// otherwise. No sysadmin account is made.
    #[arg(long)]
    rotate: bool,
    /// Throw the staged keys and requests away; certificates issued for them become useless
    #[arg(long)]
    replace_staged: bool,
    /// Print the staged requests again and change nothing
    #[arg(long, conflicts_with_all = NOT_WITH_SHOW)]
    show: bool,
    /// Write main.csr and assets.csr into a directory too
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Choose the store
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Choose the log file
    #[arg(long, value_name = "FILE")]
    log_file: Option<PathBuf>,
    /// Print the result as text or as one JSON document
    #[arg(long)]
    format: Option<Format>,
    /// Confirm what is to be requested, warnings included; needed without a terminal
    #[arg(long)]
    yes: bool,
    /// Check everything and show the summary; make no key and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print a man page or shell completions
    #[arg(long, value_name = "WHAT", exclusive = true)]
    generate: Option<Generate>,
}

/// `--show` only reads: a flag that would shape new requests beside it is a mistake.
const NOT_WITH_SHOW: [&str; 17] = [
    "main",
    "assets",
    "main_san",
    "assets_san",
    "key_type",
    "main_key_type",
    "assets_key_type",
    "cluster_name",
    "sysadmin_email",
    "sysadmin_password_file",
    "passphrase_file",
    "passphrase_fd",
    "answers",
    "rotate",
    "replace_staged",
    "yes",
    "dry_run",
];

/// A shared flag of the passphrase, as this command explains it. (`mut_arg` would move it to the end.)
fn in_our_words(arg: clap::Arg) -> clap::Arg {
    if arg.get_id() == "passphrase_file" { arg.long_help(PASSPHRASE_FILE) } else { arg }
}

const PASSPHRASE_FILE: &str = "\
Read the passphrase of the private keys from the first line of a file only its owner can read

A pipe is fine too. Without this and --passphrase-fd the systemd credential cluster-certs.passphrase is used, if \
there is one. A rotation may use another passphrase than the installed pair.";

const AFTER: &str = "\
FILES
  /var/lib/cluster-certs          the store (root); $XDG_STATE_HOME/cluster-certs for other users;
                                  --store or CLUSTER_CERTS_STORE name another
  /var/log/get_csrs.log           the log (root); $XDG_STATE_HOME/get_csrs.log for other users;
                                  one JSON object per line, no secrets
  DIR/main.csr, DIR/assets.csr    the requests, with --out DIR

EXIT CODES
  0    done
  1    unexpected: a fault of this program, or the result could not be written to standard output
       or --out; the last line says whether the requests are staged (get_csrs --show prints them)
  2    usage: a flag, a name, an answers file, or an input that cannot be read
  3    rejected: a request breaks a rule
  4    store: missing, damaged, not writable, already staged, or the wrong mode
  5    the passphrase or the password is absent, refused, or lies where others can read it
  6    the outcome is uncertain: look with install_certs --status
  7    another command is working on the store, or changed it meanwhile
  130  ended by Ctrl-C or by your no before anything changed

EXAMPLES
  Ask for everything:
      get_csrs
  Without a terminal:
      get_csrs --main kms.example.com --assets kms-ui.example.com --key-type NISTP256 \\
          --cluster-name Example --sysadmin-email admin@example.com \\
          --sysadmin-password-file /run/secrets/password --passphrase-file /run/secrets/passphrase \\
          --out requests --yes
  New certificates for the installed pair:
      get_csrs --rotate --passphrase-file /run/secrets/passphrase --yes
  Print the staged requests again:
      get_csrs --show
  Compare the figures, on the CA's side (both are of the DER):
      openssl req -in main.csr -outform DER | sha256sum
      openssl req -in main.csr -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum
";

impl Flags {
    /// What is asked for, and how its end is told. The answers file is read first, because it may
    /// choose the format in which even its own faults are told.
    pub(crate) fn parse(self) -> (Format, Result<Command, Failure>) {
        if let Some(what) = self.generate {
            let text = generate(<Self as CommandFactory>::command(), what);
            return (Format::Text, Ok(Command::Print(text)));
        }
        let (show, file) = (self.show, self.answers.clone());
        let flags = self.into_answers();
        let from_file = match file.as_deref().map(Answers::read).transpose() {
            Ok(answers) => answers.unwrap_or_default(),
            Err(failure) => return (flags.format.unwrap_or_default(), Err(failure)),
        };
        let sysadmin_by_flags = flags.sysadmin();
        let merged = flags.or(from_file);
        (merged.format.unwrap_or_default(), Ok(merged.command(show, sysadmin_by_flags)))
    }

    /// The values given as flags.
    pub(crate) fn into_answers(self) -> Answers {
        let several = |values: Vec<String>| (!values.is_empty()).then_some(values);
        let set = |flag: bool| flag.then_some(true);
        Answers {
            main: self.main,
            assets: self.assets,
            main_san: several(self.main_san),
            assets_san: several(self.assets_san),
            key_type: self.key_type,
            main_key_type: self.main_key_type,
            assets_key_type: self.assets_key_type,
            cluster_name: self.cluster_name,
            sysadmin_email: self.sysadmin_email,
            sysadmin_password_file: self.sysadmin_password_file,
            passphrase: self.passphrase,
            store: self.store,
            log_file: self.log_file,
            out: self.out,
            format: self.format,
            yes: set(self.yes),
            dry_run: set(self.dry_run),
            rotate: set(self.rotate),
            replace_staged: set(self.replace_staged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Stage, Task, Work};
    use clap::Parser;
    use store::rotation::Mode;

    #[test]
    fn the_flags_are_consistent_and_the_help_ends_as_it_must() {
        <Flags as CommandFactory>::command().debug_assert();
        let help = <Flags as CommandFactory>::command().render_long_help().to_string();
        let place = |title: &str| help.find(&format!("\n{title}\n")).unwrap();
        assert!(help.starts_with("Make both private keys"));
        assert!(place("FILES") < place("EXIT CODES") && place("EXIT CODES") < place("EXAMPLES"));
    }

    #[test]
    fn show_takes_no_flag_that_shapes_requests() {
        for flag in ["--rotate", "--yes", "--dry-run", "--main=x", "--answers=x", "--passphrase-fd=3"] {
            assert!(Flags::try_parse_from(["get_csrs", "--show", flag]).is_err(), "{flag}");
        }
        assert!(Flags::try_parse_from(["get_csrs", "--show", "--out=x", "--format=json"]).is_ok());
    }

    #[test]
    fn a_passphrase_on_the_command_line_does_not_exist() {
        for flag in ["--passphrase=x", "--sysadmin-password=x"] {
            assert!(Flags::try_parse_from(["get_csrs", flag]).is_err());
        }
    }

    /// What a command line asks to be staged.
    fn stage(words: &str) -> Box<Stage> {
        let words = std::iter::once("get_csrs").chain(words.split_whitespace());
        let (_, command) = Flags::parse_from(words).parse();
        let Ok(Command::Work(Work { task: Task::Stage(stage), .. })) = command else {
            panic!("nothing to stage")
        };
        stage
    }

    #[test]
    fn each_command_line_is_one_task() {
        let (_, show) = Flags::parse_from(["get_csrs", "--show", "--out=x", "--format=json"]).parse();
        let Ok(Command::Work(work)) = show else { panic!("no work") };
        assert_eq!((work.task, work.out, work.format), (Task::Show, Some("x".into()), Format::Json));
        let rotation = stage("--rotate --replace-staged --yes --main-san a.example");
        assert_eq!((rotation.mode, rotation.replace_staged, rotation.confirmed), (Mode::Rotate, true, true));
        assert!(rotation.wish.names_requests() && !rotation.dry_run);
        let first = stage("--dry-run --passphrase-fd 3");
        assert_eq!((first.mode, first.dry_run, first.wish.names_requests()), (Mode::First, true, false));
        assert_eq!(first.wish.passphrase, Some(cli::SecretSource::Descriptor(3)));
    }

    #[test]
    fn what_flags_say_of_the_sysadmin_is_told_apart_from_the_answers_file() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, b"sysadmin-email = 'a@example.com'").unwrap();
        let wish = stage(&format!("--answers {}", file.path().display())).wish;
        assert_eq!(wish.sysadmin.email.as_deref(), Some("a@example.com"));
        assert_eq!(wish.sysadmin_by_flags, crate::command::SysadminWish::default());
        let wish = stage("--sysadmin-email a@example.com").wish;
        assert_eq!(wish.sysadmin_by_flags, wish.sysadmin);
    }
}

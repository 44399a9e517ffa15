//! Every file name, mode and size limit of the store, as pure functions.

use super::manifest::Stage;
use common::Role;

/// The one file that is ever replaced.
pub const STATE: &str = "STATE";
/// The directory of the generations.
pub const GENERATIONS: &str = "generations";
/// The directory of the accounts files.
pub const ACCOUNTS: &str = "accounts";
/// Intents and outcomes, only ever appended to.
pub const AUDIT_LOG: &str = "audit.log";
/// What a generation holds, per file and per role.
pub const MANIFEST: &str = "manifest.json";

/// Permission bits of every file.
pub const FILE_MODE: u32 = 0o600;
/// Permission bits of every directory.
pub const DIRECTORY_MODE: u32 = 0o700;

/// Most bytes of `STATE`: one block, written and read whole.
pub const MAX_STATE: usize = 4096;
/// Most bytes of a manifest: twice 250 SANs and 1000 earlier keys fit four times over.
pub const MAX_MANIFEST: usize = 1 << 20;
/// Most bytes of a key, request or chain file: the largest input read at all.
pub const MAX_FILE: usize = pki::pem::MAX_INPUT;
/// Most bytes of an accounts file.
pub const MAX_ACCOUNT: usize = 16 << 10;

/// Name of a generation's directory: `00000007`.
pub fn generation(number: u64) -> String {
    format!("{number:08}")
}

/// Name of an accounts file: `00000001.json`.
pub fn account(number: u64) -> String {
    format!("{number:08}.json")
}

/// Name of a sealed key: `main.key`.
pub fn key(role: Role) -> String {
    format!("{}.key", role.stem())
}

/// Name of a request: `main.csr`.
pub fn request(role: Role) -> String {
    format!("{}.csr", role.stem())
}

/// Name of a chain: `main.pem`.
pub fn chain(role: Role) -> String {
    format!("{}.pem", role.stem())
}

/// Names of a generation's files besides its manifest, in the order the manifest lists them.
pub fn files(stage: Stage) -> Vec<String> {
    let mut names: Vec<_> = Role::BOTH.iter().flat_map(|role| [key(*role), request(*role)]).collect();
    match stage {
        Stage::Staged => {}
        Stage::Installed => names.extend(Role::BOTH.map(chain)),
    }
    names
}

/// Every name a generation's directory can hold: what deleting one may unlink.
pub fn every_file() -> Vec<String> {
    let mut names = files(Stage::Installed);
    names.push(MANIFEST.to_owned());
    names
}

/// The name something is written under before it is renamed to `name`.
pub fn temporary(name: &str, random: &str) -> String {
    format!(".{name}.tmp-{random}")
}

/// Whether a name is one [`temporary`] makes for `name`.
pub fn is_temporary_of(candidate: &str, name: &str) -> bool {
    candidate
        .strip_prefix('.')
        .and_then(|rest| rest.strip_prefix(name))
        .and_then(|rest| rest.strip_prefix(".tmp-"))
        .is_some_and(|random| !random.is_empty() && random.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// What a name in `generations/` or `accounts/` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Number of a finished one.
    Finished(u64),
    /// Left by a writer that did not finish.
    Temporary,
    /// Not written by this program.
    Foreign,
}

/// Tells the names in `generations/` apart.
pub fn generation_entry(name: &str) -> Entry {
    entry(name, generation)
}

/// Tells the names in `accounts/` apart.
pub fn account_entry(name: &str) -> Entry {
    entry(name, account)
}

fn entry(name: &str, spell: fn(u64) -> String) -> Entry {
    let (hidden, visible) = match name.strip_prefix('.') {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    let digits: String = visible.chars().take_while(char::is_ascii_digit).collect();
    match digits.parse() {
        Ok(number) if !hidden && spell(number) == name => Entry::Finished(number),
        Ok(number) if hidden && is_temporary_of(name, &spell(number)) => Entry::Temporary,
        Ok(_) | Err(_) => Entry::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_documented_ones() {
        assert_eq!(generation(7), "00000007");
        assert_eq!(account(1), "00000001.json");
        assert_eq!(files(Stage::Staged), ["main.key", "main.csr", "assets.key", "assets.csr"]);
        assert_eq!(
            every_file(),
            ["main.key", "main.csr", "assets.key", "assets.csr", "main.pem", "assets.pem", "manifest.json"]
        );
    }

    #[test]
    fn only_names_we_write_are_ours() {
        for (name, generation, account) in [
            ("00000007", Entry::Finished(7), Entry::Foreign),
            ("123456789", Entry::Finished(123_456_789), Entry::Foreign),
            ("00000007.json", Entry::Foreign, Entry::Finished(7)),
            (".00000007.tmp-0a", Entry::Temporary, Entry::Foreign),
            (".00000007.json.tmp-0a", Entry::Foreign, Entry::Temporary),
            (".00000007.tmp-", Entry::Foreign, Entry::Foreign),
            (".00000007.tmp-x/", Entry::Foreign, Entry::Foreign),
            (".00000007", Entry::Foreign, Entry::Foreign),
            ("00000007.tmp-0a", Entry::Foreign, Entry::Foreign),
            ("7", Entry::Foreign, Entry::Foreign),
            ("000000007", Entry::Foreign, Entry::Foreign),
            ("notes.txt", Entry::Foreign, Entry::Foreign),
            ("", Entry::Foreign, Entry::Foreign),
        ] {
            assert_eq!(generation_entry(name), generation, "{name}");
            assert_eq!(account_entry(name), account, "{name}");
        }
        assert!(is_temporary_of(".STATE.tmp-00ff", STATE));
        assert!(!is_temporary_of(".STATE.tmp-00ff", AUDIT_LOG));
        assert!(!is_temporary_of(".STATE.swp", STATE));
    }
}

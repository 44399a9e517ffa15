//! Names, modes and size limits of everything a store holds, as values and pure functions.

use common::Role;
use std::fmt;

/// The record: the one object that is ever replaced.
pub(crate) const STATE: &str = "STATE";
/// The folder of the generations.
pub(crate) const GENERATIONS: &str = "generations";
/// The folder of the documents, one folder for each.
pub(crate) const DOCUMENTS: &str = "documents";
/// Intents and outcomes, only ever appended to.
pub(crate) const AUDIT_LOG: &str = "audit.log";

/// Permission bits of every file.
pub(crate) const FILE_MODE: u32 = 0o600;
/// Permission bits of every directory.
pub(crate) const DIRECTORY_MODE: u32 = 0o700;

/// Most bytes of `STATE`: one block, written and read whole.
pub(crate) const MAX_STATE: usize = 4096;
/// Most bytes of a manifest: twice 250 SANs and 1000 earlier keys fit four times over.
pub(crate) const MAX_MANIFEST: usize = 1 << 20;
/// Most bytes of a key, request, chain or anchor: the largest input read at all.
const MAX_FILE: usize = pki::pem::MAX_INPUT;
/// Most bytes of a document.
const MAX_DOCUMENT: usize = 64 << 10;

/// How far a generation has come; it decides which files it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Keys and requests.
    Staged,
    /// Keys, requests, chains, and the trust anchors the chains were verified under.
    Installed,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Staged => "staged",
            Self::Installed => "installed",
        })
    }
}

/// One file of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GenerationFile {
    /// The sealed key of a role.
    Key(Role),
    /// The request of a role.
    Request(Role),
    /// The chain of a role, end entity first.
    Chain(Role),
    /// The trust anchor the chain of a role was verified under.
    Anchor(Role),
    /// What the generation holds.
    Manifest,
}

impl GenerationFile {
    /// Every file there can be, in the order a manifest lists them; the manifest itself last.
    pub(crate) const EVERY: [Self; 9] = [
        Self::Key(Role::Main),
        Self::Request(Role::Main),
        Self::Key(Role::Assets),
        Self::Request(Role::Assets),
        Self::Chain(Role::Main),
        Self::Anchor(Role::Main),
        Self::Chain(Role::Assets),
        Self::Anchor(Role::Assets),
        Self::Manifest,
    ];

    /// The files of a generation besides its manifest, in the order the manifest lists them.
    pub(crate) fn of(stage: Stage) -> impl Iterator<Item = Self> {
        Self::EVERY.into_iter().filter(move |file| match file {
            Self::Key(_) | Self::Request(_) => true,
            Self::Chain(_) | Self::Anchor(_) => stage == Stage::Installed,
            Self::Manifest => false,
        })
    }

    /// Its name: `main.key`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key(Role::Main) => "main.key",
            Self::Key(Role::Assets) => "assets.key",
            Self::Request(Role::Main) => "main.csr",
            Self::Request(Role::Assets) => "assets.csr",
            Self::Chain(Role::Main) => "main.pem",
            Self::Chain(Role::Assets) => "assets.pem",
            Self::Anchor(Role::Main) => "main.anchor.pem",
            Self::Anchor(Role::Assets) => "assets.anchor.pem",
            Self::Manifest => "manifest.json",
        }
    }
}

/// A document: a file of the store's own that is replaced as a whole, by a new number of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentName {
    /// The sysadmins of the cluster.
    Accounts,
}

impl DocumentName {
    /// Every document there can be.
    pub(crate) const EVERY: [Self; 1] = [Self::Accounts];

    /// The name of its folder.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
        }
    }
}

/// One object of a store: written once, never changed, named by the record or litter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectName {
    /// A file of a generation.
    Generation {
        /// Its number, from 1.
        number: u64,
        /// Which of its files.
        file: GenerationFile,
    },
    /// One number of a document.
    Document {
        /// Which document.
        name: DocumentName,
        /// Its number, from 1.
        number: u64,
    },
}

impl ObjectName {
    /// Most bytes it may have.
    pub const fn limit(self) -> usize {
        match self {
            Self::Generation { file: GenerationFile::Manifest, .. } => MAX_MANIFEST,
            Self::Generation { .. } => MAX_FILE,
            Self::Document { .. } => MAX_DOCUMENT,
        }
    }
}

/// As a path below the store: `generations/00000007/main.key`, `documents/accounts/00000001`.
impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generation { number, file } => {
                write!(f, "{GENERATIONS}/{}/{}", numbered(*number), file.name())
            }
            Self::Document { name, number } => write!(f, "{DOCUMENTS}/{}/{}", name.name(), numbered(*number)),
        }
    }
}

/// The name of a numbered thing: `00000007`.
pub(crate) fn numbered(number: u64) -> String {
    format!("{number:08}")
}

/// The name something is written under before it is renamed to `name`.
pub(crate) fn temporary(name: &str, random: &str) -> String {
    format!(".{name}.tmp-{random}")
}

/// Whether a name is one [`temporary`] makes for `name`.
pub(crate) fn is_temporary_of(candidate: &str, name: &str) -> bool {
    candidate
        .strip_prefix('.')
        .and_then(|rest| rest.strip_prefix(name))
        .and_then(|rest| rest.strip_prefix(".tmp-"))
        .is_some_and(|random| !random.is_empty() && random.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// What a name among numbered things stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbered {
    /// A finished one.
    Finished(u64),
    /// Left by a writer that did not finish.
    Temporary,
    /// Not written by this program.
    Foreign,
}

impl Numbered {
    /// Tells the names in the folder of the generations, or of a document, apart.
    pub(crate) fn read(name: &str) -> Self {
        let (hidden, visible) = match name.strip_prefix('.') {
            Some(rest) => (true, rest),
            None => (false, name),
        };
        let digits: String = visible.chars().take_while(char::is_ascii_digit).collect();
        match digits.parse() {
            Ok(number) if !hidden && numbered(number) == name => Self::Finished(number),
            Ok(number) if hidden && is_temporary_of(name, &numbered(number)) => Self::Temporary,
            Ok(_) | Err(_) => Self::Foreign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_documented_ones() {
        let of = |stage| -> Vec<_> { GenerationFile::of(stage).map(GenerationFile::name).collect() };
        assert_eq!(of(Stage::Staged), ["main.key", "main.csr", "assets.key", "assets.csr"]);
        assert_eq!(
            of(Stage::Installed)[4..],
            ["main.pem", "main.anchor.pem", "assets.pem", "assets.anchor.pem"]
        );
        let key = ObjectName::Generation { number: 7, file: GenerationFile::Key(Role::Main) };
        assert_eq!(key.to_string(), "generations/00000007/main.key");
        let accounts = ObjectName::Document { name: DocumentName::Accounts, number: 1 };
        assert_eq!(accounts.to_string(), "documents/accounts/00000001");
    }

    #[test]
    fn only_names_we_write_are_ours() {
        for (name, expected) in [
            ("00000007", Numbered::Finished(7)),
            ("123456789", Numbered::Finished(123_456_789)),
            (".00000007.tmp-0a", Numbered::Temporary),
            ("00000007.json", Numbered::Foreign),
            (".00000007.json.tmp-0a", Numbered::Foreign),
            (".00000007.tmp-", Numbered::Foreign),
            (".00000007.tmp-x/", Numbered::Foreign),
            (".00000007", Numbered::Foreign),
            ("00000007.tmp-0a", Numbered::Foreign),
            ("7", Numbered::Foreign),
            ("000000007", Numbered::Foreign),
            ("notes.txt", Numbered::Foreign),
            ("", Numbered::Foreign),
        ] {
            assert_eq!(Numbered::read(name), expected, "{name}");
        }
        assert!(is_temporary_of(".STATE.tmp-00ff", STATE));
        assert!(!is_temporary_of(".STATE.tmp-00ff", AUDIT_LOG));
        assert!(!is_temporary_of(".STATE.swp", STATE));
    }
}

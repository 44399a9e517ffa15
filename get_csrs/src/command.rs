//! What `get_csrs` is to do, parsed from its flags and the answers file.

use cli::SecretSource;
use cli::output::Format;
use common::Pair;
use std::path::PathBuf;
use store::rotation::Mode;

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Print a text that needs no store.
    Print(String),
    /// Work on a store.
    Work(Work),
}

/// Work on a store.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Work {
    pub(crate) task: Task,
    pub(crate) store: PathBuf,
    pub(crate) log_file: Option<PathBuf>,
    pub(crate) format: Format,
    /// Where the requests are written to as files, too.
    pub(crate) out: Option<PathBuf>,
}

/// What is to be done with a store.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Print the staged requests again.
    Show,
    /// Make and stage keys and requests.
    Stage(Box<Stage>),
}

/// Keys and requests to be staged.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stage {
    pub(crate) wish: Wish,
    pub(crate) mode: Mode,
    /// Whether staged keys and requests may be thrown away.
    pub(crate) replace_staged: bool,
    /// Whether the summary is confirmed beforehand.
    pub(crate) confirmed: bool,
    /// Whether the summary is all that is wanted.
    pub(crate) dry_run: bool,
}

/// What is to be requested, in the words it was given in. What they leave open comes from the
/// installed pair, or is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) requests: Pair<RequestWish>,
    pub(crate) cluster_name: Option<String>,
    pub(crate) sysadmin: SysadminWish,
    /// What of it flags say: a flag that would change nothing is a mistake, the same in an answers
    /// file is not.
    pub(crate) sysadmin_by_flags: SysadminWish,
    pub(crate) passphrase: Option<SecretSource>,
}

/// One request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RequestWish {
    pub(crate) name: Option<String>,
    pub(crate) sans: Option<Vec<String>>,
    /// The key type, and the flag that names it.
    pub(crate) key_type: Option<(&'static str, String)>,
}

/// The first sysadmin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SysadminWish {
    pub(crate) email: Option<String>,
    pub(crate) password_file: Option<PathBuf>,
}

impl Wish {
    /// Whether anything is said about either request.
    pub(crate) fn names_requests(&self) -> bool {
        self.requests.iter().any(|(_, request)| *request != RequestWish::default())
    }
}

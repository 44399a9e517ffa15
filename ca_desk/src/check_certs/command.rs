//! What `check_certs` is to do, parsed from its flags.

use crate::desk::Settings;
use cli::SecretSource;
use cli::anchors::AnchorSource;
use common::Timestamp;
use pki::rules::Profile;
use pki::verdict::ServerName;
use std::path::PathBuf;

/// What is to be done.
pub(super) enum Command {
    /// Print a text that needs no chain.
    Print(String),
    /// Judge chains.
    Check(Box<Check>),
}

/// Chains to judge, and how.
pub(super) struct Check {
    /// Files and folders; `-` is standard input. Without any, the key is described.
    pub(super) chains: Vec<PathBuf>,
    /// What each is compared with.
    pub(super) compared: Compared,
    /// What each may end in.
    pub(super) anchors: AnchorSource,
    /// Whose requirements, when a flag names them.
    pub(super) profile: Option<Profile>,
    /// How they are judged and printed.
    pub(super) settings: Settings,
}

/// What a chain is compared with.
pub(super) struct Compared {
    /// The request it should answer.
    pub(super) request: Option<PathBuf>,
    /// The key it should belong to.
    pub(super) key: Option<KeyFile>,
    /// A request or a chain of the other role.
    pub(super) other_role: Option<PathBuf>,
    /// Names clients connect to.
    pub(super) hosts: Vec<ServerName<'static>>,
    /// The moment to judge at, instead of now.
    pub(super) at: Option<Timestamp>,
}

/// A sealed key, and where its passphrase comes from.
pub(super) struct KeyFile {
    pub(super) path: PathBuf,
    pub(super) passphrase: Option<SecretSource>,
}

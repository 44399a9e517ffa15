//! What `check_csrs` is to do, parsed from its flags.

use crate::desk::Settings;
use common::Pair;
use pki::rules::Profile;
use std::path::PathBuf;

/// What is to be done.
pub(super) enum Command {
    /// Print a text that needs no request.
    Print(String),
    /// Judge requests.
    Check(Box<Check>),
}

/// Requests to judge, and how.
pub(super) struct Check {
    /// Files and directories; `-` is standard input.
    pub(super) inputs: Vec<PathBuf>,
    /// Two requests of one cluster, judged before the inputs.
    pub(super) pair: Option<Pair<PathBuf>>,
    /// Whose requirements, when a flag names them.
    pub(super) profile: Option<Profile>,
    /// Where requests are remembered.
    pub(super) history: Option<PathBuf>,
    /// How many threads judge.
    pub(super) threads: usize,
    /// How they are judged and printed.
    pub(super) settings: Settings,
}

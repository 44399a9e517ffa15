//! What `install_certs` is to do, parsed from its flags.

use cli::SecretSource;
use cli::anchors::AnchorSource;
use cli::output::Format;
use common::Pair;
use flow::Limits;
use std::path::PathBuf;
use std::time::Duration;
use store::rotation::Mode;

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Print a text that needs no store.
    Print(String),
    /// Work on a store.
    Work(Box<Work>),
}

/// Work on a store.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Work {
    pub(crate) task: Task,
    /// The command as the store and the log record it: never the hook, it may hold a secret.
    pub(crate) words: String,
    pub(crate) store: PathBuf,
    pub(crate) log_file: Option<PathBuf>,
    pub(crate) format: Format,
}

/// What is to be done to a store.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Show what it holds, and whether that is what is published.
    Status { limits: Limits, publish: Option<PathBuf> },
    /// Install the staged pair.
    Install(Install),
    /// Go back to the pair that was kept.
    RollBack { consent: Consent, afterwards: Afterwards },
    /// Do again what follows an installation.
    Republish(Afterwards),
}

/// An installation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Install {
    /// Files; what is not given is pasted.
    pub(crate) chains: Pair<Option<PathBuf>>,
    /// What the chains may end in.
    pub(crate) anchors: AnchorSource,
    /// Whether unordered chains are put in order.
    pub(crate) reorder: bool,
    /// Where the passphrase comes from when it is not asked for.
    pub(crate) passphrase: Option<SecretSource>,
    pub(crate) mode: Mode,
    /// Whether the replaced pair is kept for `--rollback`.
    pub(crate) keep_previous: bool,
    pub(crate) consent: Consent,
    pub(crate) afterwards: Afterwards,
}

/// Whether a change may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consent {
    /// Somebody is to be asked.
    Ask,
    /// `--yes`.
    Given,
    /// `--dry-run`: no change is to be made.
    DryRun,
}

/// What follows a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Afterwards {
    /// Where copies for other servers go.
    pub(crate) publish: Option<PathBuf>,
    pub(crate) hook: Option<Hook>,
}

/// A command that follows a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hook {
    /// For the shell.
    pub(crate) command: String,
    /// How long it may take.
    pub(crate) limit: Duration,
}

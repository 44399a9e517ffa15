//! A change of the installed pair: what it would come to, and what it came to.

use crate::change::Change;
use common::{Pair, Timestamp};
use pki::rules::Finding;
use store::{Commit, Installed, Snapshot, State, Store, StoreError};
use tls::Handshake;

/// What is done to the installed pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The first pair is installed.
    Install,
    /// A new pair takes the place of the installed one.
    Rotate,
    /// The pair that was kept comes back.
    RollBack,
    /// Nothing: what follows a change is done again.
    Republish,
}

impl Action {
    /// `install`, `rotate`, `rollback`, `republish`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Rotate => "rotate",
            Self::RollBack => "rollback",
            Self::Republish => "republish",
        }
    }
}

/// What a change of the installed pair comes to.
#[derive(Clone, Debug)]
pub struct Effect {
    /// What is done.
    pub action: Action,
    /// The generation that is current afterwards; that of a new pair is numbered by the commit.
    pub generation: Option<u64>,
    /// The generation that was current before.
    pub replaced: Option<u64>,
    /// The installed generations that are no more afterwards, oldest first.
    pub removed: Vec<u64>,
    /// What becomes of each role.
    pub changes: Pair<Change>,
    /// What the rules say of the new chains, none of it an error.
    pub findings: Vec<Finding>,
    /// The handshakes both roles completed, in TLS 1.3 and TLS 1.2.
    pub handshakes: Option<Pair<[Handshake; 2]>>,
}

impl Effect {
    /// What doing again what follows a change comes to: nothing, for an installed pair.
    pub fn none(installed: &Installed, now: Timestamp) -> Self {
        Self {
            action: Action::Republish,
            generation: Some(installed.manifest.generation),
            replaced: None,
            removed: vec![],
            changes: Change::of_both(installed.chains.as_ref(), None, installed.requests.as_ref(), now),
            findings: vec![],
            handshakes: None,
        }
    }
}

/// A change of the installed pair that passed every check, and is not made yet.
#[derive(Debug)]
pub struct Plan {
    /// What it comes to.
    pub effect: Effect,
    pub(crate) commit: Commit,
}

/// A change of the installed pair that was made.
#[derive(Debug)]
pub struct Done {
    /// What it came to.
    pub effect: Effect,
    /// The pair that is current now.
    pub current: Installed,
    /// The record that says so.
    pub state: State,
    /// What could not be tidied up: one line each.
    pub warnings: Vec<String>,
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The store. After [`StoreError::Uncertain`] it is not known whether the change was made.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The commit is made, and the store does not show what it should have made.
    #[error("the store names no current pair after the commit")]
    NothingCurrent,
}

impl Plan {
    /// Makes the change, in one step.
    ///
    /// # Errors
    /// [`CommitError`]; unless it is uncertain, nothing was changed.
    pub fn commit(self, store: &Store) -> Result<Done, CommitError> {
        let applied = store.apply(&self.commit)?;
        let Snapshot { state, current, .. } = applied.snapshot;
        let current = current.ok_or(CommitError::NothingCurrent)?;
        let effect = Effect { generation: Some(current.manifest.generation), ..self.effect };
        Ok(Done { effect, current, state, warnings: applied.warnings })
    }
}

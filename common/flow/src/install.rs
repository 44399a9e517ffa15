//! From chains to a plan that installs them: everything slow, human or doubtful comes before the one commit.

use crate::change::Change;
use crate::judge::{Sound, judge};
use crate::person::Person;
use crate::plan::{Action, Effect, Plan};
use crate::unlock::{UnlockError, unlock};
use common::{Pair, Role, Timestamp};
use pki::Chain;
use pki::KeyPair;
use pki::rules::Finding;
use pki::verdict::{Anchors, VerifiedChain};
use store::rotation::{self, Mode};
use store::{Operation, PlanError, Snapshot, State};
use tls::{Handshake, RehearsalError, rehearse};

/// What is to be installed, and how.
#[derive(Clone, Copy, Debug)]
pub struct InstallOrder<'a> {
    /// What the store said last.
    pub snapshot: &'a Snapshot,
    /// The first pair, or one to replace the installed one.
    pub mode: Mode,
    /// Whether the replaced pair is kept, to go back to it.
    pub keep_previous: bool,
    /// What the chains may end in.
    pub anchors: &'a Anchors,
    /// Whether unordered chains are put in order instead of refused.
    pub reorder: bool,
}

/// Why a pair may not be installed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError<S> {
    /// The store is not in the state for it.
    #[error(transparent)]
    Refused(#[from] PlanError),
    /// The chains break rules: every finding, at least one an error.
    #[error("the chains break rules")]
    Rejected(Vec<Finding>),
    /// The person said no.
    #[error("the answer was no")]
    Declined,
    /// The keys were not opened.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// Chain and key of a role do not serve a client.
    #[error("{role}: a client could not connect with this chain")]
    Handshake {
        /// Whose.
        role: Role,
        /// What failed.
        source: RehearsalError,
    },
    /// A question was not answered.
    #[error("a question was not answered")]
    Silent(S),
}

/// Judges both chains, opens both keys, completes both handshakes of both roles, and plans the one commit that
/// installs them. `operation` says who acts, and when.
///
/// # Errors
/// [`InstallError`].
pub fn plan_install<P: Person + ?Sized>(
    order: &InstallOrder<'_>,
    chains: &Pair<Chain>,
    operation: Operation,
    person: &mut P,
) -> Result<Plan, InstallError<P::Silence>> {
    let (snapshot, now) = (order.snapshot, operation.at);
    rotation::may_install(snapshot, order.mode)?;
    let staged = snapshot.staged.as_ref().ok_or(PlanError::NothingStaged)?;
    let Sound { verified, findings } = judge(order, staged, chains, now, person)?;
    let keys = unlock(staged, person)?;
    let handshakes = rehearse_both(&verified, &keys, now)?;
    // What was secret is wiped before a person thinks about the plan.
    drop(keys);
    let served = verified.as_ref().map(VerifiedChain::served);
    let replaced = snapshot.current.as_ref();
    let effect = Effect {
        action: match order.mode {
            Mode::First => Action::Install,
            Mode::Rotate => Action::Rotate,
        },
        generation: None,
        replaced: replaced.map(|pair| pair.manifest.generation),
        removed: removed(&snapshot.state, order.keep_previous),
        changes: Change::of_both(served, replaced.map(|pair| &pair.chains), staged.requests.as_ref(), now),
        findings,
        handshakes: Some(handshakes),
    };
    let commit = rotation::install(snapshot, &verified, order.mode, order.keep_previous, operation)?;
    Ok(Plan { effect, commit })
}

/// Both roles complete both handshakes, or the pair is not installed.
fn rehearse_both<S>(
    verified: &Pair<VerifiedChain>,
    keys: &Pair<KeyPair>,
    now: Timestamp,
) -> Result<Pair<[Handshake; 2]>, InstallError<S>> {
    Pair::try_from_fn(|role| {
        rehearse(verified.of(role), keys.of(role), now)
            .map_err(|source| InstallError::Handshake { role, source })
    })
}

/// The installed generations that go with the commit: a rollback goes back one step only.
fn removed(state: &State, keep_previous: bool) -> Vec<u64> {
    let current = state.current.iter().filter(|_| !keep_previous);
    let mut removed: Vec<u64> = state.previous.iter().chain(current).map(|old| old.number).collect();
    removed.sort_unstable();
    removed
}

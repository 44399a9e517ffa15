//! The four moves, as plans: stage, install, roll back, prune. Pure; the disk only applies steps.

use super::snapshot::Snapshot;
use super::state::Operation;
use crate::account::SysadminAccount;
use crate::pki::csr::Csr;
use crate::pki::sealed::SealedKey;
use crate::pki::spki::Sha256;
use crate::pki::verify::VerifiedChain;
use crate::{Pair, Role, Timestamp};

/// What the operator asked for with or without `--rotate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Mode {
    First,
    Rotate,
}

/// What `get_csrs` wants stored.
pub struct Staging {
    /// For people.
    pub cluster_name: String,
    /// Sealed keys.
    pub keys: Pair<SealedKey>,
    /// Their requests.
    pub requests: Pair<Csr>,
    /// The first sysadmin; must be there exactly when the store has none.
    pub account: Option<SysadminAccount>,
    /// With or without `--rotate`.
    pub mode: Mode,
    /// Whether a staged generation may be replaced.
    pub replace_staged: bool,
}

/// A plan against one state of the store. (Owner: private `steps: Vec<Step>`, `expected_sequence`.)
#[derive(Debug)]
pub struct Plan {
    _owner_completes: (),
}

/// Checks, before a human or a slow step is bothered, that staging can succeed at all.
/// `None` stands for a store that does not exist yet.
pub fn may_stage(snapshot: Option<&Snapshot>, mode: Mode, replace_staged: bool) -> Result<(), PlanError> {
    let _ = (snapshot, mode, replace_staged);
    todo!()
}

/// Checks, before a human is asked to paste, that installing can succeed at all.
pub fn may_install(snapshot: &Snapshot, mode: Mode) -> Result<(), PlanError> {
    let _ = (snapshot, mode);
    todo!()
}

/// Plans `get_csrs`.
pub fn stage(snapshot: Option<&Snapshot>, staging: Staging, operation: Operation) -> Result<Plan, PlanError> {
    let _ = (snapshot, staging, operation);
    todo!()
}

/// Plans `install_certs`: one new generation with keys, requests and chains, one commit, then
/// the staged generation and, unless `keep_previous`, the old pair are pruned.
pub fn install(
    snapshot: &Snapshot,
    verified: &Pair<VerifiedChain>,
    mode: Mode,
    keep_previous: bool,
    operation: Operation,
) -> Result<Plan, PlanError> {
    let _ = (snapshot, verified, mode, keep_previous, operation);
    todo!()
}

/// Plans `install_certs --rollback`: current and previous change places.
pub fn roll_back(snapshot: &Snapshot, now: Timestamp, operation: Operation) -> Result<Plan, PlanError> {
    let _ = (snapshot, now, operation);
    todo!()
}

/// Why a move is not possible from this state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// `get_csrs` while something is staged.
    #[error("generation {generation} is staged and waits for its certificates")]
    AlreadyStaged {
        /// The staged generation.
        generation: u64,
        /// When it was staged.
        since: Timestamp,
    },
    /// `install_certs` with nothing staged.
    #[error("nothing is staged")]
    NothingStaged,
    /// `--rotate` with nothing installed.
    #[error("no pair is installed")]
    NothingInstalled,
    /// plain `get_csrs` over an installed pair
    #[error("generation {current} is installed")]
    AlreadyInstalled {
        /// The current generation.
        current: u64,
    },
    /// Plain `install_certs` on a staged rotation.
    #[error("staged generation {staged} is a rotation of installed generation {current}")]
    IsRotation {
        /// Staged.
        staged: u64,
        /// Current.
        current: u64,
    },
    /// `install_certs --rotate` on a first staging.
    #[error("staged generation {staged} is a first installation")]
    IsFirst {
        /// Staged.
        staged: u64,
    },
    /// Rollback without a previous pair.
    #[error("no previous pair is kept")]
    NoPrevious,
    /// Rollback to an expired pair.
    #[error("the previous pair ended {not_after}")]
    PreviousExpired {
        /// Earliest end of its two end entities.
        not_after: Timestamp,
    },
    /// The first staging of a store came without a sysadmin account.
    #[error("the store has no sysadmin account and none was given")]
    AccountMissing,
    /// An account was given though the store has one, which is never replaced.
    #[error("the store already has a sysadmin account")]
    AccountExists,
    /// A verified chain that is not for the staged request; [`crate::pki::verify`] should have refused it.
    #[error("the chain for {role} belongs to key {found}, staged is {expected}")]
    ForeignChain {
        /// The role it was given for.
        role: Role,
        /// sha256 of its SPKI.
        found: Sha256,
        /// sha256 of the staged request's SPKI.
        expected: Sha256,
    },
}

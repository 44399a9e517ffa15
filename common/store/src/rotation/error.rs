//! Why a move is refused.

use common::Sha256;
use common::{Role, Timestamp};

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
        /// The earliest end of all certificates of both chains.
        not_after: Timestamp,
    },
    /// The first staging of a store came without a sysadmin account.
    #[error("the store has no sysadmin account and none was given")]
    AccountMissing,
    /// An account was given though the store has one, which is never replaced.
    #[error("the store already has a sysadmin account")]
    AccountExists,
    /// A verified chain that is not for the staged request; [`pki::verdict`] should have refused it.
    #[error("the chain for {role} belongs to key {found}, staged is {expected}")]
    ForeignChain {
        /// The role it was given for.
        role: Role,
        /// sha256 of its SPKI.
        found: Sha256,
        /// sha256 of the staged request's SPKI.
        expected: Sha256,
    },
    /// More than a medium is asked to take at once.
    #[error("the change has {size} bytes, at most {limit} can be committed at once")]
    TooLarge {
        /// Bytes of record, new objects and audit line.
        size: usize,
        /// Allowed.
        limit: usize,
    },
}

//! What the flows refuse, for the person who must act.

use crate::{Exit, Failure};
use flow::{CommitError, InstallError, RequestError, UnlockError};
use pki::rules::{Finding, Severity};
use store::Purpose;

impl Failure {
    /// Why nothing was requested.
    pub fn request(error: RequestError<Self>) -> Self {
        match error {
            RequestError::Refused(error) => Self::plan(&error),
            RequestError::Rejected(findings) => {
                Self::new(Exit::Rejected, "the requests break rules that a CA team would refuse them for")
                    .with_findings(findings)
            }
            RequestError::Silent(failure) => failure,
            RequestError::Fault(fault) => Self::saying(Exit::Unexpected, &fault),
            RequestError::Store(error) => Self::store(error),
        }
    }

    /// Why a pair may not be installed.
    pub fn install(error: InstallError<Self>) -> Self {
        match error {
            InstallError::Refused(error) => Self::plan(&error),
            InstallError::Rejected(findings) => refusal(findings),
            InstallError::Declined => Self::declined(),
            InstallError::Unlock(error) => unlock(&error),
            error @ InstallError::Handshake { .. } => Self::saying(Exit::Rejected, &error),
            InstallError::Silent(failure) => failure,
        }
    }

    /// Why a change was not made, or perhaps not.
    pub fn commit(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => Self::store(error),
            error @ CommitError::NothingCurrent => Self::saying(Exit::Uncertain, &error)
                .hint("look with install_certs --status before you run anything else")
                .now("whether the pair was switched is not known"),
        }
    }

    /// The end after a no: nothing has changed.
    pub fn declined() -> Self {
        Self::new(Exit::Interrupted, "stopped, because the answer was no")
    }

    /// What an error says, and its causes.
    fn saying(exit: Exit, error: &(dyn std::error::Error + 'static)) -> Self {
        let failure = Self::new(exit, error.to_string());
        match error.source() {
            Some(cause) => failure.because(cause),
            None => failure,
        }
    }
}

/// Names the role when all errors are about one.
fn refusal(findings: Vec<Finding>) -> Failure {
    let errors: Vec<_> = findings.iter().filter(|f| f.severity == Severity::Error).collect();
    let role = errors
        .first()
        .and_then(|first| first.role.filter(|_| errors.iter().all(|finding| finding.role == first.role)));
    let plural = if errors.len() == 1 { "" } else { "s" };
    let subject = role.map_or_else(|| "Main and Assets: chains".to_owned(), |role| format!("{role}: chain"));
    let what = format!("{subject} refused by {} finding{plural}", errors.len());
    Failure::new(Exit::Rejected, what).with_findings(findings)
}

fn unlock(error: &UnlockError) -> Failure {
    match error {
        UnlockError::Passphrase { purpose, .. } => Failure::saying(Exit::Passphrase, error)
            .hint("give the passphrase that was chosen in get_csrs; it cannot be recovered")
            .hint(format!("if it is lost, make new requests with {}", again(*purpose))),
        UnlockError::Key { purpose, .. } => Failure::saying(Exit::Store, error)
            .hint(format!("restore the store from a backup, or make new requests with {}", again(*purpose))),
    }
}

/// The command that begins again when the staged keys are lost.
const fn again(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::First => "get_csrs --replace-staged",
        Purpose::Rotation => "get_csrs --rotate --replace-staged",
    }
}

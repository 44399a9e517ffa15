//! From what is wanted to keys and requests that wait for their certificates.

use crate::background::{Task, Unfinished, wait_for_both};
use crate::person::{News, Person, Work};
use common::{Pair, Role, Timestamp};
use pki::rules::{Finding, Policy, Severity};
use pki::verdict::{judge_requests, judge_specs};
use pki::{
    ClusterSpec, Csr, CsrError, Email, KeyAlgorithm, KeyError, KeyPair, Passphrase, RequestSpec, SealError,
    SealedKey,
};
use std::sync::Arc;
use store::rotation::{self, Mode, Staging};
use store::{
    AccountError, Applied, Operation, Password, PlanError, Snapshot, Store, StoreError, SysadminAccount,
};

/// Both private keys in the making, one thread each: they may be begun while a person is still asked for the rest.
pub struct PendingKeys(Pair<Task<Result<KeyPair, KeyError>>>);

impl PendingKeys {
    /// Begins to generate both keys, each to be proved by the second implementation.
    pub fn start(types: Pair<KeyAlgorithm>) -> Self {
        Self(types.map(|algorithm| {
            Task::start(move || {
                let key = KeyPair::generate(algorithm)?;
                key.prove()?;
                Ok(key)
            })
        }))
    }
}

/// The first sysadmin of a store.
#[expect(missing_docs, reason = "the names say it")]
pub struct Sysadmin {
    pub email: Email,
    pub password: Password,
}

/// What is to be requested.
pub struct RequestOrder {
    /// Names and key types.
    pub spec: ClusterSpec,
    /// Keys of the types of `spec`.
    pub keys: PendingKeys,
    /// What both keys are sealed under.
    pub passphrase: Passphrase,
    /// The first sysadmin, exactly when the store has none.
    pub sysadmin: Option<Sysadmin>,
    /// A first pair, or one to replace the installed pair.
    pub mode: Mode,
    /// Whether staged keys and requests may be thrown away.
    pub replace_staged: bool,
}

/// What was staged.
#[derive(Debug)]
pub struct Requested {
    /// What the commit did.
    pub applied: Applied,
    /// What the rules say of the requests, none of it an error.
    pub findings: Vec<Finding>,
}

/// Why nothing was staged.
#[derive(Debug, thiserror::Error)]
pub enum RequestError<S> {
    /// The store is not in the state for it.
    #[error(transparent)]
    Refused(#[from] PlanError),
    /// The finished requests break rules: every finding, at least one an error.
    #[error("the requests break rules that a CA team would refuse them for")]
    Rejected(Vec<Finding>),
    /// The person stopped it.
    #[error("the person stopped it")]
    Silent(S),
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] RequestFault),
    /// The store. After [`StoreError::Uncertain`] it is not known whether the pair is staged.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What should not go wrong, and did.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RequestFault {
    #[error("{role}: the key cannot be made")]
    Key { role: Role, source: KeyError },
    #[error("{role}: the key cannot be sealed")]
    Seal { role: Role, source: SealError },
    #[error("{role}: the request cannot be built")]
    Build { role: Role, source: CsrError },
    #[error("the sysadmin account cannot be made")]
    Account(#[from] AccountError),
    #[error("{0}: the work ended in a panic")]
    Panicked(Work),
}

impl<S> From<Unfinished<S>> for RequestError<S> {
    fn from(unfinished: Unfinished<S>) -> Self {
        match unfinished {
            Unfinished::Panicked(work) => RequestFault::Panicked(work).into(),
            Unfinished::Silent(silence) => Self::Silent(silence),
        }
    }
}

/// Finishes both keys, seals them, signs and judges both requests, and stages everything in one commit.
///
/// `snapshot` is what the store said last, `None` where there is none yet. A store that has moved on since refuses.
/// What the rules say of the requests beyond what they said of the names is told before the commit.
///
/// # Errors
/// [`RequestError`]; unless it is uncertain, nothing was staged.
pub fn request<P: Person + ?Sized>(
    store: &Store,
    snapshot: Option<&Snapshot>,
    order: RequestOrder,
    operation: Operation,
    person: &mut P,
) -> Result<Requested, RequestError<P::Silence>> {
    let mut findings = judge_specs(&order.spec.requests);
    let (staging, found) = make(order, operation.at, person)?;
    person.go_on().map_err(RequestError::Silent)?;
    let more = not_among(&findings, found);
    if !more.is_empty() {
        person.tell(News::Findings(&more));
    }
    findings.extend(more);
    let commit = rotation::stage(snapshot, staging, operation)?;
    Ok(Requested { applied: store.apply(&commit)?, findings })
}

/// Everything the store is to keep, and what the rules say of it.
fn make<P: Person + ?Sized>(
    order: RequestOrder,
    now: Timestamp,
    person: &mut P,
) -> Result<(Staging, Vec<Finding>), RequestError<P::Silence>> {
    // The verifier takes longer than an elliptic key: it is derived while the keys are made.
    let account = order.sysadmin.map(|Sysadmin { email, password }| {
        Task::start(move || SysadminAccount::create(&email, &password, now))
    });
    let keys = wait_for_both(order.keys.0, Work::Keys, person)?;
    let keys = each(keys, |role, source| RequestFault::Key { role, source })?;
    let sealing = start_sealing(keys.zip(order.spec.requests), order.passphrase);
    let made = each(wait_for_both(sealing, Work::Sealing, person)?, |_, fault| fault)?;
    let account = account.map(|task| task.wait(Work::Verifier, person)).transpose()?;
    let account = account.transpose().map_err(RequestFault::from)?;
    let (keys, requests) = made.unzip();
    let findings = judge_requests(requests.as_ref(), Policy::product());
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(RequestError::Rejected(findings));
    }
    let cluster_name = order.spec.cluster_name.as_str().to_owned();
    let (mode, replace_staged) = (order.mode, order.replace_staged);
    Ok((Staging { cluster_name, keys, requests, account, mode, replace_staged }, findings))
}

/// A sealed key and the request it signed, or what kept one of the two from being made.
type Made = Result<(SealedKey, Csr), RequestFault>;

/// Begins to seal both keys and to sign their requests: deriving the key that seals is most of the time.
fn start_sealing(keys: Pair<(KeyPair, RequestSpec)>, passphrase: Passphrase) -> Pair<Task<Made>> {
    let passphrase = Arc::new(passphrase);
    let start = |role, (key, spec): (KeyPair, RequestSpec)| {
        let passphrase = Arc::clone(&passphrase);
        Task::start(move || {
            let sealed = SealedKey::seal(&key, &passphrase);
            let sealed = sealed.map_err(|source| RequestFault::Seal { role, source })?;
            let request = Csr::build(&spec, &key).map_err(|source| RequestFault::Build { role, source })?;
            Ok((sealed, request))
        })
    };
    Pair { main: start(Role::Main, keys.main), assets: start(Role::Assets, keys.assets) }
}

/// Both values, or the fault of the first role that has none.
fn each<T, E>(
    made: Pair<Result<T, E>>,
    fault: impl Fn(Role, E) -> RequestFault,
) -> Result<Pair<T>, RequestFault> {
    let Pair { main, assets } = made;
    let main = main.map_err(|error| fault(Role::Main, error))?;
    Ok(Pair { main, assets: assets.map_err(|error| fault(Role::Assets, error))? })
}

/// What was found and not told yet.
fn not_among(told: &[Finding], found: Vec<Finding>) -> Vec<Finding> {
    let known = |new: &Finding| told.iter().any(|old| (old.rule, old.role) == (new.rule, new.role));
    found.into_iter().filter(|finding| !known(finding)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rule: &'static str) -> Finding {
        let evidence = pki::rules::Evidence { certificate: None, text: "t".into(), detail: vec![] };
        Finding {
            rule,
            severity: Severity::Warning,
            role: None,
            evidence,
            citation: "c",
            fix: "f",
            turns_clients_away: false,
        }
    }

    #[test]
    fn what_was_told_is_not_told_again() {
        let more = not_among(&[finding("a.b")], vec![finding("a.b"), finding("c.d")]);
        assert_eq!(more.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["c.d"]);
    }
}

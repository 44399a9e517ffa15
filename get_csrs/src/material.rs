//! The slow work, on its own threads: keys, their proof by the second implementation, sealing,
//! requests, the password verifier.

use crate::gather::Sysadmin;
use cli::spinner::{Task, during};
use cli::{Exit, Failure};
use common::{Pair, Role, Timestamp};
use pki::csr::{Csr, CsrError};
use pki::key::{KeyAlgorithm, KeyError, KeyPair};
use pki::rules::{Finding, Severity, csr};
use pki::sealed::{Passphrase, SealError, SealedKey};
use pki::spec::{ClusterSpec, RequestSpec};
use std::thread;
use store::account::{AccountError, SysadminAccount};

/// Both keys in the making, one thread each.
pub(crate) struct Keys(Pair<Task<Result<KeyPair, KeyError>>>);

/// Everything the store is to keep.
pub(crate) struct Material {
    pub(crate) keys: Pair<SealedKey>,
    pub(crate) requests: Pair<Csr>,
    pub(crate) account: Option<SysadminAccount>,
    /// Warnings about the finished requests.
    pub(crate) findings: Vec<Finding>,
}

impl Keys {
    /// Starts both keys, each to be proved by the second implementation, while the user still
    /// answers questions.
    pub(crate) fn start(types: Pair<KeyAlgorithm>) -> Self {
        Self(types.map(|algorithm| {
            Task::start(move || {
                let key = KeyPair::generate(algorithm)?;
                key.prove()?;
                Ok(key)
            })
        }))
    }

    fn wait(self) -> Result<Pair<KeyPair>, Failure> {
        let Pair { main, assets } = self.0;
        let key = |role: Role, task: Task<Result<KeyPair, KeyError>>| {
            task.wait("making both keys")?.map_err(|error| fault(role, "the key cannot be made", &error))
        };
        Ok(Pair { main: key(Role::Main, main)?, assets: key(Role::Assets, assets)? })
    }
}

/// Finishes the keys, seals them, builds and judges both requests.
///
/// # Errors
/// [`Exit::Unexpected`] when a step fails, [`Exit::Rejected`] when a request breaks a rule,
/// [`Exit::Interrupted`].
pub(crate) fn make(
    keys: Keys,
    spec: &ClusterSpec,
    sysadmin: Option<Sysadmin>,
    passphrase: Passphrase,
    now: Timestamp,
) -> Result<Material, Failure> {
    // The verifier takes longer than an elliptic key: it is derived while the keys are made.
    let account = sysadmin.map(|Sysadmin { email, password }| {
        Task::start(move || SysadminAccount::create(&email, &password, now))
    });
    let keys = keys.wait()?.zip(spec.requests.clone());
    let made = during("sealing both keys", move || both(&keys, &passphrase))?;
    let made = Pair { main: made.0?, assets: made.1? };
    let account = account.map(|task| task.wait("deriving the password verifier")).transpose()?;
    let account = account.transpose().map_err(|error: AccountError| {
        Failure::new(Exit::Unexpected, "the sysadmin account cannot be made").because(&error)
    })?;
    let Pair { main, assets } = made;
    let requests = Pair { main: main.1, assets: assets.1 };
    let findings = judge(requests.as_ref())?;
    Ok(Material { keys: Pair { main: main.0, assets: assets.0 }, requests, account, findings })
}

type Made = Result<(SealedKey, Csr), Failure>;

/// Seals and requests for both roles side by side: the KDF is most of the time.
fn both(keys: &Pair<(KeyPair, RequestSpec)>, passphrase: &Passphrase) -> (Made, Made) {
    thread::scope(|scope| {
        let assets = scope.spawn(|| one(Role::Assets, &keys.assets, passphrase));
        let main = one(Role::Main, &keys.main, passphrase);
        let panicked = |_| Err(Failure::new(Exit::Unexpected, "Assets: sealing ended in a panic"));
        (main, assets.join().unwrap_or_else(panicked))
    })
}

fn one(role: Role, (key, spec): &(KeyPair, RequestSpec), passphrase: &Passphrase) -> Made {
    let sealed = SealedKey::seal(key, passphrase)
        .map_err(|error: SealError| fault(role, "the key cannot be sealed", &error))?;
    let request = Csr::build(spec, key)
        .map_err(|error: CsrError| fault(role, "the request cannot be built", &error))?;
    Ok((sealed, request))
}

/// Has the catalogue judge what a CA team would judge, before anything is kept or shown.
fn judge(requests: Pair<&Csr>) -> Result<Vec<Finding>, Failure> {
    let findings = csr::judge_pair(requests);
    if findings.iter().all(|finding| finding.severity != Severity::Error) {
        return Ok(findings);
    }
    Err(Failure::new(Exit::Rejected, "the requests break rules that a CA team would refuse them for")
        .with_findings(findings))
}

fn fault(role: Role, what: &str, error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::new(Exit::Unexpected, format!("{role}: {what}")).because(error)
}

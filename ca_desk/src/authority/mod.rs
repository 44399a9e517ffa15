//! A certification authority for labs: a root, an intermediate, and what they sign. Pure; its
//! folder is [`folder`].

pub(crate) mod folder;
mod profile;
mod tbs;

use common::{DAY, Pair, Timestamp};
use der::Encode;
use pki::oid::ObjectIdentifier;
use pki::rules::{Finding, Policy, Severity};
use pki::{
    Certificate, CertificateError, Csr, KeyAlgorithm, KeyError, KeyPair, SignatureError, Spki, verdict,
};
use tbs::Draft;
use x509_cert::name::Name;

/// How long a new root lasts: ten years of 365 days.
const ROOT_DAYS: i64 = 3650;
/// How long a new intermediate lasts.
const INTERMEDIATE_DAYS: i64 = 1825;
/// Certificates begin this long ago, for clients whose clock is slow.
const BACKDATE_SECONDS: i64 = 3600;

/// Both requests of a cluster after the catalogue found no error in them.
pub(crate) struct Approved(Pair<Csr>);

impl Approved {
    /// Judges both requests completely under a policy: every finding, and the approval when none is an error.
    pub(crate) fn judge(requests: Pair<Csr>, policy: &Policy) -> (Vec<Finding>, Option<Self>) {
        let findings = verdict::judge_requests(requests.as_ref(), policy);
        let refused = findings.iter().any(|finding| finding.severity == Severity::Error);
        (findings, (!refused).then_some(Self(requests)))
    }

    /// The requests.
    pub(crate) const fn requests(&self) -> &Pair<Csr> {
        &self.0
    }
}

/// An opened authority: the intermediate signs, the root is what clients trust.
pub(crate) struct Authority {
    root: Certificate,
    intermediate: Certificate,
    key: KeyPair,
}

/// A certificate just signed.
pub(crate) struct Issued {
    /// The end entity.
    pub(crate) certificate: Certificate,
    /// Requested extensions that were not copied.
    pub(crate) left_out: Vec<ObjectIdentifier>,
}

/// Both certificates just signed, with those of the authority, whose key is gone.
pub(crate) struct Signed {
    /// What clients trust.
    pub(crate) root: Certificate,
    /// What follows the end entity in a chain.
    pub(crate) intermediate: Certificate,
    /// The end entities.
    pub(crate) certificates: Pair<Issued>,
}

/// Keys and certificates of an authority that exists nowhere yet.
struct Founded {
    root_key: KeyPair,
    authority: Authority,
}

impl Founded {
    /// Makes a root (path length 1) and an intermediate (path length 0), no name constraints.
    fn new(algorithm: KeyAlgorithm, now: Timestamp) -> Result<Self, AuthorityError> {
        let (root_key, key) = (KeyPair::generate(algorithm)?, KeyPair::generate(algorithm)?);
        let root_name = name("Root", root_key.spki())?;
        let intermediate_name = name("Intermediate", key.spki())?;
        let draft = |subject, spki, days, path_len| -> Result<Draft<'_>, AuthorityError> {
            Ok(Draft {
                issuer: &root_name,
                subject,
                spki,
                not_before: now.plus_seconds(-BACKDATE_SECONDS),
                not_after: now.plus_seconds(days * DAY),
                extensions: profile::ca(spki, root_key.spki(), path_len)?,
            })
        };
        let root = draft(&root_name, root_key.spki(), ROOT_DAYS, 1)?.sign(&root_key)?;
        let intermediate = draft(&intermediate_name, key.spki(), INTERMEDIATE_DAYS, 0)?.sign(&root_key)?;
        Ok(Self { root_key, authority: Authority { root, intermediate, key } })
    }
}

impl Authority {
    /// Makes an authority that is kept nowhere, for judging what signing would do.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub(crate) fn found(algorithm: KeyAlgorithm, now: Timestamp) -> Result<Self, AuthorityError> {
        Ok(Founded::new(algorithm, now)?.authority)
    }

    /// Signs both requests for `days` days from `now`. It is used up: its key is wiped before this
    /// returns.
    ///
    /// # Errors
    /// [`AuthorityError::Outlives`] when a certificate would end after the intermediate.
    pub(crate) fn sign(
        self,
        approved: &Approved,
        days: u32,
        now: Timestamp,
    ) -> Result<Signed, AuthorityError> {
        let certificates = self.issue_both(approved, days, now)?;
        let Self { root, intermediate, key } = self;
        drop(key);
        Ok(Signed { root, intermediate, certificates })
    }

    fn issue_both(
        &self,
        approved: &Approved,
        days: u32,
        now: Timestamp,
    ) -> Result<Pair<Issued>, AuthorityError> {
        let not_after = now.plus_seconds(i64::from(days) * DAY);
        let bound = self.intermediate.not_after().min(self.root.not_after());
        if not_after > bound {
            return Err(AuthorityError::Outlives { not_after, bound });
        }
        let not_before = now.plus_seconds(-BACKDATE_SECONDS).max(self.intermediate.not_before());
        Pair::try_from_fn(|role| self.issue(approved.requests().of(role), not_before, not_after))
    }

    fn issue(
        &self,
        request: &Csr,
        not_before: Timestamp,
        not_after: Timestamp,
    ) -> Result<Issued, AuthorityError> {
        let profile::EndEntity { extensions, left_out } = profile::end_entity(request, self.key.spki())?;
        let draft = Draft {
            issuer: self.intermediate.subject().der(),
            subject: request.subject().der(),
            spki: request.spki(),
            not_before,
            not_after,
            extensions,
        };
        Ok(Issued { certificate: draft.sign(&self.key)?, left_out })
    }
}

/// A subject that no other lab CA has: two roots of one name in a trust store confuse path building.
fn name(what: &str, spki: &Spki) -> Result<Vec<u8>, AuthorityError> {
    let name: Name = format!("CN=Lab CA {what} {},O=Lab CA", spki.sha256().short()).parse()?;
    Ok(name.to_der()?)
}

/// Why the authority cannot do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthorityError {
    /// A certificate may not end after the CA that signs it.
    #[error("certificates would end {not_after}, after the CA itself ({bound})")]
    Outlives {
        /// The end asked for.
        not_after: Timestamp,
        /// The earlier end of intermediate and root.
        bound: Timestamp,
    },
    /// The random source failed.
    #[error("cannot draw a serial number")]
    Random,
    /// Key generation or signing failed.
    #[error("cannot use the CA's key")]
    Key(#[from] KeyError),
    /// A part cannot be encoded.
    #[error("cannot encode a certificate")]
    Encode(#[from] der::Error),
    /// What was signed does not read back.
    #[error("the signed certificate does not read back")]
    Certificate(#[from] CertificateError),
    /// What was signed does not verify.
    #[error("the signed certificate does not verify")]
    Signature(#[from] SignatureError),
}

#[cfg(test)]
mod tests;

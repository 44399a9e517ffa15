//! What people and programs are shown of requests, certificates and the pairs they make.

use common::{DAY, Pair, Sha256, Timestamp, Untrusted};
use pki::Chain;
use pki::Csr;
use pki::GeneralName;
use pki::KeyAlgorithm;
use pki::Spki;
use serde::Serialize;
use store::{Installed, Operation, Purpose, Staged};

/// An end entity, and when the chain it heads ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct CertificateView {
    pub subject: String,
    /// `DNS:kms.example.com`, in the order of the certificate.
    pub sans: Vec<String>,
    pub issuer: String,
    pub serial: String,
    pub key_type: String,
    pub spki_sha256: Sha256,
    pub certificate_sha256: Sha256,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// The earliest end in the chain: an intermediate may end before the end entity.
    pub chain_not_after: Timestamp,
    /// Whole days until `chain_not_after`, rounded down: 0 on the last day, negative when it has passed.
    pub days_left: i64,
}

impl CertificateView {
    /// The view of a chain in path order.
    pub fn of(chain: &Chain, now: Timestamp) -> Self {
        let end_entity = chain.first();
        let ends = chain.ends();
        Self {
            subject: end_entity.subject().to_string(),
            sans: sans(end_entity.extensions().names()),
            issuer: end_entity.issuer().to_string(),
            serial: end_entity.serial(),
            key_type: key_type(end_entity.spki()),
            spki_sha256: end_entity.spki().sha256(),
            certificate_sha256: end_entity.sha256(),
            not_before: end_entity.not_before(),
            not_after: end_entity.not_after(),
            chain_not_after: ends,
            days_left: days_left(ends, now),
        }
    }
}

/// A request that waits for its certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct RequestView {
    pub subject: String,
    /// `DNS:kms.example.com`, the primary name first.
    pub sans: Vec<String>,
    pub key_type: String,
    pub spki_sha256: Sha256,
    pub request_sha256: Sha256,
}

impl RequestView {
    /// The view of a request.
    pub fn of(request: &Csr) -> Self {
        Self {
            subject: request.subject().to_string(),
            sans: sans(request.extensions().names()),
            key_type: key_type(request.spki()),
            spki_sha256: request.spki().sha256(),
            request_sha256: request.sha256(),
        }
    }
}

/// Keys and requests that wait for their certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct StagedView {
    pub generation: u64,
    pub cluster_name: Untrusted,
    pub purpose: Purpose,
    pub staged_at: Timestamp,
    pub age_seconds: i64,
    pub staged_by: Operation,
    pub roles: Pair<RequestView>,
}

impl StagedView {
    /// The view of a staged generation.
    pub fn of(staged: &Staged, now: Timestamp) -> Self {
        let manifest = &staged.manifest;
        Self {
            generation: manifest.generation,
            cluster_name: Untrusted::new(&*manifest.cluster_name),
            purpose: manifest.purpose,
            staged_at: manifest.staged_by.at,
            age_seconds: now.seconds_since(manifest.staged_by.at),
            staged_by: manifest.staged_by.clone(),
            roles: staged.requests.as_ref().map(RequestView::of),
        }
    }
}

/// An installed pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct InstalledView {
    pub generation: u64,
    pub cluster_name: Untrusted,
    pub installed_at: Option<Timestamp>,
    pub age_seconds: Option<i64>,
    pub installed_by: Option<Operation>,
    /// The earliest end of all certificates of both chains.
    pub ends: Timestamp,
    /// Whole days until `ends`, rounded down.
    pub days_left: i64,
    pub roles: Pair<CertificateView>,
}

impl InstalledView {
    /// The view of an installed generation.
    pub fn of(installed: &Installed, now: Timestamp) -> Self {
        let (manifest, ends) = (&installed.manifest, installed.ends());
        let installed_at = manifest.installed_by.as_ref().map(|operation| operation.at);
        Self {
            generation: manifest.generation,
            cluster_name: Untrusted::new(&*manifest.cluster_name),
            installed_at,
            age_seconds: installed_at.map(|at| now.seconds_since(at)),
            installed_by: manifest.installed_by.clone(),
            ends,
            days_left: days_left(ends, now),
            roles: installed.chains.as_ref().map(|chain| CertificateView::of(chain, now)),
        }
    }
}

/// Whole days from `now` to `end`, rounded down: 0 on the last day, negative once it has passed.
const fn days_left(end: Timestamp, now: Timestamp) -> i64 {
    end.seconds_since(now).div_euclid(DAY)
}

/// Names with their kinds.
fn sans(names: &[GeneralName]) -> Vec<String> {
    names.iter().map(GeneralName::tagged).collect()
}

fn key_type(spki: &Spki) -> String {
    KeyAlgorithm::of(spki).map_or_else(|| spki.kind().to_string(), |algorithm| algorithm.name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_left_are_whole_days_rounded_down() {
        let now = Timestamp::from_unix(1_000_000);
        for (seconds, days) in
            [(0, 0), (DAY - 1, 0), (DAY, 1), (30 * DAY, 30), (-1, -1), (-DAY, -1), (-DAY - 1, -2)]
        {
            assert_eq!(days_left(now.plus_seconds(seconds), now), days, "{seconds}");
        }
    }
}

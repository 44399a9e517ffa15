//! What people and scripts are shown of requests, certificates and generations.

use common::Sha256;
use common::Timestamp;
use common::timestamp::DAY;
use pki::{Certificate, Chain, Csr, GeneralName, KeyAlgorithm, Spki};
use serde::Serialize;

/// An end entity, and when the chain it heads ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct CertificateView {
    pub(crate) subject: String,
    /// `DNS:kms.example.com`, in the order of the certificate.
    pub(crate) sans: Vec<String>,
    pub(crate) issuer: String,
    pub(crate) serial: String,
    pub(crate) key_type: String,
    pub(crate) spki_sha256: Sha256,
    pub(crate) certificate_sha256: Sha256,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
    /// The earliest end in the chain: an intermediate may end before the end entity.
    pub(crate) chain_not_after: Timestamp,
    /// Whole days until `chain_not_after`, negative when it has passed.
    pub(crate) days_left: i64,
}

impl CertificateView {
    /// The view of a chain whose first certificate is the end entity.
    pub(crate) fn of(chain: &Chain, now: Timestamp) -> Option<Self> {
        let end_entity = chain.certificates().first()?;
        let ends = chain_not_after(chain, end_entity);
        Some(Self {
            subject: end_entity.subject().to_string(),
            sans: sans(end_entity.extensions().names()),
            issuer: end_entity.issuer().to_string(),
            serial: end_entity.serial(),
            key_type: key_algorithm(end_entity.spki()),
            spki_sha256: end_entity.spki().sha256(),
            certificate_sha256: end_entity.sha256(),
            not_before: end_entity.not_before(),
            not_after: end_entity.not_after(),
            chain_not_after: ends,
            days_left: days_left(ends, now),
        })
    }

    /// The indented lines of a role.
    pub(crate) fn lines(&self, now: Timestamp) -> Vec<String> {
        let mut lines = vec![
            format!("  subject     {}", self.subject),
            format!("  SANs        {}", list(&self.sans)),
            format!("  issuer      {}", self.issuer),
            format!("  serial      {}", self.serial),
            format!("  key         {}, SPKI sha256 {}", self.key_type, self.spki_sha256.short()),
            format!("  not_before  {}", moment(self.not_before, now)),
            format!("  not_after   {}", moment(self.not_after, now)),
        ];
        if self.chain_not_after < self.not_after {
            lines.push(format!(
                "  chain ends  {}, before the end entity: an intermediate ends first",
                moment(self.chain_not_after, now)
            ));
        }
        lines
    }
}

/// A request that waits for its certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct RequestView {
    pub(crate) subject: String,
    pub(crate) sans: Vec<String>,
    pub(crate) key_type: String,
    pub(crate) spki_sha256: Sha256,
    pub(crate) request_sha256: Sha256,
}

impl RequestView {
    pub(crate) fn of(request: &Csr) -> Self {
        Self {
            subject: request.subject().to_string(),
            sans: sans(request.extensions().names()),
            key_type: key_algorithm(request.spki()),
            spki_sha256: request.spki().sha256(),
            request_sha256: request.sha256(),
        }
    }

    /// The indented lines of a role.
    pub(crate) fn lines(&self) -> Vec<String> {
        vec![
            format!("  subject     {}", self.subject),
            format!("  SANs        {}", list(&self.sans)),
            format!("  key         {}, SPKI sha256 {}", self.key_type, self.spki_sha256),
        ]
    }
}

fn chain_not_after(chain: &Chain, end_entity: &Certificate) -> Timestamp {
    chain.certificates().iter().map(Certificate::not_after).min().unwrap_or(end_entity.not_after())
}

/// Whole days from `now` to `end`, rounded down: 0 on the last day, negative once it has passed.
pub(crate) const fn days_left(end: Timestamp, now: Timestamp) -> i64 {
    end.seconds_since(now).div_euclid(DAY)
}

/// The name clients connect to: our requests always put it first.
pub(crate) fn primary_name(request: &Csr) -> String {
    let dns = |name: &&GeneralName| matches!(name, GeneralName::Dns(_));
    match request.extensions().names().iter().find(dns) {
        Some(name) => name.to_string(),
        None => request.subject().to_string(),
    }
}

/// Names with their kinds.
fn sans(names: &[GeneralName]) -> Vec<String> {
    names.iter().map(|name| format!("{}:{name}", name.kind())).collect()
}

/// A list of names on one line.
pub(crate) fn list(names: &[String]) -> String {
    if names.is_empty() { "(none)".to_owned() } else { names.join(", ") }
}

/// A moment with its distance: `2026-12-22T08:00:00Z (in 30 days)`.
pub(crate) fn moment(at: Timestamp, now: Timestamp) -> String {
    format!("{at} ({})", at.relative_to(now))
}

fn key_algorithm(spki: &Spki) -> String {
    KeyAlgorithm::of(spki)
        .map_or_else(|| format!("{:?}", spki.kind()), |algorithm| algorithm.name().to_owned())
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

//! What becomes of one role when another pair takes the place of the installed one.

use crate::view::{CertificateView, RequestView};
use common::{Pair, Timestamp};
use pki::Chain;
use pki::Csr;
use serde::Serialize;

/// One role: the certificate that comes, the one that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The end entity to be served.
    pub new: CertificateView,
    /// The end entity served so far.
    pub old: Option<CertificateView>,
    /// Names clients could not use before (at a first installation: that were not requested).
    pub sans_gained: Vec<String>,
    /// Names clients can no longer use (at a first installation: that were requested in vain).
    pub sans_lost: Vec<String>,
}

impl Change {
    /// Compares what comes with what is served, or else with what was requested.
    fn between(new: &Chain, old: Option<&Chain>, request: &Csr, now: Timestamp) -> Self {
        let new = CertificateView::of(new, now);
        let old = old.map(|chain| CertificateView::of(chain, now));
        let before = old.as_ref().map_or_else(|| RequestView::of(request).sans, |old| old.sans.clone());
        let sans_gained = missing_from(&before, &new.sans);
        let sans_lost = missing_from(&new.sans, &before);
        Self { new, old, sans_gained, sans_lost }
    }

    /// The changes of both roles.
    pub(crate) fn of_both(
        new: Pair<&Chain>,
        old: Option<&Pair<Chain>>,
        requests: Pair<&Csr>,
        now: Timestamp,
    ) -> Pair<Self> {
        Pair::from_fn(|role| {
            let old = old.map(|chains| chains.of(role));
            Self::between(new.of(role), old, requests.of(role), now)
        })
    }
}

/// The names of `these` that `those` has not; DNS names compare without case.
fn missing_from(those: &[String], these: &[String]) -> Vec<String> {
    these.iter().filter(|name| !those.iter().any(|other| other.eq_ignore_ascii_case(name))).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn names_are_compared_without_case_and_kept_in_order() {
        let old = strings(&["DNS:kms.example.com", "DNS:old.example.com"]);
        let new = strings(&["DNS:KMS.example.com", "IP:192.0.2.1", "DNS:new.example.com"]);
        assert_eq!(missing_from(&old, &new), ["IP:192.0.2.1", "DNS:new.example.com"]);
        assert_eq!(missing_from(&new, &old), ["DNS:old.example.com"]);
    }
}

//! What would change, as it is shown before it is confirmed.

use crate::view::{CertificateView, RequestView, list, moment};
use common::{Pair, Role, Timestamp};
use pki::{Chain, Csr};
use serde::Serialize;
use std::fmt::Write;

/// One role: the certificate that comes, the one that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    /// The end entity to be served.
    pub(crate) new: CertificateView,
    /// The end entity served so far.
    pub(crate) old: Option<CertificateView>,
    /// Names clients could not use before (at a first installation: that were not requested).
    pub(crate) sans_gained: Vec<String>,
    /// Names clients can no longer use (at a first installation: that were requested in vain).
    pub(crate) sans_lost: Vec<String>,
}

impl Change {
    /// Compares what comes with what is served, or else with what was requested.
    pub(crate) fn between(new: &Chain, old: Option<&Chain>, request: &Csr, now: Timestamp) -> Option<Self> {
        let new = CertificateView::of(new, now)?;
        let old = old.and_then(|chain| CertificateView::of(chain, now));
        let before = old.as_ref().map_or_else(|| RequestView::of(request).sans, |old| old.sans.clone());
        let sans_gained = missing_from(&before, &new.sans);
        let sans_lost = missing_from(&new.sans, &before);
        Some(Self { new, old, sans_gained, sans_lost })
    }

    fn write(&self, role: Role, now: Timestamp, text: &mut String) -> std::fmt::Result {
        writeln!(text, "{}", role.title())?;
        for line in self.new.lines(now) {
            writeln!(text, "{line}")?;
        }
        if let Some(old) = &self.old {
            writeln!(text, "  replaces    serial {}", old.serial)?;
            writeln!(
                text,
                "              not_after {}, issued by {}",
                moment(old.not_after, now),
                old.issuer
            )?;
        }
        let than = if self.old.is_some() { "than before" } else { "than requested" };
        for (names, word) in [(&self.sans_gained, "gained"), (&self.sans_lost, "lost")] {
            if !names.is_empty() {
                let direction = if word == "gained" { "more" } else { "fewer" };
                writeln!(text, "  {word:<10}  {} ({direction} {than})", list(names))?;
            }
        }
        Ok(())
    }
}

/// Both roles, as text.
pub(crate) fn text(changes: &Pair<Change>, now: Timestamp) -> String {
    let mut text = String::new();
    for (role, change) in changes.iter() {
        // Writing to a String does not fail.
        change.write(role, now, &mut text).ok();
    }
    text
}

/// The names of `these` that `those` has not; DNS names compare without case.
fn missing_from(those: &[String], these: &[String]) -> Vec<String> {
    these.iter().filter(|name| !those.iter().any(|other| other.eq_ignore_ascii_case(name))).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::Sha256;

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn certificate(serial: &str, names: &[&str]) -> CertificateView {
        let at = Timestamp::from_unix(0);
        CertificateView {
            subject: "CN=kms.example.com".into(),
            sans: strings(names),
            issuer: "CN=Issuing CA".into(),
            serial: serial.into(),
            key_type: "NISTP256".into(),
            spki_sha256: Sha256::of(b"key"),
            certificate_sha256: Sha256::of(b"certificate"),
            not_before: at,
            not_after: at.plus_seconds(86_400 * 90),
            chain_not_after: at.plus_seconds(86_400 * 30),
            days_left: 30,
        }
    }

    #[test]
    fn names_are_compared_without_case_and_kept_in_order() {
        let old = strings(&["DNS:kms.example.com", "DNS:old.example.com"]);
        let new = strings(&["DNS:KMS.example.com", "IP:192.0.2.1", "DNS:new.example.com"]);
        assert_eq!(missing_from(&old, &new), ["IP:192.0.2.1", "DNS:new.example.com"]);
        assert_eq!(missing_from(&new, &old), ["DNS:old.example.com"]);
    }

    #[test]
    fn the_text_shows_both_serials_the_names_and_an_early_end_of_the_chain() {
        let change = Change {
            new: certificate("0B", &["DNS:kms.example.com"]),
            old: Some(certificate("0A", &["DNS:kms.example.com", "DNS:x.example.com"])),
            sans_gained: vec![],
            sans_lost: strings(&["DNS:x.example.com"]),
        };
        let text = text(&Pair { main: change.clone(), assets: change }, Timestamp::from_unix(0));
        for part in [
            "Main (Cluster)\n  subject     CN=kms.example.com\n",
            "Assets (UI)\n",
            "  serial      0B\n",
            "  replaces    serial 0A\n",
            "  lost        DNS:x.example.com (fewer than before)\n",
            "  chain ends  1970-01-31T00:00:00Z (in 30 days), before the end entity",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains("gained"));
    }
}

//! Rules about the form of every certificate on the path, and about who may issue.

use super::links::each;
use crate::oid::{self, ObjectIdentifier};
use crate::rules::case::{ChainCase, Link, Place};
use crate::rules::rule::{Check, Outcome, Rule, Severity};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "issuer.not_ca",
        severity: Severity::Error,
        title: "every issuer is a CA",
        citation: "RFC 5280 sections 4.2.1.9 and 6.1.4 (k)",
        why: "anybody with an ordinary certificate could otherwise issue others",
        fix: "have the request signed by a CA; a certificate of a server cannot sign others",
        turns_clients_away: false,
        check: Check::Chain(not_ca),
    },
    Rule {
        id: "issuer.path_len",
        severity: Severity::Error,
        title: "no issuer has more CAs below it than its pathLenConstraint allows",
        citation: "RFC 5280 sections 4.2.1.9 and 6.1.4 (m)",
        why: "the CA above forbade such a sub-CA, and clients keep to it",
        fix: "have the request signed by a CA that its own issuer allows",
        turns_clients_away: false,
        check: Check::Chain(path_len),
    },
    Rule {
        id: "certificate.version",
        severity: Severity::Error,
        title: "every certificate below the trust anchor is version 3",
        citation: "RFC 5280 sections 4.1.2.1 and 6.1.4 (k)",
        why: "only version 3 has extensions; without them a client cannot tell a CA from a server",
        fix: "have the certificate issued again as X.509 v3",
        turns_clients_away: false,
        check: Check::Chain(version),
    },
    Rule {
        id: "certificate.serial",
        severity: Severity::Warning,
        title: "serial numbers are positive and have at most 20 octets",
        citation: "RFC 5280 section 4.1.2.2",
        why: "revocation names certificates by serial number; some clients refuse odd ones",
        fix: "tell the CA; some clients refuse such a certificate",
        turns_clients_away: false,
        check: Check::Chain(serial),
    },
    Rule {
        id: "extension.critical",
        severity: Severity::Error,
        title: "every critical extension is one that TLS clients process",
        citation: "RFC 5280 section 4.2: a client that does not know a critical extension refuses the certificate",
        why: "critical means refuse what you do not know, and clients do",
        fix: "have the certificate issued again with the extension not critical",
        turns_clients_away: false,
        check: Check::Chain(critical),
    },
];

/// Critical extensions that webpki processes.
const PROCESSED: [ObjectIdentifier; 6] = [
    oid::KEY_USAGE,
    oid::SUBJECT_ALT_NAME,
    oid::BASIC_CONSTRAINTS,
    oid::NAME_CONSTRAINTS,
    oid::CRL_DISTRIBUTION_POINTS,
    oid::EXTENDED_KEY_USAGE,
];

/// A version 1 root says nothing about being a CA; that somebody trusts it says it.
fn not_ca(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let silent_root = link.place == Place::Anchor && link.certificate.version() < 3;
        let issues = link.place != Place::EndEntity && !silent_root;
        (issues && !link.certificate.is_ca()).then(|| "issued a certificate, but is no CA".to_owned())
    })
}

fn path_len(case: &ChainCase<'_>) -> Outcome {
    let links = case.links();
    let below = |link: &Link<'_>| {
        links
            .iter()
            .take_while(|other| other.certificate != link.certificate)
            .filter(|other| other.place != Place::EndEntity && !other.certificate.is_self_issued())
            .count()
    };
    each(case, |link| {
        let constraints = link.certificate.extensions().basic_constraints.as_ref()?.value.as_ref().ok()?;
        let (allowed, found) = (usize::try_from(constraints.path_len?).ok()?, below(link));
        let issues = link.place != Place::EndEntity;
        (issues && found > allowed).then(|| format!("allows {allowed} CAs below itself, found {found}"))
    })
}

fn version(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let version = link.certificate.version();
        (link.place != Place::Anchor && version != 3).then(|| format!("is version {version}, expected 3"))
    })
}

fn serial(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| match link.certificate.serial_octets() {
        [first, ..] if *first >= 0x80 => Some("has a negative serial number".to_owned()),
        [0] => Some("has the serial number 0".to_owned()),
        octets if octets.len() > 20 => {
            Some(format!("has a serial number of {} octets, expected at most 20", octets.len()))
        }
        _ => None,
    })
}

fn critical(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let critical = link.certificate.extensions().critical();
        let unknown: Vec<_> =
            critical.filter(|oid| !PROCESSED.contains(oid)).map(|oid| oid.to_string()).collect();
        let trusted = link.place == Place::Anchor && !case.judges_anchors();
        (!trusted && !unknown.is_empty()).then(|| {
            format!("has the critical extension {}, which not every TLS client processes", unknown.join(", "))
        })
    })
}

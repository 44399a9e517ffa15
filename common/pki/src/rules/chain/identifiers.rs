//! Rules about key identifiers, by which clients find their way among certificates of one name.

use super::links::each;
use crate::chain::{authority_key_id, key_identifiers_differ, subject_key_id};
use crate::oid::{self, ObjectIdentifier};
use crate::rules::case::{ChainCase, Place};
use crate::rules::rule::{Check, Outcome, Rule, Severity};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "identifier.authority_absent",
        severity: Severity::Error,
        title: "every certificate that is not self-signed has authorityKeyIdentifier",
        citation: "RFC 5280 section 4.2.1.1",
        why: "where a CA has several keys, a client cannot tell which one signed without trying them all",
        fix: "have the certificate issued again with authorityKeyIdentifier",
        turns_clients_away: false,
        check: Check::Chain(authority_absent),
    },
    Rule {
        id: "identifier.subject_absent",
        severity: Severity::Error,
        title: "every CA has subjectKeyIdentifier",
        citation: "RFC 5280 section 4.2.1.2",
        why: "what the certificates below name as their issuer's key cannot be looked up",
        fix: "have the CA's certificate issued again with subjectKeyIdentifier",
        turns_clients_away: false,
        check: Check::Chain(subject_absent),
    },
    Rule {
        id: "identifier.mismatch",
        severity: Severity::Error,
        title: "authorityKeyIdentifier is the issuer's subjectKeyIdentifier",
        citation: "RFC 5280 section 4.2.1.1",
        why: "clients that choose the issuer by this identifier find none",
        fix: "have the certificate issued again with the identifier of the key that signs it",
        turns_clients_away: false,
        check: Check::Chain(mismatch),
    },
    Rule {
        id: "identifier.critical",
        severity: Severity::Error,
        title: "neither key identifier nor authorityInfoAccess is critical",
        citation: "RFC 5280 sections 4.2.1.1, 4.2.1.2 and 4.2.2.1",
        why: "clients that do not process the extension must refuse the certificate",
        fix: "have the certificate issued again with the extension not critical",
        turns_clients_away: false,
        check: Check::Chain(critical),
    },
    Rule {
        id: "identifier.certificate",
        severity: Severity::Error,
        title: "authorityKeyIdentifier of a self-signed root is its key identifier alone",
        citation: "CA/B BR 7.1.2.1.3",
        why: "a root that names its issuer's certificate binds itself to one certificate of its own key",
        fix: "leave authorityCertIssuer and authorityCertSerialNumber out of the root",
        turns_clients_away: false,
        check: Check::Chain(certificate),
    },
];

const NEVER_CRITICAL: [ObjectIdentifier; 3] =
    [oid::AUTHORITY_KEY_ID, oid::SUBJECT_KEY_ID, oid::INFORMATION_ACCESS];

fn authority_absent(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let absent = link.certificate.extensions().authority_key_id.is_none();
        (absent && !link.certificate.is_self_signed()).then(|| "has no authorityKeyIdentifier".to_owned())
    })
}

/// A version 1 root has no extensions at all.
fn subject_absent(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let old = link.certificate.version() < 3;
        let absent = link.certificate.extensions().subject_key_id.is_none();
        (link.place != Place::EndEntity && absent && !old)
            .then(|| "is a CA without subjectKeyIdentifier".to_owned())
    })
}

fn mismatch(case: &ChainCase<'_>) -> Outcome {
    let links = case.links();
    each(case, |link| {
        let above = links.iter().skip_while(|other| other.certificate != link.certificate).nth(1);
        let differs = above.is_some_and(|above| key_identifiers_differ(above.certificate, link.certificate));
        differs.then(|| "names another key in authorityKeyIdentifier than the one that signed it".to_owned())
    })
}

fn critical(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let critical = link.certificate.extensions().critical();
        let found: Vec<_> =
            critical.filter(|oid| NEVER_CRITICAL.contains(oid)).map(|oid| oid.to_string()).collect();
        (!found.is_empty()).then(|| format!("marks {} as critical", found.join(", ")))
    })
}

fn certificate(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let (found, extensions) = (link.certificate, link.certificate.extensions());
        if !found.is_self_signed() || extensions.authority_key_id.is_none() {
            return None;
        }
        let key = authority_key_id(found);
        match (key, extensions.authority_certificate) {
            (Some(_), true) => Some("names its issuer's certificate in authorityKeyIdentifier".to_owned()),
            (None, _) => Some("has authorityKeyIdentifier without a key identifier".to_owned()),
            (Some(key), false) if subject_key_id(found).is_some_and(|own| own != key) => {
                Some("names another key as its issuer's than its own".to_owned())
            }
            (Some(_), false) => None,
        }
    })
}

//! Whether extensions can be read, and what the key is for.

use crate::extensions::{Found, KeyUsage};
use crate::oid;
use crate::rules::case::{ExtensionsCase, Holder};
use crate::rules::rule::{Check, Evidence, Outcome, Rule, Severity};
use std::borrow::Borrow;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "extension.duplicate",
        severity: Severity::Error,
        title: "no extension occurs twice",
        citation: "RFC 5280 section 4.2",
        why: "of two extensions of a kind one program reads the first and another the last: what is approved is not what is used",
        fix: "have the document made again with each extension once",
        turns_clients_away: false,
        check: Check::Extensions(duplicate),
    },
    Rule {
        id: "extension.unreadable",
        severity: Severity::Error,
        title: "the extensions that matter to TLS can be read",
        citation: "RFC 5280 section 4.2.1",
        why: "what cannot be read cannot be approved; another program may read something into it",
        fix: "have the document made again with extensions as the standard encodes them",
        turns_clients_away: false,
        check: Check::Extensions(unreadable),
    },
    Rule {
        id: "usage.key_usage",
        severity: Severity::Error,
        title: "keyUsage, where present, has digitalSignature, which TLS 1.3 and ECDHE need; for an issuer keyCertSign",
        citation: "RFC 8446 section 4.4.2.2; RFC 5280 sections 4.2.1.3 and 6.1.4 (n)",
        why: "a TLS 1.3 server signs the handshake; without digitalSignature clients break it off",
        fix: "have the CA issue it with keyUsage digitalSignature (an issuer: keyCertSign)",
        turns_clients_away: false,
        check: Check::Extensions(key_usage),
    },
    Rule {
        id: "usage.cert_sign",
        severity: Severity::Error,
        title: "only a CA has keyUsage keyCertSign",
        citation: "RFC 5280 sections 4.2.1.3 and 4.2.1.9",
        why: "keyCertSign is the right to issue certificates, which a server never needs",
        fix: "have the document made again without keyCertSign",
        turns_clients_away: false,
        check: Check::Extensions(cert_sign),
    },
    Rule {
        id: "usage.extended",
        severity: Severity::Error,
        title: "extendedKeyUsage, where present, has serverAuth",
        citation: "RFC 5280 section 4.2.1.12; CA/B BR 7.1.2.7.10",
        why: "clients refuse a server whose certificate names purposes but not serverAuth",
        fix: "have the CA use its TLS server profile",
        turns_clients_away: false,
        check: Check::Extensions(extended),
    },
    Rule {
        id: "usage.extended_absent",
        severity: Severity::Info,
        title: "extendedKeyUsage is present",
        citation: "RFC 5280 section 4.2.1.12: without it the key serves any purpose; CA/B BR 7.1.2.7.10",
        why: "a key good for any purpose can be misused for one nobody thought of",
        fix: "nothing needs to be done; a CA profile for TLS servers would add serverAuth",
        turns_clients_away: false,
        check: Check::Extensions(extended_absent),
    },
];

fn duplicate(case: &ExtensionsCase<'_>) -> Outcome {
    Outcome::of(
        case.extensions
            .duplicates()
            .iter()
            .map(|oid| Evidence::new(format!("extension {oid} occurs more than once"))),
    )
}

fn unreadable(case: &ExtensionsCase<'_>) -> Outcome {
    let found = case.extensions;
    let faults = [
        ("basicConstraints", fault(found.basic_constraints.as_ref())),
        ("keyUsage", fault(found.key_usage.as_ref())),
        ("extendedKeyUsage", fault(found.extended_key_usage.as_ref())),
        ("subjectAltName", fault(found.subject_alt_name.as_ref())),
        ("subjectKeyIdentifier", fault(found.subject_key_id.as_ref())),
        ("authorityKeyIdentifier", fault(found.authority_key_id.as_ref())),
    ];
    Outcome::of(faults.into_iter().filter_map(|(name, fault)| {
        fault.map(|why| Evidence::new(format!("{name} cannot be read: {}", common::Untrusted::new(why))))
    }))
}

fn fault<T>(found: Option<&Found<T>>) -> Option<&str> {
    found.and_then(|found| found.value.as_ref().err()).map(String::as_str)
}

fn key_usage(case: &ExtensionsCase<'_>) -> Outcome {
    let (bit, name) = match case.holder {
        Holder::Request | Holder::EndEntity => (KeyUsage::DIGITAL_SIGNATURE, "digitalSignature"),
        Holder::Issuer => (KeyUsage::KEY_CERT_SIGN, "keyCertSign"),
    };
    match case.extensions.key_usage.as_ref().map(|found| &found.value) {
        None => Outcome::DoesNotApply,
        Some(Err(_)) => Outcome::CouldNotJudge("keyUsage cannot be read".to_owned()),
        Some(Ok(usage)) if usage.has(bit) => Outcome::Pass,
        Some(Ok(usage)) => Outcome::Fail(vec![Evidence::new(format!(
            "keyUsage is {}, expected {name} among them",
            list(&usage.names())
        ))]),
    }
}

/// A CA where a server should be is `csr.ca` or `end_entity.ca`; here it is no CA and wants to sign.
fn cert_sign(case: &ExtensionsCase<'_>) -> Outcome {
    let constraints = case.extensions.basic_constraints.as_ref().map(|found| &found.value);
    let ca = matches!(constraints, Some(Ok(constraints)) if constraints.ca);
    match case.extensions.key_usage.as_ref().map(|found| &found.value) {
        Some(Ok(usage)) if case.holder != Holder::Issuer && !ca => {
            Outcome::of(usage.has(KeyUsage::KEY_CERT_SIGN).then(|| {
                Evidence::new("keyUsage has keyCertSign, but basicConstraints does not say CA:TRUE")
            }))
        }
        Some(Ok(_)) | None => Outcome::DoesNotApply,
        Some(Err(_)) => Outcome::CouldNotJudge("keyUsage cannot be read".to_owned()),
    }
}

/// anyExtendedKeyUsage is none: a purpose-bound verifier such as webpki does not take it for serverAuth.
fn extended(case: &ExtensionsCase<'_>) -> Outcome {
    match case.extensions.extended_key_usage.as_ref().map(|found| &found.value) {
        None => Outcome::DoesNotApply,
        Some(Err(_)) => Outcome::CouldNotJudge("extendedKeyUsage cannot be read".to_owned()),
        Some(Ok(purposes)) if purposes.contains(&oid::SERVER_AUTH) => Outcome::Pass,
        Some(Ok(purposes)) => {
            let found: Vec<_> = purposes.iter().map(|purpose| oid::name(*purpose)).collect();
            Outcome::Fail(vec![Evidence::new(format!(
                "extendedKeyUsage is {}, expected serverAuth among them",
                list(&found)
            ))])
        }
    }
}

fn extended_absent(case: &ExtensionsCase<'_>) -> Outcome {
    if case.holder != Holder::EndEntity {
        return Outcome::DoesNotApply;
    }
    let absent = case.extensions.extended_key_usage.is_none();
    Outcome::of(absent.then(|| Evidence::new("extendedKeyUsage is absent, which allows every purpose")))
}

/// The first few; a document may hold a hundred thousand.
fn list(words: &[impl Borrow<str>]) -> String {
    const SHOWN: usize = 10;
    match words.split_at_checked(SHOWN) {
        _ if words.is_empty() => "empty".to_owned(),
        Some((first, rest)) if !rest.is_empty() => format!("{} and {} more", first.join(", "), rest.len()),
        Some(_) | None => words.join(", "),
    }
}

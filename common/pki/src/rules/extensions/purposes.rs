//! Purposes a server does not need, and usages that do not go with its purposes.

use crate::extensions::KeyUsage;
use crate::oid::{self, ObjectIdentifier};
use crate::rules::case::{ExtensionsCase, Holder};
use crate::rules::rule::{Check, Evidence, Outcome, Rule, Severity};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "usage.any_purpose",
        severity: Severity::Warning,
        title: "extendedKeyUsage has no anyExtendedKeyUsage",
        citation: "RFC 5280 section 4.2.1.12; CA/B BR 7.1.2.7.10",
        why: "a key good for any purpose can sign code or mail as well",
        fix: "ask for serverAuth alone",
        turns_clients_away: false,
        check: Check::Extensions(any_purpose),
    },
    Rule {
        id: "usage.client_auth",
        severity: Severity::Warning,
        title: "extendedKeyUsage has no clientAuth",
        citation: "CA/B BR 7.1.2.7.10; Chrome Root Program Policy 1.6: hierarchies for TLS servers only, from 2026-06-15",
        why: "public CAs stop issuing it: the request will be refused, or the purpose dropped",
        fix: "ask for serverAuth alone, and a private CA for client certificates",
        turns_clients_away: false,
        check: Check::Extensions(client_auth),
    },
    Rule {
        id: "usage.other_purpose",
        severity: Severity::Error,
        title: "extendedKeyUsage has serverAuth and clientAuth only",
        citation: "CA/B BR 7.1.2.7.10",
        why: "a TLS server's key must not sign code, mail or timestamps",
        fix: "ask for serverAuth alone",
        turns_clients_away: false,
        check: Check::Extensions(other_purpose),
    },
    Rule {
        id: "usage.inconsistent",
        severity: Severity::Warning,
        title: "every purpose has a keyUsage that serves it",
        citation: "RFC 5280 section 4.2.1.12: with both extensions, the key is for what both allow",
        why: "the purpose is granted and cannot be used",
        fix: "ask for digitalSignature, which serves every purpose of TLS",
        turns_clients_away: false,
        check: Check::Extensions(inconsistent),
    },
];

/// The requested purposes; of an issuer's certificate they are a constraint, which is another matter.
fn purposes<'a>(case: &ExtensionsCase<'a>) -> &'a [ObjectIdentifier] {
    match case.extensions.extended_key_usage.as_ref().map(|found| &found.value) {
        Some(Ok(purposes)) if case.holder != Holder::Issuer => purposes,
        Some(Ok(_) | Err(_)) | None => &[],
    }
}

fn among(case: &ExtensionsCase<'_>, is_faulty: impl Fn(ObjectIdentifier) -> bool) -> Outcome {
    let purposes = purposes(case);
    if purposes.is_empty() {
        return Outcome::DoesNotApply;
    }
    Outcome::of(
        purposes
            .iter()
            .filter(|purpose| is_faulty(**purpose))
            .map(|purpose| Evidence::new(format!("extendedKeyUsage has {}", oid::name(*purpose)))),
    )
}

fn any_purpose(case: &ExtensionsCase<'_>) -> Outcome {
    among(case, |purpose| purpose == oid::ANY_PURPOSE)
}

fn client_auth(case: &ExtensionsCase<'_>) -> Outcome {
    among(case, |purpose| purpose == oid::CLIENT_AUTH)
}

fn other_purpose(case: &ExtensionsCase<'_>) -> Outcome {
    among(case, |purpose| ![oid::ANY_PURPOSE, oid::SERVER_AUTH, oid::CLIENT_AUTH].contains(&purpose))
}

/// The bits of which a purpose needs one; what serverAuth needs is `usage.key_usage`
/// ([RFC 5280 §4.2.1.12](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.12)).
const fn serving(purpose: ObjectIdentifier) -> Option<&'static [u16]> {
    const NON_REPUDIATION: u16 = 1 << 1;
    const CLIENT: &[u16] = &[KeyUsage::DIGITAL_SIGNATURE, KeyUsage::KEY_AGREEMENT];
    const CODE: &[u16] = &[KeyUsage::DIGITAL_SIGNATURE];
    const MAIL: &[u16] =
        &[KeyUsage::DIGITAL_SIGNATURE, NON_REPUDIATION, KeyUsage::KEY_ENCIPHERMENT, KeyUsage::KEY_AGREEMENT];
    const STAMP: &[u16] = &[KeyUsage::DIGITAL_SIGNATURE, NON_REPUDIATION];
    match purpose {
        oid::CLIENT_AUTH => Some(CLIENT),
        oid::CODE_SIGNING => Some(CODE),
        oid::EMAIL_PROTECTION => Some(MAIL),
        oid::TIME_STAMPING | oid::OCSP_SIGNING => Some(STAMP),
        _ => None,
    }
}

fn inconsistent(case: &ExtensionsCase<'_>) -> Outcome {
    let Some(Ok(usage)) = case.extensions.key_usage.as_ref().map(|found| &found.value) else {
        return Outcome::DoesNotApply;
    };
    let served = |purpose| serving(purpose).is_none_or(|bits| bits.iter().any(|bit| usage.has(*bit)));
    let purposes = purposes(case);
    Outcome::of(
        purposes
            .iter()
            .filter(|purpose| !served(**purpose))
            .map(|purpose| Evidence::new(format!("no keyUsage serves {}", oid::name(*purpose)))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_needs_one_of_its_usages() {
        for (purpose, bits) in [
            (oid::CLIENT_AUTH, Some(&[0, 4][..])),
            (oid::CODE_SIGNING, Some(&[0])),
            (oid::EMAIL_PROTECTION, Some(&[0, 1, 2, 4])),
            (oid::TIME_STAMPING, Some(&[0, 1])),
            (oid::OCSP_SIGNING, Some(&[0, 1])),
            (ObjectIdentifier::new_unwrap("1.2.3"), None),
        ] {
            let expected = bits.map(|bits| bits.iter().map(|bit| 1 << bit).collect::<Vec<u16>>());
            assert_eq!(serving(purpose).map(<[u16]>::to_vec), expected, "{purpose}");
        }
    }
}

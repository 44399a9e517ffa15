//! Rules about what certification path validation (webpki) said, for all that no other rule said before.

use super::case::PathCase;
use super::rule::{Check, Evidence, Outcome, Rule, Severity};
use crate::path::PathError;

/// Rules about path validation.
pub(crate) static RULES: &[Rule] = &[
    Rule {
        id: "path.name_constraints",
        severity: Severity::Error,
        title: "the names are within the name constraints of every issuer",
        citation: "RFC 5280 sections 4.2.1.10 and 6.1.3 (b) and (c)",
        why: "the CA above was forbidden to certify such names, and clients keep to it",
        fix: "have the request signed by a CA that may issue for these names",
        turns_clients_away: false,
        check: Check::Path(name_constraints),
    },
    Rule {
        id: "signature.unsupported",
        severity: Severity::Error,
        title: "every signature on the path is of a kind that TLS clients verify",
        citation: "RFC 8446 section 4.2.3; RFC 5280 section 6.1.3 (a) (1)",
        why: "clients cannot verify the path",
        fix: "have the CA sign with RSA or ECDSA over SHA-256, SHA-384 or SHA-512",
        turns_clients_away: false,
        check: Check::Path(unsupported),
    },
    Rule {
        id: "path.invalid",
        severity: Severity::Error,
        title: "the certification path is valid",
        citation: "RFC 5280 section 6.1",
        why: "clients that validate by RFC 5280 refuse the chain",
        fix: "send this message and the chain to the CA",
        turns_clients_away: false,
        check: Check::Path(invalid),
    },
];

fn name_constraints(case: &PathCase<'_>) -> Outcome {
    Outcome::of(case.error.and_then(|error| match error {
        PathError::NameConstraints(violation) => Some(Evidence::new(violation)),
        PathError::Webpki(webpki::Error::NameConstraintViolation) => {
            Some(Evidence::new("a name of the end entity is outside the name constraints of an issuer"))
        }
        PathError::Webpki(_)
        | PathError::NoPath
        | PathError::Signature(_)
        | PathError::UnsupportedSignature { .. } => None,
    }))
}

/// What is to be said about a signature that is not of a kind verified here.
fn unverifiable(error: &PathError) -> Option<String> {
    match error {
        PathError::UnsupportedSignature { what, .. } => Some(what.clone()),
        PathError::Webpki(
            webpki::Error::UnsupportedSignatureAlgorithmContext(_)
            | webpki::Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_),
        ) => Some(error.to_string()),
        PathError::Webpki(_)
        | PathError::NoPath
        | PathError::Signature(_)
        | PathError::NameConstraints(_) => None,
    }
}

fn unsupported(case: &PathCase<'_>) -> Outcome {
    Outcome::of(unexplained(case).and_then(|error| {
        let detail = unverifiable(error)?;
        let number = match error {
            PathError::UnsupportedSignature { number, .. } => *number,
            PathError::Webpki(_)
            | PathError::NoPath
            | PathError::Signature(_)
            | PathError::NameConstraints(_) => None,
        };
        Some(Evidence::new("a signature on the path cannot be verified").about(number).detail(vec![detail]))
    }))
}

fn invalid(case: &PathCase<'_>) -> Outcome {
    let mine = |error: &&PathError| {
        !matches!(
            error,
            PathError::NameConstraints(_) | PathError::Webpki(webpki::Error::NameConstraintViolation)
        ) && unverifiable(error).is_none()
    };
    Outcome::of(unexplained(case).filter(mine).map(|error| Evidence::new(error.to_string())))
}

fn unexplained<'a>(case: &PathCase<'a>) -> Option<&'a PathError> {
    case.error.filter(|error| !explanations(error).iter().any(|rule| case.explained.contains(rule)))
}

/// Why no way can be found, said better.
const NO_PATH: &[&str] = &[
    "end_entity.self_signed",
    "chain.missing_issuer",
    "chain.no_issuer",
    "signature.invalid",
    "anchor.unknown",
];

fn explanations(error: &PathError) -> &'static [&'static str] {
    match error {
        PathError::Webpki(error) => explanations_of_webpki(error),
        PathError::NoPath => NO_PATH,
        PathError::UnsupportedSignature { .. } => {
            &["signature.hash", "key.type", "key.rsa_size", "key.exponent"]
        }
        PathError::Signature(_) | PathError::NameConstraints(_) => &[],
    }
}

/// The rules of ours that say the same as an error of webpki, better.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum is open: what has no explanation here, now or in a later release, is always told"
)]
fn explanations_of_webpki(error: &webpki::Error) -> &'static [&'static str] {
    match error {
        webpki::Error::CertExpired { .. } => &["validity.expired"],
        webpki::Error::CertNotValidYet { .. } => &["validity.not_yet"],
        webpki::Error::InvalidCertValidity => &["validity.inverted"],
        webpki::Error::CertNotValidForName(_) => &["san.missing", "spki.mismatch", "san.no_primary"],
        webpki::Error::CaUsedAsEndEntity => &["end_entity.ca"],
        webpki::Error::EndEntityUsedAsCa => &["issuer.not_ca"],
        webpki::Error::PathLenConstraintViolated => &["issuer.path_len"],
        webpki::Error::RequiredEkuNotFoundContext(_) | webpki::Error::EmptyEkuExtension => {
            &["usage.extended", "extension.unreadable"]
        }
        webpki::Error::UnsupportedCertVersion => &["certificate.version"],
        webpki::Error::UnsupportedCriticalExtension => &["extension.critical"],
        webpki::Error::ExtensionValueInvalid | webpki::Error::MalformedExtensions => {
            &["extension.duplicate", "extension.unreadable"]
        }
        webpki::Error::BadDer => &["extension.unreadable", "validity.inverted"],
        webpki::Error::UnknownIssuer => NO_PATH,
        webpki::Error::UnsupportedSignatureAlgorithmContext(_)
        | webpki::Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            &["signature.hash", "key.type", "key.rsa_size", "key.exponent"]
        }
        webpki::Error::InvalidSignatureForPublicKey => &["key.rsa_size", "key.exponent", "key.weak"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_webpki_says_is_explained_by_rules_that_exist() {
        use crate::rules::catalogue;
        let time = rustls::pki_types::UnixTime::since_unix_epoch(std::time::Duration::ZERO);
        for (error, rule) in [
            (webpki::Error::CertExpired { time, not_after: time }, "validity.expired"),
            (webpki::Error::CertNotValidYet { time, not_before: time }, "validity.not_yet"),
            (webpki::Error::InvalidCertValidity, "validity.inverted"),
            (webpki::Error::CaUsedAsEndEntity, "end_entity.ca"),
            (webpki::Error::EndEntityUsedAsCa, "issuer.not_ca"),
            (webpki::Error::PathLenConstraintViolated, "issuer.path_len"),
            (webpki::Error::EmptyEkuExtension, "usage.extended"),
            (webpki::Error::UnsupportedCertVersion, "certificate.version"),
            (webpki::Error::UnsupportedCriticalExtension, "extension.critical"),
            (webpki::Error::ExtensionValueInvalid, "extension.duplicate"),
            (webpki::Error::BadDer, "extension.unreadable"),
            (webpki::Error::UnknownIssuer, "end_entity.self_signed"),
            (webpki::Error::InvalidSignatureForPublicKey, "key.rsa_size"),
        ] {
            let explanations = explanations_of_webpki(&error);
            assert_eq!(explanations.first(), Some(&rule), "{error:?}");
            for id in explanations {
                assert!(catalogue().any(|rule| rule.id == *id), "{id}");
            }
        }
        assert_eq!(explanations_of_webpki(&webpki::Error::NameConstraintViolation), [""; 0]);
    }
}

//! Rules about what certification path validation (webpki) said, for all that no other rule said before.

use super::{Check, Evidence, Outcome, Rule, Severity};

/// The answer of path validation when it was no.
pub type PathError = webpki::Error;

/// What path validation said, and what was found without it.
#[derive(Clone, Copy, Debug)]
pub struct PathCase<'a> {
    /// The error; `None` when the path is valid.
    pub error: Option<&'a PathError>,
    /// Ids of the error rules already violated: webpki names no certificate and stops at its first
    /// fault, so our own diagnosis comes first and is not repeated.
    pub explained: &'a [&'static str],
}

/// Rules about path validation.
pub static RULES: &[Rule] = &[
    Rule {
        id: "path.name_constraints",
        severity: Severity::Error,
        title: "the names are within the name constraints of every issuer",
        citation: "RFC 5280 sections 4.2.1.10 and 6.1.3 (b) and (c)",
        why: "the CA above was forbidden to certify such names, and clients keep to it",
        fix: "have the request signed by a CA that may issue for these names",
        check: Check::Path(name_constraints),
    },
    Rule {
        id: "signature.unsupported",
        severity: Severity::Error,
        title: "every signature on the path is of a kind that TLS clients verify",
        citation: "RFC 8446 section 4.2.3; RFC 5280 section 6.1.3 (a) (1)",
        why: "clients cannot verify the path",
        fix: "have the CA sign with RSA or ECDSA over SHA-256, SHA-384 or SHA-512",
        check: Check::Path(unsupported),
    },
    Rule {
        id: "path.invalid",
        severity: Severity::Error,
        title: "the certification path is valid",
        citation: "RFC 5280 section 6.1",
        why: "clients that validate by RFC 5280 refuse the chain",
        fix: "send this message and the chain to the CA",
        check: Check::Path(invalid),
    },
];

fn name_constraints(case: &PathCase<'_>) -> Outcome {
    let violated = matches!(case.error, Some(webpki::Error::NameConstraintViolation));
    Outcome::of(
        violated
            .then(|| Evidence::new("a name of the end entity is outside the name constraints of an issuer")),
    )
}

const fn is_unsupported(error: &PathError) -> bool {
    matches!(
        error,
        webpki::Error::UnsupportedSignatureAlgorithmContext(_)
            | webpki::Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
    )
}

fn unsupported(case: &PathCase<'_>) -> Outcome {
    let error = case.error.filter(|error| is_unsupported(error));
    Outcome::of(unexplained(case, error).map(|error| {
        Evidence::new("a signature on the path cannot be verified").detail(vec![format!("webpki: {error:?}")])
    }))
}

fn invalid(case: &PathCase<'_>) -> Outcome {
    let mine = |error: &PathError| {
        !is_unsupported(error) && !matches!(error, webpki::Error::NameConstraintViolation)
    };
    let error = case.error.filter(|error| mine(error));
    Outcome::of(
        unexplained(case, error).map(|error| Evidence::new(format!("path validation failed: {error:?}"))),
    )
}

fn unexplained<'a>(case: &PathCase<'_>, error: Option<&'a PathError>) -> Option<&'a PathError> {
    error.filter(|error| !explanations(error).iter().any(|rule| case.explained.contains(rule)))
}

/// The rules of ours that say the same as an error of webpki, better.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum is open: what has no explanation here, now or in a later release, is always told"
)]
fn explanations(error: &PathError) -> &'static [&'static str] {
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
        webpki::Error::UnknownIssuer => &[
            "end_entity.self_signed",
            "chain.missing_issuer",
            "chain.no_issuer",
            "signature.invalid",
            "anchor.unknown",
        ],
        webpki::Error::UnsupportedSignatureAlgorithmContext(_)
        | webpki::Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            &["signature.hash", "key.type", "key.rsa_size", "key.exponent"]
        }
        webpki::Error::InvalidSignatureForPublicKey => &["key.rsa_size", "key.exponent", "key.weak"],
        _ => &[],
    }
}

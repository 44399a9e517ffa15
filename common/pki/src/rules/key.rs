//! Rules about a public key: of a request, of the end entity, of every issuer on the path.

use super::case::KeyCase;
use super::rule::{Check, Evidence, Outcome, Rule, Severity};
use crate::second_opinion::KeyFault;
use crate::spki::{PublicKeyKind, Spki};
use common::Role;

/// Rules about keys.
pub(crate) static RULES: &[Rule] = &[
    Rule {
        id: "key.type",
        severity: Severity::Error,
        title: "the key is RSA or on one of the curves P-256, P-384, P-521",
        citation: "product guide; CA/B BR 6.1.5",
        why: "TLS clients and the appliance handle these types; another one would be issued and then not work",
        fix: "use one of the six key types RSA2048, RSA3072, RSA4096, NISTP256, NISTP384, NISTP521",
        turns_clients_away: false,
        check: Check::Key(key_type),
    },
    Rule {
        id: "key.ec_parameters",
        severity: Severity::Error,
        title: "an elliptic curve is named, not described by its parameters",
        citation: "RFC 5480 section 2.1.1: specifiedCurve MUST NOT be used; CVE-2020-0601",
        why: "who chooses the parameters can choose them so that a signature of their own fits another's key",
        fix: "make a new key on a named curve, for instance with openssl ecparam -param_enc named_curve",
        turns_clients_away: false,
        check: Check::Key(ec_parameters),
    },
    Rule {
        id: "key.rsa_size",
        severity: Severity::Error,
        title: "an RSA key has 2048, 3072 or 4096 bits; a CA's key 2048 to 8192",
        citation: "product guide; CA/B BR 6.1.5; NIST SP 800-131A Rev. 2, section 3",
        why: "below 2048 bits RSA gives less than 112 bits of security; odd sizes are refused by devices and slow others down",
        fix: "use a key of 2048, 3072 or 4096 bits, for a CA of at most 8192",
        turns_clients_away: false,
        check: Check::Key(rsa_size),
    },
    Rule {
        id: "key.exponent",
        severity: Severity::Error,
        title: "an RSA public exponent is odd, at least 65537 and below 2^256",
        citation: "NIST FIPS 186-5, A.1.1; CA/B BR 6.1.6",
        why: "small exponents turn careless padding into forged signatures; huge ones make every handshake expensive",
        fix: "make a new key; every current tool uses the exponent 65537",
        turns_clients_away: false,
        check: Check::Key(exponent),
    },
    Rule {
        id: "key.weak",
        severity: Severity::Error,
        title: "the public key shows no fault that gives the private key away",
        citation: "CA/B BR 4.9.1.1 and 6.1.1.3: ROCA (CVE-2017-15361), close primes (CVE-2022-26320), invalid points",
        why: "such a key can be factored or its owner impersonated with public data alone",
        fix: "make a new key with another tool or device",
        turns_clients_away: false,
        check: Check::Key(weak),
    },
    Rule {
        id: "key.p521",
        severity: Severity::Warning,
        title: "the key is not on P-521",
        citation: "CA/B BR 7.1.3.1.2 allows it; BoringSSL clients (Chromium, Android) do not offer ecdsa_secp521r1_sha512 (RFC 8446 4.2.3)",
        why: "browsers built on BoringSSL cannot connect to a server with such a key",
        fix: "use NISTP384 or NISTP256 unless every client is known to accept P-521",
        turns_clients_away: true,
        check: Check::Key(p521),
    },
    Rule {
        id: "key.p521_ui",
        severity: Severity::Warning,
        title: "no key in the chain of the UI is on P-521",
        citation: "product guide; Chromium-family browsers do not offer ecdsa_secp521r1_sha512 (RFC 8446 4.2.3): the UI will not load",
        why: "the users of the UI are browsers, and most of them cannot connect to a server with such a key",
        fix: "use another key type for Assets, and have it signed by CAs whose keys are not on P-521",
        turns_clients_away: true,
        check: Check::Key(p521_ui),
    },
];

fn ec_parameters(case: &KeyCase<'_>) -> Outcome {
    match case.spki {
        Some(spki) if spki.has_explicit_curve() => Outcome::Fail(vec![Evidence::new(
            "the curve is given by explicit parameters, expected a named curve",
        )]),
        Some(_) | None => Outcome::DoesNotApply,
    }
}

fn key_type(case: &KeyCase<'_>) -> Outcome {
    if case.spki.is_some_and(Spki::has_explicit_curve) {
        return Outcome::DoesNotApply;
    }
    match &case.kind {
        PublicKeyKind::Rsa { .. } | PublicKeyKind::P256 | PublicKeyKind::P384 | PublicKeyKind::P521 => {
            Outcome::Pass
        }
        kind @ (PublicKeyKind::Ed25519 | PublicKeyKind::Other(_)) => Outcome::Fail(vec![Evidence::new(
            format!("the key is {}, expected RSA, P-256, P-384 or P-521", kind),
        )]),
    }
}

fn rsa_size(case: &KeyCase<'_>) -> Outcome {
    let PublicKeyKind::Rsa { bits } = case.kind else {
        return Outcome::DoesNotApply;
    };
    match (case.ca, bits) {
        (true, 2048..=8192) | (false, 2048 | 3072 | 4096) => Outcome::Pass,
        (true, _) => Outcome::Fail(vec![Evidence::new(format!(
            "the CA's RSA key has {bits} bits, expected 2048 to 8192"
        ))]),
        (false, _) => Outcome::Fail(vec![Evidence::new(format!(
            "the RSA key has {bits} bits, expected 2048, 3072 or 4096"
        ))]),
    }
}

fn exponent(case: &KeyCase<'_>) -> Outcome {
    let PublicKeyKind::Rsa { .. } = case.kind else {
        return Outcome::DoesNotApply;
    };
    faults(case, is_exponent)
}

fn weak(case: &KeyCase<'_>) -> Outcome {
    // A modulus that is too large to be looked at is `key.rsa_size` already.
    faults(case, |fault| !is_exponent(fault) && !matches!(fault, KeyFault::ModulusTooLarge(_)))
}

const fn is_exponent(fault: &KeyFault) -> bool {
    matches!(fault, KeyFault::Exponent(_))
}

fn faults(case: &KeyCase<'_>, mine: fn(&KeyFault) -> bool) -> Outcome {
    if case.spki.is_none() {
        return Outcome::DoesNotApply;
    }
    Outcome::of(
        case.faults().iter().filter(|fault| mine(fault)).map(|fault| Evidence::new(fault.to_string())),
    )
}

fn p521(case: &KeyCase<'_>) -> Outcome {
    match case.role {
        Some(Role::Assets) => Outcome::DoesNotApply,
        Some(Role::Main) | None => on_p521(case, "the key is on P-521, which not every client accepts"),
    }
}

fn p521_ui(case: &KeyCase<'_>) -> Outcome {
    match case.role {
        Some(Role::Assets) => on_p521(
            case,
            "the key is on P-521, which Chromium-family browsers refuse: the UI will not load in them",
        ),
        Some(Role::Main) | None => Outcome::DoesNotApply,
    }
}

fn on_p521(case: &KeyCase<'_>, text: &str) -> Outcome {
    Outcome::of((case.kind == PublicKeyKind::P521).then(|| Evidence::new(text)))
}

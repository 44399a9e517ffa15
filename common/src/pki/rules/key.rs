//! Rules about a public key: of a request, of the end entity, of every issuer on the path.

use super::{Check, Evidence, Finding, Outcome, Report, Rule, Severity};
use crate::Role;
use crate::pki::key::KeyAlgorithm;
use crate::pki::second_opinion::{self, KeyFault};
use crate::pki::spki::{PublicKeyKind, Spki};

/// A public key and how it is used.
#[derive(Clone, Debug)]
pub struct KeyCase<'a> {
    /// Its kind.
    pub kind: PublicKeyKind,
    /// The key; `None` before it exists.
    pub spki: Option<&'a Spki>,
    /// Whether it is a CA's key (any RSA size up to 8192 bits is fine there).
    pub ca: bool,
    /// The role it serves, when known.
    pub role: Option<Role>,
}

impl<'a> KeyCase<'a> {
    /// A key that exists.
    pub fn new(spki: &'a Spki, ca: bool, role: Option<Role>) -> Self {
        Self { kind: spki.kind(), spki: Some(spki), ca, role }
    }

    /// A key that somebody intends to make.
    pub const fn planned(algorithm: KeyAlgorithm, role: Role) -> Self {
        let kind = match algorithm {
            KeyAlgorithm::Rsa2048 => PublicKeyKind::Rsa { bits: 2048 },
            KeyAlgorithm::Rsa3072 => PublicKeyKind::Rsa { bits: 3072 },
            KeyAlgorithm::Rsa4096 => PublicKeyKind::Rsa { bits: 4096 },
            KeyAlgorithm::NistP256 => PublicKeyKind::P256,
            KeyAlgorithm::NistP384 => PublicKeyKind::P384,
            KeyAlgorithm::NistP521 => PublicKeyKind::P521,
        };
        Self { kind, spki: None, ca: false, role: Some(role) }
    }
}

/// All findings of the key rules.
pub fn judge(case: &KeyCase<'_>) -> Vec<Finding> {
    let mut report = Report::new(case.role);
    for rule in RULES {
        if let Check::Key(check) = rule.check {
            report.add(rule, rule.severity, None, check(case));
        }
    }
    report.into_findings()
}

/// Rules about keys.
pub static RULES: &[Rule] = &[
    Rule {
        id: "key.type",
        severity: Severity::Error,
        title: "the key is RSA or on one of the curves P-256, P-384, P-521",
        citation: "product guide; CA/B BR 6.1.5",
        fix: "use one of the six key types RSA2048, RSA3072, RSA4096, NISTP256, NISTP384, NISTP521",
        check: Check::Key(key_type),
    },
    Rule {
        id: "key.rsa_size",
        severity: Severity::Error,
        title: "an RSA key has 2048, 3072 or 4096 bits; a CA's key 2048 to 8192",
        citation: "product guide; CA/B BR 6.1.5; NIST SP 800-131A Rev. 2, section 3",
        fix: "use a key of 2048, 3072 or 4096 bits, for a CA of at most 8192",
        check: Check::Key(rsa_size),
    },
    Rule {
        id: "key.exponent",
        severity: Severity::Error,
        title: "an RSA public exponent is odd, at least 65537 and below 2^256",
        citation: "NIST FIPS 186-5, A.1.1; CA/B BR 6.1.6",
        fix: "make a new key; every current tool uses the exponent 65537",
        check: Check::Key(exponent),
    },
    Rule {
        id: "key.weak",
        severity: Severity::Error,
        title: "the public key shows no fault that gives the private key away",
        citation: "CA/B BR 4.9.1.1 and 6.1.1.3: ROCA (CVE-2017-15361), close primes (CVE-2022-26320), invalid points",
        fix: "make a new key with another tool or device",
        check: Check::Key(weak),
    },
    Rule {
        id: "key.p521",
        severity: Severity::Warning,
        title: "the key is not on P-521",
        citation: "CA/B BR 7.1.3.1.2 allows it; BoringSSL clients (Chromium, Android) do not offer ecdsa_secp521r1_sha512 (RFC 8446 4.2.3)",
        fix: "use NISTP384 or NISTP256 unless every client is known to accept P-521",
        check: Check::Key(p521),
    },
    Rule {
        id: "key.p521_ui",
        severity: Severity::Warning,
        title: "no key in the chain of the UI is on P-521",
        citation: "product guide; Chromium-family browsers do not offer ecdsa_secp521r1_sha512 (RFC 8446 4.2.3): the UI will not load",
        fix: "use another key type for Assets, and have it signed by CAs whose keys are not on P-521",
        check: Check::Key(p521_ui),
    },
];

fn key_type(case: &KeyCase<'_>) -> Outcome {
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
    let Some(spki) = case.spki else {
        return Outcome::DoesNotApply;
    };
    let faults = second_opinion::key_faults(spki);
    Outcome::of(faults.iter().filter(|fault| mine(fault)).map(|fault| Evidence::new(fault.to_string())))
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

//! keyUsage against the type of key.

use crate::extensions::KeyUsage;
use crate::rules::case::RequestCase;
use crate::rules::rule::{Check, Evidence, Outcome, Rule, Severity};
use crate::spki::PublicKeyKind;

pub(super) static RULES: &[Rule] = &[Rule {
    id: "usage.for_key",
    severity: Severity::Warning,
    title: "keyUsage asks only for what the type of key can do",
    citation: "RFC 8813 section 3: no keyEncipherment or dataEncipherment on an EC key; RFC 3279 section 2.3.1; RFC 8410 section 5",
    why: "strict clients refuse the certificate, others ignore the bit",
    fix: "ask for digitalSignature, with an RSA key also for keyEncipherment",
    turns_clients_away: false,
    check: Check::Request(for_key),
}];

const DATA_ENCIPHERMENT: u16 = 1 << 3;

fn for_key(case: &RequestCase<'_>) -> Outcome {
    let Some(Ok(usage)) = case.csr.extensions().key_usage.as_ref().map(|found| &found.value) else {
        return Outcome::DoesNotApply;
    };
    let kind = case.csr.spki().kind();
    let wrong: &[(u16, &str)] = match kind {
        PublicKeyKind::Rsa { .. } => &[(KeyUsage::KEY_AGREEMENT, "keyAgreement")],
        PublicKeyKind::P256 | PublicKeyKind::P384 | PublicKeyKind::P521 => {
            &[(KeyUsage::KEY_ENCIPHERMENT, "keyEncipherment"), (DATA_ENCIPHERMENT, "dataEncipherment")]
        }
        PublicKeyKind::Ed25519 => &[
            (KeyUsage::KEY_ENCIPHERMENT, "keyEncipherment"),
            (DATA_ENCIPHERMENT, "dataEncipherment"),
            (KeyUsage::KEY_AGREEMENT, "keyAgreement"),
        ],
        PublicKeyKind::Other(_) => return Outcome::DoesNotApply,
    };
    Outcome::of(
        wrong
            .iter()
            .filter(|(bit, _)| usage.has(*bit))
            .map(|(_, name)| Evidence::new(format!("keyUsage has {name}, which a key of {kind} cannot do"))),
    )
}

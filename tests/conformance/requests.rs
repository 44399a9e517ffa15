//! The requests of the package, under `check_csrs` as a CA of one's own runs it.
//!
//! What is wrong with each is what pyca/cryptography tests with it. Most have no subjectAltName
//! besides: they are old.

use crate::agreement::{Case, agree};
use crate::vectors::{self, Judged};
use std::collections::BTreeSet;

#[test]
fn requests() {
    let Some(folder) = vectors::folder("requests of cryptography_vectors", "x509/requests") else { return };
    let listed: BTreeSet<_> = REQUESTS.iter().map(|(file, ..)| (*file).to_owned()).collect();
    assert_eq!(vectors::files(&folder).into_keys().collect::<BTreeSet<_>>(), listed);
    let world = crate::world();
    let judged = vectors::judged(&world.check_csrs(["--format", "ndjson", folder.to_str().unwrap()]));
    let cases: Vec<_> = REQUESTS
        .iter()
        .map(|(file, verdict, rules)| {
            let judged = &judged[folder.join(file).to_str().unwrap()];
            Case { name: (*file).into(), expected: shown(verdict, rules), found: found(judged, rules) }
        })
        .collect();
    agree("requests", &cases);
}

/// The verdict, and those of the rules asked for that have a finding.
fn found(judged: &Judged, rules: &[&str]) -> String {
    let found: Vec<_> =
        rules.iter().copied().filter(|rule| judged.rules.iter().any(|it| it == rule)).collect();
    shown(&judged.verdict, &found)
}

fn shown(verdict: &str, rules: &[&str]) -> String {
    format!("{verdict}: {}", rules.join(" "))
}

/// Stated twice in the package, as PEM and as DER; the rules by which it is found.
const OLD_HASH: &[&str] = &["csr.signature_hash", "csr.san_absent"];
const NO_NAME: &[&str] = &["csr.san_absent"];

/// File, verdict, and the rules that must have a finding.
#[rustfmt::skip]
const REQUESTS: [(&str, &str, &[&str]); 26] = [
    ("bad-version.pem", "error", &["csr.version", "csr.signature"]),
    ("basic_constraints.pem", "error", &["csr.ca", "csr.signature_hash"]),
    // The password is an INTEGER, and two of them in the next, both put there after signing.
    ("challenge-invalid.der", "error", &["csr.signature", "csr.challenge_password"]),
    ("challenge-multi-valued.der", "error", &["csr.signature", "csr.attribute_values", "csr.challenge_password"]),
    ("challenge-unstructured.pem", "error", &["csr.challenge_password", "csr.unstructured_name", "csr.san_absent"]),
    ("challenge.pem", "error", &["csr.challenge_password", "csr.san_absent"]),
    ("dsa_sha1.der", "error", &["key.type", "csr.signature_hash"]),
    ("dsa_sha1.pem", "error", &["key.type", "csr.signature_hash"]),
    ("ec_sha256.der", "error", NO_NAME),
    ("ec_sha256.pem", "error", NO_NAME),
    ("ec_sha256_old_header.pem", "error", NO_NAME),
    // The flag of its subjectAltName is an explicit FALSE; FreeIPA really sent such requests.
    ("freeipa-bad-critical.pem", "error", &["csr.false_written"]),
    ("invalid_signature.pem", "error", &["csr.signature", "key.rsa_size"]),
    ("long-form-attribute.pem", "error", &["csr.signature", "csr.challenge_password"]),
    ("rsa_md4.der", "error", OLD_HASH),
    ("rsa_md4.pem", "error", OLD_HASH),
    ("rsa_sha1.der", "error", OLD_HASH),
    ("rsa_sha1.pem", "error", OLD_HASH),
    ("rsa_sha256.der", "error", NO_NAME),
    ("rsa_sha256.pem", "error", NO_NAME),
    ("san_rsa_sha1.der", "error", &["csr.signature_hash"]),
    ("san_rsa_sha1.pem", "error", &["csr.signature_hash"]),
    ("two_basic_constraints.pem", "error", &["extension.duplicate", "csr.signature_hash"]),
    ("unsupported_extension.pem", "error", OLD_HASH),
    ("unsupported_extension_critical.pem", "error", &["csr.unknown_critical", "csr.signature_hash"]),
    ("zero-element-attribute.pem", "error", &["csr.attribute_values"]),
];

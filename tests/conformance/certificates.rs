//! The certificates of the package, each under `check_certs --profile rfc5280`, as a document on its
//! own: no anchor is given, so what counts is whether it can be read and what is found in it. What
//! should be found is what pyca/cryptography refuses or warns of.

use crate::agreement::{Case, agree};
use crate::vectors::{self, Judged};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const JUDGED: &str = "judged";
const NOT_JUDGED: &str = "not judged";

#[test]
fn certificates() {
    let Some(folder) = vectors::folder("certificates of cryptography_vectors", "x509") else { return };
    let of_others = ["PKITS_data/", "requests/"];
    let judged: BTreeMap<_, _> = each(&folder)
        .into_iter()
        .filter(|(file, _)| !of_others.iter().any(|other| file.starts_with(other)))
        .collect();
    let unknown: BTreeSet<_> = FAULTS.iter().map(|(file, _)| *file).collect();
    let unknown: Vec<_> = unknown.into_iter().filter(|file| !judged.contains_key(*file)).collect();
    assert!(unknown.is_empty(), "not in the package: {unknown:?}");
    assert!(judged.len() > 150, "{}", judged.len());
    agree("certificates", &judged.iter().map(|(file, judged)| case(file, judged)).collect::<Vec<_>>());
}

#[test]
fn certificates_of_pkits() {
    let Some(folder) = vectors::folder("NIST PKITS, each certificate", "x509/PKITS_data/certs") else {
        return;
    };
    let judged = each(&folder);
    assert_eq!(judged.len(), 405);
    // Their signatures, the fault of 4.1.2 and 4.1.6, are not a whole number of octets.
    let faulty = ["BadSignedCACert.crt", "InvalidDSASignatureTest6EE.crt"];
    let cases = judged.iter().map(|(file, judged)| Case {
        name: file.clone(),
        expected: if faulty.contains(&file.as_str()) { NOT_JUDGED } else { JUDGED }.to_owned(),
        found: if judged.verdict == NOT_JUDGED { NOT_JUDGED } else { JUDGED }.to_owned(),
    });
    agree("certificates of pkits", &cases.collect::<Vec<_>>());
}

/// Every file below a folder, judged in one run.
fn each(folder: &Path) -> BTreeMap<String, Judged> {
    let words = ["--profile", "rfc5280", "--format", "ndjson", folder.to_str().unwrap()];
    let judged = vectors::judged(&crate::world().check_certs(words));
    let name = |path: String| Path::new(&path).strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
    judged.into_iter().map(|(path, judged)| (name(path), judged)).collect()
}

fn case(file: &str, judged: &Judged) -> Case {
    let fault = FAULTS.iter().find(|(name, _)| *name == file).map(|(_, fault)| *fault);
    let expected = match fault {
        Some(fault) => fault,
        None if is_something_else(file) => NOT_JUDGED,
        None => JUDGED,
    };
    let found = match judged.verdict.as_str() {
        NOT_JUDGED => NOT_JUDGED,
        _ if judged.rules.iter().any(|rule| rule == expected) => expected,
        _ => JUDGED,
    };
    Case { name: file.to_owned(), expected: expected.to_owned(), found: found.to_owned() }
}

/// Revocation lists, OCSP, private keys, and the part of a certificate that is signed.
fn is_something_else(file: &str) -> bool {
    let is_key = file.ends_with("_key.pem");
    file.starts_with("ocsp/")
        || file.starts_with("custom/crl_")
        || file.contains("_crl.")
        || is_key
        || file.contains("-tbs-")
}

/// What is wrong with a certificate, by the rule that finds it.
#[rustfmt::skip]
const FAULTS: [(&str, &str); 41] = [
    ("badasn1time.pem", NOT_JUDGED),
    ("badssl-sct-anonymous-sig.der", "signed certificate timestamps"),
    ("badssl-sct-none-hash.der", "signed certificate timestamps"),
    ("belgian-eid-invalid-visiblestring.pem", "certificate policies"),
    ("custom/alternate-rsa-sha1-oid.der", "signature.hash"),
    ("custom/bad_country.pem", "subject.country"),
    ("custom/cp_invalid.pem", "certificate policies"),
    ("custom/cp_invalid2.der", "certificate policies"),
    ("custom/dsa_null_alg_params.pem", "signature parameters"),
    ("custom/ec_no_named_curve.pem", "key.ec_parameters"),
    ("custom/ecdsa_null_alg.pem", "signature parameters"),
    ("custom/empty-eku.pem", "extension.unreadable"),
    ("custom/inhibit_any_policy_negative.pem", "extension.critical"),
    ("custom/invalid-sct-length.der", "signed certificate timestamps"),
    ("custom/invalid-sct-version.der", "signed certificate timestamps"),
    ("custom/invalid_utf8_common_name.pem", "subject.characters"),
    ("custom/invalid_version.pem", "certificate.version"),
    ("custom/long-form-name-attribute.pem", "subject.characters"),
    ("custom/malformed-ian.pem", "issuerAltName"),
    ("custom/malformed-san.pem", "otherName"),
    ("custom/mismatch_inner_outer_sig_algorithm.der", "certificate.algorithms"),
    ("custom/name_attribute_unsupported_tag.pem", "subject.string_type"),
    ("custom/nc_invalid_ip4_netmask.der", "constraints.malformed"),
    ("custom/nc_invalid_ip_netmask.pem", "constraints.malformed"),
    ("custom/nc_ip_invalid_length.pem", "constraints.malformed"),
    ("custom/negative_serial.pem", "certificate.serial"),
    ("custom/rsa_pss_cert_invalid_mgf.der", "certificate.algorithms"),
    ("custom/rsa_pss_cert_no_sig_params.der", "certificate.algorithms"),
    ("custom/rsa_pss_cert_unsupported_mgf_hash.der", "certificate.algorithms"),
    ("custom/san_empty_hostname.pem", "san.syntax"),
    ("custom/two_basic_constraints.pem", "extension.duplicate"),
    ("custom/unsupported_extension_critical.pem", "extension.critical"),
    ("custom/unsupported_subject_public_key_info.pem", "key.type"),
    ("e-trust.ru.der", "key.type"),
    // The example of RFC 8410 section 10.2 writes its FALSEs out, which DER does not (X.690 section 11.5).
    ("ed25519/ed25519-rfc8410.pem", NOT_JUDGED),
    ("ee-pss-sha1-cert.pem", "signature.hash"),
    ("san_edipartyname.der", "san.other_kind"),
    ("san_x400address.der", "san.other_kind"),
    ("utf8-dnsname.pem", "san.u_label"),
    ("v1_cert.pem", "certificate.algorithms"),
    ("wosign-bc-invalid.pem", "extension.path_len"),
];

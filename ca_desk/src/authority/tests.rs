use super::folder::{Folder, FolderError};
use super::*;
use common::Secret;
use pki::rules::Policy;
use pki::{BasicConstraints, DnsName, KeyUsage, OpenError, Passphrase, RequestSpec, San, oid};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use zeroize::Zeroizing;

const NOW: Timestamp = Timestamp::from_unix(1_795_000_000);

fn request(name: &str) -> Csr {
    let algorithm = KeyAlgorithm::NistP256;
    let san = San::parse("192.0.2.1").unwrap();
    let spec = RequestSpec::simple(DnsName::parse(name).unwrap(), vec![san], algorithm).unwrap();
    Csr::build(&spec, &KeyPair::generate(algorithm).unwrap()).unwrap()
}

fn approved() -> Approved {
    let names = Pair { main: "kms.example.com", assets: "kms-ui.example.com" };
    let (findings, approved) = Approved::judge(names.map(request), Policy::product());
    approved.unwrap_or_else(|| panic!("{findings:?}"))
}

fn authority() -> Authority {
    Authority::found(KeyAlgorithm::NistP256, NOW).unwrap()
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Secret::new(Zeroizing::new(text.as_bytes().to_vec()))).unwrap()
}

/// A request that asks for more than a TLS server may have, and repeats an attribute.
fn greedy_request() -> Csr {
    let mut params = rcgen::CertificateParams::new(vec!["kms.example.com".to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::OrganizationalUnitName, "one");
    params.distinguished_name.push(rcgen::DnType::CustomDnType(vec![2, 5, 4, 11]), "two");
    params.key_usages = vec![
        rcgen::KeyUsagePurpose::DigitalSignature,
        rcgen::KeyUsagePurpose::KeyCertSign,
        rcgen::KeyUsagePurpose::KeyEncipherment,
    ];
    params.extended_key_usages = vec![
        rcgen::ExtendedKeyUsagePurpose::CodeSigning,
        rcgen::ExtendedKeyUsagePurpose::ClientAuth,
        rcgen::ExtendedKeyUsagePurpose::ServerAuth,
    ];
    let must_staple = [1, 3, 6, 1, 5, 5, 7, 1, 24];
    let value = vec![0x30, 3, 2, 1, 5];
    params.custom_extensions = vec![rcgen::CustomExtension::from_oid_content(&must_staple, value)];
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    Csr::from_der(params.serialize_request(&key).unwrap().der()).unwrap()
}

#[test]
fn root_and_intermediate_are_cas_of_length_one_and_zero() {
    let authority = authority();
    let constraints = |certificate: &Certificate| {
        let found = certificate.extensions().basic_constraints.clone().unwrap();
        assert!(found.critical);
        found.value.unwrap()
    };
    assert_eq!(constraints(&authority.root), BasicConstraints { ca: true, path_len: Some(1) });
    assert_eq!(constraints(&authority.intermediate), BasicConstraints { ca: true, path_len: Some(0) });
    for certificate in [&authority.root, &authority.intermediate] {
        assert!(certificate.verify_signed_by(authority.root.spki()).is_ok());
        let usage = certificate.extensions().key_usage.clone().unwrap();
        assert!(usage.critical && usage.value.unwrap().has(KeyUsage::KEY_CERT_SIGN));
        assert_eq!(certificate.issuer(), authority.root.subject());
    }
    assert_ne!(authority.root.subject(), authority.intermediate.subject());
}

#[test]
fn every_key_type_can_be_the_ca() {
    let approved = approved();
    for algorithm in [KeyAlgorithm::Rsa2048, KeyAlgorithm::NistP384, KeyAlgorithm::NistP521] {
        let authority = Authority::found(algorithm, NOW).unwrap();
        let issued = authority.issue_both(&approved, 90, NOW).unwrap();
        assert!(issued.main.certificate.verify_signed_by(authority.intermediate.spki()).is_ok());
    }
}

#[test]
fn a_certificate_answers_its_request() {
    let (authority, approved) = (authority(), approved());
    let issued = authority.issue_both(&approved, 90, NOW).unwrap();
    for (role, issued) in issued.iter() {
        let (request, certificate) = (approved.requests().of(role), &issued.certificate);
        assert_eq!(certificate.subject(), request.subject());
        assert_eq!(certificate.spki(), request.spki());
        assert_eq!(certificate.extensions().names(), request.extensions().names());
        assert_eq!(certificate.issuer(), authority.intermediate.subject());
        assert!(!certificate.is_ca());
        assert!(issued.left_out.is_empty());
        let authority_key = certificate.extensions().authority_key_id.clone().unwrap().value.unwrap();
        let issuer_key = authority.intermediate.extensions().subject_key_id.clone().unwrap().value.unwrap();
        assert_eq!(authority_key, Some(issuer_key));
    }
}

#[test]
fn a_certificate_begins_an_hour_ago_and_ends_when_asked() {
    let issued = authority().issue_both(&approved(), 90, NOW.plus_seconds(DAY)).unwrap();
    assert_eq!(issued.main.certificate.not_before(), NOW.plus_seconds(DAY - 3600));
    assert_eq!(issued.main.certificate.not_after(), NOW.plus_seconds(91 * DAY));
}

#[test]
fn a_certificate_may_not_outlive_its_ca() {
    let (authority, approved) = (authority(), approved());
    let late = NOW.plus_seconds((INTERMEDIATE_DAYS - 90) * DAY);
    assert!(authority.issue_both(&approved, 90, late).is_ok());
    let error = authority.issue_both(&approved, 90, late.plus_seconds(1)).map(|_| ()).unwrap_err();
    assert!(matches!(error, AuthorityError::Outlives { .. }), "{error}");
}

#[test]
fn serial_numbers_have_twenty_octets_and_never_repeat() {
    let (authority, approved) = (authority(), approved());
    let mut serials: Vec<String> = (0..50)
        .flat_map(|_| {
            let Pair { main, assets } = authority.issue_both(&approved, 90, NOW).unwrap();
            [main.certificate.serial(), assets.certificate.serial()]
        })
        .collect();
    for serial in &serials {
        assert_eq!(serial.split(':').count(), 20, "{serial}");
        let first = u8::from_str_radix(serial.split(':').next().unwrap(), 16).unwrap();
        assert!((0x01..=0x7f).contains(&first), "{serial}");
    }
    serials.sort();
    serials.dedup();
    assert_eq!(serials.len(), 100);
}

#[test]
fn a_greedy_request_gets_what_a_tls_server_may_have() {
    let authority = authority();
    let request = greedy_request();
    let issued = authority.issue(&request, NOW, NOW.plus_seconds(DAY)).unwrap();
    let extensions = issued.certificate.extensions();
    assert_eq!(
        extensions.key_usage.clone().unwrap().value.unwrap(),
        KeyUsage(KeyUsage::DIGITAL_SIGNATURE),
        "neither keyCertSign nor, for an EC key, keyEncipherment"
    );
    let purposes = extensions.extended_key_usage.clone().unwrap().value.unwrap();
    assert_eq!(purposes, [oid::SERVER_AUTH, oid::CLIENT_AUTH]);
    assert_eq!(issued.left_out, [oid::TLS_FEATURE]);
    assert_eq!(issued.certificate.subject().der(), request.subject().der());
    assert_eq!(issued.certificate.subject().rdns().len(), 2, "a repeated attribute is kept");
}

#[test]
fn requests_with_an_error_are_not_approved() {
    let shared = request("kms.example.com");
    let (findings, approved) =
        Approved::judge(Pair { main: shared.clone(), assets: shared }, Policy::product());
    assert!(approved.is_none());
    assert!(findings.iter().any(|finding| finding.severity == Severity::Error));
}

#[test]
fn a_folder_opens_with_its_passphrase_only() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::at(dir.path().join("deep/ca"));
    assert!(!folder.exists().unwrap());
    let founded = folder.found(KeyAlgorithm::NistP256, &passphrase("a fence painted green"), NOW).unwrap();
    assert!(folder.exists().unwrap());
    let opened = folder.open(&passphrase("a fence painted green")).unwrap();
    assert_eq!(&opened.root, &founded.root);
    assert_eq!(&opened.intermediate, &founded.intermediate);
    let error = folder.open(&passphrase("wrong horse battery")).map(|_| ()).unwrap_err();
    assert!(
        matches!(error, FolderError::Open { source: OpenError::WrongPassphraseOrDamaged, .. }),
        "{error}"
    );
    let mode = |path: &str| fs::metadata(dir.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("deep/ca"), 0o700);
    assert_eq!(mode("deep/ca/root.key"), 0o600);
    assert_eq!(mode("deep/ca/intermediate.key"), 0o600);
    assert_eq!(fs::read_dir(dir.path().join("deep")).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn a_folder_that_is_not_whole_is_named_for_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let error = |path: &str| Folder::at(dir.path().join(path)).exists().unwrap_err();

    fs::create_dir(dir.path().join("foreign")).unwrap();
    assert!(!Folder::at(dir.path().join("foreign")).exists().unwrap(), "an empty directory will do");
    fs::write(dir.path().join("foreign/notes.txt"), "").unwrap();
    assert!(matches!(error("foreign"), FolderError::Foreign { .. }));

    fs::create_dir(dir.path().join("torn")).unwrap();
    fs::write(dir.path().join("torn/root.pem"), "").unwrap();
    let torn = error("torn").to_string();
    assert!(torn.ends_with("lacks root.key, intermediate.key, intermediate.pem"), "{torn}");

    fs::create_dir(dir.path().join(".ca.new")).unwrap();
    assert!(matches!(error("ca"), FolderError::Interrupted { .. }));

    fs::write(dir.path().join("file"), "").unwrap();
    assert!(matches!(error("file"), FolderError::File(_)));
}

#[test]
fn founding_never_replaces_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("notes.txt"), "mine").unwrap();
    let folder = Folder::at(dir.path());
    let passphrase = passphrase("a fence painted green");
    assert!(folder.found(KeyAlgorithm::NistP256, &passphrase, NOW).is_err());
    assert_eq!(fs::read_to_string(dir.path().join("notes.txt")).unwrap(), "mine");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

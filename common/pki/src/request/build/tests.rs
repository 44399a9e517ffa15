use super::*;
use crate::extensions::{BasicConstraints, KeyUsage};
use crate::name::GeneralName as Found;
use common::Untrusted;

const EVERYTHING: &str = "C=DE ST=Bayern L=München O=Beispiel & Söhne, GmbH OU=Betrieb CN=kms.example.com \
    emailAddress=pki@example.com serialNumber=HRB 4711 street=Am Tor 1 postalCode=80331 DC=example";

fn names() -> Vec<San> {
    let spelled =
        ["kms.example.com", "192.0.2.1", "2001:db8::1", "https://kms.example.com/a", "pki@example.com"];
    spelled.map(|text| San::parse(text).unwrap()).to_vec()
}

fn build(subject: &str, algorithm: KeyAlgorithm) -> Csr {
    let key = KeyPair::generate(algorithm).unwrap();
    request(&Subject::parse(subject).unwrap(), names().iter(), &key).unwrap()
}

#[test]
fn the_request_asks_for_what_was_specified() {
    let csr = build(EVERYTHING, KeyAlgorithm::NistP256);
    assert_eq!((csr.version(), csr.attributes()), (0, &[oid::EXTENSION_REQUEST][..]));
    assert_eq!(csr.subject().der(), Subject::parse(EVERYTHING).unwrap().to_der());

    let extensions = csr.extensions();
    assert_eq!(
        extensions.all,
        [
            (oid::SUBJECT_ALT_NAME, false),
            (oid::KEY_USAGE, true),
            (oid::EXTENDED_KEY_USAGE, false),
            (oid::BASIC_CONSTRAINTS, false),
        ]
    );
    assert_eq!(
        extensions.names(),
        [
            Found::Dns(Untrusted::new("kms.example.com")),
            Found::Ip("192.0.2.1".parse().unwrap()),
            Found::Ip("2001:db8::1".parse().unwrap()),
            Found::Uri(Untrusted::new("https://kms.example.com/a")),
            Found::Email(Untrusted::new("pki@example.com")),
        ]
    );
    let value = extensions.basic_constraints.as_ref().map(|found| found.value.clone());
    assert_eq!(value, Some(Ok(BasicConstraints { ca: false, path_len: None })));
    let value = extensions.extended_key_usage.as_ref().map(|found| found.value.clone());
    assert_eq!(value, Some(Ok(vec![oid::SERVER_AUTH])));
}

#[test]
fn hash_and_key_usage_follow_the_key() {
    let signing = KeyUsage::DIGITAL_SIGNATURE;
    for (algorithm, signature, usage) in [
        (KeyAlgorithm::Rsa2048, "sha256WithRSAEncryption", signing | KeyUsage::KEY_ENCIPHERMENT),
        (KeyAlgorithm::NistP256, "ecdsa-with-SHA256", signing),
        (KeyAlgorithm::NistP384, "ecdsa-with-SHA384", signing),
        (KeyAlgorithm::NistP521, "ecdsa-with-SHA512", signing),
    ] {
        let csr = build("CN=kms.example.com", algorithm);
        assert_eq!(csr.signature_algorithm().name(), signature);
        let found = csr.extensions().key_usage.as_ref().unwrap();
        assert_eq!((found.critical, &found.value), (true, &Ok(KeyUsage(usage))));
    }
}

#[test]
fn repeated_attributes_are_all_kept_in_their_order() {
    let subject = "CN=kms.example.com,OU=second,OU=first,DC=example,DC=com";
    let csr = build(subject, KeyAlgorithm::NistP256);
    assert_eq!(csr.subject().der(), Subject::parse(subject).unwrap().to_der());
    assert_eq!(csr.subject().rdns().len(), 5);
}

#[test]
fn both_ways_of_building_encode_the_same_bytes() {
    // The only signature without a random part is that of RSA (PKCS#1 v1.5).
    let key = KeyPair::generate(KeyAlgorithm::Rsa2048).unwrap();
    for subject in [EVERYTHING, "CN=kms.example.com", "O=Only an organisation"] {
        let subject = Subject::parse(subject).unwrap();
        let extensions = extensions(names().iter(), key.algorithm()).unwrap();
        let name = rcgen_name(&subject).unwrap().unwrap();
        let one = with_rcgen(name, &extensions, &key).unwrap();
        let other = by_hand(&subject.to_der(), extensions, &key).unwrap();
        assert_eq!(one, other);
    }
    // ECDSA: the signed part and the algorithm.
    for algorithm in [KeyAlgorithm::NistP256, KeyAlgorithm::NistP384, KeyAlgorithm::NistP521] {
        let key = KeyPair::generate(algorithm).unwrap();
        let subject = Subject::parse(EVERYTHING).unwrap();
        let extensions = extensions(names().iter(), algorithm).unwrap();
        let name = rcgen_name(&subject).unwrap().unwrap();
        let one = Csr::from_der(&with_rcgen(name, &extensions, &key).unwrap()).unwrap();
        let other = Csr::from_der(&by_hand(&subject.to_der(), extensions, &key).unwrap()).unwrap();
        assert_eq!((one.signed(), one.signature_algorithm()), (other.signed(), other.signature_algorithm()));
    }
}

#[test]
fn a_request_signed_by_another_key_is_not_let_out() {
    let (key, other) = (
        KeyPair::generate(KeyAlgorithm::NistP256).unwrap(),
        KeyPair::generate(KeyAlgorithm::NistP256).unwrap(),
    );
    let subject = Subject::parse("CN=kms.example.com").unwrap();
    let extensions = extensions(names().iter(), key.algorithm()).unwrap();
    let mut der = by_hand(&subject.to_der(), extensions, &key).unwrap();
    let at = der.windows(8).position(|window| key.spki().key_bytes().starts_with(window)).unwrap();
    der[at..at + other.spki().key_bytes().len()].copy_from_slice(other.spki().key_bytes());
    assert!(matches!(proven(&der, &other), Err(CsrError::Signature(_))));
}

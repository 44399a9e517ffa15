use super::*;
use pki::KeyAlgorithm;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyUsagePurpose, SanType};

/// 2026-06-01, and a validity around it.
const NOW: Timestamp = Timestamp::from_unix(1_780_272_000);
const NAME: &str = "kms.example.com";

struct Ca {
    der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

impl Ca {
    fn new(algorithm: KeyAlgorithm) -> Self {
        let key = KeyPair::generate(algorithm).unwrap();
        let mut params = params("Example CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self { der, issuer: Issuer::new(params, key) }
    }

    fn sign(&self, key: &KeyPair, name: &str) -> Vec<u8> {
        let mut params = params(name);
        params.subject_alt_names = vec![SanType::DnsName(name.try_into().unwrap())];
        params.signed_by(key, &self.issuer).unwrap().der().to_vec()
    }
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(2026, 1, 1);
    params.not_after = rcgen::date_time_ymd(2027, 1, 1);
    params
}

fn play(
    served: &[u8],
    anchor: &[u8],
    key: &KeyPair,
    now: Timestamp,
) -> Result<[Handshake; 2], RehearsalError> {
    Scene { served: &[served], anchor, name: NAME, name_check: NameCheck::On, now }.play(key)
}

#[test]
fn every_key_type_completes_both_versions() {
    let ca = Ca::new(KeyAlgorithm::NistP384);
    for algorithm in
        [KeyAlgorithm::Rsa2048, KeyAlgorithm::NistP256, KeyAlgorithm::NistP384, KeyAlgorithm::NistP521]
    {
        let key = KeyPair::generate(algorithm).unwrap();
        let [newer, older] = play(&ca.sign(&key, NAME), &ca.der, &key, NOW).unwrap();
        assert_eq!((newer.version.as_str(), older.version.as_str()), ("TLSv1.3", "TLSv1.2"));
        assert_eq!(newer.cipher_suite, "TLS_AES_256_GCM_SHA384");
        let kind = if algorithm.is_rsa() { "RSA" } else { "ECDSA" };
        assert_eq!(older.cipher_suite, format!("TLS_ECDHE_{kind}_WITH_AES_256_GCM_SHA384"));
    }
}

#[test]
fn a_fault_is_told_with_its_side_and_version() {
    let (ca, other) = (Ca::new(KeyAlgorithm::NistP256), Ca::new(KeyAlgorithm::NistP256));
    let (key, another) = (
        KeyPair::generate(KeyAlgorithm::NistP256).unwrap(),
        KeyPair::generate(KeyAlgorithm::NistP256).unwrap(),
    );
    let good = ca.sign(&key, NAME);
    let elsewhere = ca.sign(&key, "other.example.com");
    let day = common::DAY;
    for (served, anchor, with, now, side, reason) in [
        (&good, &ca.der, &another, NOW, "server", "not that of the end entity"),
        (&good, &other.der, &key, NOW, "client", "not signed with the key of its issuer"),
        (&elsewhere, &ca.der, &key, NOW, "client", "does not name the host"),
        (&good, &ca.der, &key, NOW.plus_seconds(300 * day), "client", "expired"),
        (&good, &ca.der, &key, NOW.plus_seconds(-300 * day), "client", "not valid yet"),
        (&good, &b"garbage".to_vec(), &key, NOW, "client", "cannot be read"),
    ] {
        let error = play(served, anchor, with, now).unwrap_err();
        assert_eq!((error.version, error.side), ("TLS 1.3", side), "{error}");
        assert!(error.reason.contains(reason), "{error}");
    }
}

#[test]
fn a_moment_before_1970_is_no_panic() {
    let ca = Ca::new(KeyAlgorithm::NistP256);
    let key = KeyPair::generate(KeyAlgorithm::NistP256).unwrap();
    assert!(play(&ca.sign(&key, NAME), &ca.der, &key, Timestamp::from_unix(-1)).is_err());
}

#[test]
fn an_end_entity_without_san_is_judged_by_all_but_its_name() {
    let (ca, other) = (Ca::new(KeyAlgorithm::NistP256), Ca::new(KeyAlgorithm::NistP256));
    let key = KeyPair::generate(KeyAlgorithm::NistP256).unwrap();
    let nameless = params(NAME).signed_by(&key, &ca.issuer).unwrap().der().to_vec();
    let play = |anchor: &[u8], name_check, now| {
        Scene { served: &[&nameless], anchor, name: NAME, name_check, now }.play(&key)
    };
    assert!(play(&ca.der, NameCheck::On, NOW).is_err());
    assert!(play(&ca.der, NameCheck::Off, NOW).is_ok());
    assert!(play(&other.der, NameCheck::Off, NOW).is_err());
    assert!(play(&ca.der, NameCheck::Off, NOW.plus_seconds(300 * common::DAY)).is_err());
}

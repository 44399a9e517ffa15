use super::*;
use crate::key::KeyPair;
use crate::oid::EXTENSION_REQUESTS;
use der::asn1::{Any, BitString, SetOfVec};
use proptest::prelude::*;
use std::sync::LazyLock;

static KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate(KeyAlgorithm::NistP256).unwrap());

fn any_of(der: &[u8]) -> Any {
    Any::from_der(der).unwrap()
}

fn attribute(oid: ObjectIdentifier, value: &[u8]) -> Attribute {
    let mut values = SetOfVec::new();
    values.insert(any_of(value)).unwrap();
    Attribute { oid, values }
}

/// Extensions { keyUsage, not critical, of these bits }.
fn key_usage(bits: u8) -> Vec<u8> {
    vec![0x30, 0x0d, 0x30, 0x0b, 6, 3, 0x55, 0x1d, 0x0f, 4, 4, 3, 2, 0, bits]
}

/// CN=a
const SUBJECT: &[u8] = &[0x30, 0x0c, 0x31, 0x0a, 0x30, 8, 6, 3, 0x55, 4, 3, 0x0c, 1, b'a'];

fn signed(version: u32, subject: &[u8], attributes: Vec<Attribute>) -> Vec<u8> {
    signed_with(version, subject, Some(attributes))
}

fn signed_with(version: u32, subject: &[u8], attributes: Option<Vec<Attribute>>) -> Vec<u8> {
    let info = Info {
        version,
        subject: RdnSequence::from_der(subject).unwrap(),
        public_key: AnyRef::from_der(KEY.spki().der()).unwrap(),
        attributes,
    };
    let signature = BitString::from_bytes(&KEY.sign(&info.to_der().unwrap()).unwrap()).unwrap();
    let algorithm = AlgorithmIdentifierRef { oid: KEY.algorithm().signature_oid(), parameters: None };
    Request { info, algorithm, signature: (&signature).into() }.to_der().unwrap()
}

fn plain() -> Vec<u8> {
    signed(0, SUBJECT, vec![attribute(EXTENSION_REQUESTS[0], &key_usage(0x80))])
}

#[test]
fn a_request_is_read_and_verified() {
    let csr = Csr::from_der(&plain()).unwrap();
    assert_eq!(csr.subject().der(), SUBJECT);
    assert_eq!(csr.spki(), KEY.spki());
    assert_eq!(csr.verify_signature(), Ok(()));
    assert!(csr.to_pem().starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"));
}

#[test]
fn what_is_unusual_is_read_so_that_a_rule_can_name_it() {
    let version_2 = Csr::from_der(&signed(1, SUBJECT, vec![])).unwrap();
    assert_eq!((version_2.version(), version_2.verify_signature()), (1, Ok(())));

    let challenge = attribute(oid::CHALLENGE_PASSWORD, &[0x0c, 1, b'x']);
    let unsorted = vec![attribute(EXTENSION_REQUESTS[0], &key_usage(0x80)), challenge];
    let unsorted = Csr::from_der(&signed(0, SUBJECT, unsorted)).unwrap();
    assert_eq!(unsorted.attributes(), [oid::EXTENSION_REQUEST, oid::CHALLENGE_PASSWORD]);
    assert_eq!(unsorted.verify_signature(), Ok(()));

    let no_field = Csr::from_der(&signed_with(0, SUBJECT, None)).unwrap();
    assert_eq!((no_field.has_attributes_field(), no_field.verify_signature()), (false, Ok(())));
    assert!(unsorted.has_attributes_field() && version_2.has_attributes_field());

    let no_subject = Csr::from_der(&signed(0, &[0x30, 0], vec![])).unwrap();
    assert!(no_subject.subject().is_empty());
    assert_eq!(no_subject.extensions(), &Extensions::default());
}

#[test]
fn a_false_written_out_is_read_and_seen() {
    let mut written = key_usage(0x80);
    // Behind the OID of the extension: BOOLEAN FALSE.
    written.splice(9..9, [1, 1, 0]);
    (written[1], written[3]) = (written[1] + 3, written[3] + 3);
    for (list, seen) in [(written, true), (key_usage(0x80), false)] {
        let csr = Csr::from_der(&signed(0, SUBJECT, vec![attribute(EXTENSION_REQUESTS[0], &list)])).unwrap();
        assert_eq!((csr.writes_false(), csr.extensions().all.len()), (seen, 1));
        assert!(!csr.extensions().key_usage.as_ref().unwrap().critical);
    }
}

#[test]
fn extensions_of_every_extension_request_are_seen() {
    let twice = vec![
        attribute(EXTENSION_REQUESTS[0], &key_usage(0x80)),
        attribute(EXTENSION_REQUESTS[1], &key_usage(0xff)),
    ];
    let csr = Csr::from_der(&signed(0, SUBJECT, twice)).unwrap();
    assert_eq!(csr.extensions().duplicates(), [oid::KEY_USAGE]);
}

#[test]
fn what_is_not_strictly_encoded_is_refused() {
    let good = plain();
    let mut trailing = good.clone();
    trailing.push(0);
    let mut wrong_class = good.clone();
    wrong_class[0] = 0xb0;
    let empty_rdn = signed(0, &[0x30, 2, 0x31, 0], vec![]);
    let no_extensions = signed(0, SUBJECT, vec![attribute(EXTENSION_REQUESTS[0], &[0x0c, 1, b'x'])]);
    let mut unused_bits = good.clone();
    let at = Csr::from_der(&good).unwrap().signature_at;
    unused_bits[at - 1] = 1;
    for bad in [
        &[][..],
        &good[1..],
        &good[..good.len() - 1],
        &trailing,
        &wrong_class,
        &empty_rdn,
        &no_extensions,
        &unused_bits,
    ] {
        assert!(matches!(Csr::from_der(bad), Err(CsrError::Malformed(_))), "{bad:02x?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Either refused, or read as what it says, with a signature that no longer fits.
    #[test]
    fn no_changed_byte_goes_unnoticed(at in 0_usize..300, value in any::<u8>()) {
        static REQUEST: LazyLock<Vec<u8>> = LazyLock::new(plain);
        let mut der = REQUEST.clone();
        let at = at % der.len();
        prop_assume!(der[at] != value);
        der[at] = value;
        if let Ok(csr) = Csr::from_der(&der) {
            prop_assert_eq!(csr.der(), &der);
            prop_assert!(csr.verify_signature().is_err());
        }
    }

    #[test]
    fn reading_never_panics(der in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Csr::from_der(&der);
    }
}

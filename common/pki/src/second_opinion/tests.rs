use super::*;
use crate::key::{KeyAlgorithm, KeyPair};
use crate::oid::{self, ObjectIdentifier};
use crate::signature::SignatureAlgorithm;
use std::time::{Duration, Instant};

/// SubjectPublicKeyInfo of an RSA key with these numbers (big-endian).
fn rsa_key(modulus: &UBig, exponent: &[u8]) -> Spki {
    use der::Encode;
    use der::asn1::{AnyRef, BitStringRef, UintRef};
    let modulus = modulus.to_be_bytes();
    let key =
        RsaPublicKey { modulus: UintRef::new(&modulus).unwrap(), exponent: UintRef::new(exponent).unwrap() };
    let key = key.to_der().unwrap();
    let info = spki::SubjectPublicKeyInfoRef {
        algorithm: spki::AlgorithmIdentifierRef { oid: oid::RSA, parameters: Some(AnyRef::NULL) },
        subject_public_key: BitStringRef::from_bytes(&key).unwrap(),
    };
    Spki::from_der(&info.to_der().unwrap()).unwrap()
}

const F4: &[u8] = &[1, 0, 1];

fn number(hex: &str) -> UBig {
    UBig::from_be_bytes(&data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap())
}

/// 2^bits - below.
fn below_power(bits: usize, below: u32) -> UBig {
    (UBig::ONE << bits) - UBig::from(below)
}

/// A modulus of a real key.
fn sound() -> UBig {
    let spki = KeyPair::generate(KeyAlgorithm::Rsa2048).unwrap().spki().clone();
    UBig::from_be_bytes(RsaPublicKey::from_der(spki.key_bytes()).unwrap().modulus.as_bytes())
}

#[test]
fn new_keys_have_no_fault() {
    for algorithm in
        [KeyAlgorithm::Rsa2048, KeyAlgorithm::NistP256, KeyAlgorithm::NistP384, KeyAlgorithm::NistP521]
    {
        assert_eq!(key_faults(KeyPair::generate(algorithm).unwrap().spki()), []);
    }
}

#[test]
fn faults_of_the_exponent_are_found() {
    let modulus = sound();
    for (exponent, fault) in [
        (&[3][..], "RSA public exponent 3 is below 65537"),
        (&[0], "RSA public exponent 0 is below 65537"),
        (&[1, 0, 0], "RSA public exponent 65536 is below 65537"),
        (&[1, 0, 2], "RSA public exponent 65538 is even"),
        (&[1; 33], "RSA public exponent of 257 bits is over the limit of 256"),
    ] {
        let faults = key_faults(&rsa_key(&modulus, exponent));
        assert_eq!(faults.iter().map(ToString::to_string).collect::<Vec<_>>(), [fault]);
    }
    assert_eq!(key_faults(&rsa_key(&modulus, F4)), []);
    assert_eq!(key_faults(&rsa_key(&modulus, &[1; 32])), []);
}

#[test]
fn faults_of_the_modulus_are_found() {
    // Two consecutive primes above 2^512 (2^512 + 75 and + 625), and the prime 2^521 - 1.
    let close = (UBig::ONE << 512) + UBig::from(75_u32);
    let closer = (UBig::ONE << 512) + UBig::from(625_u32);
    let mersenne = below_power(521, 1);
    for (modulus, fault) in [
        (sound() + UBig::from(1_u32), KeyFault::ModulusEven),
        (sound() * UBig::from(23_u32), KeyFault::SmallFactor(23)),
        (sound() * UBig::from(751_u32), KeyFault::SmallFactor(751)),
        (sound() * UBig::from(2039_u32), KeyFault::SmallFactor(2039)),
        (&mersenne * &mersenne, KeyFault::PerfectPower(2)),
        (&mersenne * &mersenne * &mersenne, KeyFault::PerfectPower(3)),
        (close * closer, KeyFault::FermatClose(1)),
        (sound() << 15_000 | UBig::from(1_u32), KeyFault::ModulusTooLarge(17_048)),
    ] {
        assert_eq!(key_faults(&rsa_key(&modulus, F4)), [fault]);
    }
}

/// (a - b)(a + b) is found when a - sqrt(a² - b²), about b²/2a, is within the rounds.
#[test]
fn factors_further_apart_take_more_rounds_until_they_are_far_enough() {
    let two = UBig::from(2_u32);
    // Chosen so that neither factor has a small one.
    for (above, exponent, fault) in [(43_u32, 515, Some(KeyFault::FermatClose(64))), (55, 516, None)] {
        let a = (&two << 1022) + UBig::from(above);
        let b = &two << (exponent - 1);
        assert_eq!(modulus::fault(&((&a - &b) * (&a + &b)).to_be_bytes()), fault);
    }
}

#[test]
fn the_roca_fingerprint_is_found() {
    // p = k·M + 65537^a mod M for M the product of the first 39 primes, as in the paper; both
    // factors need not be prime for the fingerprint.
    let primorial = (2..=167_u32)
        .filter(|n| (2..*n).all(|d| n % d != 0))
        .fold(UBig::from(1_u32), |product, prime| product * UBig::from(prime));
    let factor = |k: u32, a: usize| {
        let power = UBig::from(65_537_u32).pow(a) % &primorial;
        (UBig::from(k) << 800) * &primorial + power
    };
    let faults: Vec<_> = (1..200)
        .filter_map(|k| {
            modulus::fault(&(factor(k, 7 * k as usize) * factor(k + 1, 11 * k as usize)).to_be_bytes())
        })
        .collect();
    assert!(faults.contains(&KeyFault::Roca), "{faults:?}");
    assert!(faults.iter().all(|fault| matches!(fault, KeyFault::Roca | KeyFault::SmallFactor(_))));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the claim is about time")]
fn hostile_sizes_come_back_at_once() {
    let longest = below_power(16_384, 1);
    let started = Instant::now();
    let long_exponent = key_faults(&rsa_key(&longest, &[1; 65_536]));
    assert!(
        matches!(&long_exponent[..], [KeyFault::Exponent(_), KeyFault::SmallFactor(3)]),
        "{long_exponent:?}"
    );
    // No small factor, so that every test runs.
    let hard = below_power(8_192, 1) * below_power(8_192, 1) + (UBig::ONE << 9_000);
    let _ = key_faults(&rsa_key(&hard, F4));
    let _ = key_faults(&rsa_key(&below_power(1 << 20, 1), &[1; 65_536]));
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

#[test]
fn points_off_the_curve_compressed_or_at_infinity_are_found() {
    for algorithm in [KeyAlgorithm::NistP256, KeyAlgorithm::NistP384, KeyAlgorithm::NistP521] {
        let spki = KeyPair::generate(algorithm).unwrap().spki().clone();
        let with = |point: &[u8]| {
            use der::Encode;
            let mut info = spki::SubjectPublicKeyInfoOwned::try_from(spki.der()).unwrap();
            info.subject_public_key = der::asn1::BitString::from_bytes(point).unwrap();
            key_faults(&Spki::from_der(&info.to_der().unwrap()).unwrap())
        };
        let point = spki.key_bytes();
        let mut off = point.to_vec();
        *off.last_mut().unwrap() ^= 1;
        let mut hybrid = point.to_vec();
        hybrid[0] = 6 + (point.last().unwrap() & 1);
        let mut compressed = point[..=point.len() / 2].to_vec();
        compressed[0] = 2 + (point.last().unwrap() & 1);
        let not_on_curve = vec![KeyFault::PointNotOnCurve(spki.kind())];
        assert_eq!(with(point), []);
        assert_eq!(with(&off), not_on_curve);
        assert_eq!(with(&hybrid), not_on_curve);
        assert_eq!(with(&point[..point.len() - 1]), not_on_curve);
        assert_eq!(with(&[]), not_on_curve);
        assert_eq!(with(&compressed), [KeyFault::PointCompressed]);
        assert_eq!(with(&[0]), [KeyFault::PointAtInfinity]);
    }
}

#[test]
fn signatures_of_the_other_implementation_verify_and_changed_ones_do_not() {
    for algorithm in
        [KeyAlgorithm::Rsa2048, KeyAlgorithm::NistP256, KeyAlgorithm::NistP384, KeyAlgorithm::NistP521]
    {
        let key = KeyPair::generate(algorithm).unwrap();
        let oid = algorithm.signature_oid();
        let mut signature = key.sign(b"message").unwrap();
        assert_eq!(verify(key.spki(), oid, b"message", &signature), Ok(()));
        assert!(verify(key.spki(), oid, b"massage", &signature).is_err());
        *signature.last_mut().unwrap() ^= 1;
        assert!(verify(key.spki(), oid, b"message", &signature).is_err());
        let other = if algorithm.is_rsa() { oid::ECDSA_WITH_SHA256 } else { oid::SHA256_WITH_RSA };
        assert!(verify(key.spki(), other, b"message", &signature).is_err());
        assert!(verify(key.spki(), oid::SHA1_WITH_RSA, b"message", &signature).is_err());
    }
}

/// RSA-2048 with SHA-384 and SHA-512: what OpenSSL signed, both implementations must take.
#[test]
fn the_longer_hashes_agree_with_the_first_implementation() {
    let vectors = include_str!("vectors.txt");
    let mut lines = vectors.lines();
    let spki = Spki::from_der(&number(lines.next().unwrap()).to_be_bytes()).unwrap();
    for line in lines {
        let (oid, signature) = line.split_once(' ').unwrap();
        let oid = ObjectIdentifier::new_unwrap(oid);
        let signature = data_encoding::HEXLOWER.decode(signature.as_bytes()).unwrap();
        assert_eq!(verify(&spki, oid, b"message", &signature), Ok(()), "{oid}");
        let by = SignatureAlgorithm { oid, parameters: None };
        assert_eq!(by.verify(&spki, b"message", &signature), Ok(()), "{oid}");
    }
}

#[test]
fn keys_too_short_and_too_long_verify_nothing() {
    for bits in [1024, 2047, 8193] {
        let key = rsa_key(&below_power(bits, 1), F4);
        let error = verify(&key, oid::SHA256_WITH_RSA, b"message", &vec![1; bits / 8]).unwrap_err();
        assert!(error.ends_with(&format!("does not go with a key of RSA with {bits} bits")), "{error}");
    }
}

#[test]
fn an_ed25519_key_has_thirty_two_octets() {
    for (length, faults) in [(32, vec![]), (31, vec![KeyFault::Malformed]), (33, vec![KeyFault::Malformed])] {
        let key = [&[3, length + 1, 0][..], &vec![7; usize::from(length)]].concat();
        let body = [&[0x30, 5, 6, 3, 0x2b, 0x65, 0x70][..], &key].concat();
        let der = [&[0x30, u8::try_from(body.len()).unwrap()][..], &body].concat();
        assert_eq!(key_faults(&Spki::from_der(&der).unwrap()), faults, "{length}");
    }
}

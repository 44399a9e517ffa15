//! Public keys, without a document around them.

use crate::key::KeyAlgorithm;
use crate::rules::case::KeyCase;
use crate::spki::Spki;
use crate::verdict::judge_key;
use common::Role;
use rcgen::{KeyPair, PublicKeyData as _};

type Row = (&'static str, fn() -> (Spki, bool, Role), &'static [&'static str]);

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..=127 => out.push(u8::try_from(short).unwrap()),
        medium @ 128..=255 => out.extend([0x81, u8::try_from(medium).unwrap()]),
        long => {
            out.push(0x82);
            out.extend(u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    out.extend(content);
    out
}

fn integer(magnitude: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if magnitude[0] >= 0x80 { &[0] } else { &[] };
    der(2, &[sign, magnitude].concat())
}

/// An RSA key of this modulus and exponent; nobody has its private half.
fn rsa(modulus: &[u8], exponent: &[u8]) -> Spki {
    let key = der(0x30, &[integer(modulus), integer(exponent)].concat());
    let algorithm = der(0x30, &[&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1][..], &[5, 0]].concat());
    let bits = der(3, &[&[0][..], &key].concat());
    Spki::from_der(&der(0x30, &[algorithm, bits].concat())).unwrap()
}

/// A modulus of this many bits without small factors that anybody planted: the product of nothing known.
fn modulus(bits: usize) -> Vec<u8> {
    let mut octets: Vec<u8> = (0..bits / 8).map(|n| u8::try_from((n * 89 + 41) % 251).unwrap()).collect();
    octets[0] |= 0x80;
    *octets.last_mut().unwrap() |= 1;
    // The next odd numbers are tried until no prime below 2^13 divides.
    let primes: Vec<u32> = (3u32..8192)
        .step_by(2)
        .filter(|n| (3..*n).step_by(2).take_while(|d| d * d <= *n).all(|d| n % d != 0))
        .collect();
    loop {
        let divides =
            |p: &u32| octets.iter().fold(0, |rest, octet| (rest * 256 + u32::from(*octet)) % p) == 0;
        if !primes.iter().any(divides) {
            return octets;
        }
        let mut carry = 2;
        for octet in octets.iter_mut().rev() {
            let sum = u16::from(*octet) + carry;
            *octet = u8::try_from(sum & 0xff).unwrap();
            carry = sum >> 8;
        }
    }
}

fn of(algorithm: &'static rcgen::SignatureAlgorithm) -> Spki {
    Spki::from_der(&KeyPair::generate_for(algorithm).unwrap().subject_public_key_info()).unwrap()
}

const F4: &[u8] = &[1, 0, 1];

pub(super) static FAULTS: &[Row] = &[
    ("P-256", || (of(&rcgen::PKCS_ECDSA_P256_SHA256), false, Role::Main), &[]),
    ("P-521 for Main", || (of(&rcgen::PKCS_ECDSA_P521_SHA512), false, Role::Main), &["key.p521"]),
    ("P-521 for Assets", || (of(&rcgen::PKCS_ECDSA_P521_SHA512), false, Role::Assets), &["key.p521_ui"]),
    ("Ed25519", || (of(&rcgen::PKCS_ED25519), false, Role::Main), &["key.type"]),
    (
        "a curve by its parameters",
        || {
            let ec = [6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
            let algorithm = der(0x30, &[&ec[..], &[0x30, 0]].concat());
            (Spki::from_der(&der(0x30, &[algorithm, vec![3, 2, 0, 4]].concat())).unwrap(), false, Role::Main)
        },
        &["key.ec_parameters"],
    ),
    ("RSA 2048", || (rsa(&modulus(2048), F4), false, Role::Main), &[]),
    ("RSA 1024", || (rsa(&modulus(1024), F4), false, Role::Main), &["key.rsa_size"]),
    ("RSA 2560", || (rsa(&modulus(2560), F4), false, Role::Main), &["key.rsa_size"]),
    ("RSA 2560 of a CA", || (rsa(&modulus(2560), F4), true, Role::Main), &[]),
    ("RSA 8192 of a CA", || (rsa(&modulus(8192), F4), true, Role::Main), &[]),
    ("RSA 8200 of a CA", || (rsa(&modulus(8200), F4), true, Role::Main), &["key.rsa_size"]),
    ("exponent 3", || (rsa(&modulus(2048), &[3]), false, Role::Main), &["key.exponent"]),
    (
        "even modulus",
        || {
            let mut modulus = modulus(2048);
            *modulus.last_mut().unwrap() ^= 1;
            (rsa(&modulus, F4), false, Role::Main)
        },
        &["key.weak"],
    ),
];

#[test]
fn each_key_gives_its_findings_and_no_other() {
    for (sentence, key, expected) in FAULTS {
        let (spki, ca, role) = key();
        let findings = judge_key(&KeyCase::new(&spki, ca, Some(role)));
        let ids: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(ids, *expected, "{sentence}: {findings:#?}");
    }
}

#[test]
fn a_planned_key_is_warned_about_before_it_exists() {
    for algorithm in KeyAlgorithm::ALL {
        for (role, rule) in [(Role::Main, "key.p521"), (Role::Assets, "key.p521_ui")] {
            let findings = judge_key(&KeyCase::planned(algorithm, role));
            let ids: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
            let expected: &[&str] = if algorithm == KeyAlgorithm::NistP521 { &[rule] } else { &[] };
            assert_eq!(ids, expected, "{algorithm} for {role}");
        }
    }
}

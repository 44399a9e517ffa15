//! The second, independent implementation (RustCrypto) looks at public keys and signatures.
//! Public data only: no private key ever enters it (RUSTSEC-2023-0071).

mod modulus;

use super::spki::{PublicKeyKind, RsaPublicKey, Spki, bit_length};
use crate::oid::{self, ObjectIdentifier};
use dashu_int::UBig;
use der::Decode;
use der::asn1::UintRef;
use der::oid::AssociatedOid;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::BoxedUint;
use sha2::{Digest, Sha256, Sha384, Sha512};
use std::ops::RangeInclusive;

/// One thing that is wrong with a public key, for the rules `key.*`. The length of a modulus alone
/// is no fault here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// The key is not what its algorithm says it is.
    #[error("the public key cannot be decoded")]
    Malformed,
    /// RSA public exponent is even, below 65537, over 256 bits
    /// ([FIPS 186-5 §5.1](https://doi.org/10.6028/NIST.FIPS.186-5)) or not below the modulus.
    #[error("RSA public exponent {0}")]
    Exponent(String),
    /// RSA modulus over [`MAX_MODULUS_BITS`] bits: nothing else about it was looked at.
    #[error("RSA modulus of {0} bits is over the limit of 16384")]
    ModulusTooLarge(usize),
    /// RSA modulus is even.
    #[error("RSA modulus is even")]
    ModulusEven,
    /// RSA modulus has a small prime factor; all those below 2048 are found.
    #[error("RSA modulus is divisible by {0}")]
    SmallFactor(u32),
    /// RSA modulus is a power: all its prime factors are equal.
    #[error("RSA modulus is a perfect power (exponent {0})")]
    PerfectPower(u32),
    /// RSA primes are so close that Fermat's method finds them ([CVE-2022-26320](https://nvd.nist.gov/vuln/detail/CVE-2022-26320)).
    #[error("RSA primes are close together: factored after {0} rounds of Fermat's method")]
    FermatClose(u32),
    /// RSA modulus bears the fingerprint of the Infineon library ([CVE-2017-15361](https://nvd.nist.gov/vuln/detail/CVE-2017-15361)).
    #[error("RSA modulus bears the ROCA fingerprint (CVE-2017-15361)")]
    Roca,
    /// The point at infinity.
    #[error("the public key is the point at infinity")]
    PointAtInfinity,
    /// A compressed point: allowed by RFC 5480 §2.2, refused by widely used TLS clients.
    #[error("the curve point is compressed")]
    PointCompressed,
    /// Not a point of the curve.
    #[error("the public key is not a point of {0}")]
    PointNotOnCurve(PublicKeyKind),
}

/// The longest RSA modulus looked at.
pub const MAX_MODULUS_BITS: usize = 16_384;
/// The longest public exponent FIPS 186-5 §5.1 allows (below 2^256).
const MAX_EXPONENT_BITS: usize = 256;
/// The lengths of an RSA modulus that a signature is verified with, as in [`super::signature`].
const VERIFY_BITS: RangeInclusive<usize> = 2_048..=8_192;

/// All faults of a public key; empty when it is sound as far as public data can tell.
/// Takes milliseconds for the longest modulus.
pub fn key_faults(spki: &Spki) -> Vec<KeyFault> {
    let kind = spki.kind();
    let key = spki.key_bytes();
    match kind {
        PublicKeyKind::Rsa { .. } => {
            RsaPublicKey::from_der(key).map_or_else(|_| vec![KeyFault::Malformed], rsa_faults)
        }
        PublicKeyKind::P256 => point_faults(key, p256::PublicKey::from_sec1_bytes(key).is_ok(), kind),
        PublicKeyKind::P384 => point_faults(key, p384::PublicKey::from_sec1_bytes(key).is_ok(), kind),
        PublicKeyKind::P521 => point_faults(key, p521::PublicKey::from_sec1_bytes(key).is_ok(), kind),
        PublicKeyKind::Ed25519 if key.len() != 32 => vec![KeyFault::Malformed],
        PublicKeyKind::Ed25519 | PublicKeyKind::Other(_) => Vec::new(),
    }
}

fn rsa_faults(key: RsaPublicKey<'_>) -> Vec<KeyFault> {
    let (modulus, exponent) = (key.modulus.as_bytes(), key.exponent.as_bytes());
    let mut faults = Vec::from_iter(exponent_fault(modulus, exponent).map(KeyFault::Exponent));
    if key.bits() > MAX_MODULUS_BITS {
        faults.push(KeyFault::ModulusTooLarge(key.bits()));
    } else {
        faults.extend(modulus::fault(modulus));
    }
    faults
}

fn exponent_fault(modulus: &[u8], exponent: &[u8]) -> Option<String> {
    let bits = bit_length(exponent);
    if bits > MAX_EXPONENT_BITS {
        return Some(format!("of {bits} bits is over the limit of {MAX_EXPONENT_BITS}"));
    }
    let number = UBig::from_be_bytes(exponent);
    if number < UBig::from(65_537_u32) {
        Some(format!("{number} is below 65537"))
    } else if exponent.last().is_some_and(|last| last % 2 == 0) {
        Some(format!("{number} is even"))
    } else if (bits, exponent) >= (bit_length(modulus), modulus) {
        Some("is not below the modulus".to_owned())
    } else {
        None
    }
}

/// The first octet tells the form of a point (SEC 1 §2.3.3).
fn point_faults(point: &[u8], on_curve: bool, curve: PublicKeyKind) -> Vec<KeyFault> {
    match (point.first(), on_curve) {
        (Some(0), _) if point.len() == 1 => vec![KeyFault::PointAtInfinity],
        (_, false) => vec![KeyFault::PointNotOnCurve(curve)],
        (Some(2 | 3), true) => vec![KeyFault::PointCompressed],
        (_, true) => Vec::new(),
    }
}

/// Verifies a signature made with one of the six key types' own algorithm (see `KeyPair::sign`),
/// or with another hash of the same strength or more.
/// # Errors
/// Why not, in words.
pub fn verify(
    spki: &Spki,
    algorithm: ObjectIdentifier,
    message: &[u8],
    signature: &[u8],
) -> Result<(), String> {
    let verified = match algorithm {
        oid::SHA256_WITH_RSA => verify_rsa::<Sha256>(spki, message, signature),
        oid::SHA384_WITH_RSA => verify_rsa::<Sha384>(spki, message, signature),
        oid::SHA512_WITH_RSA => verify_rsa::<Sha512>(spki, message, signature),
        oid::ECDSA_WITH_SHA256 => verify_ecdsa(spki, &Sha256::digest(message), signature),
        oid::ECDSA_WITH_SHA384 => verify_ecdsa(spki, &Sha384::digest(message), signature),
        oid::ECDSA_WITH_SHA512 => verify_ecdsa(spki, &Sha512::digest(message), signature),
        _ => return Err(format!("algorithm {algorithm} is not known here")),
    };
    let kind = spki.kind();
    verified.unwrap_or_else(|| Err(format!("algorithm {algorithm} does not go with a key of {kind}")))
}

/// PKCS#1 v1.5; `None` for a key that is not RSA, or too short or too long.
fn verify_rsa<D>(spki: &Spki, message: &[u8], signature: &[u8]) -> Option<Result<(), String>>
where
    D: Digest + AssociatedOid,
{
    let PublicKeyKind::Rsa { bits } = spki.kind() else { return None };
    let verify = || {
        let key = RsaPublicKey::from_der(spki.key_bytes()).map_err(|error| error.to_string())?;
        let number = |octets: UintRef<'_>| BoxedUint::from_be_slice_vartime(octets.as_bytes());
        rsa::PublicKey::new_with_size_limits(number(key.modulus), number(key.exponent), VERIFY_BITS)
            .and_then(|key| key.pkcs1v15_verify::<D>(message, signature))
            .map_err(|error| error.to_string())
    };
    VERIFY_BITS.contains(&bits).then(verify)
}

/// `None` for a key that is not of one of the three curves.
fn verify_ecdsa(spki: &Spki, digest: &[u8], signature: &[u8]) -> Option<Result<(), String>> {
    let key = spki.key_bytes();
    match spki.kind() {
        PublicKeyKind::P256 => Some(verify_prehash(
            p256::ecdsa::VerifyingKey::from_sec1_bytes(key),
            p256::ecdsa::Signature::from_der(signature),
            digest,
        )),
        PublicKeyKind::P384 => Some(verify_prehash(
            p384::ecdsa::VerifyingKey::from_sec1_bytes(key),
            p384::ecdsa::Signature::from_der(signature),
            digest,
        )),
        PublicKeyKind::P521 => Some(verify_prehash(
            p521::ecdsa::VerifyingKey::from_sec1_bytes(key),
            p521::ecdsa::Signature::from_der(signature),
            digest,
        )),
        PublicKeyKind::Rsa { .. } | PublicKeyKind::Ed25519 | PublicKeyKind::Other(_) => None,
    }
}

fn verify_prehash<K: PrehashVerifier<S>, S, E: std::fmt::Display>(
    key: Result<K, E>,
    signature: Result<S, E>,
    digest: &[u8],
) -> Result<(), String> {
    let key = key.map_err(|error| error.to_string())?;
    let signature = signature.map_err(|error| error.to_string())?;
    key.verify_prehash(digest, &signature).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;

//! The second, independent implementation (RustCrypto) looks at public keys and signatures.
//! Public data only: no private key ever enters it (RUSTSEC-2023-0071).

mod modulus;
mod natural;

use super::spki::{PublicKeyKind, RsaPublicKey, Spki, bit_length};
use der::Decode;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::{BigUint, Pkcs1v15Sign};
use sha2::{Digest, Sha256, Sha384, Sha512};

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
    /// RSA modulus has a prime factor below 2048.
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
/// The shortest and the longest RSA modulus a signature is verified with, as in [`super::signature`].
const MIN_VERIFY_BITS: usize = 2_048;
const MAX_VERIFY_BITS: usize = 8_192;

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
    let number = BigUint::from_bytes_be(exponent);
    if number < BigUint::from(65_537_u32) {
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
pub fn verify(spki: &Spki, algorithm_oid: &str, message: &[u8], signature: &[u8]) -> Result<(), String> {
    let hash =
        Hash::of(algorithm_oid).ok_or_else(|| format!("algorithm {algorithm_oid} is not known here"))?;
    let key = spki.key_bytes();
    match (spki.kind(), hash.rsa) {
        (PublicKeyKind::Rsa { bits }, true) if (MIN_VERIFY_BITS..=MAX_VERIFY_BITS).contains(&bits) => {
            verify_rsa(key, &hash, message, signature)
        }
        (PublicKeyKind::P256, false) => verify_ecdsa(
            p256::ecdsa::VerifyingKey::from_sec1_bytes(key),
            p256::ecdsa::Signature::from_der(signature),
            &hash.digest(message),
        ),
        (PublicKeyKind::P384, false) => verify_ecdsa(
            p384::ecdsa::VerifyingKey::from_sec1_bytes(key),
            p384::ecdsa::Signature::from_der(signature),
            &hash.digest(message),
        ),
        (PublicKeyKind::P521, false) => verify_ecdsa(
            p521::ecdsa::VerifyingKey::from_sec1_bytes(key),
            p521::ecdsa::Signature::from_der(signature),
            &hash.digest(message),
        ),
        (kind, _) => Err(format!("algorithm {algorithm_oid} does not go with a key of {kind}")),
    }
}

fn verify_rsa(key: &[u8], hash: &Hash, message: &[u8], signature: &[u8]) -> Result<(), String> {
    let key = RsaPublicKey::from_der(key).map_err(|error| error.to_string())?;
    let modulus = BigUint::from_bytes_be(key.modulus.as_bytes());
    let exponent = BigUint::from_bytes_be(key.exponent.as_bytes());
    let key = rsa::RsaPublicKey::new_with_max_size(modulus, exponent, MAX_VERIFY_BITS)
        .map_err(|error| error.to_string())?;
    let padding = Pkcs1v15Sign { hash_len: Some(hash.len()), prefix: hash.digest_info().into() };
    key.verify(padding, &hash.digest(message), signature).map_err(|error| error.to_string())
}

fn verify_ecdsa<K: PrehashVerifier<S>, S, E: std::fmt::Display>(
    key: Result<K, E>,
    signature: Result<S, E>,
    digest: &[u8],
) -> Result<(), String> {
    let key = key.map_err(|error| error.to_string())?;
    let signature = signature.map_err(|error| error.to_string())?;
    key.verify_prehash(digest, &signature).map_err(|error| error.to_string())
}

/// The hash of a signature algorithm, and whether that is RSA (PKCS#1 v1.5) or ECDSA.
struct Hash {
    rsa: bool,
    bits: HashBits,
}

#[derive(Clone, Copy)]
enum HashBits {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn of(algorithm_oid: &str) -> Option<Self> {
        let (rsa, bits) = match algorithm_oid {
            "1.2.840.113549.1.1.11" => (true, HashBits::Sha256),
            "1.2.840.113549.1.1.12" => (true, HashBits::Sha384),
            "1.2.840.113549.1.1.13" => (true, HashBits::Sha512),
            "1.2.840.10045.4.3.2" => (false, HashBits::Sha256),
            "1.2.840.10045.4.3.3" => (false, HashBits::Sha384),
            "1.2.840.10045.4.3.4" => (false, HashBits::Sha512),
            _ => return None,
        };
        Some(Self { rsa, bits })
    }

    fn digest(&self, message: &[u8]) -> Vec<u8> {
        match self.bits {
            HashBits::Sha256 => Sha256::digest(message).to_vec(),
            HashBits::Sha384 => Sha384::digest(message).to_vec(),
            HashBits::Sha512 => Sha512::digest(message).to_vec(),
        }
    }

    const fn len(&self) -> usize {
        match self.bits {
            HashBits::Sha256 => 32,
            HashBits::Sha384 => 48,
            HashBits::Sha512 => 64,
        }
    }

    /// The DER of DigestInfo in front of the digest ([RFC 8017 §9.2](https://www.rfc-editor.org/rfc/rfc8017#section-9.2), note 1).
    const fn digest_info(&self) -> [u8; 19] {
        let (total, oid, len) = match self.bits {
            HashBits::Sha256 => (0x31, 1, 0x20),
            HashBits::Sha384 => (0x41, 2, 0x30),
            HashBits::Sha512 => (0x51, 3, 0x40),
        };
        [0x30, total, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, oid, 5, 0, 4, len]
    }
}

#[cfg(test)]
mod tests;

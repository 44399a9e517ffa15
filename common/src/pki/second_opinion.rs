//! The second, independent implementation (RustCrypto) looks at public keys and signatures.
//! Public data only: no private key ever enters it (RUSTSEC-2023-0071).

use super::spki::Spki;

/// One thing that is wrong with a public key, for the rules `key.*`. (Owner completes: modulus
/// even, exponent, small factor, Fermat-close primes (100 rounds), ROCA fingerprint, point not on curve…)
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// RSA public exponent is even or below 65537.
    #[error("RSA public exponent {0}")]
    Exponent(String),
}

/// All faults of a public key; empty when it is sound as far as public data can tell.
pub fn key_faults(spki: &Spki) -> Vec<KeyFault> {
    todo!("{}", spki.sha256())
}

/// Verifies a signature made with one of the six key types' own algorithm (see `KeyPair::sign`).
pub fn verify(spki: &Spki, algorithm_oid: &str, message: &[u8], signature: &[u8]) -> Result<(), String> {
    todo!("{} {algorithm_oid} {} {}", spki.sha256(), message.len(), signature.len())
}

//! Key pairs: generate, sign, compare. Private keys live in aws-lc-rs types only.

use super::spki::Spki;
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// The six key types of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum KeyAlgorithm {
    Rsa2048,
    Rsa3072,
    Rsa4096,
    NistP256,
    NistP384,
    NistP521,
}

impl KeyAlgorithm {
    /// All six, in the order the list at the prompt shows them.
    pub const ALL: [Self; 6] =
        [Self::Rsa2048, Self::Rsa3072, Self::Rsa4096, Self::NistP256, Self::NistP384, Self::NistP521];
    /// The word flags, prompts and documents use: `RSA2048` … `NISTP521`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA2048",
            Self::Rsa3072 => "RSA3072",
            Self::Rsa4096 => "RSA4096",
            Self::NistP256 => "NISTP256",
            Self::NistP384 => "NISTP384",
            Self::NistP521 => "NISTP521",
        }
    }
    /// Whether it is an RSA key type.
    pub const fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096)
    }
    /// The key type of a public key, if it is one of the six.
    pub fn of(spki: &Spki) -> Option<Self> {
        todo!("{}", spki.sha256())
    }
}
impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
/// Reads the words of [`KeyAlgorithm::name`], any case; also `RSA-2048`, `P-256`, `NIST-P256`.
impl FromStr for KeyAlgorithm {
    type Err = KeyAlgorithmError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        todo!("{s}")
    }
}
/// Not one of the six key types.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown key type {0}, expected one of RSA2048, RSA3072, RSA4096, NISTP256, NISTP384, NISTP521")]
pub struct KeyAlgorithmError(pub crate::Untrusted);

/// A private key and its public key. Neither `Debug`, `Clone` nor `Serialize`.
pub struct KeyPair {
    algorithm: KeyAlgorithm,
    spki: Spki,
    // inner: aws_lc_rs::rsa::KeyPair | EcdsaKeyPair
}

impl KeyPair {
    /// Makes a new key.
    /// # Errors
    /// [`KeyError::Generate`] when the random source or the prime search fails.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        todo!("{algorithm}")
    }
    /// Loads an unencrypted PKCS#8 key of one of the six types.
    /// # Errors
    /// [`KeyError::Unsupported`], [`KeyError::Malformed`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        todo!("{}", der.len())
    }
    /// Its type.
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }
    /// Its public half.
    pub const fn spki(&self) -> &Spki {
        &self.spki
    }
    /// Unencrypted PKCS#8, wiped on drop; for sealing and for the TLS configuration in memory only.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        todo!()
    }
    /// Signs with the key type's own hash: SHA-256 for RSA (PKCS#1 v1.5) and P-256, SHA-384 for
    /// P-384, SHA-512 for P-521; ECDSA in ASN.1 form.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        todo!("{}", message.len())
    }
    /// The two-way proof used after generating: signs a fresh challenge here, verifies it in the
    /// other implementation ([`super::second_opinion`]).
    pub fn prove(&self) -> Result<(), KeyError> {
        todo!()
    }
}
// also: impl rcgen::PublicKeyData + rcgen::SigningKey for KeyPair

/// Why a key cannot be made or used. (Owner completes.)
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Generation failed.
    #[error("cannot generate a {0} key")]
    Generate(KeyAlgorithm),
    /// Not one of the six types.
    #[error("unsupported key: {0}")]
    Unsupported(String),
    /// Not a PKCS#8 key.
    #[error("malformed private key")]
    Malformed,
    /// Signing failed.
    #[error("cannot sign with this key")]
    Sign,
    /// The second implementation disagrees.
    #[error("the second implementation rejects this key: {0}")]
    SecondOpinion(String),
}

//! SubjectPublicKeyInfo ([RFC 5280 §4.1.2.7](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.7)): compared whole, shown as sha256.

use aws_lc_rs::digest;
use data_encoding::HEXLOWER;
use std::fmt;
use std::str::FromStr;

/// A SHA-256 digest, printed and serialised as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Digests bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut value = [0; 32];
        value.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
        Self(value)
    }

    /// The raw digest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 16 hex digits, as messages show a digest.
    pub fn short(&self) -> String {
        let (first, _) = self.0.split_at(8);
        HEXLOWER.encode(first)
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Not 64 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 lower-case hex digits")]
pub struct Sha256Error;

impl FromStr for Sha256 {
    type Err = Sha256Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match HEXLOWER.decode(text.as_bytes()).map(<[u8; 32]>::try_from) {
            Ok(Ok(value)) => Ok(Self(value)),
            Ok(Err(_)) | Err(_) => Err(Sha256Error),
        }
    }
}

impl serde::Serialize for Sha256 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Sha256 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What kind of key an SPKI holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKeyKind {
    /// RSA with the bits of its modulus.
    Rsa {
        /// Bit length of the modulus.
        bits: usize,
    },
    /// NIST P-256 (named curve).
    P256,
    /// NIST P-384 (named curve).
    P384,
    /// NIST P-521 (named curve).
    P521,
    /// Ed25519.
    Ed25519,
    /// Anything else: algorithm OID, and curve or parameters as far as readable.
    Other(String),
}

/// One public key, as DER.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Spki {
    der: Vec<u8>,
}

impl Spki {
    /// Takes the DER of a SubjectPublicKeyInfo, strictly decoded.
    /// # Errors
    /// [`SpkiError`] when it is not one.
    pub fn from_der(der: &[u8]) -> Result<Self, SpkiError> {
        todo!("{}", der.len())
    }
    /// The encoding.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
    /// sha256 of the encoding: what both sides of a round trip compare.
    pub fn sha256(&self) -> Sha256 {
        todo!()
    }
    /// The kind of key.
    pub fn kind(&self) -> PublicKeyKind {
        todo!()
    }
}

/// Not a SubjectPublicKeyInfo.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed SubjectPublicKeyInfo: {0}")]
pub struct SpkiError(pub String);

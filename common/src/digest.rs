//! SHA-256 digests (FIPS 180-4).

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

    /// A digest made elsewhere.
    pub const fn from_bytes(digest: [u8; 32]) -> Self {
        Self(digest)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_prints_and_reads_as_hex() {
        let digest = Sha256::of(b"");
        assert_eq!(digest.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(digest.short(), "e3b0c44298fc1c14");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!("E3".parse::<Sha256>(), Err(Sha256Error));
    }

    #[test]
    fn a_digest_is_its_octets_and_shows_as_hex() {
        let digest = Sha256::from_bytes([0xab; 32]);
        assert_eq!((digest.as_bytes(), format!("{digest:?}")), (&[0xab; 32], "ab".repeat(32)));
    }
}

//! Sealed keys: PKCS#8 EncryptedPrivateKeyInfo ([RFC 5958 §3](https://www.rfc-editor.org/rfc/rfc5958#section-3))
//! with PBES2 ([RFC 8018 §6.2](https://www.rfc-editor.org/rfc/rfc8018#section-6.2)).

mod passphrase;
mod scheme;

pub use passphrase::{Passphrase, PassphraseError};

use super::key::{KeyError, KeyPair};
use super::pem;
use super::spki::Spki;
use crate::encoding;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use pkcs5::pbes2;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{Decode, Encode};
use zeroize::Zeroizing;

/// A private key sealed under a passphrase. Safe to store and to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedKey {
    der: Vec<u8>,
    parameters: pbes2::Parameters,
    /// Where the contents of encryptedData begin: they are the end of the encoding.
    sealed_at: usize,
}

const LABEL: &str = "ENCRYPTED PRIVATE KEY";

/// Octets in one block of AES; also in the salts made here
/// (NIST SP 800-132 §5.1 asks for at least 128 bits).
const BLOCK: usize = 16;

impl SealedKey {
    /// Rounds of PBKDF2 in a key sealed here (OWASP Password Storage Cheat Sheet, PBKDF2-HMAC-SHA256).
    pub const ITERATIONS: u32 = 600_000;
    /// Most rounds of PBKDF2 accepted in a key sealed elsewhere
    /// ([RFC 8018 §4.2](https://www.rfc-editor.org/rfc/rfc8018#section-4.2): "for especially critical keys").
    pub const MAX_ITERATIONS: u32 = 10_000_000;
    /// Largest scrypt cost parameter N accepted; with [`Self::MAX_SCRYPT_R`] it takes 1 GiB.
    pub const MAX_SCRYPT_N: u64 = 1 << 20;
    /// Largest scrypt block size r accepted.
    pub const MAX_SCRYPT_R: u16 = 8;
    /// Largest scrypt parallelization p accepted.
    pub const MAX_SCRYPT_P: u16 = 16;
    /// Most bytes of a key file: an RSA key of 16384 bits takes 13 KiB.
    pub const MAX_FILE: usize = 64 * 1024;

    /// Seals with PBKDF2-HMAC-SHA256, 600 000 iterations, AES-256-CBC.
    /// # Errors
    /// [`SealError::Key`], [`SealError::Crypto`].
    pub fn seal(key: &KeyPair, passphrase: &Passphrase) -> Result<Self, SealError> {
        Self::seal_with(key, passphrase, Self::ITERATIONS)
    }

    fn seal_with(key: &KeyPair, passphrase: &Passphrase, iterations: u32) -> Result<Self, SealError> {
        let (mut salt, mut iv) = ([0; BLOCK], [0; BLOCK]);
        let random = SystemRandom::new();
        random.fill(&mut salt).and_then(|()| random.fill(&mut iv)).map_err(|_| SealError::Crypto)?;
        let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(iterations, &salt, iv)
            .map_err(|_| SealError::Crypto)?;

        let plain = key.to_pkcs8().map_err(SealError::Key)?;
        // With room for the padding, so that it never moves and leaves a copy behind.
        let mut buffer = Zeroizing::new(Vec::with_capacity(plain.len() + BLOCK));
        buffer.extend_from_slice(&plain);
        scheme::encrypt(&parameters, passphrase, &mut buffer).ok_or(SealError::Crypto)?;
        Self::from_parts(parameters, &buffer)
    }

    fn from_parts(parameters: pbes2::Parameters, sealed: &[u8]) -> Result<Self, SealError> {
        let encrypted_data = OctetStringRef::new(sealed).map_err(|_| SealError::Crypto)?;
        let info =
            EncryptedPrivateKeyInfoRef { encryption_algorithm: parameters.clone().into(), encrypted_data };
        let der = info.to_der().map_err(|_| SealError::Crypto)?;
        Ok(Self { sealed_at: der.len() - sealed.len(), der, parameters })
    }

    /// Reads `ENCRYPTED PRIVATE KEY` PEM; refuses KDF costs over the limits before any work
    /// (PBKDF2 10 million iterations, scrypt N=2^20 r=8 p=16), and older schemes by name.
    /// # Errors
    /// [`SealError`].
    pub fn from_pem(text: &[u8]) -> Result<Self, SealError> {
        if text.len() > Self::MAX_FILE {
            return Err(SealError::TooLarge(text.len()));
        }
        // The label alone decides: what is not sealed is never decoded, so no copy of it is made.
        scheme::refuse_other_labels(text)?;
        let block = ::pem::parse(text).map_err(|_| SealError::Malformed("not valid PEM".to_owned()))?;
        if block.headers().iter().next().is_some() {
            return Err(SealError::Malformed("PEM headers".to_owned()));
        }
        Self::from_der(block.contents())
    }

    fn from_der(der: &[u8]) -> Result<Self, SealError> {
        let outer =
            scheme::Outer::from_der(der).map_err(|error| SealError::Malformed(encoding::fault(&error)))?;
        let parameters = scheme::accept(&outer.algorithm)?;
        let sealed = outer.sealed.as_bytes();
        Ok(Self { sealed_at: der.len() - sealed.len(), der: der.to_vec(), parameters })
    }

    /// PEM, label `ENCRYPTED PRIVATE KEY`.
    pub fn to_pem(&self) -> String {
        pem::encode(LABEL, &self.der)
    }

    /// Opens the key and compares its public half with the one expected: CBC is not
    /// authenticated, this comparison is the integrity check.
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, passphrase: &Passphrase, expected: &Spki) -> Result<KeyPair, OpenError> {
        let key = self.open_any(passphrase)?;
        if key.spki() != expected {
            return Err(OpenError::OtherKey { found: key.spki().sha256(), expected: expected.sha256() });
        }
        Ok(key)
    }

    /// Opens the key of somebody who does not say which it is: nothing vouches for its integrity
    /// but its own structure.
    /// # Errors
    /// [`OpenError::WrongPassphraseOrDamaged`]; [`OpenError::Key`] when it opens to a key of another
    /// type than the product's six, which it names.
    pub fn open_any(&self, passphrase: &Passphrase) -> Result<KeyPair, OpenError> {
        let sealed = self.der.get(self.sealed_at..).unwrap_or_default();
        let mut buffer = Zeroizing::new(sealed.to_vec());
        let plain = scheme::decrypt(&self.parameters, passphrase, &mut buffer)
            .ok_or(OpenError::WrongPassphraseOrDamaged)?;
        // A wrong passphrase yields valid padding once in 256 times, then garbage.
        KeyPair::from_pkcs8(plain).map_err(|error| match error {
            KeyError::Malformed => OpenError::WrongPassphraseOrDamaged,
            other @ (KeyError::Generate(_)
            | KeyError::Unsupported(_)
            | KeyError::Export
            | KeyError::Sign
            | KeyError::SecondOpinion(_)) => OpenError::Key(other),
        })
    }
}

/// Why a text is not a sealed key we accept, or a key cannot be sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not PEM of the right label, or not the right DER inside.
    #[error("not a sealed key: {0}")]
    Malformed(String),
    /// Over [`SealedKey::MAX_FILE`] bytes.
    #[error("a key file of {0} bytes is over the limit of 65536")]
    TooLarge(usize),
    /// A private key in the clear, by its format.
    #[error("the private key is not sealed ({0})")]
    NotSealed(&'static str),
    /// In the format of OpenSSH, sealed or not: its first label does not tell.
    #[error("the key is in OpenSSH's own format, which is not accepted")]
    OpenSsh,
    /// Sealed by a scheme that is not accepted, by its name.
    #[error("the key is sealed with {0}, which is not accepted")]
    Scheme(String),
    /// The key derivation would cost too much.
    #[error("the key derivation asks for {0}, over the limit of {1}")]
    Cost(String, String),
    /// The key to seal cannot be encoded.
    #[error("cannot seal the key")]
    Key(#[source] KeyError),
    /// The random source or the cipher failed.
    #[error("cannot seal the key: the cryptographic library failed")]
    Crypto,
}

impl SealError {
    /// The command that turns such a key into one we accept, when there is one.
    pub const fn advice(&self) -> Option<&'static str> {
        match self {
            Self::NotSealed(_) | Self::Scheme(_) | Self::Cost(..) => Some(
                "convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 600000 \
                 -in OLD -out NEW",
            ),
            Self::OpenSsh => Some("convert it, in place: ssh-keygen -p -m PKCS8 -f FILE"),
            Self::Malformed(_) | Self::TooLarge(_) | Self::Key(_) | Self::Crypto => None,
        }
    }
}

/// Why a sealed key does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The two cannot be told apart.
    #[error("wrong passphrase or damaged file")]
    WrongPassphraseOrDamaged,
    /// It opens to a key that is not the one expected.
    #[error("the sealed key belongs to another public key ({found}, expected {expected})")]
    OtherKey {
        /// sha256 of the SPKI found.
        found: common::Sha256,
        /// sha256 of the SPKI expected.
        expected: common::Sha256,
    },
    /// It opens to something that is no key of the product.
    #[error("the sealed key cannot be used")]
    Key(#[source] KeyError),
}

#[cfg(test)]
mod tests;

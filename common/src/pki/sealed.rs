//! Sealed keys: PKCS#8 EncryptedPrivateKeyInfo ([RFC 5958 §3](https://www.rfc-editor.org/rfc/rfc5958#section-3))
//! with PBES2 ([RFC 8018 §6.2](https://www.rfc-editor.org/rfc/rfc8018#section-6.2)).

use super::key::{KeyError, KeyPair};
use super::spki::Spki;
use zeroize::Zeroizing;

/// Secret bytes: wiped on drop; neither `Debug`, `Clone` nor `Serialize`.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes over bytes (the buffer must already be exactly the one to wipe).
    pub const fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }
    /// The bytes.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

/// The passphrase that seals both private keys.
pub struct Passphrase(Secret);

impl Passphrase {
    /// Fewest characters of a new passphrase (NIST SP 800-63B-4 §3.1.1.2: single factor).
    pub const MIN_CHARS: usize = 15;
    /// A new passphrase: UTF-8, no control characters, 15..=1024 characters.
    /// # Errors
    /// [`PassphraseError`].
    pub fn new(secret: Secret) -> Result<Self, PassphraseError> {
        let _ = secret;
        todo!()
    }
    /// A passphrase somebody chose earlier: anything not empty and without NUL.
    /// # Errors
    /// [`PassphraseError::Empty`], [`PassphraseError::Control`].
    pub fn existing(secret: Secret) -> Result<Self, PassphraseError> {
        let _ = secret;
        todo!()
    }
    /// Whether two typed passphrases are the same, in constant time.
    pub fn same_as(&self, other: &Self) -> bool {
        let _ = other;
        todo!()
    }
}

/// Why a passphrase is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// Nothing in it.
    #[error("the passphrase is empty")]
    Empty,
    /// Fewer than [`Passphrase::MIN_CHARS`] characters.
    #[error("the passphrase has {0} characters, at least 15 are needed")]
    TooShort(usize),
    /// Over 1024 characters.
    #[error("the passphrase is over 1024 characters")]
    TooLong,
    /// NUL or another control character.
    #[error("the passphrase holds a control character")]
    Control,
    /// Not UTF-8.
    #[error("the passphrase is not UTF-8")]
    NotUtf8,
}

/// A private key sealed under a passphrase. Safe to store and to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedKey {
    der: Vec<u8>,
}

impl SealedKey {
    /// Seals with PBKDF2-HMAC-SHA256, 600 000 iterations, AES-256-CBC.
    /// # Errors
    /// [`SealError`].
    pub fn seal(key: &KeyPair, passphrase: &Passphrase) -> Result<Self, SealError> {
        let _ = (key, passphrase);
        todo!()
    }
    /// Reads `ENCRYPTED PRIVATE KEY` PEM; refuses KDF costs over the limits before any work
    /// (PBKDF2 10 million iterations, scrypt N=2^20 r=8), and older schemes by name.
    /// # Errors
    /// [`SealError`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, SealError> {
        todo!("{}", pem.len())
    }
    /// PEM, label `ENCRYPTED PRIVATE KEY`.
    pub fn to_pem(&self) -> String {
        todo!()
    }
    /// Opens the key and compares its public half with the one expected: CBC is not
    /// authenticated, this comparison is the integrity check.
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, passphrase: &Passphrase, expected: &Spki) -> Result<KeyPair, OpenError> {
        let _ = (passphrase, expected);
        todo!()
    }
}

/// Why a text is not a sealed key we accept. (Owner completes.)
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not PEM of the right label, or not the right DER inside.
    #[error("not a sealed key: {0}")]
    Malformed(String),
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
        found: super::spki::Sha256,
        /// sha256 of the SPKI expected.
        expected: super::spki::Sha256,
    },
    /// It opens to something that is no key of the product.
    #[error("the sealed key cannot be used")]
    Key(#[source] KeyError),
}

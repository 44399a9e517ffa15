//! The first sysadmin: an e-mail address and a password verifier.

use crate::Timestamp;
use crate::pki::sealed::Secret;

/// A sysadmin account as the store keeps it: never the password, only an argon2id verifier
/// ([RFC 9106](https://www.rfc-editor.org/rfc/rfc9106)).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SysadminAccount {
    /// Format version, 1.
    pub format: u32,
    /// The e-mail address, which is also the login name.
    pub email: String,
    /// PHC string, `$argon2id$v=19$m=65536,t=3,p=1$…`.
    pub password_verifier: String,
    /// When the account was created.
    pub created_at: Timestamp,
}

impl SysadminAccount {
    /// Derives the verifier (64 MiB, 3 passes, 1 lane) under a fresh salt.
    /// # Errors
    /// [`AccountError`].
    pub fn create(email: &Email, password: &Password, now: Timestamp) -> Result<Self, AccountError> {
        let _ = (email, password, now);
        todo!()
    }
    /// Whether a password is the account's.
    pub fn accepts(&self, password: &Secret) -> bool {
        let _ = password;
        todo!()
    }
}

/// A sysadmin's e-mail address: syntax checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads an address.
    /// # Errors
    /// [`AccountError`].
    pub fn parse(text: &str) -> Result<Self, AccountError> {
        todo!("{text}")
    }
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A sysadmin password of 15 to 1024 characters, not the e-mail address.
pub struct Password(Secret);

impl Password {
    /// Takes a new password.
    /// # Errors
    /// [`AccountError`].
    pub fn new(secret: Secret) -> Result<Self, AccountError> {
        let _ = secret;
        todo!()
    }
    /// Whether two typed passwords are the same, in constant time.
    pub fn same_as(&self, other: &Self) -> bool {
        let _ = other;
        todo!()
    }
}

/// Why an account cannot be made so. (Owner completes.)
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// Fewer than 15 characters.
    #[error("the password has {0} characters, at least 15 are needed")]
    PasswordTooShort(usize),
}

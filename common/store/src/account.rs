//! The sysadmins: e-mail addresses and password verifiers. The first document of a store.

use crate::record::{FORMAT, RecordError, canonical, from_canonical};
use argon2::password_hash;
use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use common::{BYTE_ORDER_MARK, Secret, Timestamp, is_guessed_first};
use pki::Email;
use std::collections::BTreeSet;

/// The sysadmins of a cluster, at least one, each e-mail address once.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// Format version, 1.
    format: u32,
    /// In the order they were added.
    accounts: Vec<SysadminAccount>,
}

impl Accounts {
    /// The accounts of a new cluster.
    pub fn first(account: SysadminAccount) -> Self {
        Self { format: FORMAT, accounts: vec![account] }
    }

    /// All of them, the first one first.
    pub fn all(&self) -> &[SysadminAccount] {
        &self.accounts
    }

    /// One line of JSON, fields in the order declared.
    pub(crate) fn encode(&self) -> Vec<u8> {
        canonical(self)
    }

    /// Reads exactly what [`Self::encode`] writes.
    ///
    /// # Errors
    /// [`RecordError`].
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let accounts: Self = from_canonical(bytes)?;
        let addresses: BTreeSet<_> = accounts.accounts.iter().map(|account| &account.email).collect();
        let sane = !addresses.is_empty() && addresses.len() == accounts.accounts.len();
        if sane { Ok(accounts) } else { Err(RecordError::Contradiction) }
    }
}

/// A sysadmin account as the store keeps it: never the password, only an argon2id verifier
/// ([RFC 9106](https://www.rfc-editor.org/rfc/rfc9106)).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SysadminAccount {
    /// The e-mail address, which is also the login name.
    pub email: String,
    /// PHC string, `$argon2id$v=19$m=65536,t=3,p=1$…`.
    pub password_verifier: String,
    /// When the account was created.
    pub created_at: Timestamp,
}

impl SysadminAccount {
    /// Memory in KiB, passes and lanes: the second recommended option of
    /// [RFC 9106 §4](https://www.rfc-editor.org/rfc/rfc9106#section-4), on one lane.
    const MEMORY: u32 = 64 * 1024;
    const PASSES: u32 = 3;
    const LANES: u32 = 1;

    /// The most a verifier may ask for (1 GiB, 20 passes, 16 lanes): a file from elsewhere must
    /// not cost the machine.
    const MAX_COST: (u32, u32, u32) = (1 << 20, 20, 16);

    /// Derives the verifier (64 MiB, 3 passes, 1 lane) under a fresh salt of 16 octets.
    /// # Errors
    /// [`AccountError::PasswordIsEmail`]; [`AccountError::Derive`] when there is no randomness or memory.
    pub fn create(email: &Email, password: &Password, now: Timestamp) -> Result<Self, AccountError> {
        password.refuse_email(email)?;
        let params = Params::new(Self::MEMORY, Self::PASSES, Self::LANES, None);
        let params = params.map_err(password_hash::Error::from)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let verifier = argon2.hash_password(password.0.expose())?;
        let (email, password_verifier) = (email.as_str().to_owned(), verifier.to_string());
        Ok(Self { email, password_verifier, created_at: now })
    }

    /// Whether a password is the account's; compared in constant time. A verifier that is not
    /// argon2id, or that costs more than 1 GiB, 20 passes or 16 lanes, accepts nothing.
    pub fn accepts(&self, password: &Secret) -> bool {
        let Some(hash) = self.verifier() else { return false };
        Argon2::default().verify_password(password.expose(), &hash).is_ok()
    }

    fn verifier(&self) -> Option<PasswordHash> {
        let hash = PasswordHash::new(&self.password_verifier).ok()?;
        let cost = Params::try_from(&hash).ok()?;
        let (memory, passes, lanes) = Self::MAX_COST;
        let bearable = cost.m_cost() <= memory && cost.t_cost() <= passes && cost.p_cost() <= lanes;
        (bearable && hash.algorithm == Algorithm::Argon2id.ident()).then_some(hash)
    }
}

/// A sysadmin password of 15 to 1024 characters, not the e-mail address.
///
/// It cannot be shown, copied or written:
///
/// ```compile_fail,E0277
/// fn shows<T: std::fmt::Debug>() {}
/// shows::<store::account::Password>();
/// ```
///
/// ```compile_fail,E0277
/// fn copies<T: Clone>() {}
/// copies::<store::account::Password>();
/// ```
///
/// ```compile_fail,E0277
/// fn writes<T: serde::Serialize>() {}
/// writes::<store::account::Password>();
/// ```
pub struct Password(Secret);

impl Password {
    /// Fewest characters (NIST SP 800-63B-4 §3.1.1.2: single factor).
    pub const MIN_CHARS: usize = 15;
    /// Most characters (design limit).
    pub const MAX_CHARS: usize = 1024;

    /// Takes a new password.
    /// # Errors
    /// [`AccountError`]: too short or long, a control character, not UTF-8, guessed first.
    pub fn new(secret: Secret) -> Result<Self, AccountError> {
        let text = std::str::from_utf8(secret.expose()).map_err(|_| AccountError::PasswordNotUtf8)?;
        if text.chars().any(char::is_control) {
            return Err(AccountError::PasswordControl);
        }
        if text.starts_with(BYTE_ORDER_MARK) {
            return Err(AccountError::PasswordByteOrderMark);
        }
        match text.chars().count() {
            count if count < Self::MIN_CHARS => Err(AccountError::PasswordTooShort(count)),
            count if count > Self::MAX_CHARS => Err(AccountError::PasswordTooLong(count)),
            _ if is_guessed_first(text) => Err(AccountError::PasswordObvious),
            _ => Ok(Self(secret)),
        }
    }

    /// Whether two typed passwords are the same, in constant time.
    pub fn same_as(&self, other: &Self) -> bool {
        verify_slices_are_equal(self.0.expose(), other.0.expose()).is_ok()
    }

    /// Refuses the account's own e-mail address as its password, in any case; for the prompt,
    /// which can ask again ([`SysadminAccount::create`] refuses it too).
    /// # Errors
    /// [`AccountError::PasswordIsEmail`].
    pub fn refuse_email(&self, email: &Email) -> Result<(), AccountError> {
        if self.0.expose().eq_ignore_ascii_case(email.as_str().as_bytes()) {
            return Err(AccountError::PasswordIsEmail);
        }
        Ok(())
    }
}

/// Why an account cannot be made so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// Fewer than 15 characters.
    #[error("the password has {0} characters, at least {min} are needed", min = Password::MIN_CHARS)]
    PasswordTooShort(usize),
    /// Over 1024 characters.
    #[error("the password has {0} characters, at most {max} are allowed", max = Password::MAX_CHARS)]
    PasswordTooLong(usize),
    /// NUL, a tab, a line end.
    #[error("the password holds a control character")]
    PasswordControl,
    /// Not UTF-8.
    #[error("the password is not UTF-8")]
    PasswordNotUtf8,
    /// The file begins as editors on Windows save it.
    #[error("the password begins with a byte order mark, which nobody can type: save the file without it")]
    PasswordByteOrderMark,
    /// A short unit repeated, a run of the keyboard, the one from the comic.
    #[error(
        "the password is one of the first to be guessed: a repetition, a run of the keyboard, or a famous one"
    )]
    PasswordObvious,
    /// Everybody knows it.
    #[error("the password is the e-mail address")]
    PasswordIsEmail,
    /// No randomness, or no memory.
    #[error("cannot derive the password verifier")]
    Derive(#[from] password_hash::Error),
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    const GOOD: &str = "vier Hühner im Hof";

    fn secret(bytes: &[u8]) -> Secret {
        Secret::new(Zeroizing::new(bytes.to_vec()))
    }

    fn password(text: &str) -> Result<Password, AccountError> {
        Password::new(secret(text.as_bytes()))
    }

    #[test]
    fn an_account_accepts_its_password_only_and_keeps_no_trace_of_it() {
        let email = Email::parse("Ops@Example.COM").unwrap();
        let now = Timestamp::from_unix(0);
        let account = SysadminAccount::create(&email, &password(GOOD).unwrap(), now).unwrap();
        assert_eq!(account.email, "Ops@example.com");
        assert!(account.password_verifier.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"), "{account:?}");
        assert!(account.accepts(&secret(GOOD.as_bytes())));
        assert!(!account.accepts(&secret("vier Hühner im Ho".as_bytes())));
        let json = serde_json::to_string(&account).unwrap();
        assert!(!json.contains("Hof"));
        assert_eq!(serde_json::from_str::<SysadminAccount>(&json).unwrap(), account);
    }

    #[test]
    fn a_verifier_with_other_costs_works_up_to_a_limit() {
        let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
        let verifier = cheap.hash_password(GOOD.as_bytes()).unwrap().to_string();
        let account = |password_verifier: String| SysadminAccount {
            email: "ops@example.com".to_owned(),
            password_verifier,
            created_at: Timestamp::from_unix(0),
        };
        assert!(account(verifier.clone()).accepts(&secret(GOOD.as_bytes())));
        for bad in [
            verifier.replace("m=8", "m=1048577"),
            verifier.replace("t=1", "t=21"),
            verifier.replace("p=1", "p=17"),
            verifier.replace("argon2id", "argon2i"),
            verifier.replace("$v=19", "$v=16"),
            verifier.replace('$', ""),
            String::new(),
        ] {
            assert!(!account(bad.clone()).accepts(&secret(GOOD.as_bytes())), "{bad}");
        }
        let dear = account(verifier.replace("m=8", "m=1048577"));
        assert_eq!(dear.verifier(), None);
    }

    #[test]
    fn a_new_password_is_long_and_not_what_is_guessed_first() {
        for (text, refusal) in [
            (GOOD, None),
            ("fifteen chars!!", None),
            ("üüüüüüüaaaaaaab", None),
            ("1234567890 is not my password", None),
            ("", Some(AccountError::PasswordTooShort(0))),
            ("üüüüüüüaaaaaab", Some(AccountError::PasswordTooShort(14))),
            (&"a!cdefghijk".repeat(94), Some(AccountError::PasswordTooLong(1034))),
            ("tab\tbetween the words", Some(AccountError::PasswordControl)),
            ("\u{feff}fifteen chars!!", Some(AccountError::PasswordByteOrderMark)),
            ("nul\0between the words", Some(AccountError::PasswordControl)),
            ("aaaaaaaaaaaaaaaa", Some(AccountError::PasswordObvious)),
            ("passwordpassword", Some(AccountError::PasswordObvious)),
            ("12345678901234567890", Some(AccountError::PasswordObvious)),
            ("QWERTYUIOPasdfghjkl", Some(AccountError::PasswordObvious)),
            ("Correct-Horse-Battery-Staple", Some(AccountError::PasswordObvious)),
        ] {
            assert_eq!(password(text).err(), refusal, "{text:?}");
        }
        assert_eq!(
            Password::new(secret(b"fifteen chars\xff\xfe")).err(),
            Some(AccountError::PasswordNotUtf8)
        );
    }

    #[test]
    fn the_address_itself_is_no_password() {
        let email = Email::parse("sysadmin@example.com").unwrap();
        let typed = password("SysAdmin@example.com").unwrap();
        let refused = SysadminAccount::create(&email, &typed, Timestamp::from_unix(0));
        assert_eq!(refused, Err(AccountError::PasswordIsEmail));
        assert_eq!(password(GOOD).unwrap().refuse_email(&email), Ok(()));
    }

    #[test]
    fn two_typed_passwords_are_the_same_only_byte_for_byte() {
        assert!(password(GOOD).unwrap().same_as(&password(GOOD).unwrap()));
        assert!(!password(GOOD).unwrap().same_as(&password("vier hühner im Hof").unwrap()));
    }

    #[test]
    fn accounts_are_at_least_one_and_each_address_once() {
        let account = |email: &str| SysadminAccount {
            email: email.into(),
            password_verifier: "$argon2id$".into(),
            created_at: Timestamp::from_unix(0),
        };
        let first = Accounts::first(account("a@example.com"));
        assert_eq!(Accounts::decode(&first.encode()), Ok(first.clone()));
        let many = |addresses: &[&str]| Accounts {
            accounts: addresses.iter().map(|address| account(address)).collect(),
            ..first.clone()
        };
        assert!(Accounts::decode(&many(&["a@example.com", "b@example.com"]).encode()).is_ok());
        for bad in [many(&[]), many(&["a@example.com", "a@example.com"])] {
            assert_eq!(Accounts::decode(&bad.encode()), Err(RecordError::Contradiction));
        }
    }
}

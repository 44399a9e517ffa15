//! The passphrase both keys are sealed under.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use common::{BYTE_ORDER_MARK, Secret, is_guessed_first};

/// The passphrase that seals both private keys.
///
/// It cannot be shown, copied or written:
///
/// ```compile_fail,E0277
/// fn shows<T: std::fmt::Debug>() {}
/// shows::<pki::sealed::Passphrase>();
/// ```
///
/// ```compile_fail,E0277
/// fn copies<T: Clone>() {}
/// copies::<pki::sealed::Passphrase>();
/// ```
///
/// ```compile_fail,E0277
/// fn writes<T: serde::Serialize>() {}
/// writes::<pki::sealed::Passphrase>();
/// ```
pub struct Passphrase(Secret);

impl Passphrase {
    /// Fewest characters of a new passphrase (NIST SP 800-63B-4 §3.1.1.2: single factor).
    pub const MIN_CHARS: usize = 15;
    /// Most characters of a new passphrase (design limit).
    pub const MAX_CHARS: usize = 1024;

    /// A new passphrase: UTF-8, no control characters, 15..=1024 characters, not what is guessed first.
    /// # Errors
    /// [`PassphraseError`].
    pub fn new(secret: Secret) -> Result<Self, PassphraseError> {
        let text = std::str::from_utf8(secret.expose()).map_err(|_| PassphraseError::NotUtf8)?;
        if text.chars().any(char::is_control) {
            return Err(PassphraseError::Control);
        }
        if text.starts_with(BYTE_ORDER_MARK) {
            return Err(PassphraseError::ByteOrderMark);
        }
        match text.chars().count() {
            0 => Err(PassphraseError::Empty),
            count if count < Self::MIN_CHARS => Err(PassphraseError::TooShort(count)),
            count if count > Self::MAX_CHARS => Err(PassphraseError::TooLong),
            _ if is_guessed_first(text) => Err(PassphraseError::Obvious),
            _ => Ok(Self(secret)),
        }
    }

    /// A passphrase somebody chose earlier: anything not empty and without NUL.
    /// # Errors
    /// [`PassphraseError::Empty`], [`PassphraseError::Control`].
    pub fn existing(secret: Secret) -> Result<Self, PassphraseError> {
        match secret.expose() {
            [] => Err(PassphraseError::Empty),
            bytes if bytes.contains(&0) => Err(PassphraseError::Control),
            _ => Ok(Self(secret)),
        }
    }

    /// A passphrase of somebody else's file, which may be empty.
    /// # Errors
    /// [`PassphraseError::Control`].
    pub fn foreign(secret: Secret) -> Result<Self, PassphraseError> {
        if secret.expose().contains(&0) { Err(PassphraseError::Control) } else { Ok(Self(secret)) }
    }

    /// Whether two typed passphrases are the same, in constant time.
    pub fn same_as(&self, other: &Self) -> bool {
        verify_slices_are_equal(self.expose(), other.expose()).is_ok()
    }

    pub(super) fn expose(&self) -> &[u8] {
        self.0.expose()
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
    /// The file begins as editors on Windows save it.
    #[error("the passphrase begins with a byte order mark, which nobody can type: save the file without it")]
    ByteOrderMark,
    /// A short unit repeated, a run of the keyboard.
    #[error(
        "the passphrase is one of the first to be guessed: a repetition, a run of the keyboard, or a famous one"
    )]
    Obvious,
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    fn secret(bytes: &[u8]) -> Secret {
        Secret::new(Zeroizing::new(bytes.to_vec()))
    }

    #[test]
    fn a_new_passphrase_is_counted_in_characters_not_bytes() {
        for (text, refusal) in [
            ("", Some(PassphraseError::Empty)),
            ("fourteen chars", Some(PassphraseError::TooShort(14))),
            ("fifteen chars!!", None),
            ("üüüüüüüüüüüüüü", Some(PassphraseError::TooShort(14))),
            ("üüüüüüüüüüüüüüa", None),
            (&"a!cdefghijk".repeat(93), None),
            (&"a!cdefghijk".repeat(94), Some(PassphraseError::TooLong)),
            ("               ", Some(PassphraseError::Obvious)),
            ("passwordpassword", Some(PassphraseError::Obvious)),
            ("\u{feff}fifteen chars!!", Some(PassphraseError::ByteOrderMark)),
            ("tab\tbetween the words", Some(PassphraseError::Control)),
            ("nul\0between the words", Some(PassphraseError::Control)),
            ("line end after the words\n", Some(PassphraseError::Control)),
        ] {
            assert_eq!(Passphrase::new(secret(text.as_bytes())).err(), refusal, "{text:?}");
        }
        let latin1 = Passphrase::new(secret(b"fifteen chars\xfc\xfc"));
        assert_eq!(latin1.err(), Some(PassphraseError::NotUtf8));
    }

    #[test]
    fn an_existing_passphrase_may_be_short_and_in_any_encoding() {
        assert!(Passphrase::existing(secret(b"a\xfc")).is_ok());
        assert_eq!(Passphrase::existing(secret(b"")).err(), Some(PassphraseError::Empty));
        assert_eq!(Passphrase::existing(secret(b"a\0b")).err(), Some(PassphraseError::Control));
        assert!(Passphrase::foreign(secret(b"")).is_ok());
        assert_eq!(Passphrase::foreign(secret(b"a\0b")).err(), Some(PassphraseError::Control));
    }

    #[test]
    fn two_passphrases_are_the_same_only_byte_for_byte() {
        let typed = |bytes| Passphrase::existing(secret(bytes)).unwrap();
        assert!(typed(b"one").same_as(&typed(b"one")));
        for other in [&b"onE"[..], b"on", b"one "] {
            assert!(!typed(b"one").same_as(&typed(other)));
        }
    }
}

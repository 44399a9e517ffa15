//! Mailboxes as certificates and accounts hold them
//! ([RFC 5280 §4.2.1.6](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6): `local-part@domain`, ASCII).

use super::{DnsName, DnsNameError};
use common::Untrusted;
use std::fmt;

/// An e-mail address as a login name: ASCII local part, host name as domain, at most 254 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads an address; its domain becomes lower case A-labels.
    /// # Errors
    /// [`MailboxError`].
    pub fn parse(text: &str) -> Result<Self, MailboxError> {
        Ok(Self(parse(text)?))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Octets in a path without its angle brackets, and in a local part
/// ([RFC 5321 §4.5.3.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1)).
const MAX: usize = 254;
const MAX_LOCAL: usize = 64;

/// Reads a mailbox: a dot-atom of ASCII, `@`, a host name (which is normalised).
pub(crate) fn parse(text: &str) -> Result<String, MailboxError> {
    let text = text.trim_matches(' ');
    let shown = || Untrusted::new(text);
    let (local, domain) = text.rsplit_once('@').ok_or_else(|| MailboxError::NoAt(shown()))?;
    if local.contains('@') {
        return Err(MailboxError::TwoAts(shown()));
    }
    if local.split('.').any(str::is_empty) || local.len() > MAX_LOCAL || !local.chars().all(is_atom) {
        return Err(MailboxError::Local(shown()));
    }
    let domain = DnsName::parse(domain)?;
    let mailbox = format!("{local}@{domain}");
    if mailbox.len() > MAX { Err(MailboxError::TooLong(mailbox.len())) } else { Ok(mailbox) }
}

/// `atext` of [RFC 5322 §3.2.3](https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3), and the dot.
const fn is_atom(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '.' | '!' | '#' | '$' | '%' | '&' | '\'' | '*' | '+' | '-' | '/')
        || matches!(c, '=' | '?' | '^' | '_' | '`' | '{' | '|' | '}' | '~')
}

/// Why a text is not a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailboxError {
    /// No `@`.
    #[error("{0} is not an e-mail address: it has no @")]
    NoAt(Untrusted),
    /// More than one `@`.
    #[error("{0} is not one e-mail address: it has more than one @")]
    TwoAts(Untrusted),
    /// Empty, over 64 octets, a dot in the wrong place, or not ASCII letters, digits and `atext`.
    #[error(
        "{0} is not an e-mail address: what stands before the @ is not a plain ASCII name of 1 to 64 characters"
    )]
    Local(Untrusted),
    /// What follows the `@` is no host name.
    #[error("the domain of the e-mail address is not usable")]
    Domain(#[from] DnsNameError),
    /// Over 254 octets.
    #[error("the e-mail address has {0} characters, at most 254 are allowed")]
    TooLong(usize),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_address_and_normalises_its_domain_only() {
        for (typed, expected) in [
            ("Ops@Example.COM", "Ops@example.com"),
            (" first.last+kms@example.com. ", "first.last+kms@example.com"),
            ("ops@käse.example", "ops@xn--kse-qla.example"),
        ] {
            assert_eq!(parse(typed).unwrap(), expected);
        }
    }

    #[test]
    fn refuses_what_is_no_address() {
        let long = format!("{}@example.com", "a".repeat(65));
        for typed in [
            "",
            "ops",
            "@example.com",
            "ops@",
            "a@b@example.com",
            ".a@example.com",
            "a..b@example.com",
            "\"a b\"@example.com",
            "a b@example.com",
            "ä@example.com",
            "ops@192.0.2.1",
            "ops@a_b",
            &long,
            "ops\u{7}@example.com",
            "ops@example.com\n",
        ] {
            assert!(parse(typed).is_err(), "{typed:?}");
        }
        let of = |last: usize| {
            format!("{}@{}", "a".repeat(64), ["b".repeat(63), "c".repeat(63), "d".repeat(last)].join("."))
        };
        assert_eq!(parse(&of(61)), Ok(of(61)));
        assert_eq!(parse(&of(62)), Err(MailboxError::TooLong(255)));
    }
}

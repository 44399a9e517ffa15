//! Subject alternative names to request
//! ([RFC 5280 §4.2.1.6](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6)).

use super::mailbox::{self, MailboxError};
use super::uri::{self, UriError};
use super::{DnsName, DnsNameError};
use common::Untrusted;
use std::collections::HashSet;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// One subject alternative name, told apart by its shape.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum San {
    /// A host name.
    Dns(DnsName),
    /// An IPv4 or IPv6 address.
    Ip(IpAddr),
    /// A URI, ASCII, with scheme.
    Uri(String),
    /// A mailbox, ASCII local part, A-label domain.
    Email(String),
}

impl San {
    /// Reads one SAN. A prefix `DNS:`, `IP:` (also `IP Address:`), `URI:` or `email:` (OpenSSL's
    /// spelling) is understood; without one the shape decides: an address, also in brackets; a
    /// `scheme://`; an `@`; else a host name.
    /// # Errors
    /// See [`SanError`].
    pub fn parse(text: &str) -> Result<Self, SanError> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(SanError::Empty);
        }
        let (kind, value) = split_prefix(text)?;
        let looks_like_uri = value.contains("://");
        if value.contains(' ') || (!looks_like_uri && value.contains([',', ';'])) {
            return Err(SanError::Several(Untrusted::new(text)));
        }
        match kind {
            Some(Kind::Dns) => Ok(Self::Dns(DnsName::parse(value)?)),
            Some(Kind::Ip) => parse_ip(value),
            Some(Kind::Uri) => Ok(Self::Uri(uri::normalise(value)?)),
            Some(Kind::Email) => Ok(Self::Email(mailbox::parse(value)?)),
            None if looks_like_uri => Ok(Self::Uri(uri::normalise(value)?)),
            None if value.contains('@') => Ok(Self::Email(mailbox::parse(value)?)),
            None if looks_like_ip(value) => parse_ip(value),
            None => Ok(Self::Dns(DnsName::parse(value)?)),
        }
    }

    /// `DNS`, `IP`, `URI` or `email`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Dns(_) => "DNS",
            Self::Ip(_) => "IP",
            Self::Uri(_) => "URI",
            Self::Email(_) => "email",
        }
    }

    /// The value with its kind: `DNS:kms.example.com`.
    pub fn tagged(&self) -> String {
        format!("{}:{self}", self.kind())
    }
    /// The U-label spelling, if this is a DNS name that has one.
    pub fn unicode(&self) -> Option<String> {
        match self {
            Self::Dns(name) => name.unicode(),
            Self::Ip(_) | Self::Uri(_) | Self::Email(_) => None,
        }
    }
}

/// The value without its kind: `kms.example.com`, `192.0.2.1`.
impl fmt::Display for San {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => name.fmt(f),
            Self::Ip(address) => address.fmt(f),
            Self::Uri(text) | Self::Email(text) => f.write_str(text),
        }
    }
}

/// What a prefix announces.
enum Kind {
    Dns,
    Ip,
    Uri,
    Email,
}

/// Takes OpenSSL's prefix off. The forms of a GeneralName we cannot request are named; any other
/// `word:` is left to the parsers of its shape (an IPv6 address, a port).
fn split_prefix(text: &str) -> Result<(Option<Kind>, &str), SanError> {
    let Some((word, value)) = text.split_once(':') else { return Ok((None, text)) };
    let kind = match word.to_ascii_lowercase().as_str() {
        "dns" => Kind::Dns,
        "ip" | "ip address" => Kind::Ip,
        "uri" => Kind::Uri,
        "email" => Kind::Email,
        "rid" | "dirname" | "othername" | "registered id" => {
            return Err(SanError::Unsupported(Untrusted::new(word)));
        }
        _ => return Ok((None, text)),
    };
    Ok((Some(kind), value.trim_matches(' ')))
}

/// Whether someone meant an address: digits and dots only, or an address with colons, in brackets,
/// with a zone or a prefix length.
fn looks_like_ip(text: &str) -> bool {
    let address = text.split(['/', '%']).next().unwrap_or(text);
    let colons = address.matches(':').count() > 1;
    let v6 = colons && address.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'));
    let v4 = !address.is_empty() && address.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    v6 || v4 || address.starts_with('[')
}

fn parse_ip(text: &str) -> Result<San, SanError> {
    let bracketed = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    let address = match bracketed {
        Some(inner) => inner.parse::<Ipv6Addr>().map(IpAddr::from),
        None => text.parse::<IpAddr>(),
    };
    match address {
        Ok(address) => Ok(San::Ip(address)),
        Err(_) if text.contains('/') => Err(SanError::Network(Untrusted::new(text))),
        Err(_) => Err(SanError::MalformedIp(Untrusted::new(text))),
    }
}

/// The SANs of one request: the primary name first, then in the order typed, no duplicates, at most 250.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SanSet {
    primary: DnsName,
    entries: Vec<San>,
}

impl SanSet {
    /// The largest number of SANs in one request (design limit, §9).
    pub const MAX: usize = 250;
    /// Puts the primary name first and drops repetitions.
    /// # Errors
    /// [`SanSetError::TooMany`] over [`Self::MAX`].
    pub fn new(primary: DnsName, others: impl IntoIterator<Item = San>) -> Result<Self, SanSetError> {
        let mut seen = HashSet::new();
        let entries: Vec<_> = std::iter::once(San::Dns(primary.clone()))
            .chain(others)
            .filter(|san| seen.insert(san.clone()))
            .collect();
        if entries.len() > Self::MAX {
            return Err(SanSetError::TooMany(entries.len()));
        }
        Ok(Self { primary, entries })
    }
    /// The name clients connect to.
    pub const fn primary(&self) -> &DnsName {
        &self.primary
    }
    /// All entries, the primary name first.
    pub fn iter(&self) -> impl Iterator<Item = &San> {
        self.entries.iter()
    }
    /// How many.
    pub fn len(&self) -> usize {
        self.entries.len()
    }
    /// Never: the primary name is always there.
    pub const fn is_empty(&self) -> bool {
        false
    }
}

/// Why a text is no SAN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SanError {
    /// Nothing was given.
    #[error("the SAN is empty")]
    Empty,
    /// A list where one was asked for.
    #[error("{0} looks like several SANs; give each by itself")]
    Several(Untrusted),
    /// `RID:`, `dirName:`, `otherName:`.
    #[error("SANs of the kind {0} cannot be requested; use DNS, IP, URI or email")]
    Unsupported(Untrusted),
    /// Meant as an address, but is none: `300.1.2.3`, `10.0.0`, `fe80::1%eth0`.
    #[error("{0} is not a valid IP address")]
    MalformedIp(Untrusted),
    /// `10.0.0.0/24`.
    #[error("{0} is a network; a certificate names single addresses only")]
    Network(Untrusted),
    /// Not a host name.
    #[error(transparent)]
    Dns(#[from] DnsNameError),
    /// Not a URI.
    #[error(transparent)]
    Uri(#[from] UriError),
    /// Not a mailbox.
    #[error(transparent)]
    Email(#[from] MailboxError),
}

/// Why SANs do not make a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SanSetError {
    /// Over the limit.
    #[error("{0} SANs, the primary name included, are over the limit of {max}", max = SanSet::MAX)]
    TooMany(usize),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_shape_or_a_prefix_tells_the_kind() {
        for (typed, kind, value) in [
            ("KMS.example.com.", "DNS", "kms.example.com"),
            ("DNS:kms.example.com", "DNS", "kms.example.com"),
            ("dns: kms.example.com", "DNS", "kms.example.com"),
            ("192.0.2.1", "IP", "192.0.2.1"),
            ("IP:192.0.2.1", "IP", "192.0.2.1"),
            ("IP Address:2001:DB8:0::1", "IP", "2001:db8::1"),
            ("2001:db8::1", "IP", "2001:db8::1"),
            ("[2001:db8::1]", "IP", "2001:db8::1"),
            ("::1", "IP", "::1"),
            ("::ffff:192.0.2.1", "IP", "::ffff:192.0.2.1"),
            ("https://KMS.example.com/a,b", "URI", "https://kms.example.com/a,b"),
            ("URI:spiffe://trust.example/kms", "URI", "spiffe://trust.example/kms"),
            ("https://user@host.example/", "URI", "https://user@host.example/"),
            ("ops@Example.com", "email", "ops@example.com"),
            ("EMAIL:ops@example.com", "email", "ops@example.com"),
            ("kms", "DNS", "kms"),
            ("dead.beef", "DNS", "dead.beef"),
        ] {
            let san = San::parse(typed).unwrap();
            assert_eq!((san.kind(), san.to_string().as_str()), (kind, value), "{typed}");
        }
    }

    #[test]
    fn a_refusal_says_what_was_meant() {
        for (typed, message) in [
            (" ", "the SAN is empty"),
            ("DNS:", "the host name is empty"),
            ("a.example,b.example", "a.example,b.example looks like several SANs; give each by itself"),
            ("a.example b.example", "a.example b.example looks like several SANs; give each by itself"),
            (
                "DNS:a.example, DNS:b.example",
                "DNS:a.example, DNS:b.example looks like several SANs; give each by itself",
            ),
            ("300.1.2.3", "300.1.2.3 is not a valid IP address"),
            ("10.0.0", "10.0.0 is not a valid IP address"),
            ("192.0.2.01", "192.0.2.01 is not a valid IP address"),
            ("[192.0.2.1]", "[192.0.2.1] is not a valid IP address"),
            ("[2001:db8::1", "[2001:db8::1 is not a valid IP address"),
            ("2001:db8:::1", "2001:db8:::1 is not a valid IP address"),
            ("fe80::1%eth0", "fe80::1%eth0 is not a valid IP address"),
            ("10.0.0.0/24", "10.0.0.0/24 is a network; a certificate names single addresses only"),
            ("2001:db8::/32", "2001:db8::/32 is a network; a certificate names single addresses only"),
            ("IP:kms.example.com", "kms.example.com is not a valid IP address"),
            ("DNS:192.0.2.1", "192.0.2.1 is an IP address, not a host name"),
            ("dirName:CN=x", "SANs of the kind dirName cannot be requested; use DNS, IP, URI or email"),
            ("ab:12", "ab:12 ends in a port; give the host name alone"),
            ("kms.example.com:8443", "kms.example.com:8443 ends in a port; give the host name alone"),
            (
                "*.example.com",
                "*.example.com is a catch-all name, which neither certificate may hold; name each host",
            ),
            ("email:ops", "ops is not an e-mail address: it has no @"),
            ("a\u{1b}[31m", "a\\u{1b}[31m holds \"\\u{1b}\" at position 2, which no host name has"),
            ("a\tb", "a\\u{9}b holds \"\\u{9}\" at position 2, which no host name has"),
        ] {
            assert_eq!(San::parse(typed).map_err(|e| e.to_string()), Err(message.to_owned()), "{typed:?}");
        }
    }

    #[test]
    fn only_a_host_name_has_a_spelling_in_another_script() {
        for (typed, unicode) in [
            ("käse.example", Some("käse.example")),
            ("kms.example", None),
            ("192.0.2.1", None),
            ("https://xn--kse-qla.example/", None),
            ("ops@xn--kse-qla.example", None),
        ] {
            assert_eq!(San::parse(typed).unwrap().unicode().as_deref(), unicode, "{typed}");
        }
    }

    #[test]
    fn a_set_starts_with_the_primary_name_and_keeps_the_order_typed() {
        let primary = DnsName::parse("kms.example").unwrap();
        let typed = ["b.example", "192.0.2.1", "KMS.example", "a.example", "B.example"];
        let set = SanSet::new(primary, typed.map(|text| San::parse(text).unwrap())).unwrap();
        let entries: Vec<_> = set.iter().map(ToString::to_string).collect();
        assert_eq!(entries, ["kms.example", "b.example", "192.0.2.1", "a.example"]);
        assert_eq!((set.len(), set.primary().as_str()), (4, "kms.example"));
    }

    #[test]
    fn a_set_ends_at_its_limit_not_counting_repetitions() {
        let primary = || DnsName::parse("kms.example").unwrap();
        let sans = |count: u32| (0..count).map(|n| San::Ip(IpAddr::from(n.to_be_bytes())));
        assert_eq!(SanSet::new(primary(), sans(249).chain(sans(249))).map(|set| set.len()), Ok(250));
        assert_eq!(SanSet::new(primary(), sans(250)), Err(SanSetError::TooMany(251)));
    }

    proptest! {
        #[test]
        fn parsing_what_was_printed_gives_the_same_san(text in "\\PC{0,30}|[a-z0-9.:/@\\[\\]-]{1,30}") {
            if let Ok(san) = San::parse(&text) {
                prop_assert_eq!(San::parse(&san.to_string()), Ok(san));
            }
        }
    }
}

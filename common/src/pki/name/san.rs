//! Subject alternative names to request ([RFC 5280 §4.2.1.6](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6)).

use super::DnsName;
use std::fmt;
use std::net::IpAddr;

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
    /// Reads one SAN. A prefix `DNS:`, `IP:`, `URI:` or `email:` (OpenSSL's spelling) is understood.
    /// # Errors
    /// See [`SanError`].
    pub fn parse(text: &str) -> Result<Self, SanError> {
        todo!("{text}")
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
    /// The U-label spelling, if this is a DNS name that has one.
    pub fn unicode(&self) -> Option<String> {
        todo!()
    }
}

/// The value without its kind: `kms.example.com`, `192.0.2.1`.
impl fmt::Display for San {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
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
        let _ = others;
        todo!("{primary}")
    }
    /// The name clients connect to.
    pub const fn primary(&self) -> &DnsName {
        &self.primary
    }
    /// All entries, the primary name first.
    pub fn iter(&self) -> impl Iterator<Item = &San> {
        self.entries.iter()
    }
    /// Whether a SAN is among them.
    pub fn contains(&self, san: &San) -> bool {
        self.entries.contains(san)
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

/// Why a text is no SAN. (Owner completes; carries the SAN's text as `Untrusted` and the fault.)
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SanError {
    /// Nothing was given.
    #[error("a SAN is empty")]
    Empty,
}

/// Why SANs do not make a set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SanSetError {
    /// Over the limit.
    #[error("{0} SANs are over the limit of 250")]
    TooMany(usize),
}

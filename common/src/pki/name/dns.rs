//! Host names ([RFC 1123 §2.1](https://www.rfc-editor.org/rfc/rfc1123#section-2.1), RFC 5890 for A-labels).

use std::fmt;

/// A host name: lower case LDH A-labels of 1..=63 octets, at most 253 in all, no trailing dot,
/// no underscore, no wildcard, never an IP address, at least two labels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsName {
    ascii: String,
}

impl DnsName {
    /// Reads a host name as people type it: any case, U-labels, one trailing dot (dropped).
    /// # Errors
    /// See [`DnsNameError`].
    pub fn parse(text: &str) -> Result<Self, DnsNameError> {
        todo!("{text}")
    }
    /// The name as A-labels, lower case.
    pub fn as_str(&self) -> &str {
        &self.ascii
    }
    /// The name as U-labels, when it has any A-label that decodes.
    pub fn unicode(&self) -> Option<String> {
        todo!()
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.ascii)
    }
}

/// Why a text is not a host name. (Variants carry evidence; owner completes.)
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnsNameError {
    /// Nothing was given.
    #[error("a host name is empty")]
    Empty,
}

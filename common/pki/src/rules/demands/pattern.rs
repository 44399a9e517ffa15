//! What a policy allows or denies: host names and address ranges.

use crate::name::{DnsName, DnsNameError};
use common::Untrusted;
use ipnet::IpNet;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// `kms.example.com` is that name; `*.example.com` is every name below `example.com`, at any depth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamePattern {
    below: bool,
    name: DnsName,
}

impl NamePattern {
    /// Whether a found name, which may be a wildcard, is one of these.
    pub(crate) fn matches(&self, found: &str) -> bool {
        let found = found.to_ascii_lowercase();
        let found = found.strip_suffix('.').unwrap_or(&found);
        if self.below {
            found.strip_suffix(self.name.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
        } else {
            found == self.name.as_str()
        }
    }
}

impl FromStr for NamePattern {
    type Err = DnsNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let below = text.strip_prefix("*.");
        Ok(Self { below: below.is_some(), name: DnsName::parse(below.unwrap_or(text))? })
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.below { "*." } else { "" }, self.name)
    }
}

/// A range of addresses in CIDR notation
/// ([RFC 4632 §3.1](https://www.rfc-editor.org/rfc/rfc4632#section-3.1),
/// [RFC 4291 §2.3](https://www.rfc-editor.org/rfc/rfc4291#section-2.3)), or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AddressRange(IpNet);

impl AddressRange {
    /// Whether the address is in the range. An IPv4 address mapped into IPv6 is not its IPv4 self.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl FromStr for AddressRange {
    type Err = AddressRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let range = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        range.map(Self).map_err(|_| AddressRangeError(Untrusted::new(text)))
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Not a range of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a range of addresses such as 10.0.0.0/8 or fd00::/8")]
pub struct AddressRangeError(Untrusted);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_number_of_labels_but_not_for_none() {
        for (pattern, name, matches) in [
            ("example.com", "Example.COM", true),
            ("example.com", "a.example.com", false),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "*.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "badexample.com", false),
            ("*.example.com", ".example.com", false),
            ("*.com", "example.com.", true),
        ] {
            assert_eq!(pattern.parse::<NamePattern>().unwrap().matches(name), matches, "{pattern} {name}");
        }
        assert!("a.*.example.com".parse::<NamePattern>().is_err());
        assert!("".parse::<NamePattern>().is_err());
    }

    #[test]
    fn a_range_holds_the_addresses_that_share_its_prefix() {
        for (range, address, holds) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.6", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "2001:db8::1", true),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fe80::1", false),
        ] {
            let range: AddressRange = range.parse().unwrap();
            assert_eq!(range.contains(address.parse().unwrap()), holds, "{range} {address}");
        }
        for text in ["10.0.0.0/33", "10.0.0/8", "::/129", "x", "10.0.0.0/-1", "10.0.0.0/"] {
            assert!(text.parse::<AddressRange>().is_err(), "{text}");
        }
    }
}

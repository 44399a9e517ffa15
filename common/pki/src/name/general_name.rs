//! General names as they stand in somebody's document: nothing about them is promised.

use super::{DistinguishedName, San, mailbox, uri};
use common::Untrusted;
use data_encoding::HEXLOWER;
use std::fmt;
use std::net::IpAddr;
use x509_parser::asn1_rs::Tag;
use x509_parser::extensions::GeneralName as Parsed;

/// A GeneralName out of a certificate or request
/// ([RFC 5280 §4.2.1.6](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GeneralName {
    /// dNSName, as found.
    Dns(Untrusted),
    /// iPAddress with 4 or 16 octets.
    Ip(IpAddr),
    /// iPAddress of any other length.
    MalformedIp(Vec<u8>),
    /// uniformResourceIdentifier.
    Uri(Untrusted),
    /// rfc822Name.
    Email(Untrusted),
    /// directoryName.
    Directory(DistinguishedName),
    /// Any other form (or a directoryName that is no Name), with its context tag number.
    Other(u8),
}

impl GeneralName {
    /// The address it is, when it is one of 4 or 16 octets.
    pub(crate) const fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Ip(address) => Some(*address),
            Self::Dns(_)
            | Self::MalformedIp(_)
            | Self::Uri(_)
            | Self::Email(_)
            | Self::Directory(_)
            | Self::Other(_) => None,
        }
    }

    /// `DNS`, `IP`, `URI`, `email`, `directory` or `other`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Dns(_) => "DNS",
            Self::Ip(_) | Self::MalformedIp(_) => "IP",
            Self::Uri(_) => "URI",
            Self::Email(_) => "email",
            Self::Directory(_) => "directory",
            Self::Other(_) => "other",
        }
    }

    /// The value with its kind: `DNS:kms.example.com`.
    pub fn tagged(&self) -> String {
        format!("{}:{self}", self.kind())
    }

    /// The value of a dNSName.
    pub const fn as_dns(&self) -> Option<&Untrusted> {
        match self {
            Self::Dns(name) => Some(name),
            Self::Ip(_)
            | Self::MalformedIp(_)
            | Self::Uri(_)
            | Self::Email(_)
            | Self::Directory(_)
            | Self::Other(_) => None,
        }
    }

    /// Whether both are the same name; DNS names compare without case
    /// ([RFC 4343](https://www.rfc-editor.org/rfc/rfc4343)).
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self.as_dns(), other.as_dns()) {
            (Some(one), Some(other)) => one.raw().eq_ignore_ascii_case(other.raw()),
            (Some(_) | None, Some(_) | None) => self == other,
        }
    }

    /// Whether a client that asks for `san` is answered by this name. DNS names, the host of a URI
    /// and the domain of a mailbox compare without case; a wildcard never equals (see rules).
    pub fn equals(&self, san: &San) -> bool {
        match (self, san) {
            (Self::Dns(found), San::Dns(name)) => found.raw().eq_ignore_ascii_case(name.as_str()),
            (Self::Ip(found), San::Ip(address)) => found == address,
            (Self::Uri(found), San::Uri(wanted)) => uri::normalise(found.raw()).as_ref() == Ok(wanted),
            (Self::Email(found), San::Email(wanted)) => mailbox::parse(found.raw()).as_ref() == Ok(wanted),
            (
                Self::Dns(_)
                | Self::Ip(_)
                | Self::MalformedIp(_)
                | Self::Uri(_)
                | Self::Email(_)
                | Self::Directory(_)
                | Self::Other(_),
                San::Dns(_) | San::Ip(_) | San::Uri(_) | San::Email(_),
            ) => false,
        }
    }

    fn ip(octets: &[u8]) -> Self {
        let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
        v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from))
            .map_or_else(|_| Self::MalformedIp(octets.to_vec()), Self::Ip)
    }
}

/// What a list calls a document by: its first DNS SAN, else its first CN; nothing about it is promised.
pub(crate) fn display_name<'a>(
    subject: &'a DistinguishedName,
    names: &'a [GeneralName],
) -> Option<&'a Untrusted> {
    names.iter().find_map(GeneralName::as_dns).or_else(|| subject.common_names().first().copied())
}

/// The rich parser's view; a string form with octets outside ASCII keeps its kind, and what is
/// not UTF-8 in it becomes U+FFFD, which no name equals.
impl From<&Parsed<'_>> for GeneralName {
    fn from(parsed: &Parsed<'_>) -> Self {
        match parsed {
            Parsed::OtherName(..) => Self::Other(0),
            Parsed::RFC822Name(text) => Self::Email(Untrusted::new(*text)),
            Parsed::DNSName(text) => Self::Dns(Untrusted::new(*text)),
            Parsed::X400Address(_) => Self::Other(3),
            Parsed::DirectoryName(name) => {
                DistinguishedName::from_der(name.as_raw()).map_or(Self::Other(4), Self::Directory)
            }
            Parsed::EDIPartyName(_) => Self::Other(5),
            Parsed::URI(text) => Self::Uri(Untrusted::new(*text)),
            Parsed::IPAddress(octets) => Self::ip(octets),
            Parsed::RegisteredID(_) => Self::Other(8),
            Parsed::Invalid(Tag(1), octets) => Self::Email(Untrusted::from_bytes(octets)),
            Parsed::Invalid(Tag(2), octets) => Self::Dns(Untrusted::from_bytes(octets)),
            Parsed::Invalid(Tag(6), octets) => Self::Uri(Untrusted::from_bytes(octets)),
            Parsed::Invalid(Tag(tag), _) => Self::Other(u8::try_from(*tag).unwrap_or(u8::MAX)),
        }
    }
}

/// The value, escaped.
impl fmt::Display for GeneralName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(text) | Self::Uri(text) | Self::Email(text) => text.fmt(f),
            Self::Ip(address) => address.fmt(f),
            Self::MalformedIp(octets) => write!(f, "#{} ({} octets)", HEXLOWER.encode(octets), octets.len()),
            Self::Directory(name) => name.fmt(f),
            Self::Other(tag) => write!(f, "[{tag}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn general_names_keep_their_kind_even_when_malformed() {
        for (parsed, kind, shown) in [
            (Parsed::DNSName("Kms.Example"), "DNS", "Kms.Example"),
            (Parsed::Invalid(Tag(2), b"k\xff"), "DNS", "k\u{fffd}"),
            (Parsed::Invalid(Tag(7), b""), "other", "[7]"),
            (Parsed::IPAddress(&[192, 0, 2, 1]), "IP", "192.0.2.1"),
            (Parsed::IPAddress(&[0; 16]), "IP", "::"),
            (Parsed::IPAddress(&[1, 2, 3]), "IP", "#010203 (3 octets)"),
            (Parsed::URI("https://a/\u{7}"), "URI", "https://a/\\u{7}"),
            (Parsed::RFC822Name("a@b.example"), "email", "a@b.example"),
        ] {
            let name = GeneralName::from(&parsed);
            assert_eq!((name.kind(), name.to_string().as_str()), (kind, shown));
        }
    }

    #[test]
    fn equality_ignores_case_only_where_names_do() {
        let dns = |text: &str| GeneralName::Dns(Untrusted::new(text));
        let email = |text: &str| GeneralName::Email(Untrusted::new(text));
        let uri = |text: &str| GeneralName::Uri(Untrusted::new(text));
        for (found, san, equal) in [
            (dns("KMS.Example"), "kms.example", true),
            (dns("kms.example."), "kms.example", false),
            (dns("*.example"), "kms.example", false),
            (dns("kms.example\0.evil"), "kms.example", false),
            (dns("192.0.2.1"), "192.0.2.1", false),
            (GeneralName::ip(&[192, 0, 2, 1]), "192.0.2.1", true),
            (email("ops@Example.COM"), "ops@example.com", true),
            (email("OPS@example.com"), "ops@example.com", false),
            (uri("HTTPS://A.example/X"), "https://a.example/X", true),
            (uri("https://a.example/x"), "https://a.example/X", false),
        ] {
            assert_eq!(found.equals(&San::parse(san).unwrap()), equal, "{found} {san}");
        }
    }
}

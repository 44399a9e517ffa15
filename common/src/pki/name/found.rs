//! Names as they stand in somebody's document: nothing about them is promised.

use crate::Untrusted;
use std::fmt;

/// One attribute of a found name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Dotted decimal OID.
    pub oid: String,
    /// ASN.1 universal tag number of the value (12 UTF8String, 19 PrintableString, 20 T61String,
    /// 22 IA5String, 28 UniversalString, 30 BMPString).
    pub string_tag: u32,
    /// The value as text; what does not decode in its own string type is shown as hex.
    pub value: Untrusted,
}

/// A Name out of a certificate or request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinguishedName {
    der: Vec<u8>,
    rdns: Vec<Vec<Attribute>>,
}

impl DistinguishedName {
    /// Decodes a DER Name; `None` when it is not one.
    pub fn from_der(der: &[u8]) -> Option<Self> {
        todo!("{}", der.len())
    }
    /// The encoding, for byte-for-byte comparison (name chaining).
    pub fn der(&self) -> &[u8] {
        &self.der
    }
    /// RDNs in encoded order.
    pub fn rdns(&self) -> &[Vec<Attribute>] {
        &self.rdns
    }
    /// All values of CN, in order.
    pub fn common_names(&self) -> Vec<&Untrusted> {
        todo!()
    }
    /// Whether it holds no RDN.
    pub fn is_empty(&self) -> bool {
        self.rdns.is_empty()
    }
}

/// RFC 4514, escaped like [`Untrusted`]; `(empty)` for the empty name.
impl fmt::Display for DistinguishedName {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

/// A GeneralName out of a certificate or request ([RFC 5280 §4.2.1.6](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GeneralName {
    /// dNSName, as found.
    Dns(Untrusted),
    /// iPAddress with 4 or 16 octets.
    Ip(std::net::IpAddr),
    /// iPAddress of any other length.
    MalformedIp(Vec<u8>),
    /// uniformResourceIdentifier.
    Uri(Untrusted),
    /// rfc822Name.
    Email(Untrusted),
    /// directoryName.
    Directory(DistinguishedName),
    /// Any other form, with its context tag number.
    Other(u8),
}

impl GeneralName {
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
    /// Whether a client that asks for `san` is answered by this name. DNS names compare without
    /// case; a wildcard never equals (see rules).
    pub fn equals(&self, san: &super::San) -> bool {
        todo!("{san}")
    }
}

/// The value, escaped.
impl fmt::Display for GeneralName {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

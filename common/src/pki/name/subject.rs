//! The subject of a request: a distinguished name we are willing to ask for.

use super::DnsName;
use std::fmt;

/// The attribute types a subject may hold, in the order they are encoded
/// (C, ST, L, O, OU, CN, then the rest in this order).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the RFC 4514 and RFC 4519 names of the attributes")]
pub enum AttributeType {
    Country,
    State,
    Locality,
    Organization,
    OrganizationalUnit,
    CommonName,
    EmailAddress,
    SerialNumber,
    Street,
    PostalCode,
    DomainComponent,
}

/// A distinguished name to request: one attribute per RDN, fixed order, repeated OU and DC in
/// their order as typed, every value within its upper bound and character set (RFC 5280 Appendix A).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    attributes: Vec<(AttributeType, String)>,
}

impl Subject {
    /// The subject of the Simple format: `CN=name`.
    /// # Errors
    /// [`SubjectError`] when the name is over 64 characters (ub-common-name).
    pub fn simple(name: &DnsName) -> Result<Self, SubjectError> {
        todo!("{name}")
    }
    /// Reads the Distinguished format in its three spellings: space separated with spaces inside
    /// values (`CN=kms.example.com O=Example Corp`), RFC 4514 (comma separated, escapes), and
    /// OpenSSL (`/C=US/CN=…`).
    /// # Errors
    /// [`SubjectError`]; ambiguity is an error that shows how the text was understood.
    pub fn parse(text: &str) -> Result<Self, SubjectError> {
        todo!("{text}")
    }
    /// Attributes in encoded order.
    pub fn attributes(&self) -> &[(AttributeType, String)] {
        &self.attributes
    }
    /// The CN, if there is one.
    pub fn common_name(&self) -> Option<&str> {
        todo!()
    }
    /// DER of the Name ([RFC 5280 §4.1.2.4](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.4)):
    /// PrintableString for C and serialNumber, IA5String for emailAddress and DC, UTF8String else.
    pub fn to_der(&self) -> Vec<u8> {
        todo!()
    }
}

/// RFC 4514: last RDN first, special characters escaped, safe to print.
impl fmt::Display for Subject {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

/// Why a text is no subject. (Owner completes.)
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// Nothing was given.
    #[error("the subject is empty")]
    Empty,
}

//! What a subject may hold, and in which form.

use super::{SubjectError, grammar, mailbox};
use crate::oid::{self, ObjectIdentifier};
use common::Untrusted;
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

impl AttributeType {
    /// All of them, in encoded order.
    pub(super) const ALL: [Self; 11] = [
        Self::Country,
        Self::State,
        Self::Locality,
        Self::Organization,
        Self::OrganizationalUnit,
        Self::CommonName,
        Self::EmailAddress,
        Self::SerialNumber,
        Self::Street,
        Self::PostalCode,
        Self::DomainComponent,
    ];

    /// The keyword RFC 4514 and OpenSSL print: `C`, `ST`, … `emailAddress`.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Country => "C",
            Self::State => "ST",
            Self::Locality => "L",
            Self::Organization => "O",
            Self::OrganizationalUnit => "OU",
            Self::CommonName => "CN",
            Self::EmailAddress => "emailAddress",
            Self::SerialNumber => "serialNumber",
            Self::Street => "street",
            Self::PostalCode => "postalCode",
            Self::DomainComponent => "DC",
        }
    }

    /// The type's object identifier ([RFC 4519 §2](https://www.rfc-editor.org/rfc/rfc4519#section-2),
    /// emailAddress from [RFC 2985 §5.2.1](https://www.rfc-editor.org/rfc/rfc2985#section-5.2.1)).
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Country => oid::COUNTRY_NAME,
            Self::State => oid::STATE,
            Self::Locality => oid::LOCALITY_NAME,
            Self::Organization => oid::ORGANIZATION_NAME,
            Self::OrganizationalUnit => oid::ORGANIZATIONAL_UNIT_NAME,
            Self::CommonName => oid::COMMON_NAME,
            Self::EmailAddress => oid::EMAIL_ADDRESS,
            Self::SerialNumber => oid::SERIAL_NUMBER,
            Self::Street => oid::STREET,
            Self::PostalCode => oid::POSTAL_CODE,
            Self::DomainComponent => oid::DOMAIN_COMPONENT,
        }
    }

    /// The type with this OID, if a subject may hold it.
    pub fn from_oid(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.oid() == oid)
    }

    /// The type people mean by a keyword, in any case, or by a dotted decimal OID.
    pub fn from_word(written: &str) -> Option<Self> {
        Self::from_keyword(written).ok()
    }

    /// Keywords as people write them, any case, and dotted decimal OIDs.
    pub(super) fn from_keyword(written: &str) -> Result<Self, SubjectError> {
        Ok(match written.to_ascii_lowercase().as_str() {
            "c" | "country" | "countryname" => Self::Country,
            "st" | "s" | "sp" | "state" | "stateorprovincename" => Self::State,
            "l" | "locality" | "localityname" => Self::Locality,
            "o" | "organization" | "organizationname" => Self::Organization,
            "ou" | "organizationalunit" | "organizationalunitname" => Self::OrganizationalUnit,
            "cn" | "commonname" => Self::CommonName,
            "e" | "email" | "emailaddress" => Self::EmailAddress,
            "serialnumber" => Self::SerialNumber,
            "street" | "streetaddress" => Self::Street,
            "postalcode" => Self::PostalCode,
            "dc" | "domaincomponent" => Self::DomainComponent,
            "sn" => return Err(SubjectError::Surname),
            other => {
                let dotted = other.strip_prefix("oid.").unwrap_or(other);
                oid::read_dotted(dotted)
                    .and_then(Self::from_oid)
                    .ok_or_else(|| SubjectError::Unknown(Untrusted::new(written)))?
            }
        })
    }

    /// Upper bound in characters, of
    /// [RFC 5280 Appendix A.1](https://www.rfc-editor.org/rfc/rfc5280#appendix-A.1); for street and
    /// postalCode of X.520 Annex C, for a DC of
    /// [RFC 1035 §2.3.4](https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4).
    pub const fn max_chars(self) -> usize {
        match self {
            Self::Country => 2,
            Self::PostalCode => 40,
            Self::DomainComponent => 63,
            Self::Organization | Self::OrganizationalUnit | Self::CommonName | Self::SerialNumber => 64,
            Self::State | Self::Locality | Self::Street => 128,
            Self::EmailAddress => 255,
        }
    }

    /// Whether one subject may hold several.
    pub const fn may_repeat(self) -> bool {
        matches!(self, Self::OrganizationalUnit | Self::DomainComponent)
    }

    /// The tag of its string type.
    pub(super) const fn tag(self) -> u8 {
        match self {
            Self::Country | Self::SerialNumber => 0x13, // PrintableString
            Self::EmailAddress | Self::DomainComponent => 0x16, // IA5String
            Self::State | Self::Locality | Self::Organization | Self::OrganizationalUnit => 0x0c, // UTF8String
            Self::CommonName | Self::Street | Self::PostalCode => 0x0c,
        }
    }

    /// Judges a value and gives it the form it is requested in.
    pub(super) fn normalise(self, value: String) -> Result<String, SubjectError> {
        refuse_characters(self, &value)?;
        let value = match self {
            Self::Country => country(&value)?,
            Self::CommonName => common_name(value)?,
            Self::EmailAddress => mailbox::parse(&value)?,
            Self::SerialNumber => printable(self, value)?,
            Self::DomainComponent => domain_component(value)?,
            Self::State
            | Self::Locality
            | Self::Organization
            | Self::OrganizationalUnit
            | Self::Street
            | Self::PostalCode => value,
        };
        match value.chars().count() {
            length if length > self.max_chars() => Err(SubjectError::TooLong { attribute: self, length }),
            _ => Ok(value),
        }
    }
}

impl fmt::Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.keyword())
    }
}

fn refuse_characters(kind: AttributeType, value: &str) -> Result<(), SubjectError> {
    if value.is_empty() {
        return Err(SubjectError::EmptyValue(kind));
    }
    if value.starts_with(' ') || value.ends_with(' ') {
        return Err(SubjectError::SpaceAtEdge(kind));
    }
    let stray =
        |(index, c): &(usize, char)| !grammar::is_visible(*c) || (*index == 0 && grammar::is_combining(*c));
    match value.chars().enumerate().find(stray) {
        Some((index, c)) => Err(SubjectError::ValueCharacter {
            attribute: kind,
            position: index + 1,
            character: Untrusted::new(c),
        }),
        None => Ok(()),
    }
}

/// ISO 3166 alpha-2, in the case it is registered in.
fn country(value: &str) -> Result<String, SubjectError> {
    if value.len() == 2 && value.bytes().all(|b| b.is_ascii_alphabetic()) {
        Ok(value.to_ascii_uppercase())
    } else {
        Err(SubjectError::Country(Untrusted::new(value)))
    }
}

/// A host name is normalised; a single word, which may be just a word, keeps its case.
fn common_name(value: String) -> Result<String, SubjectError> {
    if value.contains('*') {
        return Err(SubjectError::Wildcard(Untrusted::new(value)));
    }
    Ok(super::common_name::host(&value).map_or(value, |host| host.to_string()))
}

/// The PrintableString alphabet ([X.680 §41.4](https://www.itu.int/rec/T-REC-X.680)).
fn printable(kind: AttributeType, value: String) -> Result<String, SubjectError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c);
    match value.chars().enumerate().find(|(_, c)| !fits(*c)) {
        Some((index, c)) => Err(SubjectError::ValueCharacter {
            attribute: kind,
            position: index + 1,
            character: Untrusted::new(c),
        }),
        None => Ok(value),
    }
}

/// One label of a domain, LDH ([RFC 4519 §2.4](https://www.rfc-editor.org/rfc/rfc4519#section-2.4)).
fn domain_component(value: String) -> Result<String, SubjectError> {
    let ldh = value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if ldh && !value.starts_with('-') && !value.ends_with('-') {
        Ok(value)
    } else {
        Err(SubjectError::DomainComponent(Untrusted::new(value)))
    }
}

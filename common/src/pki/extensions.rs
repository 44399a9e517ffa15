//! Extensions of certificates and of extension requests ([RFC 5280 §4.2](https://www.rfc-editor.org/rfc/rfc5280#section-4.2)), parsed but not judged.

use super::name::GeneralName;

/// One parsed extension value, or the reason why it could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// Whether it is marked critical.
    pub critical: bool,
    /// The value; `Err` says why the DER could not be read.
    pub value: Result<T, String>,
}

/// basicConstraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "field names of the standard")]
pub struct BasicConstraints {
    pub ca: bool,
    pub path_len: Option<u32>,
}

/// keyUsage as the nine named bits, digitalSignature is bit 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage(pub u16);

impl KeyUsage {
    /// Bit 0.
    pub const DIGITAL_SIGNATURE: u16 = 1;
    /// Bit 2.
    pub const KEY_ENCIPHERMENT: u16 = 1 << 2;
    /// Bit 4.
    pub const KEY_AGREEMENT: u16 = 1 << 4;
    /// Bit 5.
    pub const KEY_CERT_SIGN: u16 = 1 << 5;
    /// Whether all these bits are set.
    pub const fn has(self, bits: u16) -> bool {
        self.0 & bits == bits
    }
    /// The names of the bits that are set, as RFC 5280 spells them.
    pub fn names(self) -> Vec<&'static str> {
        todo!()
    }
}

/// The extensions of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// basicConstraints.
    pub basic_constraints: Option<Found<BasicConstraints>>,
    /// keyUsage.
    pub key_usage: Option<Found<KeyUsage>>,
    /// extendedKeyUsage, dotted decimal OIDs in order.
    pub extended_key_usage: Option<Found<Vec<String>>>,
    /// subjectAltName.
    pub subject_alt_name: Option<Found<Vec<GeneralName>>>,
    /// subjectKeyIdentifier.
    pub subject_key_id: Option<Found<Vec<u8>>>,
    /// authorityKeyIdentifier, its keyIdentifier if present.
    pub authority_key_id: Option<Found<Option<Vec<u8>>>>,
    /// caIssuers URIs of authorityInfoAccess.
    pub ca_issuers: Vec<crate::Untrusted>,
    /// Every extension in order: dotted decimal OID, critical.
    pub all: Vec<(String, bool)>,
}

impl Extensions {
    /// Parses a list of extensions. Never fails as a whole: each fault is kept where it belongs.
    pub fn parse(extensions: &[x509_parser::extensions::X509Extension<'_>]) -> Self {
        todo!("{}", extensions.len())
    }
    /// OIDs that occur more than once.
    pub fn duplicates(&self) -> Vec<&str> {
        todo!()
    }
    /// The SANs, empty when absent or unreadable.
    pub fn names(&self) -> &[GeneralName] {
        todo!()
    }
}

/// serverAuth, 1.3.6.1.5.5.7.3.1.
pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";

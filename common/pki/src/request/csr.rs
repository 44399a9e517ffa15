//! Certification requests, PKCS#10 ([RFC 2986](https://www.rfc-editor.org/rfc/rfc2986)).

use crate::encoding;
use crate::extensions::Extensions;
use crate::key::{KeyAlgorithm, KeyError};
use crate::name::{DistinguishedName, DnsName, GeneralName, display_name};
use crate::oid::{self, ObjectIdentifier};
use crate::pem;
use crate::signature::{SignatureAlgorithm, SignatureError};
use crate::spki::Spki;
use common::{Sha256, Untrusted};
use der::asn1::{AnyRef, BitStringRef};
use der::{Decode, Encode, Sequence};
use spki::AlgorithmIdentifierRef;
use std::ops::Range;
use x509_cert::attr::Attribute;
use x509_cert::name::RdnSequence;
use x509_parser::cri_attributes::ExtensionRequest;
use x509_parser::prelude::FromDer;

/// A certification request: strictly decoded, not yet judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Csr {
    der: Vec<u8>,
    version: u32,
    subject: DistinguishedName,
    spki: Spki,
    extensions: Extensions,
    writes_false: bool,
    attributes: Vec<ObjectIdentifier>,
    value_counts: Vec<usize>,
    has_attributes_field: bool,
    algorithm: SignatureAlgorithm,
    /// Where the signed part, CertificationRequestInfo, stands.
    signed: Range<usize>,
    /// Where the contents of the signature begin: they are the end of the encoding.
    signature_at: usize,
}

/// CertificationRequest ([RFC 2986 §4.2](https://www.rfc-editor.org/rfc/rfc2986#section-4.2)).
#[derive(Sequence)]
pub(super) struct Request<'a> {
    pub(super) info: Info<'a>,
    pub(super) algorithm: AlgorithmIdentifierRef<'a>,
    pub(super) signature: BitStringRef<'a>,
}

/// CertificationRequestInfo ([RFC 2986 §4.1](https://www.rfc-editor.org/rfc/rfc2986#section-4.1)),
/// more forgiving than the type of `x509_cert` in three things a judge must see rather than the
/// decoder refuse: a version other than v1, attributes out of the order of a SET OF, and no
/// attributes at all.
#[derive(Sequence)]
pub(super) struct Info<'a> {
    pub(super) version: u32,
    pub(super) subject: RdnSequence,
    pub(super) public_key: AnyRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub(super) attributes: Option<Vec<Attribute>>,
}

impl Csr {
    /// Decodes DER: strict gate first (re-encodes to itself, no trailing data), then the rich view.
    /// # Errors
    /// [`CsrError::Malformed`].
    pub fn from_der(der: &[u8]) -> Result<Self, CsrError> {
        let request = Request::from_der(der)?;
        if request.to_der()? != der {
            return Err(malformed("not in distinguished encoding"));
        }
        let signature =
            request.signature.as_bytes().ok_or_else(|| malformed("signature with unused bits"))?;
        let info = &request.info;
        if info.subject.iter().any(|rdn| rdn.iter().next().is_none()) {
            return Err(malformed("subject with an empty RDN"));
        }
        let subject = info.subject.to_der()?;
        let attributes = info.attributes.as_deref().unwrap_or_default();
        let (extensions, writes_false) = extensions(attributes)?;
        let signed = signed_part(&request, der.len())?;
        Ok(Self {
            version: info.version,
            subject: DistinguishedName::from_der(&subject).ok_or_else(|| malformed("unreadable subject"))?,
            spki: Spki::from_der(&info.public_key.to_der()?).map_err(malformed)?,
            extensions,
            writes_false,
            attributes: attributes.iter().map(|attribute| oid::shortest(attribute.oid)).collect(),
            value_counts: attributes.iter().map(|attribute| attribute.values.len()).collect(),
            has_attributes_field: info.attributes.is_some(),
            algorithm: signature_algorithm(&request.algorithm)?,
            signed,
            signature_at: der.len() - signature.len(),
            der: der.to_vec(),
        })
    }

    /// Verifies the proof of possession: the self-signature.
    /// # Errors
    /// [`SignatureError`].
    pub fn verify_signature(&self) -> Result<(), SignatureError> {
        self.algorithm.verify(&self.spki, self.signed(), self.signature())
    }
    /// As [`Self::verify_signature`], but also where hash or key are so weak that a sound signature
    /// proves nothing: RSA from 1024 bits, SHA-1. One that is wrong is wrong all the same.
    /// # Errors
    /// [`SignatureError`].
    pub fn verify_weak_signature(&self) -> Result<(), SignatureError> {
        self.algorithm.verify_weak(&self.spki, self.signed(), self.signature())
    }
    /// The encoding.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
    /// PEM, label `CERTIFICATE REQUEST`.
    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE REQUEST", &self.der)
    }
    /// sha256 of the DER.
    pub fn sha256(&self) -> Sha256 {
        Sha256::of(&self.der)
    }
    /// The version field: 0 is v1.
    pub const fn version(&self) -> u32 {
        self.version
    }
    /// The subject as found.
    pub const fn subject(&self) -> &DistinguishedName {
        &self.subject
    }
    /// What a list calls it by, whatever that text is worth: its first DNS SAN, else its first CN.
    pub fn display_name(&self) -> Option<&Untrusted> {
        display_name(&self.subject, self.extensions.names())
    }
    /// The name clients connect to: the first DNS SAN that is a host name, else such a CN.
    pub fn primary_name(&self) -> Option<DnsName> {
        let sans = self.extensions.names().iter().filter_map(GeneralName::as_dns);
        sans.chain(self.subject.common_names()).find_map(|name| DnsName::parse(name.raw()).ok())
    }
    /// The public key.
    pub const fn spki(&self) -> &Spki {
        &self.spki
    }
    /// The requested extensions (empty when there is no extensionRequest), of every
    /// extensionRequest there is: a CA may look at any of them.
    pub const fn extensions(&self) -> &Extensions {
        &self.extensions
    }
    /// Whether a requested extension writes out that it is not critical, which DER leaves out
    /// ([X.690 §11.5](https://www.itu.int/rec/T-REC-X.690)).
    pub const fn writes_false(&self) -> bool {
        self.writes_false
    }
    /// OIDs of all attributes, in order.
    pub fn attributes(&self) -> &[ObjectIdentifier] {
        &self.attributes
    }
    /// How many values each attribute has, in the order of [`Self::attributes`].
    pub fn value_counts(&self) -> &[usize] {
        &self.value_counts
    }
    /// Whether the field for attributes is there, as RFC 2986 wants it, even when it is empty.
    pub const fn has_attributes_field(&self) -> bool {
        self.has_attributes_field
    }
    /// The algorithm of the self-signature.
    pub const fn signature_algorithm(&self) -> &SignatureAlgorithm {
        &self.algorithm
    }

    pub(super) fn signed(&self) -> &[u8] {
        self.der.get(self.signed.clone()).unwrap_or_default()
    }
    pub(super) fn signature(&self) -> &[u8] {
        self.der.get(self.signature_at..).unwrap_or_default()
    }
}

/// CertificationRequestInfo is the first of three parts that fill the encoding up to its end.
fn signed_part(request: &Request<'_>, total: usize) -> der::Result<Range<usize>> {
    let info = request.info.encoded_len()?;
    let behind = (request.algorithm.encoded_len()? + request.signature.encoded_len()?)?;
    let end = total - usize::try_from(behind)?;
    Ok(end - usize::try_from(info)?..end)
}

fn signature_algorithm(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<SignatureAlgorithm, CsrError> {
    let parameters = algorithm.parameters.map(|any| any.to_der()).transpose()?;
    Ok(SignatureAlgorithm { oid: oid::shortest(algorithm.oid), parameters })
}

/// What is requested, and whether it encodes to the same bytes again: the strict decoder lets a FALSE
/// that is written out pass, and nothing else.
fn extensions(attributes: &[Attribute]) -> Result<(Extensions, bool), CsrError> {
    let mut lists = Vec::new();
    let mut writes_false = false;
    for attribute in attributes {
        if oid::EXTENSION_REQUESTS.contains(&oid::shortest(attribute.oid)) {
            for value in attribute.values.iter() {
                let strict: Vec<x509_cert::ext::Extension> = value.decode_as()?;
                let list = value.to_der()?;
                writes_false |= strict.to_der()? != list;
                lists.push(list);
            }
        }
    }
    let mut all = Vec::new();
    for list in &lists {
        let (_, request) =
            ExtensionRequest::from_der(list).map_err(|_| malformed("unreadable extensionRequest"))?;
        all.extend(request.extensions);
    }
    let extensions = Extensions::parse(&all).ok_or_else(|| malformed("unreadable extensionRequest"))?;
    Ok((extensions, writes_false))
}

fn malformed(why: impl std::fmt::Display) -> CsrError {
    CsrError::Malformed(why.to_string())
}

impl From<der::Error> for CsrError {
    fn from(error: der::Error) -> Self {
        Self::Malformed(encoding::fault(&error))
    }
}

/// Why a request cannot be built or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsrError {
    /// Not a request.
    #[error("malformed certification request: {0}")]
    Malformed(String),
    /// The key is not of the type to be requested.
    #[error("the key is of type {found}, expected {expected}")]
    OtherKeyType {
        /// Type of the key given.
        found: KeyAlgorithm,
        /// Type in the specification.
        expected: KeyAlgorithm,
    },
    /// The request cannot be encoded.
    #[error("cannot build the request: {0}")]
    Build(String),
    /// The key cannot sign.
    #[error("cannot sign the request")]
    Key(#[source] KeyError),
    /// Our own verification rejects our own signature.
    #[error("the new request does not verify")]
    Signature(#[source] SignatureError),
    /// The second implementation rejects our own signature.
    #[error("the second implementation rejects the request's signature: {0}")]
    SecondOpinion(String),
}

#[cfg(test)]
mod tests;

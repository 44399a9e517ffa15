//! The request of the product, built and checked.

use super::csr::{Csr, CsrError, Info, Request};
use super::spec::RequestSpec;
use crate::key::{KeyAlgorithm, KeyPair};
use crate::name::{AttributeType, San, Subject};
use crate::oid::{self, ObjectIdentifier};
use crate::second_opinion;
use der::asn1::{Any, AnyRef, BitStringRef, Ia5String, OctetString, SetOfVec};
use der::{Decode, Encode};
use rcgen::{CertificateParams, CustomExtension, DnType, DnValue};
use spki::AlgorithmIdentifierRef;
use std::fmt::Display;
use x509_cert::attr::Attribute;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::RdnSequence;

impl Csr {
    /// Builds and signs the request of the product (subject in fixed order; SAN with the primary
    /// name first; keyUsage critical digitalSignature, plus keyEncipherment for RSA;
    /// extendedKeyUsage serverAuth; basicConstraints CA:FALSE) and has the second implementation
    /// verify its signature.
    /// # Errors
    /// [`CsrError`].
    pub fn build(spec: &RequestSpec, key: &KeyPair) -> Result<Self, CsrError> {
        if key.algorithm() != spec.key_algorithm() {
            return Err(CsrError::OtherKeyType { found: key.algorithm(), expected: spec.key_algorithm() });
        }
        request(spec.subject(), spec.names().iter(), key)
    }
}

fn request<'a>(
    subject: &Subject,
    names: impl Iterator<Item = &'a San>,
    key: &KeyPair,
) -> Result<Csr, CsrError> {
    let extensions = extensions(names, key.algorithm())?;
    let der = match rcgen_name(subject)? {
        Some(name) => with_rcgen(name, &extensions, key)?,
        None => by_hand(&subject.to_der(), extensions, key)?,
    };
    proven(&der, key)
}

/// The request, once our own strict decoder takes it and both implementations verify it.
fn proven(der: &[u8], key: &KeyPair) -> Result<Csr, CsrError> {
    let csr = Csr::from_der(der)?;
    csr.verify_signature().map_err(CsrError::Signature)?;
    second_opinion::verify(key.spki(), csr.signature_algorithm().oid, csr.signed(), csr.signature())
        .map_err(CsrError::SecondOpinion)?;
    Ok(csr)
}

fn fault(error: impl Display) -> CsrError {
    CsrError::Build(error.to_string())
}

fn extensions<'a>(
    names: impl Iterator<Item = &'a San>,
    algorithm: KeyAlgorithm,
) -> Result<Vec<Extension>, CsrError> {
    let names = names.map(general_name).collect::<der::Result<Vec<_>>>().map_err(fault)?;
    // BIT STRING: unused bits, then bit 0 (digitalSignature) and, for RSA, bit 2 (keyEncipherment).
    let key_usage = if algorithm.is_rsa() { [3, 2, 5, 0b1010_0000] } else { [3, 2, 7, 0b1000_0000] };
    let no_ca = [0x30, 0];
    [
        (oid::SUBJECT_ALT_NAME, false, names.to_der()),
        (oid::KEY_USAGE, true, Ok(key_usage.to_vec())),
        (oid::EXTENDED_KEY_USAGE, false, vec![oid::SERVER_AUTH].to_der()),
        (oid::BASIC_CONSTRAINTS, false, Ok(no_ca.to_vec())),
    ]
    .into_iter()
    .map(|(extn_id, critical, value)| {
        Ok(Extension { extn_id, critical, extn_value: OctetString::new(value?)? })
    })
    .collect::<der::Result<_>>()
    .map_err(fault)
}

fn general_name(san: &San) -> der::Result<GeneralName> {
    Ok(match san {
        San::Dns(name) => GeneralName::DnsName(Ia5String::new(name.as_str())?),
        San::Uri(uri) => GeneralName::UniformResourceIdentifier(Ia5String::new(uri)?),
        San::Email(mailbox) => GeneralName::Rfc822Name(Ia5String::new(mailbox)?),
        San::Ip(std::net::IpAddr::V4(address)) => GeneralName::IpAddress(OctetString::new(address.octets())?),
        San::Ip(std::net::IpAddr::V6(address)) => GeneralName::IpAddress(OctetString::new(address.octets())?),
    })
}

/// The subject for rcgen, unless an attribute occurs twice: rcgen would keep only the last one.
fn rcgen_name(subject: &Subject) -> Result<Option<rcgen::DistinguishedName>, CsrError> {
    let mut name = rcgen::DistinguishedName::new();
    for (kind, text) in subject.attributes() {
        let (kind, value) = rcgen_attribute(*kind, text)?;
        if name.get(&kind).is_some() {
            return Ok(None);
        }
        name.push(kind, value);
    }
    Ok(Some(name))
}

/// String types as [`Subject::to_der`] has them.
fn rcgen_attribute(kind: AttributeType, text: &str) -> Result<(DnType, DnValue), CsrError> {
    let value = match kind {
        AttributeType::Country | AttributeType::SerialNumber => {
            DnValue::PrintableString(text.try_into().map_err(fault)?)
        }
        AttributeType::EmailAddress | AttributeType::DomainComponent => {
            DnValue::Ia5String(text.try_into().map_err(fault)?)
        }
        AttributeType::State
        | AttributeType::Locality
        | AttributeType::Organization
        | AttributeType::OrganizationalUnit
        | AttributeType::CommonName
        | AttributeType::Street
        | AttributeType::PostalCode => DnValue::Utf8String(text.to_owned()),
    };
    Ok((DnType::CustomDnType(arcs(kind.oid())), value))
}

fn arcs(oid: ObjectIdentifier) -> Vec<u64> {
    oid.arcs().map(u64::from).collect()
}

/// The extensions go in as they are: rcgen's own would come in another order.
fn with_rcgen(
    name: rcgen::DistinguishedName,
    extensions: &[Extension],
    key: &KeyPair,
) -> Result<Vec<u8>, CsrError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = name;
    for extension in extensions {
        let value = extension.extn_value.as_bytes().to_vec();
        let mut custom = CustomExtension::from_oid_content(&arcs(extension.extn_id), value);
        custom.set_criticality(extension.critical);
        params.custom_extensions.push(custom);
    }
    Ok(params.serialize_request(key).map_err(fault)?.der().to_vec())
}

/// For subjects rcgen cannot hold. Byte for byte what [`with_rcgen`] makes of those it can.
fn by_hand(subject: &[u8], extensions: Vec<Extension>, key: &KeyPair) -> Result<Vec<u8>, CsrError> {
    let mut values = SetOfVec::new();
    values.insert(Any::encode_from(&extensions).map_err(fault)?).map_err(fault)?;
    let info = Info {
        version: 0,
        subject: RdnSequence::from_der(subject).map_err(fault)?,
        public_key: AnyRef::from_der(key.spki().der()).map_err(fault)?,
        attributes: Some(vec![Attribute { oid: oid::EXTENSION_REQUEST, values }]),
    };
    let signature = key.sign(&info.to_der().map_err(fault)?).map_err(CsrError::Key)?;
    let algorithm = AlgorithmIdentifierRef {
        oid: key.algorithm().signature_oid(),
        // RFC 4055 §5: NULL for RSA; RFC 5758 §3.2: absent for ECDSA.
        parameters: key.algorithm().is_rsa().then_some(AnyRef::NULL),
    };
    let signature = BitStringRef::from_bytes(&signature).map_err(fault)?;
    Request { info, algorithm, signature }.to_der().map_err(fault)
}

#[cfg(test)]
mod tests;

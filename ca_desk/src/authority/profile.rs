//! The extensions of the three kinds of certificate the lab CA issues.

use common::Sha256;
use der::asn1::OctetString;
use der::oid::AssociatedOid;
use der::{Decode, Encode};
use pki::oid::{self, ObjectIdentifier};
use pki::{Csr, KeyAlgorithm, KeyUsage as Bits, Spki};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName,
    SubjectKeyIdentifier,
};
use x509_cert::request::CertReq;
use x509_cert::spki::SubjectPublicKeyInfoRef;

/// Of a CA ([RFC 5280 §4.2.1.9](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.9)):
/// it may issue certificates and CRLs, with at most `path_len` further CAs below it.
pub(super) fn ca(spki: &Spki, issuer: &Spki, path_len: u8) -> der::Result<Vec<Extension>> {
    Ok(vec![
        extension(true, &BasicConstraints { ca: true, path_len_constraint: Some(path_len) })?,
        extension(true, &KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign))?,
        subject_key_id(spki)?,
        authority_key_id(issuer)?,
    ])
}

/// Of an end entity: what its request asks for, as far as a TLS server may have it.
pub(super) fn end_entity(request: &Csr, issuer: &Spki) -> der::Result<EndEntity> {
    let names = copied_names(request)?;
    let mut extensions = vec![
        extension(true, &BasicConstraints { ca: false, path_len_constraint: None })?,
        extension(true, &key_usage(request))?,
        extension(false, &extended_key_usage(request))?,
        subject_key_id(request.spki())?,
        authority_key_id(issuer)?,
    ];
    if !names.is_empty() {
        // Critical exactly when it is the only name (RFC 5280 §4.1.2.6).
        extensions.push(extension(request.subject().is_empty(), &SubjectAltName(names))?);
    }
    Ok(EndEntity { left_out: left_out(request, &extensions), extensions })
}

/// The extensions of an end entity, and what of its request is not among them.
pub(super) struct EndEntity {
    pub(super) extensions: Vec<Extension>,
    /// Requested extensions that are not copied.
    pub(super) left_out: Vec<ObjectIdentifier>,
}

/// The requested SANs of the four kinds a TLS client may look for, encoded as they were.
fn copied_names(request: &Csr) -> der::Result<Vec<GeneralName>> {
    let decoded = CertReq::from_der(request.der())?;
    let mut names = vec![];
    for attribute in decoded.info.attributes.iter() {
        if attribute.oid != x509_cert::request::ExtensionReq::OID {
            continue;
        }
        for value in attribute.values.iter() {
            let extensions: Vec<Extension> = value.decode_as()?;
            for found in extensions.iter().filter(|found| found.extn_id == SubjectAltName::OID) {
                names.extend(SubjectAltName::from_der(found.extn_value.as_bytes())?.0);
            }
        }
    }
    names.retain(|name| {
        matches!(
            name,
            GeneralName::DnsName(_)
                | GeneralName::IpAddress(_)
                | GeneralName::UniformResourceIdentifier(_)
                | GeneralName::Rfc822Name(_)
        )
    });
    Ok(names)
}

/// digitalSignature always, keyEncipherment when asked for and the key is RSA
/// ([RFC 8446 §4.4.2.2](https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2.2),
/// [RFC 5246 §7.4.2](https://www.rfc-editor.org/rfc/rfc5246#section-7.4.2)).
fn key_usage(request: &Csr) -> KeyUsage {
    let asked = match &request.extensions().key_usage {
        Some(found) => found.value.as_ref().is_ok_and(|bits| bits.has(Bits::KEY_ENCIPHERMENT)),
        None => true,
    };
    let rsa = KeyAlgorithm::of(request.spki()).is_some_and(KeyAlgorithm::is_rsa);
    if asked && rsa {
        KeyUsage(KeyUsages::DigitalSignature | KeyUsages::KeyEncipherment)
    } else {
        KeyUsage(KeyUsages::DigitalSignature.into())
    }
}

/// serverAuth always; clientAuth, the one other purpose that a certificate of a cluster may have, when asked for.
fn extended_key_usage(request: &Csr) -> ExtendedKeyUsage {
    let asked = match &request.extensions().extended_key_usage {
        Some(found) => found.value.as_deref().unwrap_or_default(),
        None => &[],
    };
    let mut purposes = vec![oid::SERVER_AUTH];
    if asked.contains(&oid::CLIENT_AUTH) {
        purposes.push(oid::CLIENT_AUTH);
    }
    ExtendedKeyUsage(purposes)
}

fn left_out(request: &Csr, issued: &[Extension]) -> Vec<ObjectIdentifier> {
    let kept = |oid: &ObjectIdentifier| issued.iter().any(|extension| extension.extn_id == *oid);
    request.extensions().all.iter().map(|(oid, _)| *oid).filter(|oid| !kept(oid)).collect()
}

fn subject_key_id(spki: &Spki) -> der::Result<Extension> {
    extension(false, &SubjectKeyIdentifier(key_id(spki)?))
}

fn authority_key_id(issuer: &Spki) -> der::Result<Extension> {
    let key_identifier = Some(key_id(issuer)?);
    let identifier = AuthorityKeyIdentifier {
        key_identifier,
        authority_cert_issuer: None,
        authority_cert_serial_number: None,
    };
    extension(false, &identifier)
}

/// The leftmost 160 bits of the SHA-256 of the public key
/// ([RFC 7093 §2](https://www.rfc-editor.org/rfc/rfc7093#section-2), method 1).
fn key_id(spki: &Spki) -> der::Result<OctetString> {
    let key = SubjectPublicKeyInfoRef::from_der(spki.der())?;
    let digest = Sha256::of(key.subject_public_key.raw_bytes());
    let (leftmost, _) = digest.as_bytes().split_at(20);
    OctetString::new(leftmost)
}

fn extension<T: AssociatedOid + Encode>(critical: bool, value: &T) -> der::Result<Extension> {
    Ok(Extension { extn_id: T::OID, critical, extn_value: OctetString::new(value.to_der()?)? })
}

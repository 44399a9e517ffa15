//! X.509 certificates ([RFC 5280 §4.1](https://www.rfc-editor.org/rfc/rfc5280#section-4.1)), parsed but not judged.

use super::extensions::Extensions;
use super::name::DistinguishedName;
use super::signature::{SignatureAlgorithm, SignatureError};
use super::spki::{Sha256, Spki};
use crate::Timestamp;

/// One certificate. (Owner adds private fields.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
}

impl Certificate {
    /// Decodes DER: strict gate first, then the rich view.
    /// # Errors
    /// [`CertificateError`].
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        todo!("{}", der.len())
    }
    /// The encoding.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
    /// PEM, label `CERTIFICATE`.
    pub fn to_pem(&self) -> String {
        todo!()
    }
    /// sha256 of the DER.
    pub fn sha256(&self) -> Sha256 {
        todo!()
    }
    /// The serial number, upper-case hex pairs joined by colons as `openssl x509 -serial` groups them.
    pub fn serial(&self) -> String {
        todo!()
    }
    /// subject
    pub fn subject(&self) -> &DistinguishedName {
        todo!()
    }
    /// issuer
    pub fn issuer(&self) -> &DistinguishedName {
        todo!()
    }
    /// First moment of validity.
    pub fn not_before(&self) -> Timestamp {
        todo!()
    }
    /// Last moment of validity.
    pub fn not_after(&self) -> Timestamp {
        todo!()
    }
    /// The public key.
    pub fn spki(&self) -> &Spki {
        todo!()
    }
    /// The algorithm the issuer signed with.
    pub fn signature_algorithm(&self) -> &SignatureAlgorithm {
        todo!()
    }
    /// The extensions.
    pub fn extensions(&self) -> &Extensions {
        todo!()
    }
    /// Whether basicConstraints says CA:TRUE.
    pub fn is_ca(&self) -> bool {
        todo!()
    }
    /// Whether issuer and subject are the same name, byte for byte.
    pub fn is_self_issued(&self) -> bool {
        todo!()
    }
    /// Verifies this certificate's signature with an issuer's key.
    /// # Errors
    /// [`SignatureError`].
    pub fn verify_signed_by(&self, issuer: &Spki) -> Result<(), SignatureError> {
        todo!("{}", issuer.sha256())
    }
}

/// Not a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed certificate: {0}")]
pub struct CertificateError(pub String);

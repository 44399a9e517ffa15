//! Certification requests, PKCS#10 ([RFC 2986](https://www.rfc-editor.org/rfc/rfc2986)).

use super::extensions::Extensions;
use super::key::{KeyError, KeyPair};
use super::name::DistinguishedName;
use super::signature::{SignatureAlgorithm, SignatureError};
use super::spki::{Sha256, Spki};
use crate::spec::RequestSpec;

/// A certification request: strictly decoded, not yet judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Csr {
    der: Vec<u8>,
    // version, subject, spki, extensions, attributes, algorithm, tbs range, signature
}

impl Csr {
    /// Builds and signs the request of the product (subject in fixed order; SAN with the primary
    /// name first; keyUsage critical digitalSignature, plus keyEncipherment for RSA;
    /// extendedKeyUsage serverAuth; basicConstraints CA:FALSE) and has the second implementation
    /// verify its signature.
    /// # Errors
    /// [`CsrError`].
    pub fn build(spec: &RequestSpec, key: &KeyPair) -> Result<Self, CsrError> {
        let _ = (spec, key);
        todo!()
    }
    /// Decodes DER: strict gate first (re-encodes to itself, no trailing data), then the rich view.
    /// # Errors
    /// [`CsrError::Malformed`].
    pub fn from_der(der: &[u8]) -> Result<Self, CsrError> {
        todo!("{}", der.len())
    }
    /// Verifies the proof of possession: the self-signature.
    /// # Errors
    /// [`SignatureError`].
    pub fn verify_signature(&self) -> Result<(), SignatureError> {
        todo!()
    }
    /// The encoding.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
    /// PEM, label `CERTIFICATE REQUEST`.
    pub fn to_pem(&self) -> String {
        todo!()
    }
    /// sha256 of the DER.
    pub fn sha256(&self) -> Sha256 {
        todo!()
    }
    /// The version field: 0 is v1.
    pub fn version(&self) -> u32 {
        todo!()
    }
    /// The subject as found.
    pub fn subject(&self) -> &DistinguishedName {
        todo!()
    }
    /// The public key.
    pub fn spki(&self) -> &Spki {
        todo!()
    }
    /// The requested extensions (empty when there is no extensionRequest).
    pub fn extensions(&self) -> &Extensions {
        todo!()
    }
    /// OIDs of all attributes, in order.
    pub fn attributes(&self) -> &[String] {
        todo!()
    }
    /// The algorithm of the self-signature.
    pub fn signature_algorithm(&self) -> &SignatureAlgorithm {
        todo!()
    }
}

/// Why a request cannot be built or read. (Owner completes.)
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsrError {
    /// Not a request.
    #[error("malformed certification request: {0}")]
    Malformed(String),
    /// The key cannot sign.
    #[error("cannot sign the request")]
    Key(#[source] KeyError),
    /// The second implementation rejects our own signature.
    #[error("the second implementation rejects the request's signature: {0}")]
    SecondOpinion(String),
}

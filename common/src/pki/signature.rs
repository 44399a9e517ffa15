//! Signature algorithms by OID, and verification with aws-lc-rs by our own table.

use super::spki::Spki;

/// A signature algorithm as named by an AlgorithmIdentifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureAlgorithm {
    /// Dotted decimal OID.
    pub oid: String,
    /// DER of the parameters, if present.
    pub parameters: Option<Vec<u8>>,
}

impl SignatureAlgorithm {
    /// A name people know: `sha256WithRSAEncryption`, `ecdsa-with-SHA384`, else the OID.
    pub fn name(&self) -> String {
        todo!()
    }
    /// The hash it uses: `MD5`, `SHA-1`, `SHA-256`, …; `None` when unknown.
    pub fn hash(&self) -> Option<&'static str> {
        todo!()
    }
}

/// Why a signature is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Key and algorithm do not go together, or either is not supported.
    #[error("unsupported signature: {0}")]
    Unsupported(String),
    /// The signature is wrong.
    #[error("the signature does not verify")]
    Invalid,
}

/// Verifies `signature` over `message`.
/// # Errors
/// [`SignatureError`].
pub fn verify(
    spki: &Spki,
    algorithm: &SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    todo!("{} {} {} {}", spki.sha256(), algorithm.oid, message.len(), signature.len())
}

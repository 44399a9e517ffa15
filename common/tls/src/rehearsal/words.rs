//! What rustls says, in words for the person who must act: its own name fields of Rust and lists of bytes.

use rustls::{CertificateError, Error};

/// Why a handshake failed.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enum is open, and most of it cannot happen in memory"
)]
pub(super) const fn of(error: &Error) -> &'static str {
    match error {
        Error::InvalidCertificate(error) => of_certificate(error),
        Error::InconsistentKeys(_) => "the private key is not that of the end entity",
        Error::PeerIncompatible(_) => {
            "the two sides have no version, cipher suite or signature scheme in common"
        }
        Error::General(_) => "the private key cannot be used",
        Error::AlertReceived(_) => "the other side broke the handshake off",
        Error::InvalidMessage(_) | Error::DecryptError | Error::PeerMisbehaved(_) => {
            "the two sides do not understand each other"
        }
        _ => "the TLS library refuses it without a reason known here",
    }
}

/// Why a client refuses the certificates presented.
#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is open, and revocation is not asked about")]
const fn of_certificate(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::BadEncoding => "a certificate cannot be read",
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "a certificate has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "a certificate is not valid yet"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the end entity does not name the host"
        }
        CertificateError::UnknownIssuer => "the path does not lead to the trust anchor",
        CertificateError::BadSignature => "a certificate is not signed with the key of its issuer",
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "a certificate is signed in a way that TLS clients do not verify"
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "a certificate is not for TLS servers"
        }
        CertificateError::UnhandledCriticalExtension => {
            "a certificate has a critical extension that TLS clients do not process"
        }
        _ => "the client refuses a certificate without a reason known here",
    }
}

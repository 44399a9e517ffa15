//! What webpki answers, in words for whoever must act: its own text names variants of its enum.

use webpki::Error;

/// Why a path is not valid.
#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is open, and revocation is not asked about")]
pub(super) const fn of(error: &Error) -> &'static str {
    match error {
        Error::BadDer | Error::TrailingData(_) => "a field of a certificate is not in DER",
        Error::BadDerTime => "a time is not in DER",
        Error::CaUsedAsEndEntity => "the end entity is a CA",
        Error::CertExpired { .. } => "a certificate has expired",
        Error::CertNotValidForName(_) => "the end entity does not name the host",
        Error::CertNotValidYet { .. } => "a certificate is not valid yet",
        Error::EmptyEkuExtension | Error::RequiredEkuNotFoundContext(_) => {
            "a certificate is not for TLS servers"
        }
        Error::EndEntityUsedAsCa => "an issuer is no CA",
        Error::ExtensionValueInvalid | Error::MalformedExtensions => "an extension cannot be read",
        Error::InvalidCertValidity => "a certificate ends before it begins",
        Error::InvalidNetworkMaskConstraint | Error::MalformedNameConstraint => {
            "a name constraint cannot be read"
        }
        Error::InvalidSerialNumber => "a serial number is not one",
        Error::InvalidSignatureForPublicKey => "a signature is not that of the issuer's key",
        Error::MalformedDnsIdentifier | Error::UnsupportedNameType => "a name cannot be compared",
        Error::MaximumNameConstraintComparisonsExceeded
        | Error::MaximumPathBuildCallsExceeded
        | Error::MaximumPathDepthExceeded
        | Error::MaximumSignatureChecksExceeded => "it takes more work to check than a client spends",
        Error::NameConstraintViolation => "a name is outside the name constraints of an issuer",
        Error::PathLenConstraintViolated => "there are more CAs below an issuer than it allows",
        Error::SignatureAlgorithmMismatch => "a certificate names two signature algorithms",
        Error::UnknownIssuer => "no way leads to a trust anchor",
        Error::UnsupportedCertVersion => "a certificate is not of version 3",
        Error::UnsupportedCriticalExtension => "a certificate has an unknown critical extension",
        Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            "a signature is of a kind that TLS clients do not verify"
        }
        _ => "TLS clients refuse it for a reason that has no words here",
    }
}

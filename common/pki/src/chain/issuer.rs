//! Whether one certificate issued another.

use crate::certificate::Certificate;
use crate::signature::SignatureError;

/// Whether `issuer` issued `certificate`: the names chain and its key made the signature. A
/// signature in an algorithm the table does not know is not taken as a denial unless the key
/// identifiers contradict: that it cannot be verified is for the verifier to report.
pub(crate) fn issued(issuer: &Certificate, certificate: &Certificate) -> bool {
    issuer.subject().der() == certificate.issuer().der() && may_have_signed(issuer, certificate)
}

/// The same, whatever the names.
pub(crate) fn may_have_signed(issuer: &Certificate, certificate: &Certificate) -> bool {
    match certificate.verify_signed_by(issuer.spki()) {
        Ok(()) => true,
        Err(SignatureError::Invalid) => false,
        Err(SignatureError::Unsupported(_)) => !key_identifiers_differ(issuer, certificate),
    }
}

/// Whether authorityKeyIdentifier names another key than the issuer's subjectKeyIdentifier
/// ([RFC 5280 §4.2.1.1](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.1)); false unless both are there.
pub(crate) fn key_identifiers_differ(issuer: &Certificate, certificate: &Certificate) -> bool {
    match (authority_key_id(certificate), subject_key_id(issuer)) {
        (Some(wanted), Some(found)) => wanted != found,
        (None, _) | (_, None) => false,
    }
}

/// The keyIdentifier of authorityKeyIdentifier, when readable.
pub(crate) fn authority_key_id(certificate: &Certificate) -> Option<&[u8]> {
    certificate.extensions().authority_key_id.as_ref()?.value.as_ref().ok()?.as_deref()
}

/// The subjectKeyIdentifier, when readable.
pub(crate) fn subject_key_id(certificate: &Certificate) -> Option<&[u8]> {
    certificate.extensions().subject_key_id.as_ref()?.value.as_ref().ok().map(Vec::as_slice)
}

//! The part of RFC 5280 §6.1 that no rule of the catalogue covers: every signature with the key
//! above it, and the names of every certificate within the name constraints of all CAs above.
//!
//! Validity, basicConstraints, path length, keyUsage and critical extensions are rules; policies
//! and revocation are not processed. Certificate policies are a matter between a CA and those who
//! read its statement: no TLS client asks for one.

use super::certificate::Certificate;
use super::constraints::{self, Verdict};
use super::dsa;
use super::name::GeneralName;
use super::rules::path::PathError;
use super::signature::SignatureError;

/// Most pairs of name and subtree that are compared on one path: OpenSSL's limit for one
/// certificate (`NAME_CHECK_MAX`).
const MAX_COMPARISONS: usize = 1 << 20;

/// Validates a path: certificates with the numbers they were given under, end entity first, and
/// the trust anchor it ends in.
pub(super) fn validate(path: &[(usize, &Certificate)], anchor: &Certificate) -> Result<(), PathError> {
    signatures(path, anchor)?;
    names(path, anchor)
}

/// From the anchor down, since DSA parameters are inherited that way.
fn signatures(path: &[(usize, &Certificate)], anchor: &Certificate) -> Result<(), PathError> {
    let mut issuer = anchor;
    let mut inherited = dsa::parameters(anchor.spki(), None);
    for (number, certificate) in path.iter().rev() {
        verify(*number, certificate, issuer, inherited.as_ref())?;
        inherited = dsa::parameters(certificate.spki(), inherited.as_ref());
        issuer = certificate;
    }
    Ok(())
}

fn verify(
    number: usize,
    certificate: &Certificate,
    issuer: &Certificate,
    parameters: Option<&dsa::Parameters>,
) -> Result<(), PathError> {
    let by_dsa = || {
        let (message, signature) = certificate.signed();
        dsa::verify(issuer.spki(), parameters?, certificate.signature_algorithm(), message, signature)
    };
    match certificate.verify_signed_by(issuer.spki()) {
        Ok(()) => Ok(()),
        Err(SignatureError::Invalid) => Err(PathError::Signature(number)),
        Err(SignatureError::Unsupported(what)) => match by_dsa() {
            Some(true) => Ok(()),
            Some(false) => Err(PathError::Signature(number)),
            None => Err(PathError::UnsupportedSignature { number, what }),
        },
    }
}

/// [RFC 5280 §6.1.3 (b) and (c)](https://www.rfc-editor.org/rfc/rfc5280#section-6.1.3): a
/// self-issued CA is excepted, a self-issued end entity is not.
fn names(path: &[(usize, &Certificate)], anchor: &Certificate) -> Result<(), PathError> {
    let mut budget = MAX_COMPARISONS;
    for (index, (number, certificate)) in path.iter().enumerate() {
        if index > 0 && certificate.subject().matches(certificate.issuer()) {
            continue;
        }
        let names = constraints::names(certificate);
        let above = path.iter().skip(index + 1).map(|(_, ca)| *ca).chain([anchor]);
        for ca in above.filter(|ca| ca != certificate) {
            keep_to(&names, *number, ca, &mut budget)?;
        }
    }
    Ok(())
}

/// Whether the names of one certificate keep to the constraints of one CA above it.
fn keep_to(
    names: &[GeneralName],
    number: usize,
    ca: &Certificate,
    budget: &mut usize,
) -> Result<(), PathError> {
    // What cannot be read is `constraints.malformed`.
    let Some(Ok(constraints)) = ca.extensions().name_constraints.as_ref().map(|found| &found.value) else {
        return Ok(());
    };
    *budget = budget.checked_sub(constraints.len().saturating_mul(names.len())).ok_or_else(|| {
        PathError::NameConstraints("there are too many names and name constraints to compare".to_owned())
    })?;
    names.iter().try_for_each(|name| {
        let fault = match constraints.judge(name) {
            Verdict::Allowed => return Ok(()),
            Verdict::NotPermitted => "is not among the names permitted by",
            Verdict::Excluded => "is among the names excluded by",
            Verdict::Unprocessable => "cannot be held against the constraints of",
        };
        let kind = name.kind();
        let ca = ca.subject();
        Err(PathError::NameConstraints(format!(
            "the name {kind}:{name} of certificate {number} {fault} {ca}"
        )))
    })
}

//! Certification path validation as TLS clients of today do it, by webpki: signatures, validity,
//! basicConstraints, name constraints, extendedKeyUsage, up to the one anchor the path ends in.

use super::question::{PathError, Question};
use super::rfc5280;
use crate::certificate::Certificate;
use common::Timestamp;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use std::time::Duration;

/// When a certificate is outside its validity, which a rule of ours reports, the path is tried at a
/// moment at which all of it is valid, so that its other faults come to light in the same answer.
pub(super) fn validate(question: &Question<'_>) -> Result<(), PathError> {
    ask(question).map_err(|error| named(question, error))
}

/// webpki names neither the certificate nor the name; where the other validator sees the same fault, it does.
fn named(question: &Question<'_>, error: PathError) -> PathError {
    let (path, anchor) = (&question.path, question.anchor);
    let ours = match &error {
        PathError::Webpki(webpki::Error::NameConstraintViolation) => rfc5280::names(path, anchor).err(),
        PathError::Webpki(
            webpki::Error::UnsupportedSignatureAlgorithmContext(_)
            | webpki::Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_),
        ) => {
            let ours = rfc5280::signatures(path, anchor).err();
            ours.filter(|error| matches!(error, PathError::UnsupportedSignature { .. }))
        }
        PathError::Webpki(_)
        | PathError::NoPath
        | PathError::Signature(_)
        | PathError::UnsupportedSignature { .. }
        | PathError::NameConstraints(_) => None,
    };
    ours.unwrap_or(error)
}

fn ask(question: &Question<'_>) -> Result<(), PathError> {
    let anchor = CertificateDer::from(question.anchor.der());
    let anchors = [webpki::anchor_from_trusted_cert(&anchor)?];
    let path: Vec<_> = question.path.iter().map(|(_, one)| CertificateDer::from(one.der())).collect();
    let (end_entity, intermediates) = path.split_first().ok_or(PathError::NoPath)?;
    let end_entity = webpki::EndEntityCert::try_from(end_entity)?;
    end_entity.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &anchors,
        intermediates,
        unix_time(moment_to_try(question)),
        webpki::KeyUsage::server_auth(),
        None,
        None,
    )?;
    if let Some(name) = &question.name {
        let name = ServerName::try_from(name.as_str()).map_err(|_| webpki::Error::MalformedDnsIdentifier)?;
        end_entity.verify_is_valid_for_subject_name(&name)?;
    }
    Ok(())
}

fn moment_to_try(question: &Question<'_>) -> Timestamp {
    let now = question.now;
    let judged = || {
        let path = question.path.iter().map(|(_, certificate)| *certificate).enumerate();
        path.filter(|(depth, one)| *depth == 0 || *one != question.anchor).map(|(_, one)| one)
    };
    let latest_start = judged().map(Certificate::not_before).max().unwrap_or(now);
    let earliest_end = judged().map(Certificate::not_after).min().unwrap_or(now);
    let valid_now = latest_start <= now && now <= earliest_end;
    if valid_now || earliest_end < latest_start { now } else { latest_start }
}

fn unix_time(moment: Timestamp) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(moment.unix()).unwrap_or(0)))
}

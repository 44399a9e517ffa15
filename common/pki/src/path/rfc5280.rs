//! The part of RFC 5280 §6.1 that no rule of the catalogue covers: every signature with the key
//! above it, and the names of every certificate within the name constraints of all CAs above.
//!
//! Validity, basicConstraints, path length, keyUsage and critical extensions are rules; policies
//! and revocation are not processed. Certificate policies are a matter between a CA and those who
//! read its statement: no TLS client asks for one.

use super::constraints::{self, Verdict};
use super::question::PathError;
use crate::certificate::Certificate;
use crate::chain::{Step, place};
use crate::dsa;
use crate::name::GeneralName;
use crate::signature::SignatureError;

/// Most pairs of name and subtree that are compared on one path: OpenSSL's limit for one
/// certificate (`NAME_CHECK_MAX`).
const MAX_COMPARISONS: usize = 1 << 20;

/// Validates a path: certificates with the numbers they were given under, end entity first, and
/// the trust anchor it ends in.
pub(super) fn validate(path: &[Step<'_>], anchor: &Certificate) -> Result<(), PathError> {
    signatures(path, anchor)?;
    names(path, anchor)
}

/// From the anchor down, since DSA parameters are inherited that way.
pub(super) fn signatures(path: &[Step<'_>], anchor: &Certificate) -> Result<(), PathError> {
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
    number: Option<usize>,
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
pub(super) fn names(path: &[Step<'_>], anchor: &Certificate) -> Result<(), PathError> {
    let mut budget = MAX_COMPARISONS;
    for (index, (number, certificate)) in path.iter().enumerate() {
        if index > 0 && certificate.subject().matches(certificate.issuer()) {
            continue;
        }
        let names = constraints::names(certificate);
        let from_here = path.iter().skip(index).map(|(_, ca)| *ca).chain([anchor]);
        for ca in from_here.filter(|ca| ca != certificate) {
            keep_to(&names, *number, ca, &mut budget)?;
        }
    }
    Ok(())
}

/// Whether the names of one certificate keep to the constraints of one CA above it.
fn keep_to(
    names: &[GeneralName],
    number: Option<usize>,
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
        let (name, whose, ca) = (name.tagged(), place(number), ca.subject());
        Err(PathError::NameConstraints(format!("the name {name} of {whose} {fault} {ca}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Strict;
    use crate::dsa::tests::{dsa_algorithm, dsa_key, dsa_signature};
    use crate::tests::fixtures::{Ca, World, ca_params, p256, patched, server_params};
    use der::Encode as _;
    use rcgen::{GeneralSubtree, NameConstraints};

    fn numbered<'a>(path: &[&'a Certificate]) -> Vec<Step<'a>> {
        (1..).map(Some).zip(path.iter().copied()).collect()
    }

    fn permitting(domain: &str) -> Option<NameConstraints> {
        let permitted_subtrees = vec![GeneralSubtree::DnsName(domain.to_owned())];
        Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() })
    }

    #[test]
    fn every_signature_is_verified_and_the_wrong_one_is_numbered() {
        let world = World::sound();
        let [end_entity, intermediate] = world.chains.main.as_slice() else { unreachable!() };
        let (root, stranger) = (&world.root.certificate, Ca::root(ca_params("Root"), p256()).certificate);
        let path = numbered(&[end_entity, intermediate]);
        assert_eq!(validate(&path, root), Ok(()));
        assert_eq!(validate(&path, &stranger), Err(PathError::Signature(Some(2))));
        let mut der = end_entity.der().to_vec();
        *der.last_mut().unwrap() ^= 1;
        let forged = Certificate::from_der(&der).unwrap();
        assert_eq!(validate(&numbered(&[&forged, intermediate]), root), Err(PathError::Signature(Some(1))));
    }

    #[test]
    fn a_signature_of_a_kind_nobody_here_knows_is_told_as_that() {
        let world = World::sound();
        // ecdsa-with-SHA256 becomes ecdsa-with-SHA224.
        let sha256 = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
        let sha224 = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1];
        let odd = Certificate::from_der(&patched(world.chains.main[0].der(), &sha256, &sha224)).unwrap();
        let path = numbered(&[&odd, &world.chains.main[1]]);
        let told = validate(&path, &world.root.certificate);
        assert!(matches!(told, Err(PathError::UnsupportedSignature { number: Some(1), .. })), "{told:?}");
    }

    /// A certificate of the DSA key, and perhaps by it.
    fn by_dsa(model: &Certificate, subject_is_dsa: Option<bool>) -> Certificate {
        let mut strict = Strict::gate(model.der()).unwrap();
        if let Some(with_parameters) = subject_is_dsa {
            strict.tbs.spki = dsa_key(with_parameters);
        }
        (strict.tbs.signature, strict.algorithm) = (dsa_algorithm(), dsa_algorithm());
        let signature = dsa_signature(&strict.tbs.to_der().unwrap());
        strict.signature = der::asn1::BitString::from_bytes(&signature).unwrap();
        Certificate::from_der(&strict.to_der().unwrap()).unwrap()
    }

    #[test]
    fn dsa_parameters_are_inherited_from_the_anchor_down() {
        let world = World::sound();
        let [end_entity, intermediate] = world.chains.main.as_slice() else { unreachable!() };
        let root = by_dsa(&world.root.certificate, Some(true));
        let intermediate = by_dsa(intermediate, Some(false));
        let end_entity = by_dsa(end_entity, None);
        assert_eq!(validate(&numbered(&[&end_entity, &intermediate]), &root), Ok(()));
        let bare = by_dsa(&root, Some(false));
        let told = validate(&numbered(&[&end_entity, &intermediate]), &bare);
        assert!(matches!(told, Err(PathError::UnsupportedSignature { number: Some(2), .. })), "{told:?}");
        let mut strict = Strict::gate(end_entity.der()).unwrap();
        // r = 1 and s = 0: the equation would hold for every message.
        strict.signature = der::asn1::BitString::from_bytes(&[0x30, 6, 2, 1, 1, 2, 1, 0]).unwrap();
        let forged = Certificate::from_der(&strict.to_der().unwrap()).unwrap();
        assert_eq!(validate(&numbered(&[&forged, &intermediate]), &root), Err(PathError::Signature(Some(1))));
    }

    #[test]
    fn names_keep_to_the_constraints_of_every_ca_above_and_of_the_anchor() {
        for (of_root, of_intermediate, kept) in [
            (None, None, true),
            (permitting("example.com"), permitting("example.com"), true),
            (permitting("example.org"), None, false),
            (None, permitting("example.org"), false),
        ] {
            let with = |name, constraints| {
                let mut params = ca_params(name);
                params.name_constraints = constraints;
                params
            };
            let root = Ca::root(with("Root", of_root), p256());
            let intermediate = Ca::below(&root, with("Intermediate", of_intermediate), p256());
            let end_entity = intermediate.issue(&server_params("kms.example.com"), &p256());
            let path = numbered(&[&end_entity, &intermediate.certificate]);
            let told = validate(&path, &root.certificate);
            assert_eq!(told.is_ok(), kept, "{told:?}");
            assert!(kept || matches!(told, Err(PathError::NameConstraints(_))), "{told:?}");
        }
    }

    /// A subtree of names of CAs that holds none of this chain.
    fn under_another_directory() -> rcgen::CertificateParams {
        let mut name = rcgen::DistinguishedName::new();
        name.push(rcgen::DnType::OrganizationName, "Elsewhere");
        let permitted_subtrees = vec![GeneralSubtree::DirectoryName(name)];
        let constraints = NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() };
        let mut params = ca_params("Root");
        params.name_constraints = Some(constraints);
        params
    }

    #[test]
    fn a_self_issued_ca_is_excepted_and_a_self_issued_end_entity_is_not() {
        let root = Ca::root(under_another_directory(), p256());
        let renewed = Ca::below(&root, ca_params("Root"), p256());
        let other = Ca::below(&root, ca_params("Intermediate"), p256());
        let mut nameless = server_params("kms.example.com");
        nameless.distinguished_name = rcgen::DistinguishedName::new();
        let judge = |ca: &Ca, params| {
            let end_entity = ca.issue(params, &p256());
            validate(&numbered(&[&end_entity, &ca.certificate]), &root.certificate)
        };
        assert_eq!(judge(&renewed, &nameless), Ok(()));
        let refused = |told| matches!(told, Err(PathError::NameConstraints(_)));
        assert!(refused(judge(&other, &nameless)), "the name of the CA");
        assert!(refused(judge(&renewed, &ca_params("Root"))), "the self-issued end entity");
        let alone = root.issue(&ca_params("Root"), &p256());
        assert!(refused(validate(&numbered(&[&alone]), &root.certificate)), "alone");
    }

    #[test]
    fn a_ca_that_is_the_anchor_is_not_held_to_its_own_constraints() {
        let root = Ca::root(under_another_directory(), p256());
        let path = numbered(&[&root.certificate]);
        assert_eq!(validate(&path, &root.certificate), Ok(()));
    }
}

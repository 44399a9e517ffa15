//! Rules about the form of certificates that no path validation looks at, and careful CAs keep to.

use super::links::each;
use crate::extensions::KeyUsage;
use crate::oid;
use crate::rules::case::{ChainCase, Link, Place};
use crate::rules::rule::{Check, Outcome, Rule, Severity};
use crate::spki::PublicKeyKind;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "certificate.algorithms",
        severity: Severity::Error,
        title: "the signature algorithm named outside is the one inside what is signed",
        citation: "RFC 5280 section 4.1.1.2",
        why: "what stands outside is not signed: somebody may have changed it",
        fix: "have the certificate issued again",
        turns_clients_away: false,
        check: Check::Chain(algorithms),
    },
    Rule {
        id: "name.empty",
        severity: Severity::Error,
        title: "every issuer has a name",
        citation: "RFC 5280 sections 4.1.2.4 and 4.1.2.6",
        why: "certificates without issuer name chain to every CA without a name",
        fix: "have the certificate issued by a CA with a name",
        turns_clients_away: false,
        check: Check::Chain(empty),
    },
    Rule {
        id: "san.not_critical",
        severity: Severity::Error,
        title: "subjectAltName is critical where the subject is empty",
        citation: "RFC 5280 section 4.2.1.6",
        why: "a client that does not know the extension would take the certificate for nobody's",
        fix: "have the certificate issued again with subjectAltName critical, or with a subject",
        turns_clients_away: false,
        check: Check::Chain(san_not_critical),
    },
    Rule {
        id: "san.critical",
        severity: Severity::Error,
        title: "subjectAltName is not critical where there is a subject",
        citation: "CA/B BR 7.1.2.7.12",
        why: "clients that do not process it refuse the certificate for nothing",
        fix: "have the certificate issued again with subjectAltName not critical",
        turns_clients_away: false,
        check: Check::Chain(san_critical),
    },
    Rule {
        id: "key.rsa_octets",
        severity: Severity::Error,
        title: "the bits of an RSA modulus are a multiple of 8",
        citation: "CA/B BR 6.1.5",
        why: "libraries disagree about the length of signatures by such a key",
        fix: "use a key of 2048, 3072 or 4096 bits",
        turns_clients_away: false,
        check: Check::Chain(rsa_octets),
    },
    Rule {
        id: "issuer.cert_sign",
        severity: Severity::Error,
        title: "keyUsage of an issuer, where present, has keyCertSign",
        citation: "RFC 5280 sections 4.2.1.3 and 6.1.4 (n)",
        why: "its key may be used for anything but certificates",
        fix: "have the request signed by a CA that may sign certificates",
        turns_clients_away: false,
        check: Check::Chain(cert_sign),
    },
    Rule {
        id: "issuer.crl_sign",
        severity: Severity::Error,
        title: "keyUsage of a root has cRLSign",
        citation: "CA/B BR 7.1.2.1.2 and 7.1.2.10.7",
        why: "no client may take a revocation list that the root signs",
        fix: "use a root that may sign its revocation lists",
        turns_clients_away: false,
        check: Check::Chain(crl_sign),
    },
    Rule {
        id: "usage.extended_critical",
        severity: Severity::Error,
        title: "extendedKeyUsage of a TLS server is not critical",
        citation: "CA/B BR 7.1.2.7.6",
        why: "old clients that do not process it refuse the certificate",
        fix: "have the CA use its TLS server profile",
        turns_clients_away: false,
        check: Check::Chain(extended_critical),
    },
    Rule {
        id: "usage.extended_anchor",
        severity: Severity::Error,
        title: "a root has no extendedKeyUsage",
        citation: "CA/B BR 7.1.2.1.2; RFC 5280 section 4.2.1.12: it is for end entities",
        why: "clients disagree whether the purposes of a root bind what is below it",
        fix: "limit the purposes in an intermediate instead",
        turns_clients_away: false,
        check: Check::Chain(extended_anchor),
    },
    Rule {
        id: "extension.basic_constraints",
        severity: Severity::Error,
        title: "basicConstraints of a root is critical",
        citation: "RFC 5280 section 4.2.1.9; CA/B BR 7.1.2.1.4",
        why: "a client that does not know the extension would take every certificate for a CA's",
        fix: "use a root with basicConstraints critical",
        turns_clients_away: false,
        check: Check::Chain(basic_constraints),
    },
    Rule {
        id: "extension.path_len",
        severity: Severity::Warning,
        title: "only a CA has a pathLenConstraint",
        citation: "RFC 5280 section 4.2.1.9",
        why: "the certificate contradicts itself: some clients refuse it, and others may take it for a CA's",
        fix: "have the certificate issued again without pathLenConstraint",
        turns_clients_away: false,
        check: Check::Chain(path_len_of_no_ca),
    },
    Rule {
        id: "extension.policy_constraints",
        severity: Severity::Error,
        title: "policyConstraints and inhibitAnyPolicy are critical",
        citation: "RFC 5280 sections 4.2.1.11 and 4.2.1.14",
        why: "a client that does not know them would not keep to them",
        fix: "have the CA's certificate issued again with the extension critical",
        turns_clients_away: false,
        check: Check::Chain(policy_constraints),
    },
    Rule {
        id: "extension.information_access",
        severity: Severity::Error,
        title: "authorityInfoAccess can be read",
        citation: "RFC 5280 section 4.2.2.1",
        why: "clients cannot fetch a missing issuer or ask for revocation, and some refuse",
        fix: "have the certificate issued again with sound access locations",
        turns_clients_away: false,
        check: Check::Chain(information_access),
    },
];

fn algorithms(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        (!link.certificate.names_one_algorithm())
            .then(|| "names two signature algorithms, one inside and one outside".to_owned())
    })
}

fn empty(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        if link.certificate.issuer().is_empty() {
            Some("has an empty issuer".to_owned())
        } else {
            let nameless = link.place != Place::EndEntity && link.certificate.subject().is_empty();
            nameless.then(|| "is a CA with an empty subject".to_owned())
        }
    })
}

fn san_not_critical(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let san = link.certificate.extensions().subject_alt_name.as_ref()?;
        (link.certificate.subject().is_empty() && !san.critical)
            .then(|| "has an empty subject and subjectAltName not critical".to_owned())
    })
}

fn san_critical(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let san = link.certificate.extensions().subject_alt_name.as_ref()?;
        let needless =
            link.place == Place::EndEntity && san.critical && !link.certificate.subject().is_empty();
        needless.then(|| "has a subject and subjectAltName critical".to_owned())
    })
}

fn rsa_octets(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| match link.certificate.spki().kind() {
        PublicKeyKind::Rsa { bits } if bits % 8 != 0 => Some(format!("has an RSA modulus of {bits} bits")),
        PublicKeyKind::Rsa { .. }
        | PublicKeyKind::P256
        | PublicKeyKind::P384
        | PublicKeyKind::P521
        | PublicKeyKind::Ed25519
        | PublicKeyKind::Other(_) => None,
    })
}

/// keyUsage, where it is present and readable.
fn usage(link: &Link<'_>) -> Option<KeyUsage> {
    link.certificate.extensions().key_usage.as_ref()?.value.as_ref().ok().copied()
}

fn cert_sign(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let usage = usage(link).filter(|_| link.place != Place::EndEntity)?;
        (!usage.has(KeyUsage::KEY_CERT_SIGN))
            .then(|| format!("issued a certificate, but its keyUsage is {}", usage.names().join(", ")))
    })
}

fn is_root(link: &Link<'_>) -> bool {
    link.place == Place::Anchor && link.certificate.is_self_signed()
}

fn crl_sign(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let usage = usage(link).filter(|_| is_root(link))?;
        (!usage.has(KeyUsage::CRL_SIGN))
            .then(|| format!("is a root, and its keyUsage is {}", usage.names().join(", ")))
    })
}

fn extended_critical(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let purposes = link.certificate.extensions().extended_key_usage.as_ref()?;
        (link.place == Place::EndEntity && purposes.critical)
            .then(|| "has extendedKeyUsage critical".to_owned())
    })
}

fn extended_anchor(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let present = link.certificate.extensions().extended_key_usage.is_some();
        (is_root(link) && present).then(|| "is a root with extendedKeyUsage".to_owned())
    })
}

fn basic_constraints(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let constraints = link.certificate.extensions().basic_constraints.as_ref()?;
        (is_root(link) && !constraints.critical)
            .then(|| "is a root with basicConstraints not critical".to_owned())
    })
}

fn path_len_of_no_ca(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let constraints = link.certificate.extensions().basic_constraints.as_ref()?.value.as_ref().ok()?;
        let allowed = constraints.path_len.filter(|_| !constraints.ca)?;
        Some(format!("is no CA and has a pathLenConstraint of {allowed}"))
    })
}

fn policy_constraints(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let lax = |oid| [oid::POLICY_CONSTRAINTS, oid::INHIBIT_ANY_POLICY].contains(oid);
        let all = &link.certificate.extensions().all;
        let (found, _) = all.iter().find(|(oid, critical)| !critical && lax(oid))?;
        Some(format!("has {found} not critical"))
    })
}

fn information_access(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let found = link.certificate.extensions().information_access.as_ref()?;
        let why = found.value.as_ref().err()?;
        Some(format!("has authorityInfoAccess that cannot be read: {}", common::Untrusted::new(why)))
    })
}

//! Rules about the form of certificates that no path validation looks at, and careful CAs keep to.

use super::{ChainCase, Link, Place, each};
use crate::Untrusted;
use crate::pki::extensions::KeyUsage;
use crate::pki::name::{DnsName, GeneralName};
use crate::pki::rules::{Check, Outcome, Rule, Severity};
use crate::pki::spki::PublicKeyKind;
use std::net::{IpAddr, Ipv4Addr};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "certificate.algorithms",
        severity: Severity::Error,
        title: "the signature algorithm named outside is the one inside what is signed",
        citation: "RFC 5280 section 4.1.1.2",
        why: "what stands outside is not signed: somebody may have changed it",
        fix: "have the certificate issued again",
        check: Check::Chain(algorithms),
    },
    Rule {
        id: "name.empty",
        severity: Severity::Error,
        title: "every issuer has a name",
        citation: "RFC 5280 sections 4.1.2.4 and 4.1.2.6",
        why: "certificates without issuer name chain to every CA without a name",
        fix: "have the certificate issued by a CA with a name",
        check: Check::Chain(empty),
    },
    Rule {
        id: "san.not_critical",
        severity: Severity::Error,
        title: "subjectAltName is critical where the subject is empty",
        citation: "RFC 5280 section 4.2.1.6",
        why: "a client that does not know the extension would take the certificate for nobody's",
        fix: "have the certificate issued again with subjectAltName critical, or with a subject",
        check: Check::Chain(san_not_critical),
    },
    Rule {
        id: "san.critical",
        severity: Severity::Error,
        title: "subjectAltName is not critical where there is a subject",
        citation: "CA/B BR 7.1.2.7.12",
        why: "clients that do not process it refuse the certificate for nothing",
        fix: "have the certificate issued again with subjectAltName not critical",
        check: Check::Chain(san_critical),
    },
    Rule {
        id: "san.common_name",
        severity: Severity::Error,
        title: "a CN repeats one of the SANs",
        citation: "CA/B BR 7.1.4.3",
        why: "people and old clients read the CN, all others the SANs: both must say the same",
        fix: "have the certificate issued again with a SAN as CN, or without CN",
        check: Check::Chain(common_name),
    },
    Rule {
        id: "san.common_name_spelling",
        severity: Severity::Error,
        title: "a CN that means one of the SANs is spelt as it is",
        citation: "CA/B BR 7.1.4.3: a character-for-character copy",
        why: "software that compares names as text takes them for two hosts",
        fix: "have the certificate issued again with a copy of a SAN as CN, or without CN",
        check: Check::Chain(spelling),
    },
    Rule {
        id: "key.rsa_octets",
        severity: Severity::Error,
        title: "the bits of an RSA modulus are a multiple of 8",
        citation: "CA/B BR 6.1.5",
        why: "libraries disagree about the length of signatures by such a key",
        fix: "use a key of 2048, 3072 or 4096 bits",
        check: Check::Chain(rsa_octets),
    },
    Rule {
        id: "issuer.cert_sign",
        severity: Severity::Error,
        title: "keyUsage of an issuer, where present, has keyCertSign",
        citation: "RFC 5280 sections 4.2.1.3 and 6.1.4 (n)",
        why: "its key may be used for anything but certificates",
        fix: "have the request signed by a CA that may sign certificates",
        check: Check::Chain(cert_sign),
    },
    Rule {
        id: "issuer.crl_sign",
        severity: Severity::Error,
        title: "keyUsage of a root has cRLSign",
        citation: "CA/B BR 7.1.2.1.2 and 7.1.2.10.7",
        why: "no client may take a revocation list that the root signs",
        fix: "use a root that may sign its revocation lists",
        check: Check::Chain(crl_sign),
    },
    Rule {
        id: "usage.extended_critical",
        severity: Severity::Error,
        title: "extendedKeyUsage of a TLS server is not critical",
        citation: "CA/B BR 7.1.2.7.6",
        why: "old clients that do not process it refuse the certificate",
        fix: "have the CA use its TLS server profile",
        check: Check::Chain(extended_critical),
    },
    Rule {
        id: "usage.extended_anchor",
        severity: Severity::Error,
        title: "a root has no extendedKeyUsage",
        citation: "CA/B BR 7.1.2.1.2; RFC 5280 section 4.2.1.12: it is for end entities",
        why: "clients disagree whether the purposes of a root bind what is below it",
        fix: "limit the purposes in an intermediate instead",
        check: Check::Chain(extended_anchor),
    },
    Rule {
        id: "extension.basic_constraints",
        severity: Severity::Error,
        title: "basicConstraints of a root is critical",
        citation: "RFC 5280 section 4.2.1.9; CA/B BR 7.1.2.1.4",
        why: "a client that does not know the extension would take every certificate for a CA's",
        fix: "use a root with basicConstraints critical",
        check: Check::Chain(basic_constraints),
    },
    Rule {
        id: "extension.policy_constraints",
        severity: Severity::Error,
        title: "policyConstraints and inhibitAnyPolicy are critical",
        citation: "RFC 5280 sections 4.2.1.11 and 4.2.1.14",
        why: "a client that does not know them would not keep to them",
        fix: "have the CA's certificate issued again with the extension critical",
        check: Check::Chain(policy_constraints),
    },
    Rule {
        id: "extension.information_access",
        severity: Severity::Error,
        title: "authorityInfoAccess can be read",
        citation: "RFC 5280 section 4.2.2.1",
        why: "clients cannot fetch a missing issuer or ask for revocation, and some refuse",
        fix: "have the certificate issued again with sound access locations",
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

fn common_name(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let names = cn_hosts(link);
        let odd = names.iter().find(|name| !is_san(link, name) && !is_san_spelt_otherwise(link, name))?;
        Some(format!("has the CN {odd}, which is none of its SANs"))
    })
}

fn spelling(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let names = cn_hosts(link);
        let odd = names.iter().find(|name| !is_san(link, name) && is_san_spelt_otherwise(link, name))?;
        Some(format!("has the CN {odd}, which its SANs spell otherwise"))
    })
}

/// CNs of the end entity.
fn cn_hosts<'a>(link: &Link<'a>) -> Vec<&'a Untrusted> {
    let end_entity = Some(link.certificate).filter(|_| link.place == Place::EndEntity);
    end_entity.map(|certificate| certificate.subject().common_names()).unwrap_or_default()
}

/// An address is printed as RFC 5952 has it, which is how the CN has to spell it.
fn is_san(link: &Link<'_>, name: &Untrusted) -> bool {
    link.certificate.extensions().names().iter().any(|san| match san {
        GeneralName::Dns(text) | GeneralName::Email(text) | GeneralName::Uri(text) => text == name,
        GeneralName::Ip(address) => address.to_string() == name.raw(),
        GeneralName::MalformedIp(_) | GeneralName::Directory(_) | GeneralName::Other(_) => false,
    })
}

/// Whether a SAN means the same host: in another case, as A-label, or as an address in one of the
/// forms that `inet_aton` takes.
fn is_san_spelt_otherwise(link: &Link<'_>, name: &Untrusted) -> bool {
    let host = DnsName::parse(name.raw()).map(|host| host.as_str().to_owned());
    let host = host.unwrap_or_else(|_| name.raw().to_lowercase());
    let address = name.raw().parse().ok().or_else(|| aton(name.raw()).map(IpAddr::from));
    link.certificate.extensions().names().iter().any(|san| match san {
        GeneralName::Dns(text) => text.raw().eq_ignore_ascii_case(&host),
        GeneralName::Ip(found) => Some(*found) == address,
        GeneralName::Email(text) => text.raw().eq_ignore_ascii_case(name.raw()),
        GeneralName::MalformedIp(_)
        | GeneralName::Uri(_)
        | GeneralName::Directory(_)
        | GeneralName::Other(_) => false,
    })
}

/// One to four numbers, decimal, octal or hexadecimal, of which the last fills the octets left.
fn aton(text: &str) -> Option<Ipv4Addr> {
    let number = |part: &str| match part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None if part.len() > 1 && part.starts_with('0') => {
            u32::from_str_radix(part, 8).or_else(|_| part.parse()).ok()
        }
        None => part.parse().ok(),
    };
    let parts = text.split('.').map(number).collect::<Option<Vec<_>>>()?;
    let (last, first) = parts.split_last()?;
    let mut address = *last;
    for (octet, shift) in first.iter().zip([24, 16, 8]) {
        address |= u32::from(u8::try_from(*octet).ok()?) << shift;
    }
    (first.len() <= 3 && u64::from(*last) < 1 << (32 - 8 * first.len())).then(|| Ipv4Addr::from(address))
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

fn policy_constraints(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let lax = |oid: &str| ["2.5.29.36", "2.5.29.54"].contains(&oid);
        let found = link.certificate.extensions().all.iter().find(|(oid, critical)| !critical && lax(oid))?;
        Some(format!("has {} not critical", found.0))
    })
}

fn information_access(case: &ChainCase<'_>) -> Outcome {
    each(case, |link| {
        let found = link.certificate.extensions().information_access.as_ref()?;
        let why = found.value.as_ref().err()?;
        Some(format!("has authorityInfoAccess that cannot be read: {}", crate::Untrusted::new(why)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_inet_aton_does() {
        for (text, read) in [
            ("192.0.2.1", Some("192.0.2.1")),
            ("0xc0.0x0.0x2.0x1", Some("192.0.2.1")),
            ("0xC0000201", Some("192.0.2.1")),
            ("3221225985", Some("192.0.2.1")),
            ("192.513", Some("192.0.2.1")),
            ("0300.0.2.01", Some("192.0.2.1")),
            ("192.000.002.009", Some("192.0.2.9")),
            ("192.0.2.256", None),
            ("256.0.2.1", None),
            ("1.2.3.4.5", None),
            ("example.com", None),
            ("", None),
        ] {
            assert_eq!(aton(text), read.map(|text| text.parse().unwrap()), "{text}");
        }
    }
}

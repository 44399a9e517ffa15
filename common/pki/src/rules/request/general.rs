//! Rules about the signature and the names of a request.

use crate::name::{DnsName, GeneralName, San, common_name};
use crate::request::Csr;
use crate::rules::case::{KeyCase, RequestCase};
use crate::rules::key;
use crate::rules::rule::{Check, Evidence, Outcome, Rule, Severity};
use crate::signature::SignatureError;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "csr.version",
        severity: Severity::Error,
        title: "the request is version 1",
        citation: "RFC 2986 section 4.1",
        why: "PKCS#10 has only ever had one version; another number means the maker of the request did not know the format",
        fix: "make the request again with a current tool",
        turns_clients_away: false,
        check: Check::Request(version),
    },
    Rule {
        id: "csr.signature",
        severity: Severity::Error,
        title: "the request is signed with its own key: proof of possession",
        citation: "RFC 2986 section 3; RFC 4211 section 4",
        why: "without proof of possession anybody could have a stranger's key certified under a name of their own",
        fix: "take the request from its source again; a damaged or altered request must not be signed",
        turns_clients_away: false,
        check: Check::Request(signature),
    },
    Rule {
        id: "csr.signature_hash",
        severity: Severity::Error,
        title: "the request is signed over SHA-256 or a longer hash",
        citation: "CA/B BR 7.1.3.2; RFC 6194; RFC 6151",
        why: "collisions of MD5 and SHA-1 can be made, so the signature no longer proves that the key's owner saw this request; SHA-224 is verified by few programs",
        fix: "make the request again with SHA-256 or better",
        turns_clients_away: false,
        check: Check::Request(signature_hash),
    },
    Rule {
        id: "csr.san_absent",
        severity: Severity::Error,
        title: "the request has a SAN that is a DNS name",
        citation: "RFC 9525 section 2: a service is never identified by its CN; CA/B BR 7.1.2.7.12; product guide: Main and Assets are DNS names",
        why: "TLS clients compare the host name with the SANs only; a certificate without them is refused by all, and one with addresses alone by all who come by name",
        fix: "make the request again with every name as a SAN",
        turns_clients_away: false,
        check: Check::Request(san_absent),
    },
    Rule {
        id: "csr.nameless",
        severity: Severity::Error,
        title: "the request has a subject or a SAN",
        citation: "RFC 5280 section 4.1.2.6: an empty subject needs a SAN",
        why: "a certificate without any name says nothing about the holder of the key",
        fix: "make the request again with every name as a SAN",
        turns_clients_away: false,
        check: Check::Request(nameless),
    },
    Rule {
        id: "csr.cn_not_in_san",
        severity: Severity::Error,
        title: "a CN that is a host name of two labels or more is among the SANs",
        citation: "CA/B BR 7.1.4.3; RFC 9525 section 2",
        why: "the CN is not looked at by clients, so the name would not be served although it seems to be requested",
        fix: "make the request again with the CN as a SAN too",
        turns_clients_away: false,
        check: Check::Request(cn_not_in_san),
    },
    Rule {
        id: "csr.cn_faulty",
        severity: Severity::Warning,
        title: "a CN that looks like a host name is one",
        citation: "CA/B BR 7.1.4.3; RFC 1034 section 3.5; RFC 1123 section 2.1",
        why: "the CN is not looked at by clients, so a slip in it stands in the certificate until somebody reads it",
        fix: "correct the CN, or make it a name for people",
        turns_clients_away: false,
        check: Check::Request(cn_faulty),
    },
    Rule {
        id: "csr.ca",
        severity: Severity::Error,
        title: "the request does not ask to be a CA",
        citation: "RFC 5280 section 4.2.1.9; product guide: the certificate of a server",
        why: "a server with a CA certificate can issue certificates for any name in your PKI",
        fix: "make the request again with basicConstraints CA:FALSE",
        turns_clients_away: false,
        check: Check::Request(ca),
    },
];

fn version(case: &RequestCase<'_>) -> Outcome {
    let version = u64::from(case.csr.version()) + 1;
    Outcome::of(
        (version != 1).then(|| Evidence::new(format!("the request is version {version}, expected 1"))),
    )
}

fn signature(case: &RequestCase<'_>) -> Outcome {
    match case.csr.verify_signature() {
        Ok(()) => Outcome::Pass,
        Err(SignatureError::Unsupported(why)) if is_explained(case.csr) => {
            match case.csr.verify_weak_signature() {
                Err(SignatureError::Invalid) => {
                    Outcome::of([Evidence::new(SignatureError::Invalid.to_string())])
                }
                Ok(()) | Err(SignatureError::Unsupported(_)) => Outcome::CouldNotJudge(why),
            }
        }
        Err(error) => Outcome::Fail(vec![Evidence::new(error.to_string())]),
    }
}

/// Whether the hash or the key, which have rules of their own, is why a signature is not supported.
fn is_explained(csr: &Csr) -> bool {
    let key = KeyCase::new(csr.spki(), false, None);
    let errors = key::RULES.iter().filter(|rule| rule.severity == Severity::Error);
    let fails = |check| matches!(check, Check::Key(check) if matches!(check(&key), Outcome::Fail(_)));
    short_hash(csr).is_some() || errors.map(|rule| rule.check).any(fails)
}

fn signature_hash(case: &RequestCase<'_>) -> Outcome {
    let algorithm = case.csr.signature_algorithm();
    Outcome::of(short_hash(case.csr).map(|hash| {
        Evidence::new(format!(
            "the request is signed over {hash} ({}), expected SHA-256 or better",
            algorithm.name()
        ))
    }))
}

fn short_hash(csr: &Csr) -> Option<&'static str> {
    let algorithm = csr.signature_algorithm();
    algorithm.broken_hash().or_else(|| algorithm.hash().filter(|hash| *hash == "SHA-224"))
}

fn san_absent(case: &RequestCase<'_>) -> Outcome {
    match case.csr.extensions().subject_alt_name.as_ref().map(|found| &found.value) {
        Some(Err(_)) => Outcome::CouldNotJudge("subjectAltName cannot be read".to_owned()),
        Some(Ok(names)) if names.iter().any(|san| matches!(san, GeneralName::Dns(_))) => Outcome::Pass,
        Some(Ok(names)) if !names.is_empty() => {
            Outcome::Fail(vec![Evidence::new("no SAN is a DNS name, expected the primary name at least")])
        }
        Some(Ok(_)) | None => {
            Outcome::Fail(vec![Evidence::new("no SAN is requested, expected the primary name at least")])
        }
    }
}

fn nameless(case: &RequestCase<'_>) -> Outcome {
    let nameless = case.csr.subject().is_empty() && case.csr.extensions().subject_alt_name.is_none();
    Outcome::of(nameless.then(|| Evidence::new("the subject is empty and no SAN is requested")))
}

fn cn_not_in_san(case: &RequestCase<'_>) -> Outcome {
    let sans = case.csr.extensions().names();
    let hosts: Vec<_> = case
        .csr
        .subject()
        .common_names()
        .into_iter()
        .filter_map(|name| Some((name, San::Dns(common_name::host(name.raw())?))))
        .collect();
    if sans.is_empty() || hosts.is_empty() {
        return Outcome::DoesNotApply;
    }
    Outcome::of(
        hosts
            .iter()
            .filter(|(_, host)| !sans.iter().any(|san| san.equals(host)))
            .map(|(name, _)| Evidence::new(format!("the CN {name} is not among the SANs"))),
    )
}

fn cn_faulty(case: &RequestCase<'_>) -> Outcome {
    let names = case
        .csr
        .subject()
        .common_names()
        .into_iter()
        .filter(|name| common_name::is_meant_as_host(name.raw()));
    Outcome::of(names.filter_map(|name| {
        let fault = DnsName::parse(name.raw()).err()?;
        Some(Evidence::new(format!("the CN is no host name: {fault}")))
    }))
}

fn ca(case: &RequestCase<'_>) -> Outcome {
    match case.csr.extensions().basic_constraints.as_ref().map(|found| &found.value) {
        Some(Ok(constraints)) if constraints.ca => {
            Outcome::Fail(vec![Evidence::new("basicConstraints CA:TRUE is requested, expected CA:FALSE")])
        }
        Some(Ok(_)) | None => Outcome::Pass,
        Some(Err(_)) => Outcome::CouldNotJudge("basicConstraints cannot be read".to_owned()),
    }
}

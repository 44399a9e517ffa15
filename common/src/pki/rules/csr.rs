//! Rules about a request, and the judgement of one.

use super::extensions::{ExtensionsCase, Holder};
use super::key::{self, KeyCase};
use super::names::NamesCase;
use super::pair::{self, PairCase};
use super::{Check, Evidence, Finding, Outcome, Report, Rule, Severity, catalogue, errors_first};
use crate::pki::csr::Csr;
use crate::pki::name::{DnsName, San};
use crate::pki::signature::SignatureError;
use crate::{Pair, Role};

/// One request.
#[derive(Clone, Copy, Debug)]
pub struct RequestCase<'a> {
    /// The request.
    pub csr: &'a Csr,
}

/// Rules about requests.
pub static RULES: &[Rule] = &[
    Rule {
        id: "csr.version",
        severity: Severity::Error,
        title: "the request is version 1",
        citation: "RFC 2986 section 4.1",
        fix: "make the request again with a current tool",
        check: Check::Request(version),
    },
    Rule {
        id: "csr.signature",
        severity: Severity::Error,
        title: "the request is signed with its own key: proof of possession",
        citation: "RFC 2986 section 3; RFC 4211 section 4",
        fix: "take the request from its source again; a damaged or altered request must not be signed",
        check: Check::Request(signature),
    },
    Rule {
        id: "csr.signature_hash",
        severity: Severity::Error,
        title: "the request is not signed over MD5 or SHA-1",
        citation: "CA/B BR 7.1.3.2; RFC 6194; RFC 6151",
        fix: "make the request again with SHA-256 or better",
        check: Check::Request(signature_hash),
    },
    Rule {
        id: "csr.san_absent",
        severity: Severity::Error,
        title: "the request has a SAN",
        citation: "RFC 9525 section 2: a service is never identified by its CN; CA/B BR 7.1.2.7.12",
        fix: "make the request again with every name as a SAN",
        check: Check::Request(san_absent),
    },
    Rule {
        id: "csr.cn_not_in_san",
        severity: Severity::Error,
        title: "a CN that is a host name of two labels or more is among the SANs",
        citation: "CA/B BR 7.1.4.3; RFC 9525 section 2",
        fix: "make the request again with the CN as a SAN too",
        check: Check::Request(cn_not_in_san),
    },
    Rule {
        id: "csr.ca",
        severity: Severity::Error,
        title: "the request does not ask to be a CA",
        citation: "RFC 5280 section 4.2.1.9; product guide: the certificate of a server",
        fix: "make the request again with basicConstraints CA:FALSE",
        check: Check::Request(ca),
    },
];

/// All findings of one request, errors first: key, names, extensions, request.
pub fn judge(csr: &Csr, role: Option<Role>) -> Vec<Finding> {
    let mut report = Report::new(role);
    let key = KeyCase::new(csr.spki(), false, role);
    let names = NamesCase { subject: csr.subject(), sans: csr.extensions().names() };
    let extensions = ExtensionsCase { extensions: csr.extensions(), holder: Holder::Request };
    let request = RequestCase { csr };
    for rule in catalogue() {
        let outcome = match rule.check {
            Check::Key(check) => check(&key),
            Check::Names(check) => check(&names),
            Check::Extensions(check) => check(&extensions),
            Check::Request(check) => check(&request),
            Check::Chain(_) | Check::Path(_) | Check::Pair(_) => Outcome::DoesNotApply,
        };
        report.add(rule, rule.severity, None, outcome);
    }
    errors_first(report.into_findings())
}

/// All findings of both requests of a pair, with the pair rules.
pub fn judge_pair(requests: Pair<&Csr>) -> Vec<Finding> {
    let mut findings: Vec<_> = requests.iter().flat_map(|(role, csr)| judge(csr, Some(role))).collect();
    let names = requests.map(|csr| csr.extensions().names().to_vec());
    findings.extend(pair::judge(&PairCase {
        keys: Some(requests.map(Csr::spki)),
        names: names.as_ref().map(Vec::as_slice),
    }));
    errors_first(findings)
}

fn version(case: &RequestCase<'_>) -> Outcome {
    let version = u64::from(case.csr.version()) + 1;
    Outcome::of(
        (version != 1).then(|| Evidence::new(format!("the request is version {version}, expected 1"))),
    )
}

fn signature(case: &RequestCase<'_>) -> Outcome {
    match case.csr.verify_signature() {
        Ok(()) => Outcome::Pass,
        Err(SignatureError::Unsupported(why)) if is_explained(case.csr) => Outcome::CouldNotJudge(why),
        Err(error) => Outcome::Fail(vec![Evidence::new(error.to_string())]),
    }
}

/// Whether the hash or the key, which have rules of their own, is why a signature is not supported.
fn is_explained(csr: &Csr) -> bool {
    let key = key::judge(&KeyCase::new(csr.spki(), false, None));
    broken_hash(csr.signature_algorithm().hash()).is_some()
        || key.iter().any(|finding| finding.severity == Severity::Error)
}

fn signature_hash(case: &RequestCase<'_>) -> Outcome {
    let algorithm = case.csr.signature_algorithm();
    Outcome::of(broken_hash(algorithm.hash()).map(|hash| {
        Evidence::new(format!(
            "the request is signed over {hash} ({}), expected SHA-256 or better",
            algorithm.name()
        ))
    }))
}

/// A hash for which collisions can be made.
pub(super) fn broken_hash(hash: Option<&'static str>) -> Option<&'static str> {
    hash.filter(|hash| matches!(*hash, "MD2" | "MD4" | "MD5" | "SHA-1"))
}

fn san_absent(case: &RequestCase<'_>) -> Outcome {
    match case.csr.extensions().subject_alt_name.as_ref().map(|found| &found.value) {
        Some(Err(_)) => Outcome::CouldNotJudge("subjectAltName cannot be read".to_owned()),
        Some(Ok(names)) if !names.is_empty() => Outcome::Pass,
        Some(Ok(_)) | None => {
            Outcome::Fail(vec![Evidence::new("no SAN is requested, expected the primary name at least")])
        }
    }
}

fn cn_not_in_san(case: &RequestCase<'_>) -> Outcome {
    let sans = case.csr.extensions().names();
    let hosts: Vec<_> = case
        .csr
        .subject()
        .common_names()
        .into_iter()
        .filter_map(|name| Some((name, DnsName::parse(name.raw()).ok()?)))
        .filter(|(_, host)| !host.is_single_label())
        .map(|(name, host)| (name, San::Dns(host)))
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

fn ca(case: &RequestCase<'_>) -> Outcome {
    match case.csr.extensions().basic_constraints.as_ref().map(|found| &found.value) {
        Some(Ok(constraints)) if constraints.ca => {
            Outcome::Fail(vec![Evidence::new("basicConstraints CA:TRUE is requested, expected CA:FALSE")])
        }
        Some(Ok(_)) | None => Outcome::Pass,
        Some(Err(_)) => Outcome::CouldNotJudge("basicConstraints cannot be read".to_owned()),
    }
}

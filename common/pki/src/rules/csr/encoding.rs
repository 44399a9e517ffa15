//! Rules about the encoding of a request, which may turn out to be none.

use super::{Check, Evidence, Finding, Outcome, Policy, Report, Rule, Severity, add_all, errors_first};
use crate::request::{Csr, CsrError};
use common::Role;
use x509_parser::asn1_rs::{Any, FromBer};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

/// DER that should be a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EncodingCase<'a> {
    fault: Option<&'a Fault>,
    trailing: usize,
}

/// Why the strict decoder takes no request out of it.
#[derive(Clone, Debug)]
enum Fault {
    /// Readable, but not in the one encoding DER allows.
    NotDer(String),
    /// Not readable.
    Malformed(String),
}

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "csr.malformed",
        severity: Severity::Error,
        title: "the document is a certification request",
        citation: "RFC 2986 section 4.2",
        why: "what cannot be read cannot be judged, and another program may read something into it",
        fix: "take the request from its source again, or make it again with a current tool",
        check: Check::Encoding(malformed),
    },
    Rule {
        id: "csr.not_der",
        severity: Severity::Error,
        title: "the request is in distinguished encoding",
        citation: "RFC 2986 section 4.2: the signed part is DER-encoded; X.690 sections 10 and 11",
        why: "two programs that decode and encode it again would sign different things",
        fix: "make the request again with a current tool",
        check: Check::Encoding(not_der),
    },
    Rule {
        id: "csr.trailing_data",
        severity: Severity::Error,
        title: "nothing follows the request in its encoding",
        citation: "RFC 2986 section 4.2; RFC 7468 section 7",
        why: "the signature does not cover what follows, and nobody knows who added it",
        fix: "take the request from its source again",
        check: Check::Encoding(trailing_data),
    },
];

/// A judged document: the request, when it could be read that far, and every finding.
#[derive(Clone, Debug)]
pub struct ExaminedRequest {
    /// The request.
    pub csr: Option<Csr>,
    /// All findings, errors first.
    pub findings: Vec<Finding>,
}

/// Judges the encoding of a request and, as far as it can be read, the request.
pub fn examine(der: &[u8], role: Option<Role>, policy: &Policy) -> ExaminedRequest {
    let (whole, trailing) = match Csr::from_der(der) {
        Ok(csr) => (Ok(csr), 0),
        // Only a document that fails is worth the second look.
        Err(error) => first_object(der).map_or((Err(error), 0), |(first, rest)| (Csr::from_der(first), rest)),
    };
    let fault = whole.as_ref().err().map(|error| fault(der, error));
    let mut report = Report::new(role);
    let case = EncodingCase { fault: fault.as_ref(), trailing };
    for (rule, severity) in policy.rules() {
        if let Check::Encoding(check) = rule.check {
            report.add(rule, *severity, None, check(&case));
        }
    }
    let csr = whole.ok();
    if let Some(csr) = &csr {
        add_all(&mut report, csr, role, policy);
    }
    ExaminedRequest { csr, findings: errors_first(report.into_findings()) }
}

/// The first object, and how many octets follow it.
fn first_object(der: &[u8]) -> Option<(&[u8], usize)> {
    x509_parser::asn1_rs::Header::from_der(der).ok()?;
    let (after, _) = Any::from_ber(der).ok()?;
    let first = der.get(..der.len() - after.len())?;
    (!after.is_empty()).then_some((first, after.len()))
}

fn fault(der: &[u8], error: &CsrError) -> Fault {
    let why = error.to_string();
    match X509CertificationRequest::from_der(der) {
        Ok(_) => Fault::NotDer(why),
        Err(_) => Fault::Malformed(why),
    }
}

fn malformed(case: &EncodingCase<'_>) -> Outcome {
    match case.fault {
        Some(Fault::Malformed(why)) => Outcome::Fail(vec![Evidence::new(why.as_str())]),
        Some(Fault::NotDer(_)) | None => Outcome::Pass,
    }
}

fn not_der(case: &EncodingCase<'_>) -> Outcome {
    match case.fault {
        Some(Fault::NotDer(why)) => Outcome::Fail(vec![Evidence::new(why.as_str())]),
        Some(Fault::Malformed(_)) | None => Outcome::Pass,
    }
}

fn trailing_data(case: &EncodingCase<'_>) -> Outcome {
    Outcome::of(
        (case.trailing > 0)
            .then(|| Evidence::new(format!("{} octets follow the request in its encoding", case.trailing))),
    )
}

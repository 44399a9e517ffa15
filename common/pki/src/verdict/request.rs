//! The verdict on requests: one document, both of a pair, and one against those seen before.

use super::report::Report;
use super::together;
use crate::name::GeneralName;
use crate::request::Csr;
use crate::rules::case::{
    EncodingCase, ExtensionsCase, Holder, KeyCase, NamesCase, PairCase, PolicyCase, RequestCase,
};
use crate::rules::{Check, Finding, HistoryCase, Outcome, Policy, errors_first};
use common::{Pair, Role};

/// A judged document: the request, when it could be read that far, and every finding.
#[derive(Clone, Debug)]
pub struct ExaminedRequest {
    /// The request.
    pub csr: Option<Csr>,
    /// All findings, errors first.
    pub findings: Vec<Finding>,
}

/// Judges the encoding of a request and, as far as it can be read, the request.
pub fn examine_request(der: &[u8], role: Option<Role>, policy: &Policy) -> ExaminedRequest {
    let (case, csr) = EncodingCase::read(der);
    let mut report = Report::new(role);
    for (rule, severity) in policy.rules() {
        if let Check::Encoding(check) = rule.check {
            report.add(rule, *severity, None, check(&case));
        }
    }
    if let Some(csr) = &csr {
        add_all(&mut report, csr, role, policy);
    }
    ExaminedRequest { csr, findings: errors_first(report.into_findings()) }
}

/// All findings of one request under a policy, errors first.
pub(crate) fn judge_request(csr: &Csr, role: Option<Role>, policy: &Policy) -> Vec<Finding> {
    let mut report = Report::new(role);
    add_all(&mut report, csr, role, policy);
    errors_first(report.into_findings())
}

fn add_all(report: &mut Report, csr: &Csr, role: Option<Role>, policy: &Policy) {
    let key = KeyCase::new(csr.spki(), false, role);
    let names = NamesCase { subject: csr.subject(), sans: csr.extensions().names() };
    let extensions = ExtensionsCase { extensions: csr.extensions(), holder: Holder::Request };
    let request = RequestCase { csr };
    let wishes =
        PolicyCase { demands: policy.demands(), subject: names.subject, sans: names.sans, key: &key.kind };
    for (rule, severity) in policy.rules() {
        let outcome = match rule.check {
            Check::Key(check) => check(&key),
            Check::Names(check) => check(&names),
            Check::Extensions(check) => check(&extensions),
            Check::Request(check) => check(&request),
            Check::Policy(check) => check(&wishes),
            Check::Encoding(_) | Check::Chain(_) | Check::Path(_) | Check::Pair(_) | Check::History(_) => {
                Outcome::DoesNotApply
            }
        };
        report.add(rule, *severity, None, outcome);
    }
}

/// All findings of both requests of a pair, with the pair rules, under a policy.
pub fn judge_requests(requests: Pair<&Csr>, policy: &Policy) -> Vec<Finding> {
    let mut findings: Vec<_> =
        requests.iter().flat_map(|(role, csr)| judge_request(csr, Some(role), policy)).collect();
    findings.extend(judge_requests_together(requests, policy));
    errors_first(findings)
}

/// What only both requests together show.
pub fn judge_requests_together(requests: Pair<&Csr>, policy: &Policy) -> Vec<Finding> {
    let names = requests.map(all_names);
    let case = PairCase { keys: Some(requests.map(Csr::spki)), names: names.as_ref().map(Vec::as_slice) };
    together::judge(&case, policy)
}

/// The SANs, and every CN that is not among them: it is a name of the role all the same.
fn all_names(csr: &Csr) -> Vec<GeneralName> {
    let mut names = csr.extensions().names().to_vec();
    for cn in csr.subject().common_names() {
        let cn = GeneralName::Dns(cn.clone());
        if !names.contains(&cn) {
            names.push(cn);
        }
    }
    names
}

/// All findings of the history rules.
pub fn judge_history(case: &HistoryCase<'_>, role: Option<Role>, policy: &Policy) -> Vec<Finding> {
    let mut report = Report::new(role);
    for (rule, severity) in policy.rules() {
        if let Check::History(check) = rule.check {
            report.add(rule, *severity, None, check(case));
        }
    }
    report.into_findings()
}

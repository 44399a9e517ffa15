//! What is to be requested, judged before any key exists.

use super::report::Report;
use super::together;
use crate::name::{GeneralName, San};
use crate::request::RequestSpec;
use crate::rules::case::{KeyCase, PairCase};
use crate::rules::{Check, Finding, Policy, errors_first};
use common::{Pair, Untrusted};

/// All findings of the pair rules (shared names, one role's name among the other's SANs) and the
/// key-type warnings (P-521).
pub fn judge_specs(specs: &Pair<RequestSpec>) -> Vec<Finding> {
    let names = specs.as_ref().map(|request| request.names().iter().map(as_found).collect::<Vec<_>>());
    let mut findings = together::judge(
        &PairCase { keys: None, names: names.as_ref().map(Vec::as_slice) },
        Policy::product(),
    );
    for (role, request) in specs.iter() {
        findings.extend(judge_key(&KeyCase::planned(request.key_algorithm(), role)));
    }
    errors_first(findings)
}

/// All findings of the key rules.
pub(crate) fn judge_key(case: &KeyCase<'_>) -> Vec<Finding> {
    let mut report = Report::new(case.role);
    for (rule, severity) in Policy::product().rules() {
        if let Check::Key(check) = rule.check {
            report.add(rule, *severity, None, check(case));
        }
    }
    report.into_findings()
}

/// A SAN as it will stand in the request.
fn as_found(san: &San) -> GeneralName {
    match san {
        San::Dns(name) => GeneralName::Dns(Untrusted::new(name.as_str())),
        San::Ip(address) => GeneralName::Ip(*address),
        San::Uri(uri) => GeneralName::Uri(Untrusted::new(uri.as_str())),
        San::Email(mailbox) => GeneralName::Email(Untrusted::new(mailbox.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::KeyAlgorithm;

    #[test]
    fn what_is_wrong_with_the_pair_is_told_before_any_key_exists() {
        use KeyAlgorithm::{NistP256, NistP521};
        let planned = |name: &str, sans: &[&str], key| {
            let sans = sans.iter().map(|text| San::parse(text).unwrap()).collect();
            RequestSpec::parse(name, sans, key).unwrap()
        };
        let main = |sans: &[&str]| planned("kms.example.com", sans, NistP256);
        let assets = |sans: &[&str]| planned("kms-ui.example.com", sans, NistP256);
        let same_name = || planned("kms.example.com", &[], NistP256);
        for (requests, expected) in [
            (Pair { main: main(&[]), assets: assets(&["ops@example.com"]) }, &[][..]),
            (Pair { main: main(&[]), assets: same_name() }, &["role.shared_name"]),
            (Pair { main: main(&["KMS-UI.example.com"]), assets: assets(&[]) }, &["role.shared_name"]),
            (Pair { main: main(&["192.0.2.1"]), assets: assets(&["192.0.2.1"]) }, &["role.shared_address"]),
            (
                Pair {
                    main: planned("kms.example.com", &[], NistP521),
                    assets: planned("kms.example.com", &[], NistP521),
                },
                &["role.shared_name", "key.p521", "key.p521_ui"],
            ),
        ] {
            let findings = judge_specs(&requests);
            let ids: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
            assert_eq!(ids, expected);
        }
    }
}

//! Findings under collection.

use crate::rules::{Evidence, Finding, Outcome, Rule, Severity};
use common::Role;

/// Violations of one rule in one document that are told one by one: 50 000 SANs can be wrong in the
/// same way.
const MAX_EVIDENCE: usize = 50;

/// Findings under collection for one document. What could not be judged counts only when nothing
/// else explains why: then it stands as a violation, because a check that did not run has not passed.
pub(super) struct Report {
    role: Option<Role>,
    findings: Vec<Finding>,
    unjudged: Vec<Finding>,
}

impl Report {
    pub(super) const fn new(role: Option<Role>) -> Self {
        Self { role, findings: Vec::new(), unjudged: Vec::new() }
    }

    /// Adds what a rule found, about one certificate of a chain if the check does not say so itself.
    pub(super) fn add(
        &mut self,
        rule: &Rule,
        severity: Severity,
        certificate: Option<usize>,
        outcome: Outcome,
    ) {
        let role = self.role;
        let finding = |evidence: Evidence| Finding {
            rule: rule.id,
            severity,
            role,
            evidence: Evidence { certificate: evidence.certificate.or(certificate), ..evidence },
            citation: rule.citation,
            fix: rule.fix,
            turns_clients_away: rule.turns_clients_away,
        };
        match outcome {
            Outcome::Pass | Outcome::DoesNotApply => {}
            Outcome::Fail(mut evidence) => {
                let more = evidence.len().saturating_sub(MAX_EVIDENCE);
                evidence.truncate(MAX_EVIDENCE);
                self.findings.extend(evidence.into_iter().map(finding));
                if more > 0 {
                    self.findings.push(finding(Evidence::new(format!("and {more} more like these"))));
                }
            }
            Outcome::CouldNotJudge(why) => {
                self.unjudged.push(finding(Evidence::new(format!("could not be judged: {why}"))));
            }
        }
    }

    pub(super) fn error_ids(&self) -> Vec<&'static str> {
        let errors = self.findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| finding.rule).collect()
    }

    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        if self.error_ids().is_empty() {
            self.findings.append(&mut self.unjudged);
        }
        self.findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::catalogue;

    #[test]
    fn evidence_keeps_its_certificate_or_gets_that_of_the_check() {
        let rule = catalogue().next().unwrap();
        let mut report = Report::new(None);
        let evidence = vec![Evidence::new("of the check"), Evidence::new("its own").about(Some(1))];
        report.add(rule, Severity::Error, Some(2), Outcome::Fail(evidence));
        let told: Vec<_> =
            report.into_findings().into_iter().map(|finding| finding.evidence.certificate).collect();
        assert_eq!(told, [Some(2), Some(1)]);
    }

    #[test]
    fn evidence_names_its_certificate_once_and_takes_no_digest_for_its_number() {
        let placed = |text: &str| Evidence::new(text).about(Some(1)).placed();
        assert_eq!(placed("certificate 1 expired"), "certificate 1 expired");
        assert_eq!(placed("certificate 12 expired"), "certificate 1: certificate 12 expired");
        assert_eq!(placed("certificate 1be07a44c09d3e62"), "certificate 1: certificate 1be07a44c09d3e62");
    }
}

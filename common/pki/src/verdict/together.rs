//! What only both documents of a pair together show.

use super::report::Report;
use crate::rules::case::PairCase;
use crate::rules::{Check, Finding, Policy};

/// All findings of the pair rules.
pub(super) fn judge(case: &PairCase<'_>, policy: &Policy) -> Vec<Finding> {
    let mut report = Report::new(None);
    for (rule, severity) in policy.rules() {
        if let Check::Pair(check) = rule.check {
            report.add(rule, *severity, None, check(case));
        }
    }
    report.into_findings()
}

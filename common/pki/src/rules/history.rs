//! Rules about a request against those seen before.

use super::{Check, Evidence, Finding, Outcome, Report, Rule, Severity, policy::Policy};
use common::Sha256;
use common::{Role, Timestamp, Untrusted};

/// An earlier request with the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// sha256 of that request.
    pub request: Sha256,
    /// Its primary name.
    pub name: Untrusted,
    /// When it was first seen.
    pub seen: Timestamp,
}

/// One request, and what is known of its key.
#[derive(Clone, Copy, Debug)]
pub struct HistoryCase<'a> {
    /// sha256 of the request.
    pub request: Sha256,
    /// Its primary name.
    pub name: &'a str,
    /// Earlier requests with the same key, oldest first.
    pub earlier: &'a [Earlier],
}

/// Rules about what was seen before (`--history`).
pub(crate) static RULES: &[Rule] = &[
    Rule {
        id: "history.other_name",
        severity: Severity::Error,
        title: "the key was not requested under another name before",
        citation: "NIST SP 800-57 Part 1 Rev. 5, section 5.2: one key, one purpose; CA/B BR 6.1.1.3",
        why: "two holders share a private key, or one of them copied it",
        fix: "have a new key made for this name, and ask how both came by the same one",
        check: Check::History(other_name),
    },
    Rule {
        id: "history.same_name",
        severity: Severity::Warning,
        title: "the key was not in an earlier, different request of the same name",
        citation: "RFC 3647 section 4.7: re-key with each certificate; NIST SP 800-57 Part 1 Rev. 5, section 5.3",
        why: "a key that is never changed is exposed for as long as all its certificates together",
        fix: "make a new key: get_csrs --rotate does",
        check: Check::History(same_name),
    },
    Rule {
        id: "history.repeated",
        severity: Severity::Info,
        title: "the request was not seen before",
        citation: "RFC 2986 section 4.2: a request has no number of its own, only its bytes tell",
        why: "somebody may be waiting for a certificate that was issued already",
        fix: "see whether the first one was answered",
        check: Check::History(repeated),
    },
];

/// All findings of the history rules.
pub fn judge(case: &HistoryCase<'_>, role: Option<Role>, policy: &Policy) -> Vec<Finding> {
    let mut report = Report::new(role);
    for (rule, severity) in policy.rules() {
        if let Check::History(check) = rule.check {
            report.add(rule, *severity, None, check(case));
        }
    }
    report.into_findings()
}

fn other_name(case: &HistoryCase<'_>) -> Outcome {
    Outcome::of(case.earlier.iter().filter(|earlier| !is_same(case, earlier)).map(|earlier| {
        Evidence::new(format!("the key was requested for {} at {}", earlier.name, earlier.seen))
    }))
}

fn same_name(case: &HistoryCase<'_>) -> Outcome {
    let mut others = case.earlier.iter().filter(|one| is_same(case, one) && one.request != case.request);
    Outcome::of(others.next().map(|earlier| {
        Evidence::new(format!("request {} of {} had the same key", earlier.request.short(), earlier.seen))
    }))
}

fn repeated(case: &HistoryCase<'_>) -> Outcome {
    let mut same = case.earlier.iter().filter(|one| is_same(case, one) && one.request == case.request);
    Outcome::of(
        same.next().map(|earlier| Evidence::new(format!("the same request came at {}", earlier.seen))),
    )
}

fn is_same(case: &HistoryCase<'_>, earlier: &Earlier) -> bool {
    earlier.name.raw().eq_ignore_ascii_case(case.name)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::rules::policy::Profile;

    /// What was requested before (name, and a number for the request), and what that gives.
    type Row = (&'static str, &'static [(&'static str, u8)], &'static [&'static str]);

    pub(in crate::rules) static FAULTS: &[Row] = &[
        ("first time", &[], &[]),
        ("the same request again", &[("KMS.example.com", 1)], &["history.repeated"]),
        ("another request of the same name", &[("kms.example.com", 2)], &["history.same_name"]),
        ("another name", &[("mail.example.com", 2)], &["history.other_name"]),
        (
            "all at once",
            &[("kms.example.com", 1), ("kms.example.com", 2), ("a.example", 3), ("b.example", 4)],
            &["history.other_name", "history.other_name", "history.same_name", "history.repeated"],
        ),
    ];

    #[test]
    fn each_past_gives_its_findings_and_no_other() {
        for (sentence, past, expected) in FAULTS {
            let earlier: Vec<_> = past
                .iter()
                .map(|(name, request)| Earlier {
                    request: Sha256::of(&[*request]),
                    name: Untrusted::new(*name),
                    seen: Timestamp::from_unix(0),
                })
                .collect();
            let case = HistoryCase { request: Sha256::of(&[1]), name: "kms.example.com", earlier: &earlier };
            let findings = judge(&case, None, &Policy::of(Profile::Private));
            let ids: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
            assert_eq!(ids, *expected, "{sentence}");
        }
    }
}

//! A request against those seen before.

use crate::rules::{Earlier, HistoryCase, Policy, Profile};
use crate::verdict::judge_history;
use common::{Sha256, Timestamp, Untrusted};

/// What was requested before (name, and a number for the request), and what that gives.
type Row = (&'static str, &'static [(&'static str, u8)], &'static [&'static str]);

pub(super) static FAULTS: &[Row] = &[
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
        let findings = judge_history(&case, None, &Policy::of(Profile::Private));
        let ids: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(ids, *expected, "{sentence}");
    }
}

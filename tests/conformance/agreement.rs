//! Whether a suite came out as expected: as its authors say, but for the listed disagreements.

use crate::disagreements::DISAGREEMENTS;
use std::collections::BTreeSet;

/// One case of a suite.
pub(crate) struct Case {
    /// What its authors call it.
    pub(crate) name: String,
    /// What they say of it.
    pub(crate) expected: String,
    /// What the product says.
    pub(crate) found: String,
}

/// One case that the product sees otherwise, and why it may.
pub(crate) struct Disagreement {
    pub(crate) suite: &'static str,
    pub(crate) case: &'static str,
    /// What the product says; another answer is another disagreement.
    pub(crate) found: &'static str,
    pub(crate) reason: &'static str,
}

/// Fails, with all of them, on cases that came out otherwise and are not listed, and on listed ones
/// that did not. Prints the figures.
#[track_caller]
pub(crate) fn agree(suite: &str, cases: &[Case]) {
    let surprises = surprises(DISAGREEMENTS, suite, cases);
    assert!(surprises.is_empty(), "{suite}:\n{}", surprises.join("\n"));
    let otherwise = cases.iter().filter(|case| case.found != case.expected).count();
    println!("{suite}: {} cases, {} agree, {otherwise} listed", cases.len(), cases.len() - otherwise);
}

fn surprises(listed: &[Disagreement], suite: &str, cases: &[Case]) -> Vec<String> {
    let listed: Vec<_> = listed.iter().filter(|one| one.suite == suite).collect();
    let is_listed = |case: &Case| listed.iter().any(|one| one.case == case.name && one.found == case.found);
    let unlisted = cases.iter().filter(|case| case.found != case.expected && !is_listed(case));
    let unlisted = unlisted
        .map(|case| format!("unlisted: {}: expected {}, found {}", case.name, case.expected, case.found));
    let otherwise: BTreeSet<_> = cases
        .iter()
        .filter(|case| case.found != case.expected)
        .map(|case| (case.name.as_str(), case.found.as_str()))
        .collect();
    let gone = listed.iter().filter(|one| !otherwise.contains(&(one.case, one.found)));
    let gone = gone.map(|one| format!("no longer so: {}: {} ({})", one.case, one.found, one.reason));
    unlisted.chain(gone).collect()
}

#[test]
fn what_is_not_listed_and_what_is_listed_in_vain_are_surprises() {
    let case = |found: &str| Case { name: "a".into(), expected: "valid".into(), found: found.into() };
    let list = |found| [Disagreement { suite: "suite", case: "a", found, reason: "because" }];
    let surprises = |listed: &[Disagreement], suite: &str, cases: &[Case]| surprises(listed, suite, cases);
    assert_eq!(surprises(&[], "suite", &[case("valid")]), [""; 0]);
    assert_eq!(surprises(&list("invalid"), "suite", &[case("invalid")]), [""; 0]);
    assert_eq!(surprises(&[], "suite", &[case("invalid")]), ["unlisted: a: expected valid, found invalid"]);
    let gone = "no longer so: a: invalid (because)";
    assert_eq!(surprises(&list("invalid"), "suite", &[case("valid")]), [gone]);
    assert_eq!(surprises(&list("invalid"), "suite", &[]), [gone]);
    assert_eq!(surprises(&list("invalid"), "another", &[case("invalid")]).len(), 1);
    // Another answer than the listed one is both.
    assert_eq!(surprises(&list("invalid"), "suite", &[case("a crash")]).len(), 2);
}

#[test]
fn every_disagreement_has_a_reason_and_is_listed_once() {
    let mut seen = BTreeSet::new();
    for one in DISAGREEMENTS {
        assert!(one.reason.len() > 20, "{} {}", one.suite, one.case);
        assert!(seen.insert((one.suite, one.case, one.found)), "twice: {} {}", one.suite, one.case);
    }
}

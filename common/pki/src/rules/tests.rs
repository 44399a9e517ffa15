//! Every rule of the catalogue, violated and kept: tables of faults and the rule ids they must
//! give, no more and no fewer.

mod chains;
mod keys;
mod profiles;
mod requests;
mod wording;

use super::{Evidence, Outcome, Severity, catalogue};
use std::collections::BTreeSet;

#[test]
fn every_rule_is_violated_by_some_row() {
    let named: BTreeSet<&str> = chains::FAULTS
        .iter()
        .flat_map(|(_, _, ids)| ids.iter().map(|id| id.split(' ').next_back().unwrap()))
        .chain(requests::FAULTS.iter().flat_map(|(_, _, ids)| ids.iter().copied()))
        .chain(requests::PUBLIC_FAULTS.iter().flat_map(|(_, _, ids)| ids.iter().copied()))
        .chain(requests::ENCODING_FAULTS.iter().flat_map(|(_, _, ids)| ids.iter().copied()))
        .chain(super::policy::tests::FAULTS.iter().flat_map(|(_, _, ids)| ids.iter().copied()))
        .chain(super::history::tests::FAULTS.iter().flat_map(|(_, _, ids)| ids.iter().copied()))
        .chain(profiles::FAULTS.iter().flat_map(|(_, _, _, ids)| ids.iter().copied()))
        .chain(keys::FAULTS.iter().flat_map(|(_, _, ids)| ids.iter().copied()))
        .collect();
    let catalogue: BTreeSet<&str> = catalogue().map(|rule| rule.id).collect();
    let unproved: Vec<_> = catalogue.difference(&named).collect();
    assert!(unproved.is_empty(), "no row violates {unproved:?}");
}

#[test]
fn the_catalogue_is_well_formed() {
    let mut seen = BTreeSet::new();
    for rule in catalogue() {
        let (area, fault) = rule.id.split_once('.').unwrap();
        let word = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        assert!(word(area) && word(fault), "{}", rule.id);
        assert!(seen.insert(rule.id), "{} occurs twice", rule.id);
        for text in [rule.title, rule.citation, rule.why, rule.fix] {
            assert!(!text.is_empty() && !text.ends_with('.') && !text.contains('\n'), "{}: {text}", rule.id);
        }
        assert!(rule.fix.starts_with(|c: char| c.is_ascii_lowercase()), "{}", rule.id);
    }
}

#[test]
fn evidence_keeps_its_certificate_or_gets_that_of_the_check() {
    let rule = catalogue().next().unwrap();
    let mut report = super::Report::new(None);
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

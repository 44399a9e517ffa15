//! Every rule of the catalogue, violated and kept: tables of faults and the rule ids they must
//! give, no more and no fewer.

mod chain_faults;
mod chains;
mod history;
mod keys;
mod policies;
mod profiles;
mod request_faults;
mod requests;
mod wording;

use crate::rules::catalogue;
use std::collections::BTreeSet;

#[test]
fn every_rule_is_violated_by_some_row() {
    let named: BTreeSet<&str> = chain_faults::FAULTS
        .iter()
        .flat_map(|(_, _, ids)| ids.iter().map(|id| id.split(' ').next_back().unwrap()))
        .chain(request_faults::FAULTS.iter().flat_map(|(_, _, ids)| ids.iter().copied()))
        .chain(requests::PUBLIC_FAULTS.iter().flat_map(|(_, _, ids)| ids.iter().copied()))
        .chain(requests::ENCODING_FAULTS.iter().flat_map(|(_, _, ids)| ids.iter().copied()))
        .chain(policies::FAULTS.iter().flat_map(|(_, _, ids)| ids.iter().copied()))
        .chain(history::FAULTS.iter().flat_map(|(_, _, ids)| ids.iter().copied()))
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

//! Rules about the nameConstraints extension itself; whether names keep to it is path validation.

use crate::chain::place;
use crate::extensions::{Found, NameConstraints};
use crate::path::subtree_fault;
use crate::rules::case::{ChainCase, Link, Place};
use crate::rules::rule::{Check, Evidence, Outcome, Rule, Severity};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "constraints.in_end_entity",
        severity: Severity::Error,
        title: "only a CA has nameConstraints",
        citation: "RFC 5280 section 4.2.1.10",
        why: "it says nothing about an end entity, and clients refuse what the profile forbids",
        fix: "have the certificate issued again without nameConstraints",
        turns_clients_away: false,
        check: Check::Chain(in_end_entity),
    },
    Rule {
        id: "constraints.not_critical",
        severity: Severity::Error,
        title: "nameConstraints is critical",
        citation: "RFC 5280 section 4.2.1.10; CA/B BR 7.1.2.5.2 lets it be",
        why: "a client that does not know it would not keep the CA to its names",
        fix: "have the CA's certificate issued again with nameConstraints critical",
        turns_clients_away: false,
        check: Check::Chain(not_critical),
    },
    Rule {
        id: "constraints.malformed",
        severity: Severity::Error,
        title: "nameConstraints has subtrees, each of them one",
        citation: "RFC 5280 section 4.2.1.10",
        why: "clients read such a constraint in different ways, or refuse everything below the CA",
        fix: "have the CA's certificate issued again with subtrees as the standard writes them",
        turns_clients_away: false,
        check: Check::Chain(malformed),
    },
];

fn each<'a>(
    case: &ChainCase<'a>,
    faults: impl Fn(&Link<'a>, &'a Found<NameConstraints>) -> Vec<String>,
) -> Outcome {
    Outcome::of(case.judged_links().flat_map(|link| {
        let who = format!("{} ({})", place(link.number), link.certificate.subject());
        let found = link.certificate.extensions().name_constraints.as_ref();
        let faults = found.map(|found| faults(&link, found)).unwrap_or_default();
        faults.into_iter().map(move |fault| Evidence::new(format!("{who} {fault}")).about(link.number))
    }))
}

fn in_end_entity(case: &ChainCase<'_>) -> Outcome {
    each(case, |link, _| {
        let misplaced = link.place == Place::EndEntity && !link.certificate.is_ca();
        misplaced.then(|| "is no CA and has nameConstraints".to_owned()).into_iter().collect()
    })
}

fn not_critical(case: &ChainCase<'_>) -> Outcome {
    each(case, |_, found| {
        (!found.critical).then(|| "has nameConstraints not critical".to_owned()).into_iter().collect()
    })
}

fn malformed(case: &ChainCase<'_>) -> Outcome {
    each(case, |_, found| match &found.value {
        Err(why) => vec![format!("has nameConstraints that cannot be read: {}", common::Untrusted::new(why))],
        Ok(constraints) if constraints.is_empty() => vec!["has nameConstraints without a subtree".to_owned()],
        Ok(constraints) => {
            let bases = constraints.permitted.iter().chain(&constraints.excluded).flatten();
            bases
                .filter_map(|base| {
                    let fault = subtree_fault(base)?;
                    Some(format!("has the subtree {}, but {fault}", base.tagged()))
                })
                .collect()
        }
    })
}

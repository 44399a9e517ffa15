//! Rules about the two documents of a pair.
//!
//! The product guide says that no certificate may cover both Main and Assets and that a SAN of one
//! role may not be the other role's name. It follows that no DNS name may stand in both lists: a
//! client that asks for it could be answered by either. An IP address in both is a warning only:
//! the two services may well share their nodes, but a client that connects by address is answered
//! by one of them and cannot say which it wants (SNI carries no addresses, RFC 6066 section 3).
//! URIs and e-mail addresses name no TLS server and may be shared.

use super::case::PairCase;
use super::rule::{Check, Evidence, Outcome, Rule, Severity};
use crate::name::GeneralName;
use std::collections::BTreeSet;

/// Rules about pairs.
pub(crate) static RULES: &[Rule] = &[
    Rule {
        id: "role.shared_key",
        severity: Severity::Error,
        title: "Main and Assets have different keys",
        citation: "product guide: each certificate has its own key; NIST SP 800-57 Part 1 Rev. 5, section 5.2",
        why: "one stolen key would open both services, and rotating one would leave the other exposed",
        fix: "make a new pair of requests with get_csrs",
        turns_clients_away: false,
        check: Check::Pair(shared_key),
    },
    Rule {
        id: "role.shared_name",
        severity: Severity::Error,
        title: "no DNS name stands in both certificates",
        citation: "product guide: no certificate may cover both Main and Assets",
        why: "a client that asks for the name may be answered by either service",
        fix: "keep each name with one role only",
        turns_clients_away: false,
        check: Check::Pair(shared_name),
    },
    Rule {
        id: "role.shared_address",
        severity: Severity::Warning,
        title: "no IP address stands in both certificates",
        citation: "RFC 6066 section 3: SNI carries no addresses, so a client cannot say which role it wants",
        why: "a client that connects by address is answered by one of the two and cannot say which it wants",
        fix: "keep the address with the role that clients reach by address",
        turns_clients_away: false,
        check: Check::Pair(shared_address),
    },
];

fn shared_key(case: &PairCase<'_>) -> Outcome {
    let Some(keys) = case.keys else {
        return Outcome::DoesNotApply;
    };
    Outcome::of(
        (keys.main == keys.assets).then(|| {
            Evidence::new(format!("Main and Assets have the same key {}", keys.main.sha256().short()))
        }),
    )
}

fn shared_name(case: &PairCase<'_>) -> Outcome {
    let [main, assets] = [case.names.main, case.names.assets].map(|sans| {
        sans.iter()
            .filter_map(GeneralName::as_dns)
            .map(|name| name.raw().to_ascii_lowercase())
            .collect::<BTreeSet<_>>()
    });
    let shown = |name: &String| common::Untrusted::new(name.as_str());
    let same =
        main.intersection(&assets).map(|name| format!("the DNS name {} stands in both lists", shown(name)));
    let covered = covered(&main, &assets).chain(covered(&assets, &main)).map(|(wildcard, name)| {
        format!("the DNS name {} of one is covered by {} of the other", shown(name), shown(wildcard))
    });
    Outcome::of(same.chain(covered).map(Evidence::new))
}

/// Wildcards of one list with the names of the other they stand for: those with one more label
/// ([RFC 9525 §6.3](https://www.rfc-editor.org/rfc/rfc9525#section-6.3)).
fn covered<'a>(
    wildcards: &'a BTreeSet<String>,
    names: &'a BTreeSet<String>,
) -> impl Iterator<Item = (&'a String, &'a String)> {
    names.iter().filter_map(|name| {
        let (_, parent) = name.split_once('.')?;
        let wildcard = wildcards.get(&format!("*.{parent}"))?;
        (wildcard != name).then_some((wildcard, name))
    })
}

fn shared_address(case: &PairCase<'_>) -> Outcome {
    let [main, assets] = [case.names.main, case.names.assets]
        .map(|sans| sans.iter().filter_map(GeneralName::address).collect::<BTreeSet<_>>());
    Outcome::of(
        main.intersection(&assets)
            .map(|address| Evidence::new(format!("the IP address {address} stands in both lists"))),
    )
}

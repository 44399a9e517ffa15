//! All rules, in the order their findings are reported.

use super::rule::Rule;
use super::{chain, demanded, extensions, history, key, names, pair, path, request, subject};

/// Every rule, in the order findings are reported.
pub fn catalogue() -> impl Iterator<Item = &'static Rule> {
    let [order, identity, trust, validity, names, common_name, issuers, identifiers, constraints, form] =
        chain::RULES;
    request::RULES
        .into_iter()
        .flatten()
        .chain(order)
        .chain(identity)
        .chain(trust)
        .chain(validity)
        .chain(names)
        .chain(common_name)
        .chain(subject::RULES)
        .chain(names::RULES.into_iter().flatten())
        .chain(pair::RULES)
        .chain(key::RULES)
        .chain(extensions::RULES.into_iter().flatten())
        .chain(issuers)
        .chain(identifiers)
        .chain(constraints)
        .chain(form)
        .chain(path::RULES)
        .chain(demanded::RULES)
        .chain(history::RULES)
}

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static Rule> {
    catalogue().find(|rule| rule.id == id)
}

//! Rules about a chain, whatever it was presented for.

mod common_name;
mod constraints;
mod form;
mod identifiers;
mod identity;
mod issuers;
mod links;
mod names;
mod order;
mod trust;
mod validity;

use super::rule::Rule;

pub(crate) use order::REPAIRED_BY_REORDER;

/// Rules about chains, by topic in the order of reporting: order, identity, trust, validity,
/// names, CN, issuers, key identifiers, name constraints, form.
pub(crate) static RULES: [&[Rule]; 10] = [
    order::RULES,
    identity::RULES,
    trust::RULES,
    validity::RULES,
    names::RULES,
    common_name::RULES,
    issuers::RULES,
    identifiers::RULES,
    constraints::RULES,
    form::RULES,
];

//! Rules about the names of a request or an end entity.

mod general;
mod hosts;
mod kinds;

use super::rule::Rule;

/// Rules about names, by topic: what the product asks of all names; host names; other kinds.
pub(crate) static RULES: [&[Rule]; 3] = [general::RULES, hosts::RULES, kinds::RULES];

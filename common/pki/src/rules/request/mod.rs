//! Rules about a request.

mod attributes;
mod encoding;
mod general;
mod usage;

use super::rule::Rule;

/// Rules about requests, by topic: encoding; signature and names; attributes; usage.
pub(crate) static RULES: [&[Rule]; 4] = [encoding::RULES, general::RULES, attributes::RULES, usage::RULES];

//! Rules about the extensions of a request, an end entity or an issuer.

mod purposes;
mod usage;

use super::rule::Rule;

/// Rules about extensions, by topic: reading and use; purposes.
pub(crate) static RULES: [&[Rule]; 2] = [usage::RULES, purposes::RULES];

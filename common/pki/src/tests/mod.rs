//! What the tests of these rooms share, and the tests of every rule through the verdicts.

pub(super) mod fixtures;
mod rules;

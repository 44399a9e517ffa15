//! What the tests of these rooms share.

pub(super) mod fixtures;

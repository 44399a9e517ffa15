//! What a pair of chains is measured against: anchors, requests, keys known from before.

use super::certificate::Certificate;
use super::csr::Csr;
use super::spki::Sha256;
use crate::{Pair, Role};

/// What a chain may end in.
#[derive(Clone, Debug)]
pub enum Anchors {
    /// These, from `--trust-anchors` or the system: any of them ends a path.
    Given(Vec<Certificate>),
    /// None were given: the topmost certificate presented is trusted, with a warning.
    Presented,
}

impl Anchors {
    /// The anchors given; none when the presented one is to be trusted.
    pub fn given(&self) -> &[Certificate] {
        match self {
            Self::Given(anchors) => anchors,
            Self::Presented => &[],
        }
    }
}

/// What the installed pair should be. Everything the store knows that a verifier needs.
#[derive(Clone, Debug)]
pub struct Expectation<'a> {
    /// The staged requests.
    pub requests: Pair<&'a Csr>,
    /// Number of the staged generation, for messages.
    pub generation: u64,
    /// Keys of other generations (current, previous and earlier ones), so that a certificate for
    /// the wrong one can be named.
    pub known_keys: &'a [KnownKey],
    /// Whether unordered chains are put in order instead of refused.
    pub reorder: bool,
}

/// A key of a generation that is not the staged one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    /// sha256 of its SPKI.
    pub spki: Sha256,
    /// Its role.
    pub role: Role,
    /// Its generation.
    pub generation: u64,
}

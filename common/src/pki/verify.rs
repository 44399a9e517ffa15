//! Chain + anchors + time + expectation → [`VerifiedChain`], or every [`Finding`].

use super::certificate::Certificate;
use super::chain::Chain;
use super::csr::Csr;
use super::name::DnsName;
use super::rules::Finding;
use super::spki::Sha256;
use crate::{Pair, Role, Timestamp};

/// What a chain may end in.
#[derive(Clone, Debug)]
pub enum Anchors {
    /// These, from `--trust-anchors` or the system: any of them ends a path.
    Given(Vec<Certificate>),
    /// None were given: the topmost certificate presented is trusted, with a warning.
    Presented,
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

/// A chain that verified: end entity first, path order, no trailing anchor, key of the staged
/// request, valid at the time it was judged. Only [`verify`] makes one.
#[derive(Clone, Debug)]
pub struct VerifiedChain {
    chain: Chain,
    anchor: Certificate,
    primary: DnsName,
    role: Role,
}

impl VerifiedChain {
    /// What a server presents: end entity first, the anchor left out.
    pub const fn served(&self) -> &Chain {
        &self.chain
    }
    /// The end entity.
    pub fn end_entity(&self) -> &Certificate {
        todo!()
    }
    /// What the path ended in.
    pub const fn anchor(&self) -> &Certificate {
        &self.anchor
    }
    /// The name clients connect to.
    pub const fn primary(&self) -> &DnsName {
        &self.primary
    }
    /// Its role.
    pub const fn role(&self) -> Role {
        self.role
    }
}

/// The answer to "may this pair be installed?".
#[derive(Clone, Debug)]
pub struct Judgement {
    /// Every finding of both chains, errors first, then in catalogue order.
    pub findings: Vec<Finding>,
    /// Present exactly when no finding is an error.
    pub verified: Option<Pair<VerifiedChain>>,
}

/// Judges both chains completely.
pub fn verify(
    chains: &Pair<Chain>,
    expected: &Expectation<'_>,
    anchors: &Anchors,
    now: Timestamp,
) -> Judgement {
    let _ = (chains, expected, anchors, now);
    todo!()
}

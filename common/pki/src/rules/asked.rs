//! What chains are measured against: anchors, a profile, requests, hosts, keys known from before.

use super::policy::Policy;
use crate::certificate::Certificate;
use crate::chain::Chain;
use crate::request::Csr;
use crate::spki::Spki;
use common::Sha256;
use common::{Pair, Role};
use rustls::pki_types::ServerName;

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

/// What one chain should answer. Whatever is not known is not asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Which rules apply, how much each weighs, and what is asked beside them.
    pub policy: &'a Policy,
    /// The role it was presented for.
    pub role: Option<Role>,
    /// The request it should answer.
    pub request: Option<&'a Csr>,
    /// Number of the staged generation the request is from, for messages.
    pub generation: Option<u64>,
    /// The key its server holds.
    pub key: Option<&'a Spki>,
    /// The kind of that key, when it is one whose public half cannot be told.
    pub foreign_key: Option<&'a str>,
    /// The request of the other role, whose names it may not cover.
    pub other_request: Option<&'a Csr>,
    /// The chain presented for the other role.
    pub other_chain: Option<&'a Chain>,
    /// Keys of other generations.
    pub known_keys: &'a [KnownKey],
    /// Names clients connect to.
    pub hosts: &'a [ServerName<'static>],
    /// Whether an unordered chain is put in order instead of refused.
    pub reorder: bool,
}

impl<'a> Asked<'a> {
    /// Nothing but a policy.
    pub const fn by(policy: &'a Policy) -> Self {
        Self {
            policy,
            role: None,
            request: None,
            generation: None,
            key: None,
            foreign_key: None,
            other_request: None,
            other_chain: None,
            known_keys: &[],
            hosts: &[],
            reorder: false,
        }
    }
}

impl<'a> Expectation<'a> {
    /// What is asked of the chain of one role.
    pub fn of(&self, role: Role, chains: &'a Pair<Chain>) -> Asked<'a> {
        let other = role.other();
        Asked {
            role: Some(role),
            request: Some(self.requests.of(role)),
            generation: Some(self.generation),
            other_request: Some(self.requests.of(other)),
            other_chain: Some(chains.of(other)),
            known_keys: self.known_keys,
            reorder: self.reorder,
            ..Asked::by(Policy::product())
        }
    }
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

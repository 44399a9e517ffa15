//! What chains are measured against: anchors, requests, hosts, keys known from before.

use crate::certificate::Certificate;
use crate::chain::Chain;
use crate::name::GeneralName;
use crate::request::Csr;
use crate::spki::Spki;
use common::Role;
use common::Sha256;
use rustls::pki_types::ServerName;

/// What a chain may end in.
#[derive(Clone, Debug)]
pub enum Anchors {
    /// These: any of them ends a path.
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

/// What one chain should answer. Whatever is not known is not asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
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
    /// Key and SANs of the other role: of its request, or where only that is known of its certificate.
    pub(crate) fn other(&self) -> Option<(&'a Spki, &'a [GeneralName])> {
        match (self.other_request, self.other_chain) {
            (Some(request), _) => Some((request.spki(), request.extensions().names())),
            (None, Some(chain)) => {
                let end_entity = chain.end_entity(None);
                Some((end_entity.spki(), end_entity.extensions().names()))
            }
            (None, None) => None,
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

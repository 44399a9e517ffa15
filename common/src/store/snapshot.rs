//! One consistent view of the store, every hash checked.

use super::manifest::Manifest;
use super::state::State;
use crate::Pair;
use crate::account::SysadminAccount;
use crate::pki::chain::Chain;
use crate::pki::csr::Csr;
use crate::pki::sealed::SealedKey;
use crate::pki::verify::KnownKey;

/// One generation, as read and checked against its manifest.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Generation {
    pub manifest: Manifest,
    pub keys: Pair<SealedKey>,
    pub requests: Pair<Csr>,
    /// Present in installed generations.
    pub chains: Option<Pair<Chain>>,
}

/// Everything the record names.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Snapshot {
    pub state: State,
    pub staged: Option<Generation>,
    pub current: Option<Generation>,
    pub previous: Option<Generation>,
    pub account: Option<SysadminAccount>,
}

impl Snapshot {
    /// Keys of every generation but the staged one, also of those long pruned.
    pub fn known_keys(&self) -> Vec<KnownKey> {
        todo!()
    }
}

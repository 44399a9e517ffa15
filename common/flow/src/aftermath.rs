//! What follows a change, as data: the files other servers read, and what a deploy hook is told. Doing it takes the
//! world.

use crate::plan::Action;
use common::{Pair, Role, Timestamp};
use pki::Csr;
use store::Installed;

/// A file of an installed pair for other servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedFile {
    /// Its name in the directory it is published to.
    pub name: &'static str,
    /// PEM.
    pub contents: String,
    /// Anybody may read a chain, only the owner a sealed key.
    pub mode: u32,
}

impl PublishedFile {
    /// The names of the four files, in the order they are to be replaced: the chain of a role right before its key.
    pub const NAMES: [&str; 4] = ["main.pem", "main.key", "assets.pem", "assets.key"];

    /// The four files of an installed pair, in the same order.
    pub fn all(installed: &Installed) -> [Self; 4] {
        let chain = |name, role| Self { name, contents: installed.chains.of(role).to_pem(), mode: 0o644 };
        let key = |name, role| Self { name, contents: installed.keys.of(role).to_pem(), mode: 0o600 };
        let [main_chain, main_key, assets_chain, assets_key] = Self::NAMES;
        [
            chain(main_chain, Role::Main),
            key(main_key, Role::Main),
            chain(assets_chain, Role::Assets),
            key(assets_key, Role::Assets),
        ]
    }
}

/// What a deploy hook is told of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Facts {
    pub action: Action,
    /// The generation that is current now.
    pub generation: u64,
    /// The generation that was current before.
    pub replaced: Option<u64>,
    /// The names clients connect to.
    pub names: Pair<String>,
    /// The ends of both end entities.
    pub not_after: Pair<Timestamp>,
}

impl Facts {
    /// The facts about an installed pair and what made it current.
    pub fn of(action: Action, installed: &Installed, replaced: Option<u64>) -> Self {
        Self {
            action,
            generation: installed.manifest.generation,
            replaced,
            names: installed.requests.as_ref().map(primary_name),
            not_after: installed.chains.as_ref().map(|chain| chain.first().not_after()),
        }
    }
}

/// The name clients connect to; every request of ours has one.
pub fn primary_name(request: &Csr) -> String {
    request.primary_name().map_or_else(|| request.subject().to_string(), |name| name.to_string())
}

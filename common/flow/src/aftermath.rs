//! What follows a change, as data: the files other servers read, and what a deploy hook is told. Doing it takes the
//! world.

use crate::plan::Action;
use common::{Pair, Role, Timestamp};
use pki::Csr;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Installed, Snapshot};

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

/// Whose pair a published file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The pair that is current.
    Current,
    /// The pair that is kept for a way back.
    Previous,
    /// Neither of them.
    Other,
    /// There is no such file.
    Missing,
}

/// What is published, against what a store holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Copies {
    /// The four files by their names.
    pub files: BTreeMap<&'static str, Origin>,
    /// The generation they are all of, if it is one the store holds.
    pub generation: Option<u64>,
    /// Whether they are what they should be: the current pair, or nothing in particular while none is installed.
    pub up_to_date: bool,
}

impl Copies {
    /// Judges the contents of the four files, in the order of [`PublishedFile::NAMES`].
    pub fn of(snapshot: &Snapshot, found: &[Option<Vec<u8>>; 4]) -> Self {
        let [current, previous] =
            [&snapshot.current, &snapshot.previous].map(|pair| pair.as_ref().map(PublishedFile::all));
        let is = |pair: &Option<[PublishedFile; 4]>, at: usize, found: &[u8]| {
            let file = pair.as_ref().and_then(|files| files.get(at));
            file.is_some_and(|file| file.contents.as_bytes() == found)
        };
        let origin = |at, found: &Option<Vec<u8>>| match found {
            None => Origin::Missing,
            Some(found) if is(&current, at, found) => Origin::Current,
            Some(found) if is(&previous, at, found) => Origin::Previous,
            Some(_) => Origin::Other,
        };
        let judged = PublishedFile::NAMES.into_iter().zip(found).enumerate();
        let files: BTreeMap<_, _> = judged.map(|(at, (name, found))| (name, origin(at, found))).collect();
        let all = |origin| files.values().all(|file| *file == origin);
        let number = |pair: &Option<Installed>| pair.as_ref().map(|pair| pair.manifest.generation);
        let generation = match (all(Origin::Current), all(Origin::Previous)) {
            (true, _) => number(&snapshot.current),
            (_, true) => number(&snapshot.previous),
            (false, false) => None,
        };
        let up_to_date = snapshot.current.is_none() || all(Origin::Current);
        Self { files, generation, up_to_date }
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

//! One consistent view of the store, every hash checked.

use super::layout;
use super::manifest::{EarlierKey, FileEntry, Manifest, Stage};
use super::state::State;
use crate::account::SysadminAccount;
use common::{Pair, Role};
use pki::pem::{self, Block};
use pki::verdict::KnownKey;
use pki::{Chain, Csr, SealedKey};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

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

/// A file of a generation that is not what its manifest says, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) file: String,
    pub(crate) fault: String,
}

impl Flaw {
    fn new(file: &str, fault: impl Into<String>) -> Self {
        Self { file: file.to_owned(), fault: fault.into() }
    }
}

/// The files of a generation by name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

impl Generation {
    /// Checks every file against the manifest, byte for byte, and parses those same bytes.
    pub(crate) fn decode(manifest: Manifest, files: &Files) -> Result<Self, Flaw> {
        for entry in &manifest.files {
            matches_entry(entry, bytes(files, &entry.name)?)?;
        }
        let keys = Pair::try_from_fn(|role| read_key(files, role))?;
        let requests = Pair::try_from_fn(|role| read_request(files, &manifest, role))?;
        let chains = match manifest.stage() {
            Stage::Staged => None,
            Stage::Installed => Some(Pair::try_from_fn(|role| read_chain(files, &manifest, role))?),
        };
        Ok(Self { manifest, keys, requests, chains })
    }
}

fn bytes<'a>(files: &'a Files, name: &str) -> Result<&'a [u8], Flaw> {
    files.get(name).map(Vec::as_slice).ok_or_else(|| Flaw::new(name, "missing"))
}

fn matches_entry(entry: &FileEntry, bytes: &[u8]) -> Result<(), Flaw> {
    let found = FileEntry::of(&entry.name, bytes);
    if found == *entry {
        return Ok(());
    }
    let fault = format!(
        "{} bytes with sha256 {}, expected {} with {}",
        found.length,
        found.sha256.short(),
        entry.length,
        entry.sha256.short()
    );
    Err(Flaw::new(&entry.name, fault))
}

fn read_key(files: &Files, role: Role) -> Result<SealedKey, Flaw> {
    let name = layout::key(role);
    SealedKey::from_pem(bytes(files, &name)?).map_err(|error| Flaw::new(&name, error.to_string()))
}

fn read_request(files: &Files, manifest: &Manifest, role: Role) -> Result<Csr, Flaw> {
    let name = layout::request(role);
    let blocks = pem::read(bytes(files, &name)?).map_err(|error| Flaw::new(&name, error.to_string()))?;
    let [Block::Request(der)] = blocks.as_slice() else {
        return Err(Flaw::new(&name, "not one certification request"));
    };
    let request = Csr::from_der(der).map_err(|error| Flaw::new(&name, error.to_string()))?;
    let expected = manifest.roles.of(role);
    if request.sha256() != expected.request || request.spki().sha256() != expected.spki {
        return Err(Flaw::new(&name, "another request than the manifest names"));
    }
    Ok(request)
}

fn read_chain(files: &Files, manifest: &Manifest, role: Role) -> Result<Chain, Flaw> {
    let name = layout::chain(role);
    let chain = Chain::read(bytes(files, &name)?).map_err(|error| Flaw::new(&name, error.to_string()))?;
    let expected = manifest.roles.of(role).spki;
    match chain.certificates().first() {
        Some(end_entity) if end_entity.spki().sha256() == expected => Ok(chain),
        Some(_) | None => Err(Flaw::new(&name, "a certificate for another key than the manifest names")),
    }
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
    /// Keys of every generation but the staged one, also of those long pruned, newest first.
    pub fn known_keys(&self) -> Vec<KnownKey> {
        let known = |key: EarlierKey| KnownKey { spki: key.spki, role: key.role, generation: key.generation };
        self.earlier_keys().into_iter().map(known).collect()
    }

    /// What [`Self::known_keys`] tells verifiers, as manifests remember it.
    fn earlier_keys(&self) -> Vec<EarlierKey> {
        let staged: BTreeSet<_> = own_keys(self.staged.as_ref()).map(|key| key.spki).collect();
        let mut keys = self.all_keys();
        keys.retain(|key| !staged.contains(&key.spki));
        keys
    }

    /// Every key the store remembers, newest generation first, each once, capped.
    pub(crate) fn all_keys(&self) -> Vec<EarlierKey> {
        let generations = [&self.staged, &self.current, &self.previous];
        let mut keys: Vec<EarlierKey> = generations
            .into_iter()
            .flat_map(|generation| {
                own_keys(generation.as_ref()).chain(remembered(generation.as_ref()).iter().cloned())
            })
            .collect();
        keys.sort_by_key(|key| (Reverse(key.generation), key.role));
        let mut seen = BTreeSet::new();
        keys.retain(|key| seen.insert(key.spki));
        keys.truncate(Manifest::MAX_EARLIER_KEYS);
        keys
    }
}

fn own_keys(generation: Option<&Generation>) -> impl Iterator<Item = EarlierKey> {
    generation.into_iter().flat_map(|generation| generation.manifest.own_keys())
}

fn remembered(generation: Option<&Generation>) -> &[EarlierKey] {
    generation.map_or(&[], |generation| &generation.manifest.earlier_keys)
}

//! One consistent view of a store, every digest checked.

use crate::account::Accounts;
use crate::damage::{Damage, Fault};
use crate::generation::{Installed, Staged};
use crate::image::{Image, Version};
use crate::layout::{DocumentName, ObjectName};
use crate::manifest::{EarlierKey, Manifest};
use crate::record::RecordError;
use crate::state::State;
use common::Sha256;
use pki::verdict::KnownKey;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Everything the record names.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Snapshot {
    pub version: Version,
    pub state: State,
    pub staged: Option<Staged>,
    pub current: Option<Installed>,
    pub previous: Option<Installed>,
    pub accounts: Accounts,
}

/// What serving needs.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Serving {
    pub version: Version,
    pub state: State,
    pub current: Option<Installed>,
    pub accounts: Accounts,
}

impl Serving {
    pub(crate) fn decode(image: &Image) -> Result<Self, Damage> {
        let state = image.state()?;
        let current = state.current.as_ref().map(|current| Installed::decode(image, current)).transpose()?;
        Ok(Self { version: image.version(), current, accounts: accounts(image, &state)?, state })
    }
}

impl Snapshot {
    pub(crate) fn decode(image: &Image) -> Result<Self, Damage> {
        let Serving { version, state, current, accounts } = Serving::decode(image)?;
        let staged = state.staged.as_ref().map(|staged| Staged::decode(image, staged)).transpose()?;
        let previous = state.previous.as_ref().map(|kept| Installed::decode(image, kept)).transpose()?;
        Ok(Self { version, state, staged, current, previous, accounts })
    }

    /// Keys of every generation but the staged one, also of those long pruned, newest first.
    pub fn known_keys(&self) -> Vec<KnownKey> {
        let staged = self.staged.as_ref().map(|staged| &staged.manifest);
        let staged: BTreeSet<_> =
            staged.into_iter().flat_map(Manifest::own_keys).map(|key| key.spki).collect();
        let known = |key: EarlierKey| KnownKey { spki: key.spki, role: key.role, generation: key.generation };
        self.all_keys().into_iter().filter(|key| !staged.contains(&key.spki)).map(known).collect()
    }

    /// Every key the store remembers, newest generation first, each once, capped.
    pub(crate) fn all_keys(&self) -> Vec<EarlierKey> {
        let of = |manifest: &Manifest| {
            manifest.own_keys().chain(manifest.earlier_keys.clone()).collect::<Vec<_>>()
        };
        let mut keys: Vec<_> = self.manifests().flat_map(of).collect();
        keys.sort_by_key(|key| (Reverse(key.generation), key.role));
        let mut seen = BTreeSet::new();
        keys.retain(|key| seen.insert(key.spki));
        keys.truncate(Manifest::MAX_EARLIER_KEYS);
        keys
    }

    fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        let installed = self.current.iter().chain(&self.previous).map(|generation| &generation.manifest);
        self.staged.iter().map(|generation| &generation.manifest).chain(installed)
    }
}

fn accounts(image: &Image, state: &State) -> Result<Accounts, Damage> {
    // A record that was decoded names them.
    let named = state.documents.get(&DocumentName::Accounts);
    let named = named.ok_or_else(|| Damage::of_record(RecordError::Contradiction))?;
    let name = ObjectName::Document { name: DocumentName::Accounts, number: named.number };
    let bytes = image.object(name)?;
    if Sha256::of(bytes) != named.sha256 {
        return Err(Damage::of(name, Fault::OtherDocument));
    }
    Accounts::decode(bytes).map_err(|error| Damage::of(name, error))
}

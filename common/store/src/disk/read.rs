//! Readers: `STATE` once, then everything it names, every byte checked.

use super::StoreError;
use super::dir::Dir;
use crate::account::SysadminAccount;
use crate::layout::{self, STATE};
use crate::manifest::{Manifest, Stage};
use crate::snapshot::{Files, Generation, Snapshot};
use crate::state::{GenerationRef, State, from_canonical};
use common::Sha256;

/// How often a reader starts again because the record moved under it.
const TRIES: usize = 8;

/// Reads what the record names; `None` when nothing was ever committed.
pub(super) fn snapshot(root: &Dir) -> Result<Option<Snapshot>, StoreError> {
    // A writer may have been killed between its rename and its fsync. What is read here will be
    // acted on (requests are shown, chains are pasted), so a power cut must not take it back.
    root.sync()?;
    for _ in 0..TRIES {
        let Some(state) = state(root)?.filter(|state| state.sequence > 0) else { return Ok(None) };
        let sequence = state.sequence;
        match view(root, state) {
            Ok(snapshot) => return Ok(Some(snapshot)),
            Err(error) if sequence_of(root)? == Some(sequence) => return Err(error),
            Err(_) => {} // A writer committed and pruned what we were reading.
        }
    }
    Err(StoreError::Busy { holder: format!("it changed {TRIES} times while it was read") })
}

fn sequence_of(root: &Dir) -> Result<Option<u64>, StoreError> {
    Ok(state(root)?.map(|state| state.sequence))
}

/// The record; `None` only when the directory holds nothing, or the litter of a first write.
pub(super) fn state(root: &Dir) -> Result<Option<State>, StoreError> {
    match try_state(root) {
        Ok(None) => {}
        found => return found,
    }
    let names = root.names()?;
    if names.iter().all(|name| layout::is_temporary_of(name, STATE)) {
        return Ok(None);
    }
    // The first writer may have come between the two looks.
    match try_state(root)? {
        Some(state) => Ok(Some(state)),
        None => Err(missing_state(root, &names)),
    }
}

/// Damage where a store was; a mistaken `--store` where anything else is.
fn missing_state(root: &Dir, names: &[String]) -> StoreError {
    let ours = [layout::GENERATIONS, layout::ACCOUNTS, layout::AUDIT_LOG];
    if names.iter().any(|name| ours.contains(&name.as_str())) {
        let what = "missing; restore the whole store from a backup, never STATE alone";
        return StoreError::damaged(&root.path_of(STATE), what);
    }
    StoreError::Untrusted {
        what: format!("{} is not empty, and it is no store of this program", root.path().display()),
        fix: "name another directory with --store".to_owned(),
    }
}

fn try_state(root: &Dir) -> Result<Option<State>, StoreError> {
    let Some(bytes) = root.read(STATE, layout::MAX_STATE)? else { return Ok(None) };
    State::decode(&bytes).map(Some).map_err(|error| StoreError::damaged(&root.path_of(STATE), error))
}

/// Everything a record names.
pub(super) fn view(root: &Dir, state: State) -> Result<Snapshot, StoreError> {
    let generations = Generations { root, directory: root.subdirectory(layout::GENERATIONS)? };
    Ok(Snapshot {
        staged: generations.read(state.staged.as_ref(), Stage::Staged)?,
        current: generations.read(state.current.as_ref(), Stage::Installed)?,
        previous: generations.read(state.previous.as_ref(), Stage::Installed)?,
        account: state.accounts.as_ref().map(|accounts| account(root, accounts)).transpose()?,
        state,
    })
}

struct Generations<'a> {
    root: &'a Dir,
    directory: Option<Dir>,
}

impl Generations<'_> {
    fn read(
        &self,
        reference: Option<&GenerationRef>,
        stage: Stage,
    ) -> Result<Option<Generation>, StoreError> {
        let Some(reference) = reference else { return Ok(None) };
        let name = layout::generation(reference.number);
        let Some(parent) = &self.directory else {
            return Err(missing(self.root, layout::GENERATIONS));
        };
        let directory = parent.subdirectory(&name)?.ok_or_else(|| missing(parent, &name))?;
        let generation = generation(&directory, reference)?;
        if generation.manifest.stage() != stage {
            let what = format!("{:?}, the record names it as {stage:?}", generation.manifest.stage());
            return Err(StoreError::damaged(directory.path(), what.to_lowercase()));
        }
        Ok(Some(generation))
    }
}

fn generation(directory: &Dir, reference: &GenerationRef) -> Result<Generation, StoreError> {
    let manifest = must_read(directory, layout::MANIFEST, layout::MAX_MANIFEST)?;
    let manifest = Manifest::decode(&manifest, reference)
        .map_err(|error| StoreError::damaged(&directory.path_of(layout::MANIFEST), error))?;
    let mut files = Files::new();
    for entry in &manifest.files {
        files.insert(entry.name.clone(), must_read(directory, &entry.name, layout::MAX_FILE)?);
    }
    Generation::decode(manifest, &files)
        .map_err(|flaw| StoreError::damaged(&directory.path_of(&flaw.file), flaw.fault))
}

fn account(root: &Dir, reference: &GenerationRef) -> Result<SysadminAccount, StoreError> {
    let name = layout::account(reference.number);
    let accounts = root.subdirectory(layout::ACCOUNTS)?.ok_or_else(|| missing(root, layout::ACCOUNTS))?;
    let bytes = must_read(&accounts, &name, layout::MAX_ACCOUNT)?;
    if Sha256::of(&bytes) != reference.manifest {
        return Err(StoreError::damaged(&accounts.path_of(&name), "not the accounts file the record names"));
    }
    from_canonical(&bytes).map_err(|error| StoreError::damaged(&accounts.path_of(&name), error))
}

fn must_read(directory: &Dir, name: &str, limit: usize) -> Result<Vec<u8>, StoreError> {
    directory.read(name, limit)?.ok_or_else(|| missing(directory, name))
}

fn missing(directory: &Dir, name: &str) -> StoreError {
    StoreError::damaged(&directory.path_of(name), "missing")
}

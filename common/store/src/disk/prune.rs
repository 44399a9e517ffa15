//! Removing: fixed names only, by descriptor, never recursively. A name we do not know may be
//! somebody's data, so it stays and is reported.

use super::StoreError;
use super::dir::Dir;
use crate::layout::{self, Entry, STATE};
use crate::state::State;
use common::Untrusted;

/// Checks that the record could know every generation there is.
///
/// # Errors
/// [`StoreError::Damaged`] when one is newer: then the record is an old copy, and what looks
/// like litter may be somebody's only key.
pub(super) fn check(root: &Dir, state: &State) -> Result<(), StoreError> {
    let Some(generations) = root.subdirectory(layout::GENERATIONS)? else { return Ok(()) };
    for name in generations.names()? {
        match layout::generation_entry(&name) {
            Entry::Finished(number) if number > state.last_generation + 1 => {
                let last = state.last_generation;
                let what = format!("newer than STATE, whose last generation is {last}: STATE is an old copy");
                return Err(StoreError::damaged(&generations.path_of(&name), what));
            }
            Entry::Finished(_) | Entry::Temporary | Entry::Foreign => {}
        }
    }
    Ok(())
}

/// Removes what no record names: the litter of writers that did not finish. Safe to repeat and
/// to interrupt, needs no fsync: what a power cut brings back is litter again.
///
/// # Errors
/// Those of [`check`], and I/O while listing.
pub(super) fn sweep(root: &Dir, state: &State) -> Result<Vec<String>, StoreError> {
    check(root, state)?;
    let mut warnings = vec![];
    for name in root.names()? {
        match name.as_str() {
            STATE | layout::GENERATIONS | layout::ACCOUNTS | layout::AUDIT_LOG => {}
            name if layout::is_temporary_of(name, STATE) => note(root.unlink(name), &mut warnings),
            name => warnings.push(format!("{} is not ours and was left alone", root.shown(name))),
        }
    }
    if let Some(generations) = root.subdirectory(layout::GENERATIONS)? {
        sweep_generations(&generations, state, &mut warnings)?;
    }
    if let Some(accounts) = root.subdirectory(layout::ACCOUNTS)? {
        sweep_accounts(&accounts, state, &mut warnings)?;
    }
    Ok(warnings)
}

fn sweep_generations(generations: &Dir, state: &State, warnings: &mut Vec<String>) -> Result<(), StoreError> {
    for name in generations.names()? {
        match layout::generation_entry(&name) {
            Entry::Finished(number) if state.names(number) => {}
            Entry::Finished(_) | Entry::Temporary => note(generation(generations, &name), warnings),
            Entry::Foreign => {
                warnings.push(format!("{} is not ours and was left alone", generations.shown(&name)));
            }
        }
    }
    Ok(())
}

fn sweep_accounts(accounts: &Dir, state: &State, warnings: &mut Vec<String>) -> Result<(), StoreError> {
    let named = state.accounts.as_ref().map(|accounts| accounts.number);
    for name in accounts.names()? {
        match layout::account_entry(&name) {
            Entry::Finished(number) if named == Some(number) => {}
            Entry::Finished(_) | Entry::Temporary => note(accounts.unlink(&name), warnings),
            Entry::Foreign => {
                warnings.push(format!("{} is not ours and was left alone", accounts.shown(&name)));
            }
        }
    }
    Ok(())
}

/// Removes generations no record names any more, and makes that durable: a retired key is gone
/// when we say so.
pub(super) fn retire(root: &Dir, numbers: &[u64], warnings: &mut Vec<String>) {
    if numbers.is_empty() {
        return;
    }
    let done = root.subdirectory(layout::GENERATIONS).and_then(|generations| {
        let Some(generations) = generations else { return Ok(()) };
        for number in numbers {
            note(generation(&generations, &layout::generation(*number)), warnings);
        }
        generations.sync()
    });
    note(done, warnings);
}

/// Empties a store that never held anything. `STATE` goes last: without it, anything else in
/// the directory would be damage.
pub(super) fn empty(root: &Dir) -> Result<(), StoreError> {
    for directory in [layout::GENERATIONS, layout::ACCOUNTS] {
        root.remove_directory(directory)?;
    }
    let names = root.names()?;
    if names.iter().all(|name| name == STATE || layout::is_temporary_of(name, STATE)) {
        names.iter().try_for_each(|name| root.unlink(name))?;
    }
    Ok(())
}

/// Removes one generation: every name it can hold, then the directory, if nothing else is in it.
fn generation(generations: &Dir, name: &str) -> Result<(), StoreError> {
    if let Some(directory) = generations.subdirectory(name)? {
        for file in layout::every_file() {
            directory.unlink(&file)?;
        }
    }
    generations.remove_directory(name)
}

/// Keeps a failure as a warning: the commit stands without it.
pub(super) fn note(result: Result<(), StoreError>, warnings: &mut Vec<String>) {
    if let Err(error) = result {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        warnings.push(Untrusted::new(format!("{error}{cause}")).to_string());
    }
}

//! Removing: fixed names only, by descriptor, never recursively. A name we do not know may be
//! somebody's data, so it stays and is reported.

use super::dir::Dir;
use super::read::Folder;
use crate::backend::StoreError;
use crate::damage::{Fault, Part};
use crate::image::Version;
use crate::layout::{
    self, AUDIT_LOG, DOCUMENTS, DocumentName, GENERATIONS, GenerationFile, Numbered, ObjectName, STATE, Stage,
};
use crate::state::State;
use common::Untrusted;
use std::collections::BTreeMap;

/// The record in force, decoded; `None` when nothing was ever committed.
fn state(root: &Dir, version: &Version) -> Result<Option<State>, StoreError> {
    let Version::Record(record) = version else { return Ok(None) };
    State::decode(record).map(Some).map_err(|error| root.damaged(Part::Record, error.into()))
}

/// Checks that the record could know every generation there is.
///
/// # Errors
/// [`StoreError::Damaged`] when one is newer: then the record is an old copy, and what looks
/// like litter may be somebody's only key.
pub(super) fn check(root: &Dir, version: &Version) -> Result<(), StoreError> {
    let last = state(root, version)?.map_or(0, |state| state.last_generation);
    let Some(generations) = root.subdirectory(GENERATIONS)? else { return Ok(()) };
    for name in generations.names()? {
        match Numbered::read(&name) {
            Numbered::Finished(number) if number > last + 1 => {
                return Err(root.damaged(Part::Generation(number), Fault::NewerThanRecord { last }));
            }
            Numbered::Finished(_) | Numbered::Temporary | Numbered::Foreign => {}
        }
    }
    Ok(())
}

/// Removes what the record does not name: the litter of writers that did not finish. Safe to repeat and
/// to interrupt, needs no fsync: what a power cut brings back is litter again.
///
/// # Errors
/// Those of [`check`], and I/O while listing.
pub(super) fn sweep(root: &Dir, version: &Version) -> Result<Vec<String>, StoreError> {
    check(root, version)?;
    let state = state(root, version)?;
    let mut warnings = vec![];
    for name in root.names()? {
        match name.as_str() {
            STATE | GENERATIONS | DOCUMENTS | AUDIT_LOG => {}
            name if layout::is_temporary_of(name, STATE) => note(root.unlink(name), &mut warnings),
            name => warnings.push(left_alone(root, name)),
        }
    }
    if let Some(generations) = root.subdirectory(GENERATIONS)? {
        let named = |number| state.as_ref().is_some_and(|state| state.names(number));
        let complete = complete_but_unnamed(&generations, named)?;
        sweep_numbered(&generations, named, |name| generation(&generations, name), &mut warnings)?;
        warnings.extend(complete);
    }
    if let Some(documents) = root.subdirectory(DOCUMENTS)? {
        sweep_documents(&documents, state.as_ref(), &mut warnings)?;
    }
    Ok(warnings)
}

/// Says of generations that are about to be removed that they were complete: a writer that died leaves one, and so
/// does a backup that was not taken at one moment.
fn complete_but_unnamed(generations: &Dir, named: impl Fn(u64) -> bool) -> Result<Vec<String>, StoreError> {
    let mut warnings = vec![];
    for name in generations.names()? {
        let Numbered::Finished(number) = Numbered::read(&name) else { continue };
        let Some(directory) = generations.subdirectory(&name)?.filter(|_| !named(number)) else { continue };
        let there = directory.names()?;
        let mut wanted = GenerationFile::of(Stage::Staged).chain([GenerationFile::Manifest]);
        if wanted.all(|file| there.iter().any(|name| name == file.name())) {
            warnings.push(format!(
                "{} was complete, but no record names it; it was removed",
                generations.shown(&name)
            ));
        }
    }
    Ok(warnings)
}

fn sweep_documents(
    documents: &Dir,
    state: Option<&State>,
    warnings: &mut Vec<String>,
) -> Result<(), StoreError> {
    for name in documents.names()? {
        let Some(document) = DocumentName::EVERY.into_iter().find(|document| document.name() == name) else {
            warnings.push(left_alone(documents, &name));
            continue;
        };
        let Some(folder) = documents.subdirectory(&name)? else { continue };
        let named = state.and_then(|state| state.documents.get(&document)).map(|document| document.number);
        sweep_numbered(&folder, |number| named == Some(number), |name| folder.unlink(name), warnings)?;
    }
    Ok(())
}

/// Removes the numbered things in a folder that are not named, and what temporary names stand for.
fn sweep_numbered(
    folder: &Dir,
    named: impl Fn(u64) -> bool,
    remove: impl Fn(&str) -> Result<(), StoreError>,
    warnings: &mut Vec<String>,
) -> Result<(), StoreError> {
    for name in folder.names()? {
        match Numbered::read(&name) {
            Numbered::Finished(number) if named(number) => {}
            Numbered::Finished(_) | Numbered::Temporary => note(remove(&name), warnings),
            Numbered::Foreign => warnings.push(left_alone(folder, &name)),
        }
    }
    Ok(())
}

fn left_alone(folder: &Dir, name: &str) -> String {
    format!("{} is not ours and was left alone", folder.shown(name))
}

/// Removes objects no record names any more, and makes that durable: a retired key is gone when we
/// say so.
pub(super) fn retire(root: &Dir, objects: &[ObjectName], warnings: &mut Vec<String>) {
    let mut folders: BTreeMap<Folder, Vec<String>> = BTreeMap::new();
    for object in objects {
        let (folder, name) = Folder::of(*object);
        folders.entry(folder).or_default().push(name);
    }
    for (folder, names) in folders {
        note(retire_from(root, folder, &names), warnings);
    }
}

fn retire_from(root: &Dir, folder: Folder, names: &[String]) -> Result<(), StoreError> {
    let Some((parent, name)) = folder.parent(root)? else { return Ok(()) };
    match folder {
        Folder::Generation(_) => {
            generation(&parent, &name)?;
            parent.sync()
        }
        Folder::Document(_) => {
            let Some(directory) = parent.subdirectory(&name)? else { return Ok(()) };
            names.iter().try_for_each(|name| directory.unlink(name))?;
            directory.sync()
        }
    }
}

/// Empties a store that never held anything. `STATE` goes last: without it, anything else in
/// the directory would be damage.
pub(super) fn empty(root: &Dir) -> Result<(), StoreError> {
    if let Some(documents) = root.subdirectory(DOCUMENTS)? {
        DocumentName::EVERY.iter().try_for_each(|document| documents.remove_directory(document.name()))?;
    }
    root.remove_directory(DOCUMENTS)?;
    root.remove_directory(GENERATIONS)?;
    let names = root.names()?;
    if names.iter().all(|name| name == STATE || layout::is_temporary_of(name, STATE)) {
        names.iter().try_for_each(|name| root.unlink(name))?;
    }
    Ok(())
}

/// Removes one generation: every name it can hold, then the directory, if nothing else is in it.
fn generation(generations: &Dir, name: &str) -> Result<(), StoreError> {
    if let Some(directory) = generations.subdirectory(name)? {
        GenerationFile::EVERY.iter().try_for_each(|file| directory.unlink(file.name()))?;
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

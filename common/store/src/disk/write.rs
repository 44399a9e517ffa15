//! The commit. The order of its steps is the promise of the store: see `docs/store-format.md`,
//! which gives the reason for each.

use super::audit::Audit;
use super::dir::Dir;
use super::error::{io, uncertain};
use super::place::Place;
use super::read::{self, Folder, NOTHING_YET};
use super::{lock, prune};
use crate::backend::{Settled, StoreError};
use crate::damage::{Fault, Part};
use crate::image::Version;
use crate::layout::{self, DOCUMENTS, DocumentName, GENERATIONS, ObjectName, STATE};
use crate::memory::settled;
use crate::rotation::{AuditEntry, Commit};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use data_encoding::HEXLOWER;
use std::collections::BTreeMap;
use std::io::ErrorKind;

/// Locks the store, makes the change, gives the lock back.
pub(super) fn commit(place: &Place<'_>, commit: &Commit) -> Result<Vec<String>, StoreError> {
    let founds = *commit.base() == Version::Unwritten;
    let existing = place.open()?;
    let made = existing.is_none();
    let root = match existing {
        Some(root) => root,
        None if founds => place.open_or_make()?,
        None => return Err(place.damaged(Fault::Vanished)),
    };
    lock::exclusive(&root)?;
    commit_locked(place, &root, commit).inspect_err(|error| {
        if made && can_be_undone(error) {
            // Succeeds only while it is empty.
            let _ = place.remove();
        }
    })
}

fn commit_locked(place: &Place<'_>, root: &Dir, commit: &Commit) -> Result<Vec<String>, StoreError> {
    // A writer may have been killed between its rename and its fsync: what STATE says now must
    // hold before anything it does not name is removed.
    root.sync()?;
    let fresh = match (read::record(root)?, commit.base()) {
        (Some(_), _) => false,
        (None, Version::Unwritten) => {
            initialise(place, root).inspect_err(|_| unmake(root))?;
            true
        }
        (None, Version::Record(_)) => return Err(root.damaged(Part::Store, Fault::Emptied)),
    };
    let found = read::version(root)?;
    if found != *commit.base() {
        return Err(StoreError::conflict(commit, &found));
    }
    let written = prune::sweep(root, &found).and_then(|warnings| write_and_commit(root, commit, warnings));
    let mut warnings = written.inspect_err(|error| {
        if can_be_undone(error) {
            // As far as it lets itself be put back: the error that led here is the one to report, and the
            // next writer sweeps what is left. No fsync: one may just have failed.
            let _ = prune::sweep(root, &found);
            if fresh {
                unmake(root);
            }
        }
    })?;
    prune::retire(root, commit.retired(), &mut warnings);
    Ok(warnings)
}

/// Whether the commit point was certainly not passed.
const fn can_be_undone(error: &StoreError) -> bool {
    !matches!(error, StoreError::Uncertain { .. })
}

/// Writes that nothing was ever committed: from here on a directory without STATE is a damaged
/// store, not a fresh one.
fn initialise(place: &Place<'_>, root: &Dir) -> Result<(), StoreError> {
    place.sync_parent()?;
    let temporary = prepare(root, NOTHING_YET)?;
    root.rename_over(&temporary, STATE)?;
    root.sync()
}

/// Takes that back, as far as it lets itself be taken.
fn unmake(root: &Dir) {
    let _ = prune::empty(root);
}

/// Everything up to the commit can be undone; nothing after it fails the command.
fn write_and_commit(
    root: &Dir,
    commit: &Commit,
    mut warnings: Vec<String>,
) -> Result<Vec<String>, StoreError> {
    write_objects(root, commit)?;
    let temporary = prepare(root, commit.record())?;
    let audit = Audit::open(root)?;
    audit.intent(root, commit)?;
    let outcome = put_in_force(root, &temporary, commit);
    let entry = match &outcome {
        Ok(()) => AuditEntry::Committed,
        Err(StoreError::Uncertain { .. }) => AuditEntry::Uncertain,
        Err(_) => AuditEntry::Failed,
    };
    prune::note(audit.outcome(commit, entry), &mut warnings);
    outcome.map(|()| warnings)
}

/// Writes the record beside the one in force, and reads it back.
fn prepare(root: &Dir, record: &[u8]) -> Result<String, StoreError> {
    let temporary = layout::temporary(STATE, &random(root)?);
    create(root, &temporary, record, Part::Record)?;
    Ok(temporary)
}

/// Writes a file durably and reads it back: a disk can lose bytes without a word.
fn create(directory: &Dir, name: &str, bytes: &[u8], part: Part) -> Result<(), StoreError> {
    directory.create(name, bytes)?;
    match directory.read(name, bytes.len(), part)? {
        Some(written) if written == bytes => Ok(()),
        Some(_) | None => Err(directory.damaged(part, Fault::NotAsWritten)),
    }
}

/// The one commit point.
fn put_in_force(root: &Dir, temporary: &str, commit: &Commit) -> Result<(), StoreError> {
    if let Err(error) = root.rename_over(temporary, STATE) {
        // An error from the device does not say whether the rename took place; STATE does.
        return match read::version(root) {
            Ok(found) if found == *commit.base() => Err(error),
            Ok(_) | Err(_) => Err(uncertain(error)),
        };
    }
    root.sync().map_err(uncertain)
}

/// Makes certain what became of a commit: whichever record is in force is written once more, for an
/// fsync that failed is never repeated; the kernel would report what it lost as written.
pub(super) fn settle(place: &Place<'_>, commit: &Commit) -> Result<Settled, StoreError> {
    let root = place.open()?.ok_or_else(|| place.damaged(Fault::Vanished))?;
    lock::exclusive(&root)?;
    let record = read::record(&root)?.ok_or_else(|| root.damaged(Part::Store, Fault::Emptied))?;
    let temporary = prepare(&root, &record)?;
    root.rename_over(&temporary, STATE)?;
    root.sync()?;
    Ok(settled(commit, &read::version(&root)?))
}

/// A file to write: its name in its folder, what it is, its contents.
struct NewFile<'a> {
    name: String,
    object: ObjectName,
    bytes: &'a [u8],
}

fn write_objects(root: &Dir, commit: &Commit) -> Result<(), StoreError> {
    let mut folders: BTreeMap<Folder, Vec<NewFile<'_>>> = BTreeMap::new();
    for (object, bytes) in commit.objects() {
        let (folder, name) = Folder::of(object);
        folders.entry(folder).or_default().push(NewFile { name, object, bytes });
    }
    for (folder, files) in folders {
        match folder {
            Folder::Generation(number) => write_generation(root, number, &files)?,
            Folder::Document(name) => write_document(root, name, &files)?,
        }
    }
    Ok(())
}

/// Writes a generation under a temporary name and gives it its own when all of it is durable.
fn write_generation(root: &Dir, number: u64, files: &[NewFile<'_>]) -> Result<(), StoreError> {
    let parent = ensure(root, GENERATIONS)?;
    let name = layout::numbered(number);
    let temporary = layout::temporary(&name, &random(root)?);
    let directory = parent.make_subdirectory(&temporary)?;
    for NewFile { name, object, bytes } in files {
        create(&directory, name, bytes, Part::Object(*object))?;
    }
    directory.sync()?;
    parent.rename_new(&temporary, &name)?;
    parent.sync()
}

/// Writes numbers of a document, each under a temporary name first.
fn write_document(root: &Dir, name: DocumentName, files: &[NewFile<'_>]) -> Result<(), StoreError> {
    let directory = ensure(&ensure(root, DOCUMENTS)?, name.name())?;
    for NewFile { name: number, object, bytes } in files {
        let temporary = layout::temporary(number, &random(root)?);
        create(&directory, &temporary, bytes, Part::Object(*object))?;
        directory.rename_new(&temporary, number)?;
    }
    directory.sync()
}

/// Opens a directory in one of the store, made first, durably, when it is not there.
fn ensure(parent: &Dir, name: &str) -> Result<Dir, StoreError> {
    if let Some(directory) = parent.subdirectory(name)? {
        return Ok(directory);
    }
    let directory = parent.make_subdirectory(name)?;
    parent.sync()?;
    Ok(directory)
}

/// Sixteen hex digits, so that no leftover is in the way of a temporary name.
fn random(root: &Dir) -> Result<String, StoreError> {
    let mut bytes = [0; 8];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => Ok(HEXLOWER.encode(&bytes)),
        Err(_) => Err(io("get random bytes for", root.path(), ErrorKind::Other)),
    }
}

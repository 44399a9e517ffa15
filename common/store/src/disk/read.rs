//! Readers: the record once, then the objects it names, without a lock.

use super::dir::Dir;
use crate::backend::{Remedy, StoreError};
use crate::damage::{Fault, Part};
use crate::image::{Image, Version, Want};
use crate::layout::{self, DocumentName, ObjectName, STATE};
use std::collections::BTreeMap;

/// How often a reader starts again because the record moved under it.
const TRIES: usize = 8;

/// What `STATE` holds in a store in which nothing was ever committed. A directory without `STATE` that
/// holds anything else is damaged, never new: so this is written before anything else is.
pub(super) const NOTHING_YET: &[u8] = b"no commit yet\n";

/// Reads what the record names; `None` when nothing was ever committed.
pub(super) fn image(root: &Dir, want: Want) -> Result<Option<Image>, StoreError> {
    // A writer may have been killed between its rename and its fsync. What is read here will be
    // acted on (requests are shown, chains are pasted), so a power cut must not take it back.
    root.sync()?;
    for _ in 0..TRIES {
        let Version::Record(record) = version(root)? else { return Ok(None) };
        let wanted = want.objects(&record);
        match objects(root, &wanted) {
            Ok(objects) if objects.len() == wanted.len() => return Ok(Some(Image::new(record, objects))),
            // Absent or spoiled: damage, unless a writer committed and removed what we were reading.
            outcome if is_still(root, &record)? => {
                return outcome.map(|objects| Some(Image::new(record, objects)));
            }
            Ok(_) | Err(_) => {}
        }
    }
    Err(StoreError::Busy { holder: format!("it changed {TRIES} times while it was read") })
}

fn is_still(root: &Dir, record: &[u8]) -> Result<bool, StoreError> {
    Ok(version(root)?.record() == Some(record))
}

/// The record in force.
pub(super) fn version(root: &Dir) -> Result<Version, StoreError> {
    Ok(match record(root)? {
        Some(bytes) if bytes != NOTHING_YET => Version::Record(bytes),
        Some(_) | None => Version::Unwritten,
    })
}

/// The bytes of `STATE`; `None` only when the directory holds nothing, or the litter of a first write.
pub(super) fn record(root: &Dir) -> Result<Option<Vec<u8>>, StoreError> {
    if let Some(bytes) = try_record(root)? {
        return Ok(Some(bytes));
    }
    let names = root.names()?;
    if names.iter().all(|name| layout::is_temporary_of(name, STATE)) {
        return Ok(None);
    }
    // The first writer may have come between the two looks.
    match try_record(root)? {
        Some(bytes) => Ok(Some(bytes)),
        None => Err(missing_record(root, &names)),
    }
}

fn try_record(root: &Dir) -> Result<Option<Vec<u8>>, StoreError> {
    root.read(STATE, layout::MAX_STATE, Part::Record)
}

/// Damage where a store was; a mistaken `--store` where anything else is.
fn missing_record(root: &Dir, names: &[String]) -> StoreError {
    let ours = [layout::GENERATIONS, layout::DOCUMENTS, layout::AUDIT_LOG];
    if names.iter().any(|name| ours.contains(&name.as_str())) {
        return root.damaged(Part::Record, Fault::RecordMissing);
    }
    StoreError::Untrusted {
        what: format!("{} is not empty, and it is no store of this program", super::error::text(root.path())),
        remedy: Remedy::Elsewhere,
    }
}

/// The objects of these names, as far as they are there.
fn objects(root: &Dir, names: &[ObjectName]) -> Result<BTreeMap<ObjectName, Vec<u8>>, StoreError> {
    let mut folders = Folders { root, open: BTreeMap::new() };
    let mut objects = BTreeMap::new();
    for name in names {
        if let Some(bytes) = folders.read(*name)? {
            objects.insert(*name, bytes);
        }
    }
    Ok(objects)
}

/// The folder an object lies in, and its name there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Folder {
    Generation(u64),
    Document(DocumentName),
}

impl Folder {
    /// Where an object lies.
    pub(super) fn of(object: ObjectName) -> (Self, String) {
        match object {
            ObjectName::Generation { number, file } => (Self::Generation(number), file.name().to_owned()),
            ObjectName::Document { name, number } => (Self::Document(name), layout::numbered(number)),
        }
    }

    /// The folder it lies in, if that is there, and its name in it.
    pub(super) fn parent(self, root: &Dir) -> Result<Option<(Dir, String)>, StoreError> {
        let (parent, name) = match self {
            Self::Generation(number) => (layout::GENERATIONS, layout::numbered(number)),
            Self::Document(name) => (layout::DOCUMENTS, name.name().to_owned()),
        };
        Ok(root.subdirectory(parent)?.map(|parent| (parent, name)))
    }

    fn open(self, root: &Dir) -> Result<Option<Dir>, StoreError> {
        match self.parent(root)? {
            Some((parent, name)) => parent.subdirectory(&name),
            None => Ok(None),
        }
    }
}

/// Folders, each opened once.
struct Folders<'a> {
    root: &'a Dir,
    open: BTreeMap<Folder, Option<Dir>>,
}

impl Folders<'_> {
    fn read(&mut self, object: ObjectName) -> Result<Option<Vec<u8>>, StoreError> {
        let (folder, name) = Folder::of(object);
        if !self.open.contains_key(&folder) {
            self.open.insert(folder, folder.open(self.root)?);
        }
        match self.open.get(&folder) {
            Some(Some(directory)) => directory.read(&name, object.limit(), Part::Object(object)),
            Some(None) | None => Ok(None),
        }
    }
}

//! Where a store stands: a name in a parent directory.

use super::dir::{Dir, open_at};
use super::error::{io, text};
use super::trust;
use crate::backend::StoreError;
use crate::damage::{Fault, Part};
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, OFlags};
use rustix::io::Errno;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The path of a store, taken apart.
pub(super) struct Place<'a> {
    parent: &'a Path,
    name: &'a Path,
    path: &'a Path,
    text: Arc<str>,
}

impl<'a> Place<'a> {
    pub(super) fn of(path: &'a Path) -> Result<Self, StoreError> {
        match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => {
                Ok(Self { parent: or_here(parent), name: name.as_ref(), path, text: text(path).into() })
            }
            _ => Err(io("keep a store at", path, Errno::INVAL)),
        }
    }

    pub(super) const fn path(&self) -> &'a Path {
        self.path
    }

    /// Damage to the store as a whole.
    pub(super) fn damaged(&self, fault: Fault) -> StoreError {
        StoreError::Damaged { place: self.text.to_string(), part: Part::Store, fault }
    }

    /// Opens the store directory; `None` when it, or the directory it would stand in, is not there.
    pub(super) fn open(&self) -> Result<Option<Dir>, StoreError> {
        match self.open_parent(OFlags::PATH)? {
            Some(parent) => Dir::open(parent, self.name, self.path.to_owned(), &self.text),
            None => Ok(None),
        }
    }

    /// Opens the store directory, made first when it is not there, and its parent with it.
    pub(super) fn open_or_make(&self) -> Result<Dir, StoreError> {
        if let Some(root) = self.open()? {
            return Ok(root);
        }
        let parent = self.make_parent()?;
        match Dir::make(&parent, self.name, self.path.to_owned(), &self.text) {
            Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {}
            made => return made,
        }
        // Another process was faster: the lock decides which of the two goes on.
        let vanished = || io("open", self.path, Errno::NOENT);
        self.open()?.ok_or_else(vanished)
    }

    /// Makes the store's own name durable: before anything is written into the store.
    pub(super) fn sync_parent(&self) -> Result<(), StoreError> {
        sync(&self.must_open_parent(OFlags::RDONLY)?, self.parent)
    }

    /// Removes the store directory while it is empty.
    pub(super) fn remove(&self) -> Result<(), StoreError> {
        let parent = self.must_open_parent(OFlags::PATH)?;
        rustix::fs::unlinkat(parent, self.name, rustix::fs::AtFlags::REMOVEDIR)
            .map_err(|error| io("remove", self.path, error))
    }

    /// The nearest directory that is there and would be written to first.
    pub(super) fn first_to_change(&self) -> Result<(OwnedFd, &'a Path), StoreError> {
        if let Some(parent) = self.open_parent(OFlags::RDONLY)? {
            return Ok((parent, self.parent));
        }
        self.grandparent()?.ok_or_else(|| self.no_parent())
    }

    fn open_parent(&self, access: OFlags) -> Result<Option<OwnedFd>, StoreError> {
        let Some(fd) = open_directory(self.parent, access)? else { return Ok(None) };
        let stat = rustix::fs::fstat(&fd).map_err(|error| io("examine", self.parent, error))?;
        trust::parent(&stat, self.parent)?;
        Ok(Some(fd))
    }

    fn must_open_parent(&self, access: OFlags) -> Result<OwnedFd, StoreError> {
        self.open_parent(access)?.ok_or_else(|| self.no_parent())
    }

    /// Opens the parent, made first when only it is missing. Its name is made durable also when
    /// it is there: whoever made it may have been killed before doing so.
    fn make_parent(&self) -> Result<OwnedFd, StoreError> {
        let there = self.open_parent(OFlags::PATH)?;
        match (self.grandparent(), there) {
            (Ok(Some((grandparent, path))), there) => {
                if there.is_none() {
                    let name = self.parent.file_name().ok_or_else(|| self.no_parent())?;
                    Dir::make(&grandparent, name.as_ref(), self.parent.to_owned(), &self.text)?;
                }
                sync(&grandparent, path)?;
            }
            // Not ours to look into, so not made by us.
            (Ok(None) | Err(_), Some(_)) => {}
            (Ok(None), None) => return Err(self.no_parent()),
            (Err(error), None) => return Err(error),
        }
        self.must_open_parent(OFlags::PATH)
    }

    fn grandparent(&self) -> Result<Option<(OwnedFd, &'a Path)>, StoreError> {
        let Some(path) = self.parent.parent().map(or_here) else { return Ok(None) };
        Ok(open_directory(path, OFlags::RDONLY)?.map(|fd| (fd, path)))
    }

    fn no_parent(&self) -> StoreError {
        io("create the store in", self.parent, Errno::NOENT)
    }
}

/// `Path::parent` calls the working directory by no name at all.
fn or_here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

/// Opens a directory that need not be ours; symbolic links on the way are the administrator's.
fn open_directory(path: &Path, access: OFlags) -> Result<Option<OwnedFd>, StoreError> {
    match open_at(CWD, path, access | OFlags::DIRECTORY | OFlags::CLOEXEC, 0) {
        Ok(fd) => Ok(Some(fd)),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(io("open", path, error)),
    }
}

fn sync(directory: &OwnedFd, path: &Path) -> Result<(), StoreError> {
    rustix::fs::fsync(directory).map_err(|error| io("sync", path, error))
}

/// The path as given, without a trailing slash.
pub(super) fn normal(path: PathBuf) -> PathBuf {
    path.components().collect()
}

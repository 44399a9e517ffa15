//! The medium on one node's disk: a directory. The only module of the libraries that opens files.
//!
//! Everything goes through descriptors (`dir`); what must be true of owner and mode is in
//! `trust`; readers are in `read`, the commit in `write`, removing in `prune`, waiting in `watch`.

mod audit;
mod dir;
mod error;
mod lock;
mod place;
mod probe;
mod prune;
mod read;
mod trust;
mod watch;
mod write;

use crate::backend::{Backend, Changed, Settled, StoreError};
use crate::image::{Image, Version, Want};
use crate::rotation::Commit;
use place::Place;
use std::path::PathBuf;
use std::time::Duration;

/// A store directory (`docs/store-format.md`).
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
    text: String,
}

impl Disk {
    /// The store at a path; nothing is touched until it is read or written.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = place::normal(path.into());
        Self { text: error::text(&path), path }
    }

    fn place(&self) -> Result<Place<'_>, StoreError> {
        Place::of(&self.path)
    }
}

impl Backend for Disk {
    fn place(&self) -> &str {
        &self.text
    }

    fn read(&self, want: Want) -> Result<Option<Image>, StoreError> {
        match self.place()?.open()? {
            Some(root) => read::image(&root, want),
            None => Ok(None),
        }
    }

    fn probe(&self, bytes: usize) -> Result<(), StoreError> {
        probe::writable(&self.place()?, bytes)
    }

    fn commit(&self, commit: &Commit) -> Result<Vec<String>, StoreError> {
        write::commit(&self.place()?, commit)
    }

    fn settle(&self, commit: &Commit) -> Result<Settled, StoreError> {
        write::settle(&self.place()?, commit)
    }

    fn wait(&self, seen: &Version, patience: Duration) -> Result<Changed, StoreError> {
        watch::wait(&self.place()?, seen, patience)
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "they spoil what the store must notice, and look at what it left"
)]
mod tests;

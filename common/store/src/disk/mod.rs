//! Applies plans and holds the lock: the only room of the library that opens files.
//!
//! Everything goes through descriptors (`dir`); what must be true of owner and mode is in
//! `trust`; readers are in `read`, the commit in `write`, removing in `prune`.

mod audit;
mod dir;
mod error;
mod lock;
mod place;
mod probe;
mod prune;
mod read;
mod trust;
mod write;

pub use error::StoreError;

use super::rotation::Plan;
use super::snapshot::Snapshot;
use place::Place;
use std::path::{Path, PathBuf};

/// A store directory.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
}

impl Store {
    /// A store at this path; nothing is touched until it is read or written.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: place::normal(path.into()) }
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads everything the record names, consistently, without a lock; `Ok(None)` only when
    /// nothing was ever committed: the directory does not exist, is empty, or holds what a first
    /// writer left that was killed. What it returns is durable.
    ///
    /// # Errors
    /// [`StoreError`]; never [`StoreError::Uncertain`] or [`StoreError::Conflict`].
    pub fn read(&self) -> Result<Option<Snapshot>, StoreError> {
        match Place::of(&self.path)?.open()? {
            Some(root) => read::snapshot(&root),
            None => Ok(None),
        }
    }

    /// Checks that the store could be written: exists or can be created, owner, modes, writable
    /// file system with room for a generation, lock free. Leaves nothing behind.
    ///
    /// # Errors
    /// [`StoreError`]; never [`StoreError::Uncertain`] or [`StoreError::Conflict`].
    pub fn check_writable(&self) -> Result<(), StoreError> {
        probe::writable(&Place::of(&self.path)?)
    }

    /// Applies a plan: lock, sequence check, write-once generation, the one rename, prune.
    /// After any error but [`StoreError::Uncertain`] the store says what it said before.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Uncertain`] is neither success nor failure.
    pub fn apply(&self, plan: Plan) -> Result<Applied, StoreError> {
        write::apply(&Place::of(&self.path)?, &plan)
    }
}

/// What a plan did.
#[derive(Debug)]
pub struct Applied {
    /// The view after the commit.
    pub snapshot: Snapshot,
    /// What could not be tidied up (the commit stands): one line each.
    pub warnings: Vec<String>,
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "they spoil what the store must notice, and look at what it left"
)]
mod tests;

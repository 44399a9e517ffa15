//! Applies steps and holds the lock: the only module of the library that opens files.

use super::rotation::Plan;
use super::snapshot::Snapshot;
use std::path::{Path, PathBuf};

/// A store directory.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
}

impl Store {
    /// A store at this path; nothing is touched until it is read or written.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
    /// Its directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
    /// Reads everything the record names, consistently, without a lock; `Ok(None)` only when the
    /// directory does not exist or is empty.
    /// # Errors
    /// [`StoreError`].
    pub fn read(&self) -> Result<Option<Snapshot>, StoreError> {
        todo!()
    }
    /// Checks that the store could be written: exists or can be created, owner, modes, writable file system, lock free.
    /// # Errors
    /// [`StoreError`].
    pub fn check_writable(&self) -> Result<(), StoreError> {
        todo!()
    }
    /// Applies a plan: lock, sequence check, write-once generation, the one rename, prune.
    /// # Errors
    /// [`StoreError`]; [`StoreError::Uncertain`] is neither success nor failure.
    pub fn apply(&self, plan: Plan) -> Result<Applied, StoreError> {
        let _ = plan;
        todo!()
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

/// Why the store cannot be used. Every I/O error with its path.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// I/O.
    #[error("cannot {action} {path}")]
    Io {
        /// Verb: `open`, `read`, `write`…
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// What is there is not what was written.
    #[error("the store is damaged: {what}")]
    Damaged {
        /// Path, and expected against found.
        what: String,
    },
    /// Owner, mode or kind is wrong.
    #[error("the store cannot be trusted: {what}")]
    Untrusted {
        /// Path, and expected against found.
        what: String,
        /// The command or act that puts it right: `chmod 0700 /var/lib/cluster-certs`.
        fix: String,
    },
    /// Somebody else works on it.
    #[error("the store is busy: {holder}")]
    Busy {
        /// Pid and command of the holder where known.
        holder: String,
    },
    /// It changed under us.
    #[error("the store changed meanwhile: sequence {found}, expected {expected}")]
    Conflict {
        /// Expected.
        expected: u64,
        /// Found.
        found: u64,
    },
    /// The commit was renamed into place but its durability is not known.
    #[error("the outcome is uncertain: {what}")]
    Uncertain {
        /// What failed after the commit point.
        what: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

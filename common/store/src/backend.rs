//! The contract between the store and what keeps it. A medium keeps bytes and swaps one record; it
//! decides nothing.

use crate::damage::{Fault, Part};
use crate::image::{Image, Version, Want};
use crate::rotation::Commit;
use std::sync::Arc;
use std::time::Duration;

/// A medium: a directory, a map in memory, a cluster's key-value store.
///
/// Every method blocks. Whoever implements it runs the contract tests (`tests/contract`).
pub trait Backend: Send + Sync {
    /// Where it is, for people: a path, or the members of a cluster. Plain text, one line.
    fn place(&self) -> &str;

    /// The record and the objects wanted, of one moment, durable; `None` only when nothing was ever
    /// committed. Bytes only: whoever decodes them finds what is damaged or missing.
    ///
    /// # Errors
    /// [`StoreError`], never [`StoreError::Conflict`] or [`StoreError::Uncertain`]. Any error other than
    /// "there is no such object" is an error, never "absent".
    fn read(&self, want: Want) -> Result<Option<Image>, StoreError>;

    /// Whether so many bytes could be committed now: access, room, nobody else at work. Leaves nothing.
    ///
    /// # Errors
    /// [`StoreError`], never [`StoreError::Conflict`] or [`StoreError::Uncertain`].
    fn probe(&self, bytes: usize) -> Result<(), StoreError>;

    /// Makes a change, all of it or nothing, if the record is, byte for byte, the commit's base. When it
    /// returns the change is durable, and every byte was read back. The warnings say what could not
    /// be tidied up: one line each.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the record is another one; [`StoreError::Uncertain`] is neither
    /// success nor failure; after any other the record is what it was.
    fn commit(&self, commit: &Commit) -> Result<Vec<String>, StoreError>;

    /// After [`StoreError::Uncertain`]: makes certain what became of a commit.
    ///
    /// # Errors
    /// [`StoreError`]; then it is as uncertain as before, and may be asked again.
    fn settle(&self, commit: &Commit) -> Result<Settled, StoreError>;

    /// Waits until the record is another one than `seen`, or patience ends. May return early
    /// with [`Changed::NotYet`]; never misses a change.
    ///
    /// # Errors
    /// [`StoreError`] of reading the record.
    fn wait(&self, seen: &Version, patience: Duration) -> Result<Changed, StoreError>;
}

impl<B: Backend + ?Sized> Backend for Arc<B> {
    fn place(&self) -> &str {
        (**self).place()
    }

    fn read(&self, want: Want) -> Result<Option<Image>, StoreError> {
        (**self).read(want)
    }

    fn probe(&self, bytes: usize) -> Result<(), StoreError> {
        (**self).probe(bytes)
    }

    fn commit(&self, commit: &Commit) -> Result<Vec<String>, StoreError> {
        (**self).commit(commit)
    }

    fn settle(&self, commit: &Commit) -> Result<Settled, StoreError> {
        (**self).settle(commit)
    }

    fn wait(&self, seen: &Version, patience: Duration) -> Result<Changed, StoreError> {
        (**self).wait(seen, patience)
    }
}

/// What became of a commit whose outcome was uncertain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Its record is in force, durably.
    Committed,
    /// Its base is in force, durably.
    NotCommitted,
    /// A later record is in force, and whether it came after this commit cannot be told from it alone.
    Overtaken,
}

/// What a wait ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// The record is another one.
    Yes,
    /// It was still the same.
    NotYet,
}

/// What puts right that a store cannot be trusted. How a program is told of another place is its own affair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// An act or a command: `chmod 0700 /var/lib/cluster-certs`.
    Act(String),
    /// Another place for the store.
    Elsewhere,
    /// Either.
    ActOrElsewhere(String),
}

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The medium failed.
    #[error("cannot {action} {place}")]
    Io {
        /// Verb: `open`, `read`, `write`…
        action: &'static str,
        /// What, as text.
        place: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// What is there is not what was written.
    #[error("the store is damaged: {place}{part}: {fault}")]
    Damaged {
        /// The store, as text.
        place: String,
        /// What of it.
        part: Part,
        /// What is wrong with it.
        fault: Fault,
    },
    /// Somebody else could change it, or what is there is no store of ours.
    #[error("the store cannot be trusted: {what}")]
    Untrusted {
        /// Place, and expected against found.
        what: String,
        /// What puts it right.
        remedy: Remedy,
    },
    /// Somebody else works on it.
    #[error("the store is busy: {holder}")]
    Busy {
        /// Pid and command of the holder where known.
        holder: String,
    },
    /// It changed since it was read. Sequence numbers where they can be told.
    #[error("the store changed meanwhile: {}", sequences(*.expected, *.found))]
    Conflict {
        /// Of the record the commit is made for.
        expected: Option<u64>,
        /// Of the record in force.
        found: Option<u64>,
    },
    /// The record was put in force but whether that is durable is not known.
    #[error("the outcome is uncertain: {what}")]
    Uncertain {
        /// What failed after the commit point.
        what: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl StoreError {
    /// The refusal of a commit whose base is not the record in force.
    pub fn conflict(commit: &Commit, found: &Version) -> Self {
        Self::Conflict { expected: commit.base().sequence(), found: found.sequence() }
    }
}

fn sequences(expected: Option<u64>, found: Option<u64>) -> String {
    match (expected, found) {
        (Some(expected), Some(found)) if expected != found => {
            format!("sequence {found}, expected {expected}")
        }
        _ => "another record is in its place".to_owned(),
    }
}

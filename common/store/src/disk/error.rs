//! Why the store cannot be used.

use std::path::{Path, PathBuf};

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

impl StoreError {
    /// A failed system call.
    pub(super) fn io(action: &'static str, path: &Path, source: impl Into<std::io::Error>) -> Self {
        Self::Io { action, path: path.to_owned(), source: source.into() }
    }

    /// Something at a path that is not what was written there.
    pub(super) fn damaged(path: &Path, what: impl std::fmt::Display) -> Self {
        Self::Damaged { what: format!("{}: {what}", path.display()) }
    }
}

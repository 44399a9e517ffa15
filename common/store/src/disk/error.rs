//! Failed system calls, as what the contract calls them.

use crate::backend::StoreError;
use common::Untrusted;
use std::path::Path;

/// A path as text: one line, whatever is in it.
pub(super) fn text(path: &Path) -> String {
    Untrusted::new(path.display().to_string()).to_string()
}

/// A failed system call.
pub(super) fn io(action: &'static str, path: &Path, source: impl Into<std::io::Error>) -> StoreError {
    StoreError::Io { action, place: text(path), source: source.into() }
}

/// The same call after the commit point: nobody knows what it did.
pub(super) fn uncertain(error: StoreError) -> StoreError {
    match error {
        StoreError::Io { action, place, source } => {
            StoreError::Uncertain { what: format!("cannot {action} {place}"), source }
        }
        error @ (StoreError::Damaged { .. }
        | StoreError::Untrusted { .. }
        | StoreError::Busy { .. }
        | StoreError::Conflict { .. }
        | StoreError::Uncertain { .. }) => error,
    }
}

//! Failed system calls, as what the contract calls them.

use crate::backend::StoreError;
use common::Untrusted;
use std::path::Path;

/// A path as text: one line, whatever is in it.
pub(super) fn text(path: &Path) -> String {
    Untrusted::new(path.display().to_string()).to_string()
}

/// A path as a word of a command line: in quotes where a shell would take it apart.
pub(super) fn word(path: &Path) -> String {
    let text = text(path);
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,=".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_of_a_command() {
        for (path, expected) in [
            ("/var/lib/cluster-certs", "/var/lib/cluster-certs"),
            ("/srv/my store", "'/srv/my store'"),
            ("/srv/$HOME;x", "'/srv/$HOME;x'"),
            ("/srv/it's", r"'/srv/it'\''s'"),
        ] {
            assert_eq!(word(Path::new(path)), expected);
        }
    }
}

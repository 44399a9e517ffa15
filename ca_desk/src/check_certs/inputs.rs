//! Where chains come from: each file is one, and read only when its turn comes.

use crate::desk::{Found, Source, Trouble};
use cli::{Exit, Failure, input};
use pki::Chain;
use pki::pem::{MAX_INPUT, Remark};
use std::path::Path;

/// The chain in what was found, and where it stands.
pub(super) fn chain_in(found: Found) -> (Source, Result<(Chain, Vec<Remark>), Failure>) {
    match found {
        Found::Stdin => (Source::file("-"), read(Path::new("-"))),
        Found::File { path, .. } => {
            let chain = read(&path);
            (Source::file(path), chain)
        }
        Found::Folder { path, error } => {
            let failure = Failure::new(Exit::Usage, "cannot read the folder").because(&error);
            (Source::file(path), Err(failure))
        }
        // No walk for chains pairs requests; the two files are no chains.
        Found::Pair(paths) => {
            let failure = Failure::new(Exit::Rejected, "two requests, no chain");
            (Source::file(paths.main), Err(failure))
        }
    }
}

/// Reads one chain, and what there is to say about the rest of its file.
///
/// # Errors
/// [`Exit::Usage`] for a file that cannot be read, [`Exit::Rejected`] for one that holds no chain.
fn read(path: &Path) -> Result<(Chain, Vec<Remark>), Failure> {
    Chain::read_with_remarks(&input::read(path, MAX_INPUT)?)
        .map_err(|error| Failure::new(Exit::Rejected, "no chain").because(&error))
}

/// What is wrong with one input, as its entry says it.
///
/// # Errors
/// The failure itself when it is not about this input, but ends the command.
pub(super) fn trouble(failure: Failure) -> Result<Trouble, Failure> {
    let text = [vec![failure.what.clone()], failure.causes.clone()].concat().join(": ");
    match failure.exit {
        Exit::Usage => Ok(Trouble::Unreadable(text)),
        Exit::Rejected => Ok(Trouble::NoDocument(text)),
        Exit::Done
        | Exit::Unexpected
        | Exit::Store
        | Exit::Passphrase
        | Exit::Uncertain
        | Exit::Busy
        | Exit::HookFailed
        | Exit::Due
        | Exit::Interrupted => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_one_input_is_told_there_and_what_ends_the_command_is_not() {
        let failure = |exit| Failure::new(exit, "no chain").because(&std::io::Error::other("empty"));
        assert_eq!(
            trouble(failure(Exit::Rejected)).ok(),
            Some(Trouble::NoDocument("no chain: empty".into()))
        );
        assert_eq!(trouble(failure(Exit::Usage)).ok(), Some(Trouble::Unreadable("no chain: empty".into())));
        assert_eq!(trouble(failure(Exit::Interrupted)).err().unwrap().exit, Exit::Interrupted);
    }
}

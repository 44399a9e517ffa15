//! Where chains come from: each file of a folder is one, and read only when its turn comes.

use crate::desk::{Source, Trouble};
use cli::{Exit, Failure, input};
use pki::Chain;
use pki::pem::MAX_INPUT;
use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The files to judge, in the order given, folders in the order of their names, each folder once.
/// Memory holds the names in the folders on the way, never what is in a file.
pub(super) struct Inputs {
    /// What is still to be visited, the next one last.
    waiting: Vec<PathBuf>,
    /// Device and inode of the folders visited: a loop of links ends here.
    visited: HashSet<(u64, u64)>,
}

impl Inputs {
    pub(super) fn new(given: &[PathBuf]) -> Self {
        Self { waiting: given.iter().rev().cloned().collect(), visited: HashSet::new() }
    }

    /// How many are known to follow.
    pub(super) fn known(&self) -> usize {
        self.waiting.len()
    }

    /// Puts what is in a folder next.
    fn enter(&mut self, folder: &Path) -> std::io::Result<()> {
        let mut names: Vec<_> =
            fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
        names.sort_unstable_by(|one, other| other.cmp(one));
        self.waiting.extend(names);
        Ok(())
    }
}

impl Iterator for Inputs {
    type Item = (Source, Result<Chain, Failure>);

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(path) = self.waiting.pop() {
            let folder = fs::metadata(&path).ok().filter(|meta| meta.is_dir() && path != Path::new("-"));
            let Some(folder) = folder else {
                let chain = read(&path);
                return Some((Source::file(path), chain));
            };
            if self.visited.insert((folder.dev(), folder.ino()))
                && let Err(error) = self.enter(&path)
            {
                let failure = Failure::new(Exit::Usage, "cannot read the folder").because(&error);
                return Some((Source::file(path), Err(failure)));
            }
        }
        None
    }
}

/// Reads one chain.
///
/// # Errors
/// [`Exit::Usage`] for a file that cannot be read, [`Exit::Rejected`] for one that holds no chain.
fn read(path: &Path) -> Result<Chain, Failure> {
    Chain::read(&input::read(path, MAX_INPUT)?)
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
    fn folders_are_walked_by_name_and_each_once() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for name in ["b/2", "b/1", "a", "c/d/e"] {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), "").unwrap();
        }
        std::os::unix::fs::symlink(dir.path(), at("b/loop")).unwrap();
        let found: Vec<_> = Inputs::new(&[dir.path().to_owned(), at("nowhere")])
            .map(|(source, chain)| (source.path.to_path_buf(), chain.unwrap_err().exit))
            .collect();
        let wanted = [at("a"), at("b/1"), at("b/2"), at("c/d/e")].map(|path| (path, Exit::Rejected));
        assert_eq!(found[..4], wanted);
        assert_eq!(found[4], (at("nowhere"), Exit::Usage));
        assert_eq!(found.len(), 5);
    }

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

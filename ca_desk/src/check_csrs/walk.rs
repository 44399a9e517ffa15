//! Finds the inputs: files, directories below them in name order, each directory once.

use super::feed::Stopped;
use super::job::Job;
use crate::desk::{Source, Trouble};
use common::{Pair, Role};
use rustix::fs::{Dir, FileType, Mode, OFlags, fstat, open};
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// Something found, in the order of judging.
pub(super) enum Input {
    /// A file, and how large it is.
    File { path: PathBuf, size: u64 },
    /// `-`
    Stdin,
    /// Anything that needs no closer look.
    Job(Job),
}

/// Walks through what is named, handing over one input after the other.
pub(super) struct Walk<'a> {
    give: &'a mut dyn FnMut(Input) -> Result<(), Stopped>,
    /// Device and inode of directories already walked: a loop of symlinks ends here.
    walked: HashSet<(u64, u64)>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(give: &'a mut dyn FnMut(Input) -> Result<(), Stopped>) -> Self {
        Self { give, walked: HashSet::new() }
    }

    /// The paths of the command line.
    pub(super) fn named(&mut self, paths: &[PathBuf]) -> Result<(), Stopped> {
        for path in paths {
            if path == Path::new("-") {
                (self.give)(Input::Stdin)?;
            } else if let Some(assets) = sibling(path, Role::Main).filter(|assets| paths.contains(assets)) {
                (self.give)(Input::Job(Job::Pair(Pair { main: path.clone(), assets })))?;
            } else if sibling(path, Role::Assets).is_none_or(|main| !paths.contains(&main)) {
                self.any(path.clone())?;
            }
        }
        Ok(())
    }

    /// A file or directory, also behind a symlink.
    fn any(&mut self, path: PathBuf) -> Result<(), Stopped> {
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => self.directory(&path),
            Ok(metadata) => (self.give)(Input::File { path, size: metadata.len() }),
            Err(error) => self.trouble(path, &error),
        }
    }

    fn trouble(&mut self, path: PathBuf, error: &io::Error) -> Result<(), Stopped> {
        (self.give)(Input::Job(Job::Trouble(Source::file(path), Trouble::Unreadable(error.to_string()))))
    }

    /// Everything in a directory, in name order; the two files of `get_csrs --out` as a pair.
    fn directory(&mut self, path: &Path) -> Result<(), Stopped> {
        let names = match self.names(path) {
            Ok(Some(names)) => names,
            Ok(None) => return Ok(()),
            Err(error) => return self.trouble(path.to_owned(), &error),
        };
        let file = |role: Role| OsString::from(format!("{}.csr", role.stem()));
        let is_pair = Role::BOTH.into_iter().all(|role| names.binary_search(&file(role)).is_ok());
        for name in names {
            if is_pair && name == file(Role::Assets) {
                (self.give)(Input::Job(Job::Pair(Pair::from_fn(|role| path.join(file(role))))))?;
            } else if !is_pair || name != file(Role::Main) {
                self.any(path.join(name))?;
            }
        }
        Ok(())
    }

    /// The names in a directory, sorted; `None` when it was walked before.
    fn names(&mut self, path: &Path) -> io::Result<Option<Vec<OsString>>> {
        let directory = open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let stat = fstat(&directory)?;
        if !self.walked.insert((stat.st_dev, stat.st_ino)) {
            return Ok(None);
        }
        let mut names = Vec::new();
        for entry in Dir::read_from(&directory)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." && entry.file_type() != FileType::Socket {
                names.push(OsString::from_vec(name.to_vec()));
            }
        }
        names.sort_unstable();
        Ok(Some(names))
    }
}

/// The other file of a pair, for `DIR/main.csr` or `DIR/assets.csr`.
fn sibling(path: &Path, role: Role) -> Option<PathBuf> {
    let is_it = path.file_name()? == format!("{}.csr", role.stem()).as_str();
    is_it.then(|| path.with_file_name(format!("{}.csr", role.other().stem())))
}

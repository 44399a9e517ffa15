//! Finds the documents a command line names: files, standard input, and what is in folders, in
//! the order given, folders in the order of their names, each folder once. Memory holds the names
//! in the folders on the way, never what is in a file.

use common::{Pair, Role};
use rustix::fs::{Dir, FileType, Mode, OFlags, fstat, open};
use std::collections::{HashSet, VecDeque};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// Something found.
#[derive(Debug)]
pub(crate) enum Found {
    /// `-`
    Stdin,
    /// A file, or a path that cannot be looked at (reading it says why), and how large it is.
    File { path: PathBuf, size: u64 },
    /// `main.csr` and `assets.csr` of one folder, which [`Walk::pairing`] keeps together.
    Pair(Pair<PathBuf>),
    /// A folder that cannot be read.
    Folder { path: PathBuf, error: io::Error },
}

/// A walk through what is named.
pub(crate) struct Walk {
    /// What is still to be visited, the next one first.
    waiting: VecDeque<Waiting>,
    /// Device and inode of the folders visited: a loop of links ends here.
    visited: HashSet<(u64, u64)>,
    /// Whether the two requests of a folder are one find.
    pairing: bool,
}

/// What is still to be visited.
enum Waiting {
    Path(PathBuf),
    Pair(Pair<PathBuf>),
}

impl Walk {
    /// Every file is a find of its own.
    pub(crate) fn new(named: &[PathBuf]) -> Self {
        Self::begin(named, false)
    }

    /// The two files of `get_csrs --out` are one find, where the first of them stands.
    pub(crate) fn pairing(named: &[PathBuf]) -> Self {
        Self::begin(named, true)
    }

    fn begin(named: &[PathBuf], pairing: bool) -> Self {
        let mut walk = Self { waiting: VecDeque::new(), visited: HashSet::new(), pairing };
        walk.visit_next(named.to_vec());
        walk
    }

    /// How many are known to follow.
    pub(crate) fn known(&self) -> usize {
        self.waiting.len()
    }

    /// Puts paths before everything that waits.
    fn visit_next(&mut self, paths: Vec<PathBuf>) {
        let waiting =
            if self.pairing { paired(paths) } else { paths.into_iter().map(Waiting::Path).collect() };
        for one in waiting.into_iter().rev() {
            self.waiting.push_front(one);
        }
    }

    /// Puts what is in a folder next, unless it was there before.
    fn enter(&mut self, folder: &Path) -> io::Result<()> {
        let directory = open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let stat = fstat(&directory)?;
        if !self.visited.insert((stat.st_dev, stat.st_ino)) {
            return Ok(());
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
        self.visit_next(names.into_iter().map(|name| folder.join(name)).collect());
        Ok(())
    }
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            let path = match self.waiting.pop_front()? {
                Waiting::Pair(paths) => return Some(Found::Pair(paths)),
                Waiting::Path(path) if path == Path::new("-") => return Some(Found::Stdin),
                Waiting::Path(path) => path,
            };
            match fs::metadata(&path) {
                Ok(found) if found.is_dir() => {
                    if let Err(error) = self.enter(&path) {
                        return Some(Found::Folder { path, error });
                    }
                }
                Ok(found) => return Some(Found::File { path, size: found.len() }),
                Err(_) => return Some(Found::File { path, size: 0 }),
            }
        }
    }
}

/// Joins the requests of both roles where the first of them stands.
fn paired(paths: Vec<PathBuf>) -> Vec<Waiting> {
    let named: HashSet<PathBuf> = paths.iter().filter(|path| role(path).is_some()).cloned().collect();
    let mut joined = HashSet::new();
    let mut waiting = Vec::with_capacity(paths.len());
    for path in paths {
        let pair = role(&path).map(|_| Pair::from_fn(|role| path.with_file_name(file(role))));
        match pair.filter(|pair| Role::BOTH.into_iter().all(|role| named.contains(pair.of(role)))) {
            None => waiting.push(Waiting::Path(path)),
            Some(pair) => {
                if joined.insert(pair.main.clone()) {
                    waiting.push(Waiting::Pair(pair));
                }
            }
        }
    }
    waiting
}

/// The role whose request bears this name.
fn role(path: &Path) -> Option<Role> {
    Role::BOTH.into_iter().find(|role| path.file_name().is_some_and(|name| name == file(*role).as_str()))
}

fn file(role: Role) -> String {
    format!("{}.csr", role.stem())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with empty files of these names.
    fn folder(names: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for name in names {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        dir
    }

    fn found(walk: Walk, root: &Path) -> Vec<String> {
        let below = |path: &Path| path.strip_prefix(root).unwrap_or(path).display().to_string();
        walk.map(|found| match found {
            Found::Stdin => "-".to_owned(),
            Found::File { path, size } => format!("{} {size}", below(&path)),
            Found::Pair(pair) => format!("{} + {}", below(&pair.main), below(&pair.assets)),
            Found::Folder { path, error } => format!("{}: {error}", below(&path)),
        })
        .collect()
    }

    #[test]
    fn folders_are_walked_by_name_and_each_once() {
        let dir = folder(&["b/2", "b/1", "a", "c/d/e"]);
        std::os::unix::fs::symlink(dir.path(), dir.path().join("b/loop")).unwrap();
        let named = [dir.path().to_owned(), "-".into(), dir.path().join("nowhere"), dir.path().join("a")];
        let expected = ["a 1", "b/1 1", "b/2 1", "c/d/e 1", "-", "nowhere 0", "a 1"];
        assert_eq!(found(Walk::new(&named), dir.path()), expected);
    }

    #[test]
    fn the_requests_of_a_folder_are_a_pair_only_where_pairs_are_wanted() {
        let dir = folder(&["x/assets.csr", "x/main.csr", "x/other", "y/main.csr"]);
        let named = [dir.path().to_owned()];
        let expected = ["x/main.csr + x/assets.csr", "x/other 1", "y/main.csr 1"];
        assert_eq!(found(Walk::pairing(&named), dir.path()), expected);
        assert_eq!(found(Walk::new(&named), dir.path()).len(), 4);
    }

    #[test]
    fn two_requests_named_apart_are_a_pair_where_the_first_stands_and_need_one_folder() {
        let dir = folder(&["main.csr", "assets.csr", "a", "y/main.csr"]);
        let at = |name: &str| dir.path().join(name);
        let named = [at("y/main.csr"), at("assets.csr"), at("a"), at("main.csr")];
        let expected = ["y/main.csr 1", "main.csr + assets.csr", "a 1"];
        assert_eq!(found(Walk::pairing(&named), dir.path()), expected);
    }
}

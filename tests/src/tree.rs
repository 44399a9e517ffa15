//! A folder byte for byte: what is there, with which mode, holding what.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Everything below a folder at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree(BTreeMap<PathBuf, Entry>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folder,
    File,
    Symlink,
    /// A pipe, a socket, a device: never opened, for it might wait for somebody.
    Special,
}

#[derive(Clone, PartialEq, Eq)]
struct Entry {
    kind: Kind,
    mode: u32,
    inode: u64,
    content: Vec<u8>,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:o}, inode {}, {} bytes", self.mode, self.inode, self.content.len())
    }
}

impl Tree {
    /// Reads a folder; one that does not exist is an empty tree.
    pub fn read(root: &Path) -> Self {
        let mut entries = BTreeMap::new();
        walk(root, root, &mut entries);
        Self(entries)
    }

    /// Makes the folder again elsewhere, with its modes.
    pub fn write(&self, root: &Path) {
        for (path, entry) in &self.0 {
            let (path, permissions) = (root.join(path), Permissions::from_mode(entry.mode & 0o7777));
            match entry.kind {
                Kind::Folder => fs::create_dir(&path).unwrap(),
                Kind::File => fs::write(&path, &entry.content).unwrap(),
                Kind::Symlink | Kind::Special => panic!("{} is no file", path.display()),
            }
            fs::set_permissions(path, permissions).unwrap();
        }
    }

    /// Asserts that the folder still is what it was, to the byte, the mode and the inode.
    #[track_caller]
    pub fn assert_same(&self, root: &Path) {
        let now = Self::read(root);
        let differs = |(path, entry): &(&PathBuf, &Entry)| now.0.get(*path) != Some(*entry);
        let changed: Vec<_> = self.0.iter().filter(differs).collect();
        let added: Vec<_> = now.0.keys().filter(|path| !self.0.contains_key(*path)).collect();
        assert!(
            changed.is_empty() && added.is_empty(),
            "{} is not as it was: changed {changed:?}, added {added:?}",
            root.display()
        );
    }

    /// Relative paths of everything in it.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    /// Relative paths and contents of the files in it.
    pub fn files(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        let files = self.0.iter().filter(|(_, entry)| entry.kind == Kind::File);
        files.map(|(path, entry)| (path.as_path(), entry.content.as_slice()))
    }

    /// The content of one file.
    pub fn content(&self, path: &str) -> Option<&[u8]> {
        self.0.get(Path::new(path)).map(|entry| entry.content.as_slice())
    }

    /// The mode of one file or folder, permission bits only.
    pub fn mode(&self, path: &str) -> Option<u32> {
        self.0.get(Path::new(path)).map(|entry| entry.mode & 0o7777)
    }
}

fn walk(root: &Path, path: &Path, entries: &mut BTreeMap<PathBuf, Entry>) {
    let Ok(metadata) = path.symlink_metadata() else { return };
    let (kind, content) = if metadata.is_dir() {
        (Kind::Folder, vec![])
    } else if metadata.is_symlink() {
        (Kind::Symlink, fs::read_link(path).unwrap().into_os_string().into_encoded_bytes())
    } else if !metadata.is_file() {
        (Kind::Special, vec![])
    } else {
        (Kind::File, fs::read(path).unwrap_or_else(|error| error.to_string().into_bytes()))
    };
    let relative = path.strip_prefix(root).unwrap().to_owned();
    entries.insert(relative, Entry { kind, mode: metadata.mode(), inode: metadata.ino(), content });
    if kind == Kind::Folder {
        for entry in fs::read_dir(path).into_iter().flatten() {
            walk(root, &entry.unwrap().path(), entries);
        }
    }
}

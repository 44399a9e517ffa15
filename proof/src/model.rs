//! A file system that promises no more than POSIX does, driven by a recording.
//!
//! A name is durable after an fsync of its directory, contents after an fsync of the file, and
//! nothing else orders anything: of the names changed since, any subset may have reached the
//! disk, and contents may be old, cut in half, zeros or complete. Real file systems keep more in
//! order, which is why a missing fsync can stay unnoticed on all of them until one changes.

use crate::strace::Call;
use ::tests::tree::Tree;
use data_encoding::HEXLOWER_PERMISSIVE as HEX;
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What a store holds: relative path, contents; `None` is a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Files(pub(crate) BTreeMap<PathBuf, Option<Vec<u8>>>);

impl Files {
    /// Those of a folder.
    pub(crate) fn of(tree: &Tree) -> Self {
        let mut files: BTreeMap<_, _> = tree.paths().map(|path| (path.to_owned(), None)).collect();
        files.extend(tree.files().map(|(path, bytes)| (path.to_owned(), Some(bytes.to_vec()))));
        Self(files)
    }

    /// Makes the folder, private, in place of whatever is there.
    pub(crate) fn write(&self, root: &Path) {
        if root.exists() {
            fs::remove_dir_all(root).unwrap();
        }
        for (path, contents) in &self.0 {
            let path = root.join(path);
            let mode = match contents {
                None => fs::create_dir(&path).map(|()| 0o700),
                Some(bytes) => fs::write(&path, bytes).map(|()| 0o600),
            };
            fs::set_permissions(&path, Permissions::from_mode(mode.unwrap())).unwrap();
        }
    }
}

/// A file or directory of the model.
pub(crate) type Inode = usize;

/// One change of names in a directory.
#[derive(Clone, Debug)]
enum Change {
    Link(String, Inode),
    Rename(String, String, Inode),
    Unlink(String),
}

#[derive(Clone, Debug)]
enum Node {
    Folder { now: BTreeMap<String, Inode>, durable: BTreeMap<String, Inode> },
    File { now: Vec<u8>, durable: Vec<u8> },
}

/// What became of contents that were not made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Data {
    Old,
    Half,
    Zeros,
    Full,
}

impl Data {
    /// Every one.
    pub(crate) const ALL: [Self; 4] = [Self::Old, Self::Half, Self::Zeros, Self::Full];

    fn of(self, now: &[u8], durable: &[u8]) -> Vec<u8> {
        match self {
            Self::Old => durable.to_vec(),
            Self::Half => {
                let half = (now.len() + durable.len().min(now.len())) / 2;
                now[..half].iter().chain(durable.iter().skip(half)).copied().collect()
            }
            Self::Zeros => {
                let same = now.iter().zip(durable).take_while(|(a, b)| a == b).count();
                now[..same].iter().copied().chain(std::iter::repeat_n(0, now.len() - same)).collect()
            }
            Self::Full => now.to_vec(),
        }
    }
}

/// The folder a store stands in, as the program sees it and as the disk may.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    nodes: Vec<Node>,
    pending: Vec<(Inode, Change)>,
}

/// System calls that read, or change what the model does not keep: positions, locks, modes.
const HARMLESS: [&str; 23] = [
    "access",
    "close",
    "execve",
    "faccessat",
    "faccessat2",
    "fchdir",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "fcntl",
    "flock",
    "fstat",
    "fstatfs",
    "getdents64",
    "newfstatat",
    "poll",
    "pread64",
    "read",
    "readlink",
    "readlinkat",
    "stat",
    "statfs",
    "statx",
];

impl Disk {
    /// A folder with a durable store in it.
    pub(crate) fn new(root: &Path, store: &Files) -> Self {
        let empty = || Node::Folder { now: BTreeMap::new(), durable: BTreeMap::new() };
        let mut disk = Self { root: root.to_owned(), nodes: vec![empty()], pending: vec![] };
        for (path, contents) in &store.0 {
            let node = match contents {
                None => empty(),
                Some(bytes) => Node::File { now: bytes.clone(), durable: bytes.clone() },
            };
            let path = root.join("store").join(path);
            let (folder, name) = disk.split(&path).unwrap();
            disk.nodes.push(node);
            let inode = disk.nodes.len() - 1;
            disk.change(folder, Change::Link(name, inode));
        }
        for inode in 0..disk.nodes.len() {
            disk.sync(inode);
        }
        disk
    }

    /// Applies a call; says whether what the disk may hold has changed.
    ///
    /// # Errors
    /// A call on the store the model does not know: it must learn it before it judges anything.
    pub(crate) fn apply(&mut self, call: &Call) -> Result<bool, String> {
        let call = Parsed::of(call);
        if call.undone || !call.paths().any(|path| path.starts_with(&self.root)) {
            return Ok(false);
        }
        let unknown = || format!("the model does not know {call:?}");
        match call.name {
            "open" | "openat" => self.open(&call).ok_or_else(unknown),
            "mkdir" | "mkdirat" => {
                let folder = Node::Folder { now: BTreeMap::new(), durable: BTreeMap::new() };
                self.link(&call.at(0), folder).map(|()| true).ok_or_else(unknown)
            }
            "write" => self.write(&call).ok_or_else(unknown),
            "ftruncate" => self.truncate(&call).ok_or_else(unknown),
            // A file without a name, tried for room.
            "fallocate" if self.find(&call.at(0)).is_none() => Ok(false),
            "fsync" | "fdatasync" => {
                let inode = self.find(&call.at(0));
                inode.map(|inode| self.sync(inode)).ok_or_else(unknown)
            }
            "rename" | "renameat" | "renameat2" => self.rename(&call).ok_or_else(unknown),
            "unlink" | "rmdir" | "unlinkat" => {
                let (folder, name) = self.split(&call.at(0)).ok_or_else(unknown)?;
                self.change(folder, Change::Unlink(name));
                Ok(true)
            }
            name if HARMLESS.contains(&name) => Ok(false),
            _ => Err(unknown()),
        }
    }

    /// How many changes of names are not durable.
    pub(crate) fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Files whose contents are not durable.
    pub(crate) fn dirty(&self) -> Vec<Inode> {
        let is_dirty =
            |inode: &Inode| matches!(&self.nodes[*inode], Node::File { now, durable } if now != durable);
        (0..self.nodes.len()).filter(is_dirty).collect()
    }

    /// The store after a power cut: these changes of names, and this became of contents.
    pub(crate) fn after_cut(&self, reached: impl Fn(usize) -> bool, data: impl Fn(Inode) -> Data) -> Files {
        let mut folders: BTreeMap<Inode, BTreeMap<String, Inode>> = BTreeMap::new();
        for (inode, node) in self.nodes.iter().enumerate() {
            if let Node::Folder { durable, .. } = node {
                folders.insert(inode, durable.clone());
            }
        }
        for (index, (folder, change)) in self.pending.iter().enumerate() {
            if reached(index) {
                apply(folders.get_mut(folder).unwrap(), change);
            }
        }
        let mut files = BTreeMap::new();
        if let Some(store) = folders[&0].get("store") {
            self.collect(*store, PathBuf::new(), &folders, &data, &mut files);
        }
        Files(files)
    }

    fn collect(
        &self,
        inode: Inode,
        path: PathBuf,
        folders: &BTreeMap<Inode, BTreeMap<String, Inode>>,
        data: &impl Fn(Inode) -> Data,
        files: &mut BTreeMap<PathBuf, Option<Vec<u8>>>,
    ) {
        match &self.nodes[inode] {
            Node::File { now, durable } => {
                files.insert(path, Some(data(inode).of(now, durable)));
            }
            Node::Folder { .. } => {
                for (name, inode) in &folders[&inode] {
                    self.collect(*inode, path.join(name), folders, data, files);
                }
                files.insert(path, None);
            }
        }
    }

    fn open(&mut self, call: &Parsed<'_>) -> Option<bool> {
        let flags = call.words.iter().find(|word| word.contains("O_"))?;
        let path = call.result.clone()?;
        match self.find(&path) {
            Some(inode) if flags.contains("O_TRUNC") => match self.nodes.get_mut(inode)? {
                Node::File { now, .. } => {
                    now.clear();
                    Some(true)
                }
                Node::Folder { .. } => None,
            },
            // A file without a name cannot be found after a power cut.
            None if flags.contains("O_TMPFILE") => Some(false),
            None if flags.contains("O_CREAT") => {
                self.link(&path, Node::File { now: vec![], durable: vec![] }).map(|()| true)
            }
            // The folder the store stands in, and whatever is in it besides the store.
            Some(_) | None => Some(false),
        }
    }

    /// Every writer of the store writes new files from their start, or appends.
    fn write(&mut self, call: &Parsed<'_>) -> Option<bool> {
        let inode = self.find(&call.at(0))?;
        let Node::File { now, .. } = self.nodes.get_mut(inode)? else { return None };
        now.extend_from_slice(call.strings.first()?.get(..call.value?)?);
        Some(true)
    }

    fn truncate(&mut self, call: &Parsed<'_>) -> Option<bool> {
        let inode = self.find(&call.at(0))?;
        let Node::File { now, .. } = self.nodes.get_mut(inode)? else { return None };
        now.truncate(call.words.get(1)?.parse().ok()?);
        Some(true)
    }

    fn rename(&mut self, call: &Parsed<'_>) -> Option<bool> {
        let ((from, old), (to, new)) = (self.split(&call.at(0))?, self.split(&call.at(1))?);
        let inode = self.find(&call.at(0))?;
        // Between two directories it would be two changes, of which one may be lost.
        (from == to).then(|| self.change(from, Change::Rename(old, new, inode)))?;
        Some(true)
    }

    fn link(&mut self, path: &Path, node: Node) -> Option<()> {
        let (folder, name) = self.split(path)?;
        self.nodes.push(node);
        self.change(folder, Change::Link(name, self.nodes.len() - 1));
        Some(())
    }

    fn change(&mut self, folder: Inode, change: Change) {
        if let Node::Folder { now, .. } = &mut self.nodes[folder] {
            apply(now, &change);
            self.pending.push((folder, change));
        }
    }

    fn sync(&mut self, inode: Inode) -> bool {
        match &mut self.nodes[inode] {
            Node::File { now, durable } => durable.clone_from(now),
            Node::Folder { now, durable } => durable.clone_from(now),
        }
        self.pending.retain(|(folder, _)| *folder != inode);
        true
    }

    fn split(&self, path: &Path) -> Option<(Inode, String)> {
        Some((self.find(path.parent()?)?, path.file_name()?.to_str()?.to_owned()))
    }

    fn find(&self, path: &Path) -> Option<Inode> {
        path.strip_prefix(&self.root).ok()?.components().try_fold(0, |inode, name| match &self.nodes[inode] {
            Node::Folder { now, .. } => now.get(name.as_os_str().to_str()?).copied(),
            Node::File { .. } => None,
        })
    }
}

fn apply(folder: &mut BTreeMap<String, Inode>, change: &Change) {
    match change {
        Change::Link(name, inode) => {
            folder.insert(name.clone(), *inode);
        }
        Change::Rename(from, to, inode) => {
            folder.remove(from);
            folder.insert(to.clone(), *inode);
        }
        Change::Unlink(name) => {
            folder.remove(name);
        }
    }
}

/// A recorded call taken apart. All strings and paths are in hexadecimal escapes, so that no
/// comma or quote of theirs can be mistaken.
#[derive(Debug)]
pub(crate) struct Parsed<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// It failed, or strace answered instead of the kernel.
    undone: bool,
    /// The number it returned.
    value: Option<usize>,
    /// The path of the descriptor it returned.
    result: Option<PathBuf>,
    words: Vec<&'a str>,
    strings: Vec<Vec<u8>>,
    /// Paths it works on: a string behind a directory descriptor joined to it.
    operands: Vec<PathBuf>,
}

impl<'a> Parsed<'a> {
    /// Takes a call apart.
    pub(crate) fn of(call: &'a Call) -> Self {
        let (arguments, result) = call.rest.rsplit_once(" = ").unwrap_or((&call.rest, ""));
        let words: Vec<_> = arguments.trim_end().trim_end_matches(')').split(", ").collect();
        let mut operands: Vec<PathBuf> = vec![];
        let mut strings = vec![];
        let mut base: Option<PathBuf> = None;
        for word in &words {
            if let Some(path) = annotation(word) {
                operands.push(path.clone());
                base = Some(path);
            } else if let Some(text) = word.strip_prefix('"') {
                let bytes = unescape(text.split('"').next().unwrap_or_default());
                let path = PathBuf::from(String::from_utf8_lossy(&bytes).into_owned());
                strings.push(bytes);
                match base.take() {
                    Some(base) => *operands.last_mut().unwrap() = base.join(path),
                    None => operands.push(path),
                }
            }
        }
        if matches!(call.name.as_str(), "write" | "pwrite64") {
            operands = words.first().and_then(|word| annotation(word)).into_iter().collect();
        }
        Self {
            name: &call.name,
            undone: result.starts_with('-') || result.starts_with('?') || result.ends_with("(INJECTED)"),
            value: result.split(['<', ' ']).next().and_then(|value| value.parse().ok()),
            result: annotation(result),
            words,
            strings,
            operands,
        }
    }

    fn at(&self, index: usize) -> PathBuf {
        self.operands.get(index).cloned().unwrap_or_default()
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.operands.iter().chain(&self.result).map(PathBuf::as_path)
    }

    /// The file it works on.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.operands.first().map(PathBuf::as_path)
    }

    /// What it wrote to standard output.
    pub(crate) fn printed(&self) -> Option<&[u8]> {
        let standard_output = self.words.first().is_some_and(|word| *word == "1" || word.starts_with("1<"));
        (self.name == "write" && standard_output).then(|| self.strings.first().map(Vec::as_slice))?
    }
}

/// The path of `3<\x2f\x70>`.
fn annotation(word: &str) -> Option<PathBuf> {
    let (before, path) = word.split_once('<')?;
    let plain = before.bytes().all(|byte| byte.is_ascii_digit()) || before == "AT_FDCWD";
    let path = path.split('>').next().filter(|_| plain)?;
    Some(PathBuf::from(String::from_utf8_lossy(&unescape(path)).into_owned()))
}

fn unescape(text: &str) -> Vec<u8> {
    HEX.decode(text.replace("\\x", "").as_bytes()).unwrap_or_else(|_| text.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        text.bytes().map(|byte| format!("\\x{byte:02x}")).collect()
    }

    /// `openat 3=/p "name" flags`: the little language of these tests.
    fn call(name: &str, rest: &str) -> Call {
        let mut out = String::new();
        for (index, part) in rest.split('\'').enumerate() {
            out.push_str(&if index % 2 == 1 { escaped(part) } else { part.to_owned() });
        }
        Call { thread: 1, name: name.to_owned(), rest: out }
    }

    fn store(files: &[(&str, Option<&str>)]) -> Files {
        Files(files.iter().map(|(path, c)| (PathBuf::from(path), c.map(|c| c.as_bytes().to_vec()))).collect())
    }

    #[test]
    fn a_rename_without_fsync_of_the_file_can_leave_it_empty() {
        let mut disk = Disk::new(Path::new("/p"), &store(&[("", None), ("STATE", Some("old"))]));
        for (name, rest) in [
            ("openat", "3<'/p/store'>, \"'.new'\", O_WRONLY|O_CREAT|O_EXCL, 0600) = 4<'/p/store/.new'>"),
            ("write", "4<'/p/store/.new'>, \"'new!'\", 4) = 4"),
            ("renameat", "3<'/p/store'>, \"'.new'\", 3<'/p/store'>, \"'STATE'\") = 0"),
        ] {
            assert!(disk.apply(&call(name, rest)).unwrap(), "{name}");
        }
        let state = |reached: bool, data| {
            let files = disk.after_cut(|_| reached, |_| data);
            String::from_utf8(files.0[Path::new("STATE")].clone().unwrap()).unwrap()
        };
        assert_eq!(state(false, Data::Full), "old");
        assert_eq!(state(true, Data::Old), "");
        assert_eq!(state(true, Data::Half), "ne");
        assert_eq!(state(true, Data::Zeros), "\0\0\0\0");
        assert_eq!(state(true, Data::Full), "new!");
    }

    #[test]
    fn names_are_durable_after_fsync_of_their_directory_only() {
        let mut disk = Disk::new(Path::new("/p"), &Files::default());
        disk.apply(&call("mkdirat", "3<'/p'>, \"'store'\", 0700) = 0")).unwrap();
        disk.apply(&call("mkdirat", "4<'/p/store'>, \"'sub'\", 0700) = 0")).unwrap();
        assert_eq!(disk.pending(), 2);
        disk.apply(&call("fsync", "4<'/p/store'>) = 0")).unwrap();
        assert_eq!(disk.after_cut(|_| false, |_| Data::Full), Files::default());
        disk.apply(&call("fsync", "3<'/p'>) = 0")).unwrap();
        assert_eq!(disk.after_cut(|_| false, |_| Data::Full), store(&[("", None), ("sub", None)]));
    }

    #[test]
    fn an_unknown_call_on_the_store_is_an_error_and_elsewhere_it_is_not() {
        let mut disk = Disk::new(Path::new("/p"), &store(&[("", None)]));
        assert!(disk.apply(&call("copy_file_range", "3<'/p/store'>, NULL) = 3")).is_err());
        assert!(!disk.apply(&call("copy_file_range", "3<'/q/store'>, NULL) = 3")).unwrap());
    }
}

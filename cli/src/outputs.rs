//! Files of ours that other programs read: replaced whole, by the descriptor of their directory.
//!
//! All files are written and synced under temporary names first, each created exclusively and
//! under no link, private until it is whole; then they are renamed over their targets one after
//! the other, and the directory is synced. A reader sees an old file or a new one, never half of one.

use crate::input::kind_name;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A directory that is written to, open.
#[derive(Debug)]
pub struct OutputDirectory {
    descriptor: OwnedFd,
    path: PathBuf,
}

/// A file to be written.
#[derive(Clone, Copy, Debug)]
pub struct OutputFile<'a> {
    /// Its name in the directory.
    pub name: &'a str,
    /// All that is in it.
    pub contents: &'a [u8],
    /// Its mode, whatever the umask.
    pub mode: u32,
}

/// Why a file is not written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// An operation failed.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// Verb: `open`, `write`, `replace`…
        action: &'static str,
        /// The file it was for.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Something that is not replaced stands in its place.
    #[error("{} is {kind}", path.display())]
    InTheWay {
        /// Where.
        path: PathBuf,
        /// What it is, with its article.
        kind: &'static str,
    },
}

impl FileError {
    /// Names the action and the place of an error of the system.
    pub fn at<E: Into<io::Error>>(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(E) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source: source.into() }
    }
}

impl OutputDirectory {
    /// Opens a directory.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let descriptor = rustix::fs::open(path, flags, Mode::empty()).map_err(FileError::at("open", path))?;
        Ok(Self { descriptor, path: path.to_owned() })
    }

    /// Opens a directory, made first where there is none: others may enter it, because what is in
    /// it is for them.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub fn open_or_make(path: &Path) -> Result<Self, FileError> {
        match Self::open(path) {
            Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            opened => return opened,
        }
        let made = DirBuilder::new().recursive(true).mode(0o755).create(path);
        made.map_err(FileError::at("create", path))?;
        let directory = Self::open(path)?;
        directory.open_to_readers()?;
        Ok(directory)
    }

    /// Opens a directory in it, never through a link.
    ///
    /// # Errors
    /// [`FileError`].
    pub(crate) fn open_in(&self, name: &str) -> Result<Self, FileError> {
        let path = self.path.join(name);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(&self.descriptor, name, flags, Mode::empty());
        Ok(Self { descriptor: opened.map_err(FileError::at("open", &path))?, path })
    }

    /// Makes a directory in it that others may enter, and opens it; one that another process has just made is as good.
    ///
    /// # Errors
    /// [`FileError`].
    pub(crate) fn make_in(&self, name: &str) -> Result<Self, FileError> {
        match rustix::fs::mkdirat(&self.descriptor, name, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(FileError::at("create", self.path.join(name))(error)),
        }
        let directory = self.open_in(name)?;
        directory.open_to_readers()?;
        Ok(directory)
    }

    /// Gives it the mode of a directory others may enter, whatever the umask.
    ///
    /// # Errors
    /// [`FileError`].
    pub(crate) fn open_to_readers(&self) -> Result<(), FileError> {
        rustix::fs::fchmod(&self.descriptor, Mode::from_raw_mode(0o755))
            .map_err(FileError::at("set the mode of", &self.path))
    }

    /// What is in it.
    ///
    /// # Errors
    /// [`FileError`].
    pub(crate) fn names(&self) -> Result<Vec<OsString>, FileError> {
        let failed = |error| FileError::at("list", &self.path)(error);
        let mut names = vec![];
        for entry in Dir::read_from(&self.descriptor).map_err(failed)? {
            let name = OsStr::from_bytes(entry.map_err(failed)?.file_name().to_bytes()).to_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// The path it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Refuses what stands in the place of a file and is none: a link may be meant to be followed,
    /// anything else to be kept.
    ///
    /// # Errors
    /// [`FileError::InTheWay`], [`FileError::Io`].
    pub fn refuse_all_but_files<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), FileError> {
        self.refuse(names, |kind| kind != FileType::RegularFile)
    }

    /// Refuses what no rename replaces. ([`Self::replace`] does so itself, before it renames.)
    ///
    /// # Errors
    /// [`FileError::InTheWay`], [`FileError::Io`].
    pub fn refuse_directories<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<(), FileError> {
        self.refuse(names, |kind| kind == FileType::Directory)
    }

    fn refuse<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
        refused: impl Fn(FileType) -> bool,
    ) -> Result<(), FileError> {
        names.into_iter().try_for_each(|name| {
            let path = self.path.join(name);
            match rustix::fs::statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => match FileType::from_raw_mode(stat.st_mode) {
                    kind if refused(kind) => Err(FileError::InTheWay { path, kind: kind_name(kind) }),
                    _ => Ok(()),
                },
                Err(rustix::io::Errno::NOENT) => Ok(()),
                Err(error) => Err(FileError::at("inspect", path)(error)),
            }
        })
    }

    /// Writes all files, or, when one cannot be written or one place is taken by a directory, none.
    /// They are renamed in the order given.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn replace(&self, files: &[OutputFile<'_>]) -> Result<(), FileError> {
        let mut drafts = Drafts { directory: self, names: vec![] };
        for file in files {
            let draft = format!(".{}.{}.new", file.name, std::process::id());
            // A crash of an earlier process with our id may have left one.
            let _absent = rustix::fs::unlinkat(&self.descriptor, &draft, AtFlags::empty());
            drafts.names.push(draft.clone());
            self.create(file, &draft)?;
        }
        self.refuse_directories(files.iter().map(|file| file.name))?;
        for (file, draft) in files.iter().zip(&drafts.names) {
            rustix::fs::renameat(&self.descriptor, draft, &self.descriptor, file.name)
                .map_err(FileError::at("replace", self.path.join(file.name)))?;
        }
        self.sync()
    }

    /// Writes a file that is not there yet, under another name, and syncs it; the error names what it is for.
    ///
    /// # Errors
    /// [`FileError`].
    pub(crate) fn create(&self, file: &OutputFile<'_>, draft: &str) -> Result<(), FileError> {
        let path = || self.path.join(file.name);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(&self.descriptor, draft, flags, Mode::RUSR | Mode::WUSR);
        let mut open = File::from(opened.map_err(FileError::at("create", path()))?);
        open.write_all(file.contents).map_err(FileError::at("write", path()))?;
        rustix::fs::fchmod(&open, Mode::from_raw_mode(file.mode))
            .map_err(FileError::at("set the mode of", path()))?;
        open.sync_all().map_err(FileError::at("sync", path()))
    }

    /// Makes what was renamed in it durable.
    ///
    /// # Errors
    /// [`FileError::Io`].
    pub fn sync(&self) -> Result<(), FileError> {
        rustix::fs::fsync(&self.descriptor).map_err(FileError::at("sync", &self.path))
    }
}

impl AsFd for OutputDirectory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// Files under temporary names; those still there are removed on drop.
struct Drafts<'a> {
    directory: &'a OutputDirectory,
    names: Vec<String>,
}

impl Drop for Drafts<'_> {
    fn drop(&mut self) {
        for name in &self.names {
            // Gone already when it was renamed; what cannot be removed hurts nobody.
            let _ = rustix::fs::unlinkat(&self.directory.descriptor, name, AtFlags::empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    const fn file<'a>(name: &'a str, contents: &'a str, mode: u32) -> OutputFile<'a> {
        OutputFile { name, contents: contents.as_bytes(), mode }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn count(path: &Path) -> usize {
        fs::read_dir(path).unwrap().count()
    }

    #[test]
    fn files_are_replaced_with_their_modes_and_no_draft_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("new/out");
        let first = [file("a.pem", "1", 0o644), file("a.key", "2", 0o600)];
        OutputDirectory::open_or_make(&out).unwrap().replace(&first).unwrap();
        OutputDirectory::open_or_make(&out).unwrap().replace(&[file("a.pem", "3", 0o644)]).unwrap();
        assert_eq!(fs::read_to_string(out.join("a.pem")).unwrap(), "3");
        assert_eq!(fs::read_to_string(out.join("a.key")).unwrap(), "2");
        let modes = [&out, &out.join("a.pem"), &out.join("a.key")].map(|path| mode(path));
        assert_eq!((modes, count(&out)), ([0o755, 0o644, 0o600], 2));
    }

    #[test]
    fn a_directory_in_a_files_place_is_refused_before_any_file_changes() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("b.pem")).unwrap();
        let files = [file("a.pem", "1", 0o644), file("b.pem", "2", 0o644)];
        let error = OutputDirectory::open(dir.path()).unwrap().replace(&files).unwrap_err();
        assert_eq!(error.to_string(), format!("{} is a directory", dir.path().join("b.pem").display()));
        assert_eq!(count(dir.path()), 1);
    }

    #[test]
    fn what_a_crash_left_under_our_number_is_in_nobodys_way() {
        let dir = tempfile::tempdir().unwrap();
        let left = dir.path().join(format!(".a.pem.{}.new", std::process::id()));
        symlink("/etc/passwd", left).unwrap();
        OutputDirectory::open(dir.path()).unwrap().replace(&[file("a.pem", "1", 0o644)]).unwrap();
        assert_eq!(count(dir.path()), 1);
    }

    #[test]
    fn a_link_is_replaced_and_never_followed_where_it_is_not_refused() {
        let dir = tempfile::tempdir().unwrap();
        let precious = dir.path().join("precious");
        fs::write(&precious, "untouched").unwrap();
        symlink(&precious, dir.path().join("a.pem")).unwrap();
        let open = OutputDirectory::open(dir.path()).unwrap();
        assert!(open.refuse_directories(["a.pem"]).is_ok());
        let refused = open.refuse_all_but_files(["absent", "precious", "a.pem"]).unwrap_err();
        assert!(matches!(refused, FileError::InTheWay { kind: "a symbolic link", .. }));
        open.replace(&[file("a.pem", "1", 0o644)]).unwrap();
        assert_eq!(fs::read_to_string(&precious).unwrap(), "untouched");
        assert!(!fs::symlink_metadata(dir.path().join("a.pem")).unwrap().is_symlink());
    }

    #[test]
    fn an_error_names_the_file_it_is_about() {
        let dir = tempfile::tempdir().unwrap();
        let open = OutputDirectory::open(dir.path()).unwrap();
        fs::remove_dir(dir.path()).unwrap();
        let error = open.replace(&[file("a.pem", "1", 0o644)]).unwrap_err();
        assert_eq!(error.to_string(), format!("cannot create {}", dir.path().join("a.pem").display()));
        let missing = OutputDirectory::open(Path::new("/nowhere/at/all")).unwrap_err();
        assert_eq!(missing.to_string(), "cannot open /nowhere/at/all");
    }
}

//! `--publish DIR`: copies of the installed pair where another server reads them.
//!
//! All four files are written and synced under temporary names first; then four renames follow
//! back to back, the chain of a role right before its key. A reader between the two renames of a
//! role finds a chain and a key that do not fit, refuses to load them, and keeps what it has.

use flow::PublishedFile;
use rustix::fs::{Access, AtFlags, FileType, Mode, OFlags};
use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Why a directory is not published to.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A system call.
    #[error("cannot {action} {path}")]
    Io {
        /// Verb.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Others could replace what is published.
    #[error(
        "{path} can be written by others (mode {mode:04o}), expected a directory only its owner writes to"
    )]
    WritableByOthers {
        /// The directory.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Somebody else owns it.
    #[error("{path} belongs to uid {owner}, expected uid {expected} or root")]
    ForeignOwner {
        /// The directory.
        path: PathBuf,
        /// Found.
        owner: u32,
        /// Expected.
        expected: u32,
    },
}

/// An open directory that may be published to; checked before anything is changed.
#[derive(Debug)]
pub struct PublishDirectory {
    descriptor: OwnedFd,
    path: PathBuf,
}

impl PublishDirectory {
    /// Opens and judges a directory.
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn open(path: &Path) -> Result<Self, PublishError> {
        let io = |action, source: rustix::io::Errno| PublishError::Io {
            action,
            path: path.to_owned(),
            source: source.into(),
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let descriptor = rustix::fs::open(path, flags, Mode::empty()).map_err(|e| io("open", e))?;
        let stat = rustix::fs::fstat(&descriptor).map_err(|e| io("inspect", e))?;
        let mode = stat.st_mode & 0o7777;
        let (ours, sticky) = (rustix::process::geteuid().as_raw(), mode & 0o1000 != 0);
        if mode & 0o022 != 0 && !sticky {
            return Err(PublishError::WritableByOthers { path: path.to_owned(), mode });
        }
        if stat.st_uid != ours && stat.st_uid != 0 && ours != 0 {
            return Err(PublishError::ForeignOwner {
                path: path.to_owned(),
                owner: stat.st_uid,
                expected: ours,
            });
        }
        rustix::fs::accessat(&descriptor, ".", Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)
            .map_err(|e| io("write to", e))?;
        // The hook is told this path and may change its directory first.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let directory = Self { descriptor, path };
        PublishedFile::NAMES.iter().try_for_each(|name| directory.refuse_directory(name))?;
        Ok(directory)
    }

    /// Absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces all files by these, in this order.
    ///
    /// # Errors
    /// [`PublishError::Io`]; then nothing was replaced, unless it was one of the renames at the end that failed.
    pub fn publish(&self, files: &[PublishedFile]) -> Result<(), PublishError> {
        let suffix = std::process::id();
        let temporary = |file: &PublishedFile| format!(".{}.{suffix}.new", file.name);
        let outcome = files
            .iter()
            .try_for_each(|file| self.write_new(&temporary(file), file))
            .and_then(|()| files.iter().try_for_each(|file| self.rename(&temporary(file), file.name)));
        if outcome.is_err() {
            for file in files {
                // Those already renamed are not there any more; nothing else can be done about the rest.
                let _gone = rustix::fs::unlinkat(&self.descriptor, temporary(file), AtFlags::empty());
            }
            return outcome;
        }
        rustix::fs::fsync(&self.descriptor).map_err(|e| self.error("sync", "", e.into()))
    }

    fn write_new(&self, name: &str, published: &PublishedFile) -> Result<(), PublishError> {
        self.refuse_directory(published.name)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(published.mode);
        // A crash of an earlier process with our id may have left one.
        let _absent = rustix::fs::unlinkat(&self.descriptor, name, AtFlags::empty());
        let descriptor = rustix::fs::openat(&self.descriptor, name, flags, Mode::from_raw_mode(0o600))
            .map_err(|e| self.error("create", name, e.into()))?;
        let mut file = File::from(descriptor);
        file.write_all(published.contents.as_bytes()).map_err(|e| self.error("write", name, e))?;
        // The umask is 077: a chain is public, and the server's user must be able to read it.
        rustix::fs::fchmod(&file, mode).map_err(|e| self.error("set the mode of", name, e.into()))?;
        file.sync_all().map_err(|e| self.error("sync", name, e))
    }

    /// A directory in a file's place would make the third rename fail after the first two.
    fn refuse_directory(&self, name: &str) -> Result<(), PublishError> {
        match rustix::fs::statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => {
                Err(self.error("replace", name, rustix::io::Errno::ISDIR.into()))
            }
            Ok(_) | Err(rustix::io::Errno::NOENT) => Ok(()),
            Err(error) => Err(self.error("inspect", name, error.into())),
        }
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), PublishError> {
        rustix::fs::renameat(&self.descriptor, from, &self.descriptor, to)
            .map_err(|e| self.error("replace", to, e.into()))
    }

    fn error(&self, action: &'static str, name: &str, source: std::io::Error) -> PublishError {
        PublishError::Io { action, path: self.path.join(name), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn files(version: u32) -> [PublishedFile; 4] {
        PublishedFile::NAMES.map(|name| {
            let mode = if name.ends_with(".key") { 0o600 } else { 0o644 };
            PublishedFile { name, contents: format!("{name} {version}"), mode }
        })
    }

    fn folder(mode: u32) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
        folder
    }

    fn listing(path: &Path) -> Vec<(String, u32, String)> {
        let mut entries: Vec<_> = std::fs::read_dir(path)
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let mode = entry.metadata().unwrap().permissions().mode() & 0o7777;
                let contents = std::fs::read_to_string(entry.path()).unwrap_or_default();
                (entry.file_name().into_string().unwrap(), mode, contents)
            })
            .collect();
        entries.sort();
        entries
    }

    #[test]
    fn four_files_with_their_modes_and_nothing_else_are_left() {
        let folder = folder(0o755);
        for version in [1, 2] {
            PublishDirectory::open(folder.path()).unwrap().publish(&files(version)).unwrap();
            let expected = [
                ("assets.key", 0o600, format!("assets.key {version}")),
                ("assets.pem", 0o644, format!("assets.pem {version}")),
                ("main.key", 0o600, format!("main.key {version}")),
                ("main.pem", 0o644, format!("main.pem {version}")),
            ];
            assert_eq!(
                listing(folder.path()),
                expected.map(|(name, mode, text)| (name.to_owned(), mode, text))
            );
        }
    }

    #[test]
    fn a_symlink_is_replaced_and_never_followed() {
        let (folder, elsewhere) = (folder(0o700), folder(0o700));
        let target = elsewhere.path().join("precious");
        std::fs::write(&target, "untouched").unwrap();
        symlink(&target, folder.path().join("main.key")).unwrap();
        PublishDirectory::open(folder.path()).unwrap().publish(&files(1)).unwrap();
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "untouched");
        assert!(!std::fs::symlink_metadata(folder.path().join("main.key")).unwrap().is_symlink());
    }

    #[test]
    fn a_directory_in_a_files_place_is_refused_before_any_file_changes() {
        let folder = folder(0o700);
        let open = PublishDirectory::open(folder.path()).unwrap();
        open.publish(&files(1)).unwrap();
        std::fs::remove_file(folder.path().join("assets.key")).unwrap();
        std::fs::create_dir(folder.path().join("assets.key")).unwrap();
        let before = listing(folder.path());
        assert!(matches!(open.publish(&files(2)), Err(PublishError::Io { action: "replace", .. })));
        assert_eq!(listing(folder.path()), before);
    }

    #[test]
    fn directories_others_can_write_to_are_refused_unless_sticky() {
        for mode in [0o777, 0o770, 0o702] {
            let folder = folder(mode);
            let error = PublishDirectory::open(folder.path()).unwrap_err();
            assert!(matches!(error, PublishError::WritableByOthers { mode: found, .. } if found == mode));
        }
        for mode in [0o1777, 0o755, 0o700] {
            assert!(PublishDirectory::open(folder(mode).path()).is_ok(), "{mode:o}");
        }
    }

    #[test]
    fn what_is_no_directory_is_refused() {
        let folder = folder(0o700);
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        for path in [file, folder.path().join("absent")] {
            assert!(matches!(PublishDirectory::open(&path), Err(PublishError::Io { action: "open", .. })));
        }
    }
}

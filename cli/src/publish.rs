//! `--publish DIR`: copies of the installed pair where another server reads them.
//!
//! All four files are written and synced under temporary names first; then four renames follow
//! back to back, the chain of a role right before its key. A reader between the two renames of a
//! role finds a chain and a key that do not fit, refuses to load them, and keeps what it has.

use crate::outputs::{FileError, OutputDirectory, OutputFile};
use flow::PublishedFile;
use rustix::fs::{Access, AtFlags};
use std::path::{Path, PathBuf};

/// Why a directory is not published to.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A file, or the directory itself.
    #[error(transparent)]
    File(#[from] FileError),
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
    directory: OutputDirectory,
    path: PathBuf,
}

impl PublishDirectory {
    /// Opens and judges a directory.
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn open(path: &Path) -> Result<Self, PublishError> {
        let directory = OutputDirectory::open(path)?;
        let stat = rustix::fs::fstat(&directory).map_err(FileError::at("inspect", path))?;
        let (ours, mode) = (rustix::process::geteuid().as_raw(), stat.st_mode & 0o7777);
        // Sticky or not: whoever may make names in it may make ours first.
        if mode & 0o022 != 0 {
            return Err(PublishError::WritableByOthers { path: path.to_owned(), mode });
        }
        if stat.st_uid != ours && stat.st_uid != 0 && ours != 0 {
            let (path, owner, expected) = (path.to_owned(), stat.st_uid, ours);
            return Err(PublishError::ForeignOwner { path, owner, expected });
        }
        rustix::fs::accessat(&directory, ".", Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)
            .map_err(FileError::at("write to", path))?;
        directory.refuse_directories(PublishedFile::NAMES)?;
        // The hook is told this path and may change its directory first.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Ok(Self { directory, path })
    }

    /// Absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces all files by these, in this order.
    ///
    /// # Errors
    /// [`PublishError::File`]; then nothing was replaced, unless it was one of the renames at the end that failed.
    pub fn publish(&self, files: &[PublishedFile]) -> Result<(), PublishError> {
        let files = files.iter().map(|file| OutputFile {
            name: file.name,
            contents: file.contents.as_bytes(),
            mode: file.mode,
        });
        Ok(self.directory.replace(&files.collect::<Vec<_>>())?)
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
        assert!(matches!(open.publish(&files(2)), Err(PublishError::File(FileError::InTheWay { .. }))));
        assert_eq!(listing(folder.path()), before);
    }

    #[test]
    fn directories_others_can_write_to_are_refused() {
        for mode in [0o777, 0o770, 0o702, 0o1777] {
            let folder = folder(mode);
            let error = PublishDirectory::open(folder.path()).unwrap_err();
            assert!(matches!(error, PublishError::WritableByOthers { mode: found, .. } if found == mode));
        }
        for mode in [0o755, 0o700] {
            assert!(PublishDirectory::open(folder(mode).path()).is_ok(), "{mode:o}");
        }
    }

    #[test]
    fn what_is_no_directory_is_refused() {
        let folder = folder(0o700);
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        for path in [file, folder.path().join("absent")] {
            let opened = PublishDirectory::open(&path);
            assert!(matches!(opened, Err(PublishError::File(FileError::Io { action: "open", .. }))));
        }
    }
}

//! Files the CA desk writes: whole or not at all.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The largest file of its own the CA desk reads: sealed keys and certificates are a few kB.
const MAX_BYTES: u64 = 64 * 1024;

/// A file operation that failed, with its place.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}", path.display())]
pub(crate) struct FileError {
    /// Verb: `open`, `write`, `rename`…
    pub(crate) action: &'static str,
    /// Where.
    pub(crate) path: PathBuf,
    /// Why.
    #[source]
    pub(crate) source: io::Error,
}

/// Names the action and the place of an I/O error.
pub(crate) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
    move |source| FileError { action, path: path.to_owned(), source }
}

/// Reads a small file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let file = File::open(path).map_err(at("open", path))?;
    let mut bytes = vec![];
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(at("read", path))?;
    if bytes.len() as u64 > MAX_BYTES {
        let too_large = io::Error::new(io::ErrorKind::FileTooLarge, "over the limit of 65536 bytes");
        return Err(at("read", path)(too_large));
    }
    Ok(bytes)
}

/// Writes a file that must not exist yet; its mode holds from the first moment, its content is
/// on disk when this returns.
pub(crate) fn create(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), FileError> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(at("create", path))?;
    file.set_permissions(Permissions::from_mode(mode)).map_err(at("set the mode of", path))?;
    file.write_all(bytes).map_err(at("write", path))?;
    file.sync_all().map_err(at("sync", path))
}

/// Makes a rename in this directory durable.
pub(crate) fn sync_directory(path: &Path) -> Result<(), FileError> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(at("sync", path))
}

/// Writes public files into a directory, replacing older ones: everything is on disk under
/// temporary names before the first is renamed into place.
pub(crate) fn publish(directory: &Path, files: &[(&str, String)]) -> Result<(), FileError> {
    fs::create_dir_all(directory).map_err(at("create", directory))?;
    let mut staged = Staged(vec![]);
    for (name, text) in files {
        let temporary = directory.join(format!(".{name}.{}", std::process::id()));
        create(&temporary, 0o644, text.as_bytes())?;
        staged.0.push((temporary, directory.join(name)));
    }
    for (temporary, path) in &staged.0 {
        fs::rename(temporary, path).map_err(at("replace", path))?;
    }
    sync_directory(directory)
}

/// Temporary files and where they go; those still there are removed on drop.
struct Staged(Vec<(PathBuf, PathBuf)>);

impl Drop for Staged {
    fn drop(&mut self) {
        for (temporary, _) in &self.0 {
            // Gone already when it was renamed; what cannot be removed hurts nobody.
            let _ = fs::remove_file(temporary);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishing_replaces_files_and_leaves_no_temporary_behind() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("new/out");
        publish(&out, &[("a.pem", "1".to_owned()), ("b.pem", "2".to_owned())]).unwrap();
        publish(&out, &[("a.pem", "3".to_owned())]).unwrap();
        assert_eq!(fs::read_to_string(out.join("a.pem")).unwrap(), "3");
        assert_eq!(fs::read_to_string(out.join("b.pem")).unwrap(), "2");
        assert_eq!(fs::read_dir(&out).unwrap().count(), 2);
        assert_eq!(fs::metadata(out.join("a.pem")).unwrap().permissions().mode() & 0o777, 0o644);
    }

    #[test]
    fn a_publication_that_fails_leaves_no_temporary_behind() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("b.pem")).unwrap();
        let files = [("b.pem", "2".to_owned()), ("a.pem", "1".to_owned())];
        let error = publish(dir.path(), &files).unwrap_err();
        assert_eq!(error.action, "replace");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_is_created_once_and_read_within_the_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        create(&path, 0o600, &[7; 65_536]).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read(&path).unwrap().len(), 65_536);
        assert_eq!(create(&path, 0o600, b"x").unwrap_err().source.kind(), io::ErrorKind::AlreadyExists);
        create(&dir.path().join("large"), 0o600, &[7; 65_537]).unwrap();
        assert_eq!(read(&dir.path().join("large")).unwrap_err().action, "read");
    }
}

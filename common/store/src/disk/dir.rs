//! A directory by its descriptor: every system call of the store is made here, relative to one,
//! never through a path that somebody could bend meanwhile.

use super::error::{io, text};
use super::trust;
use crate::backend::StoreError;
use crate::damage::{Fault, Part};
use crate::layout::{DIRECTORY_MODE, FILE_MODE};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, RenameFlags, Stat};
use rustix::io::{Errno, retry_on_intr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What every `open` of the store carries.
const ALWAYS: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC);

/// How a directory is opened.
const DIRECTORY: OFlags = ALWAYS.union(OFlags::RDONLY).union(OFlags::DIRECTORY);

/// How a file is opened to be read: a named pipe would wait for a writer, if it were not for NONBLOCK.
const READ: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// How a file is made.
const NEW: OFlags = ALWAYS.union(OFlags::WRONLY).union(OFlags::CREATE).union(OFlags::EXCL);

/// An open directory, and its path for messages.
#[derive(Debug)]
pub(super) struct Dir {
    fd: OwnedFd,
    path: PathBuf,
    /// The store it belongs to, for messages.
    place: Arc<str>,
}

/// The one `open` of the library.
pub(super) fn open_at(at: impl AsFd, name: &Path, flags: OFlags, mode: u32) -> Result<OwnedFd, Errno> {
    let mode = Mode::from_bits_truncate(mode);
    #[expect(clippy::disallowed_methods, reason = "the store is the one room that opens files")]
    retry_on_intr(|| rustix::fs::openat(&at, name, flags, mode))
}

impl Dir {
    /// Opens a directory of ours; `None` when there is nothing of this name.
    pub(super) fn open(
        at: impl AsFd,
        name: &Path,
        path: PathBuf,
        place: &Arc<str>,
    ) -> Result<Option<Self>, StoreError> {
        let fd = match open_at(&at, name, DIRECTORY, 0) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::NOTDIR | Errno::LOOP) => return Err(not_a_directory(at, name, &path)),
            Err(error) => return Err(io("open", &path, error)),
        };
        let directory = Self { fd, path, place: Arc::clone(place) };
        trust::directory(&directory.stat()?, &directory.path)?;
        Ok(Some(directory))
    }

    /// Makes a directory of ours and opens it, its mode right whatever the umask.
    pub(super) fn make(
        at: impl AsFd,
        name: &Path,
        path: PathBuf,
        place: &Arc<str>,
    ) -> Result<Self, StoreError> {
        let mode = Mode::from_bits_truncate(DIRECTORY_MODE);
        rustix::fs::mkdirat(&at, name, mode).map_err(|error| io("create", &path, error))?;
        let opened = match open_at(&at, name, DIRECTORY, 0) {
            // A umask that takes the owner's own rights away: nobody but us can have put this name here.
            Err(Errno::ACCESS) => rustix::fs::chmodat(&at, name, mode, AtFlags::empty())
                .and_then(|()| open_at(&at, name, DIRECTORY, 0)),
            opened => opened,
        };
        let fd = opened.map_err(|error| io("open", &path, error))?;
        let directory = Self { fd, path, place: Arc::clone(place) };
        set_mode(&directory.fd, DIRECTORY_MODE, &directory.path)?;
        trust::directory(&directory.stat()?, &directory.path)?;
        Ok(directory)
    }

    pub(super) fn fd(&self) -> &OwnedFd {
        &self.fd
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of an entry, for messages.
    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(super) fn stat(&self) -> Result<Stat, StoreError> {
        rustix::fs::fstat(&self.fd).map_err(|error| io("examine", &self.path, error))
    }

    /// Opens a directory in this one; `None` when there is nothing of this name.
    pub(super) fn subdirectory(&self, name: &str) -> Result<Option<Self>, StoreError> {
        Self::open(&self.fd, Path::new(name), self.path_of(name), &self.place)
    }

    /// Makes a directory in this one.
    pub(super) fn make_subdirectory(&self, name: &str) -> Result<Self, StoreError> {
        Self::make(&self.fd, Path::new(name), self.path_of(name), &self.place)
    }

    /// Reads a whole file of ours of at most `limit` bytes; `None` when there is nothing of this name.
    /// `part` is what a message calls it.
    pub(super) fn read(&self, name: &str, limit: usize, part: Part) -> Result<Option<Vec<u8>>, StoreError> {
        let Some((fd, stat)) = self.open_file(name, READ)? else { return Ok(None) };
        let path = self.path_of(name);
        if usize::try_from(stat.st_size).map_or(true, |size| size > limit) {
            return Err(self.damaged(part, Fault::TooLarge { length: stat.st_size.unsigned_abs(), limit }));
        }
        read_all(&fd, limit).map(Some).map_err(|error| io("read", &path, error))
    }

    /// Opens a file of ours; `None` when there is nothing of this name.
    pub(super) fn open_file(&self, name: &str, flags: OFlags) -> Result<Option<(OwnedFd, Stat)>, StoreError> {
        let path = self.path_of(name);
        let fd = match open_at(&self.fd, Path::new(name), ALWAYS | flags, 0) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(trust::wrong_kind(&path, FileType::Symlink, "a regular file")),
            Err(error) => return Err(io("open", &path, error)),
        };
        let stat = rustix::fs::fstat(&fd).map_err(|error| io("examine", &path, error))?;
        trust::file(&stat, &path)?;
        Ok(Some((fd, stat)))
    }

    /// Writes a new file, durable as far as its contents go; its name is so after [`Self::sync`].
    pub(super) fn create(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path_of(name);
        let fd =
            open_at(&self.fd, Path::new(name), NEW, FILE_MODE).map_err(|error| io("create", &path, error))?;
        set_mode(&fd, FILE_MODE, &path)?;
        write_all(&fd, bytes).map_err(|error| io("write", &path, error))?;
        rustix::fs::fsync(&fd).map_err(|error| io("sync", &path, error))
    }

    /// Renames within this directory to a name that must be free.
    pub(super) fn rename_new(&self, from: &str, to: &str) -> Result<(), StoreError> {
        rustix::fs::renameat_with(&self.fd, from, &self.fd, to, RenameFlags::NOREPLACE)
            .map_err(|error| io("rename a finished write to", &self.path_of(to), error))
    }

    /// Renames within this directory over what has the name now.
    pub(super) fn rename_over(&self, from: &str, to: &str) -> Result<(), StoreError> {
        rustix::fs::renameat(&self.fd, from, &self.fd, to)
            .map_err(|error| io("rename a finished write to", &self.path_of(to), error))
    }

    /// Makes the names in this directory durable. Never to be repeated after it failed: the
    /// kernel forgets what it could not write and reports success the second time.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        rustix::fs::fsync(&self.fd).map_err(|error| io("sync", &self.path, error))
    }

    /// Removes a file; that it is not there is fine.
    pub(super) fn unlink(&self, name: &str) -> Result<(), StoreError> {
        self.remove(name, AtFlags::empty())
    }

    /// Removes an empty directory; that it is not there is fine.
    pub(super) fn remove_directory(&self, name: &str) -> Result<(), StoreError> {
        self.remove(name, AtFlags::REMOVEDIR)
    }

    fn remove(&self, name: &str, flags: AtFlags) -> Result<(), StoreError> {
        match rustix::fs::unlinkat(&self.fd, name, flags) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(io("remove", &self.path_of(name), error)),
        }
    }

    /// The names in it, sorted. Those that are not UTF-8 come out as none of ours.
    pub(super) fn names(&self) -> Result<Vec<String>, StoreError> {
        let failed = |error| io("list", &self.path, error);
        let mut names = vec![];
        for entry in rustix::fs::Dir::read_from(&self.fd).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// How a message names an entry somebody else made.
    pub(super) fn shown(&self, name: &str) -> String {
        text(&self.path_of(name))
    }

    /// Damage to a part of the store.
    pub(super) fn damaged(&self, part: Part, fault: Fault) -> StoreError {
        StoreError::Damaged { place: self.place.to_string(), part, fault }
    }
}

fn not_a_directory(at: impl AsFd, name: &Path, path: &Path) -> StoreError {
    match rustix::fs::statat(at, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => trust::wrong_kind(path, FileType::from_raw_mode(stat.st_mode), "a directory"),
        Err(error) => io("examine", path, error),
    }
}

/// Gives back the rights a umask took; the mode in the `open` call never allowed more.
fn set_mode(fd: &OwnedFd, mode: u32, path: &Path) -> Result<(), StoreError> {
    let stat = rustix::fs::fstat(fd).map_err(|error| io("examine", path, error))?;
    if stat.st_mode & 0o777 == mode {
        return Ok(());
    }
    rustix::fs::fchmod(fd, Mode::from_bits_truncate(mode)).map_err(|error| io("set the mode of", path, error))
}

/// Reads to the end, or one byte past `limit`: enough for any check to fail.
pub(super) fn read_all(fd: &OwnedFd, limit: usize) -> Result<Vec<u8>, Errno> {
    let mut bytes = vec![];
    let mut buffer = [0; 8192];
    loop {
        let read = retry_on_intr(|| rustix::io::read(fd, &mut buffer))?;
        bytes.extend_from_slice(buffer.get(..read).unwrap_or_default());
        if read == 0 || bytes.len() > limit {
            return Ok(bytes);
        }
    }
}

/// Writes everything, however little the kernel takes at a time.
pub(super) fn write_all(fd: &OwnedFd, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match retry_on_intr(|| rustix::io::write(fd, bytes))? {
            0 => return Err(Errno::IO),
            written => bytes = bytes.get(written..).unwrap_or_default(),
        }
    }
    Ok(())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests of the disk look at it")]
mod tests {
    use super::*;

    #[test]
    fn a_file_over_the_limit_never_looks_like_one_at_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        for (length, limit, read) in [(8192, 8192, 8192), (8193, 8192, 8193), (100_000, 8192, 16_384)] {
            std::fs::write(&path, vec![7; length]).unwrap();
            let fd = OwnedFd::from(std::fs::File::open(&path).unwrap());
            assert_eq!(read_all(&fd, limit).unwrap().len(), read, "{length}");
        }
    }

    #[test]
    fn a_mode_is_set_where_it_is_another() {
        use std::os::unix::fs::PermissionsExt;
        let file = tempfile::NamedTempFile::new().unwrap();
        for before in [0o400, 0o600, 0o644] {
            std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(before)).unwrap();
            let fd = OwnedFd::from(file.as_file().try_clone().unwrap());
            set_mode(&fd, FILE_MODE, file.path()).unwrap();
            let after = std::fs::metadata(file.path()).unwrap().permissions().mode();
            assert_eq!(after & 0o777, FILE_MODE, "{before:o}");
        }
    }

    #[test]
    fn a_file_at_the_limit_is_read() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let place = Arc::from("store");
        let path = directory.path();
        let dir = Dir::open(rustix::fs::CWD, path, path.to_owned(), &place).unwrap().unwrap();
        dir.create("file", b"five!").unwrap();
        assert_eq!(dir.read("file", 5, Part::Record).unwrap(), Some(b"five!".to_vec()));
        assert!(
            dir.read("file", 4, Part::Record)
                .unwrap_err()
                .to_string()
                .contains("5 bytes are over the limit of 4")
        );
    }
}

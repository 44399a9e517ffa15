//! `--publish DIR`: copies of the installed pair where another server reads them.
//!
//! ```text
//! DIR/
//!   main.pem -> .cluster-certs/current/main.pem        likewise main.key, assets.pem, assets.key; made once
//!   .cluster-certs/
//!     lock                                             held while a command publishes
//!     current -> generation-7                          replaced by one rename: all four switch
//!     generation-7/  main.pem  main.key  assets.pem  assets.key
//! ```
//!
//! A generation is written and synced in a directory of its own before `current` names it, and the one before is
//! removed only once the new name is durable: killed or cut off anywhere, the four paths lead to one whole pair. The
//! names of directories tell nothing; two of the same number get a second one (`generation-7.1`).

mod lock;
mod names;
mod room;

use crate::outputs::{FileError, OutputDirectory};
use flow::PublishedFile;
use lock::Lock;
use room::Room;
use rustix::fs::{Access, AtFlags, Mode, OFlags, Stat};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The largest file that is compared with what should be published.
const MAX_BYTES: u64 = 1 << 20;

/// Why a directory is not published to.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A file, or the directory itself; the four paths lead where they led before.
    #[error(transparent)]
    File(#[from] FileError),
    /// Others could replace what is published.
    #[error(
        "{} can be written by others (mode {mode:04o}), expected a directory only its owner writes to",
        path.display()
    )]
    WritableByOthers {
        /// The directory.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Somebody else owns it.
    #[error("{} belongs to uid {owner}, expected uid {expected} or root", path.display())]
    ForeignOwner {
        /// The directory.
        path: PathBuf,
        /// Found.
        owner: u32,
        /// Expected.
        expected: u32,
    },
    /// Another command holds the lock.
    #[error("another command works on {}", path.display())]
    Busy {
        /// The directory.
        path: PathBuf,
    },
    /// A Ctrl-C ended the wait for the lock.
    #[error("the wait for another command that works on {} was interrupted", path.display())]
    Interrupted {
        /// The directory.
        path: PathBuf,
    },
    /// The four paths lead to the new pair, and that may not survive.
    #[error("the new pair is published, but a power cut may bring back the one before")]
    NotDurable(#[source] FileError),
}

/// An open directory that may be published to; checked before anything is changed.
#[derive(Debug)]
pub struct PublishDirectory {
    directory: OutputDirectory,
    path: PathBuf,
}

impl PublishDirectory {
    /// Opens and judges a directory; nothing is written.
    ///
    /// # Errors
    /// [`PublishError`].
    pub fn open(path: &Path) -> Result<Self, PublishError> {
        let directory = OutputDirectory::open(path)?;
        judge(&directory)?;
        rustix::fs::accessat(&directory, ".", Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)
            .map_err(FileError::at("write to", path))?;
        directory.refuse_directories(PublishedFile::NAMES)?;
        Room::open(&directory)?;
        // The hook is told this path and may change its directory first.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Ok(Self { directory, path })
    }

    /// Absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the lock of the directory. Whoever has to wait for it is told so.
    ///
    /// # Errors
    /// [`PublishError::Busy`] when patience ends, and others.
    pub fn lock(
        &self,
        patience: Duration,
        waits: impl FnOnce(),
    ) -> Result<LockedDirectory<'_>, PublishError> {
        let (room, lock) = Lock::take(&self.directory, patience, waits)?;
        Ok(LockedDirectory { directory: self, room, _lock: lock })
    }
}

/// A directory nobody else publishes to.
#[derive(Debug)]
pub struct LockedDirectory<'a> {
    directory: &'a PublishDirectory,
    room: Room,
    _lock: Lock,
}

/// What publishing came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publication {
    /// Whether the same pair was published already: then nothing was written.
    pub unchanged: bool,
    /// What could not be tidied up: one line each.
    pub warnings: Vec<String>,
}

impl LockedDirectory<'_> {
    /// The directory.
    pub const fn directory(&self) -> &PublishDirectory {
        self.directory
    }

    /// Has the four paths lead to these files, all at once; what they led to before is removed.
    ///
    /// # Errors
    /// [`PublishError`]; unless it is [`PublishError::NotDurable`], the four paths lead where they led before.
    pub fn publish(&self, generation: u64, files: &[PublishedFile]) -> Result<Publication, PublishError> {
        let directory = &self.directory.directory;
        directory.refuse_directories(PublishedFile::NAMES)?;
        let (room, mut warnings) = (&self.room, vec![]);
        // Whoever switched before may have been killed before it was durable: nothing is removed, and nothing said to
        // be published, on the word of a name that a power cut can take back.
        room.sync()?;
        directory.sync()?;
        let current = room.current()?;
        room.sweep(current.as_deref(), &mut warnings)?;
        names::sweep(directory, &mut warnings)?;
        let published = current.as_deref().map(|current| room.holds(current, files)).transpose()?;
        if published == Some(true) && names::lead_to(directory)? {
            return Ok(Publication { unchanged: true, warnings });
        }
        let fresh = room.free_name(&format!("generation-{generation}"))?;
        let switched = room
            .write(&fresh, files)
            .and_then(|()| names::settle(directory, room, current.as_deref()))
            .and_then(|()| room.switch(&fresh));
        if let Err(error) = switched {
            room.remove(&fresh).ok();
            return Err(error.into());
        }
        room.sync().map_err(PublishError::NotDurable)?;
        // Only now: before, a power cut could have brought back the name of what is removed here.
        let swept = room.sweep(Some(&fresh), &mut warnings).and_then(|()| room.sync());
        warnings.extend(swept.err().map(|error| error.to_string()));
        warnings.dedup();
        Ok(Publication { unchanged: false, warnings })
    }
}

/// What a reader finds at the four paths, in the order of [`PublishedFile::NAMES`].
///
/// # Errors
/// [`FileError`] when the directory, or a file that is there, cannot be read.
pub fn published(directory: &Path) -> Result<[Option<Vec<u8>>; 4], FileError> {
    let open = OutputDirectory::open(directory)?;
    let mut found = [None, None, None, None];
    for (found, name) in found.iter_mut().zip(PublishedFile::NAMES) {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let path = directory.join(name);
        match rustix::fs::openat(&open, name, flags, Mode::empty()) {
            Ok(file) => *found = Some(read(file.into()).map_err(FileError::at("read", path))?),
            Err(rustix::io::Errno::NOENT) => {}
            Err(error) => return Err(FileError::at("open", path)(error)),
        }
    }
    Ok(found)
}

fn read(file: File) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![];
    file.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Refuses a directory in which somebody else could make names.
fn judge(directory: &OutputDirectory) -> Result<Stat, PublishError> {
    let path = directory.path();
    let stat = rustix::fs::fstat(directory).map_err(FileError::at("inspect", path))?;
    let (ours, mode) = (rustix::process::geteuid().as_raw(), stat.st_mode & 0o7777);
    // Sticky or not: whoever may make names in it may make ours first.
    if mode & 0o022 != 0 {
        return Err(PublishError::WritableByOthers { path: path.to_owned(), mode });
    }
    if stat.st_uid != ours && stat.st_uid != 0 && ours != 0 {
        let (path, owner, expected) = (path.to_owned(), stat.st_uid, ours);
        return Err(PublishError::ForeignOwner { path, owner, expected });
    }
    Ok(stat)
}

#[cfg(test)]
mod tests;

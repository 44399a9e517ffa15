//! One publisher at a time: `flock` on a file of mode 0600 beside the generations. (Not on the directory itself:
//! whoever may read a directory may lock it, and this one is there for others to read.)

use super::PublishError;
use super::room::Room;
use crate::outputs::{FileError, OutputDirectory};
use crate::terminal;
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

/// The name of the lock.
pub(super) const NAME: &str = "lock";
/// How long until a lock that was taken is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// The lock, for as long as it lives; the kernel gives it back however the process ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: OwnedFd,
}

impl Lock {
    /// Takes the lock of a directory, whose room is made when it is missing.
    pub(super) fn take(
        directory: &OutputDirectory,
        patience: Duration,
        waits: impl FnOnce(),
    ) -> Result<(Room, Self), PublishError> {
        let (began, mut waits, path) = (Instant::now(), Some(waits), || directory.path().to_owned());
        loop {
            let room = Room::open_or_make(directory)?;
            let file = open(&room)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                // A lock that was deleted excludes nobody who comes after.
                Ok(()) if room.is_named_in(directory)? && room.names(&file, NAME)? => {
                    return Ok((room, Self { _file: file }));
                }
                Ok(()) | Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) if terminal::interrupted() => {
                    return Err(PublishError::Interrupted { path: path() });
                }
                Err(Errno::WOULDBLOCK) if began.elapsed() >= patience => {
                    return Err(PublishError::Busy { path: path() });
                }
                Err(Errno::WOULDBLOCK) => {
                    if let Some(waits) = waits.take() {
                        waits();
                    }
                    std::thread::sleep(PAUSE);
                }
                Err(error) => return Err(FileError::at("lock", room.path().join(NAME))(error).into()),
            }
        }
    }
}

fn open(room: &Room) -> Result<OwnedFd, FileError> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    rustix::fs::openat(room.directory(), NAME, flags, Mode::RUSR | Mode::WUSR)
        .map_err(FileError::at("open", room.path().join(NAME)))
}

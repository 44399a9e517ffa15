//! Finds out whether the store can be written, and leaves nothing behind: the trial file has no
//! name (`O_TMPFILE`), so not even a kill can leave it there.

use super::dir::open_at;
use super::place::Place;
use super::{StoreError, lock, prune, read};
use crate::layout::FILE_MODE;
use rustix::fd::AsFd;
use rustix::fs::{FallocateFlags, OFlags};
use rustix::io::Errno;
use std::path::Path;

/// Room for a generation with long chains, its manifest, and a new `STATE`.
const ROOM: u64 = 512 << 10;

pub(super) fn writable(place: &Place<'_>) -> Result<(), StoreError> {
    let Some(root) = place.open()? else {
        let (directory, path) = place.first_to_change()?;
        return trial(directory, path);
    };
    lock::exclusive(&root)?;
    if let Some(state) = read::state(&root)? {
        prune::check(&root, &state)?;
    }
    trial(root.fd(), root.path())
}

/// Writes a nameless file as large as a generation.
fn trial(directory: impl AsFd, path: &Path) -> Result<(), StoreError> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = match open_at(directory, Path::new("."), flags, FILE_MODE) {
        Ok(file) => file,
        // The file system has no nameless files: the write itself will tell.
        Err(Errno::OPNOTSUPP | Errno::ISDIR) => return Ok(()),
        Err(error) => return Err(StoreError::io("write to", path, error)),
    };
    match rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, ROOM) {
        Ok(()) | Err(Errno::OPNOTSUPP | Errno::INTR) => Ok(()),
        Err(error) => Err(StoreError::io("write to", path, error)),
    }
}

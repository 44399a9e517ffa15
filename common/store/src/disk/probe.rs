//! Finds out whether the store can be written, and leaves nothing behind: the trial file has no
//! name (`O_TMPFILE`), so not even a kill can leave it there.

use super::dir::open_at;
use super::error::io;
use super::place::Place;
use super::{lock, prune, read};
use crate::backend::StoreError;
use crate::layout::FILE_MODE;
use rustix::fd::AsFd;
use rustix::fs::{FallocateFlags, OFlags};
use rustix::io::Errno;
use std::path::Path;

pub(super) fn writable(place: &Place<'_>, bytes: usize) -> Result<(), StoreError> {
    let Some(root) = place.open()? else {
        let (directory, path) = place.first_to_change()?;
        return trial(directory, path, bytes);
    };
    lock::exclusive(&root)?;
    prune::check(&root, &read::version(&root)?)?;
    trial(root.fd(), root.path(), bytes)
}

/// Writes a nameless file of so many bytes.
fn trial(directory: impl AsFd, path: &Path, bytes: usize) -> Result<(), StoreError> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = match open_at(directory, Path::new("."), flags, FILE_MODE) {
        Ok(file) => file,
        // The file system has no nameless files: the write itself will tell.
        Err(Errno::OPNOTSUPP | Errno::ISDIR) => return Ok(()),
        Err(error) => return Err(io("write to", path, error)),
    };
    match rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, bytes as u64) {
        Ok(()) | Err(Errno::OPNOTSUPP | Errno::INTR) => Ok(()),
        Err(error) => Err(io("write to", path, error)),
    }
}

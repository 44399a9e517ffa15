//! One writer at a time: `flock` on the store directory's own descriptor, which nobody can
//! delete away and which the kernel gives back however the process ends.

use super::dir::{Dir, open_at, read_all};
use super::error::{io, text};
use crate::backend::StoreError;
use common::Untrusted;
use rustix::fs::{CWD, FlockOperation, OFlags};
use rustix::io::{Errno, retry_on_intr};
use std::path::Path;

/// Takes the lock for as long as the directory stays open.
pub(super) fn exclusive(root: &Dir) -> Result<(), StoreError> {
    match retry_on_intr(|| rustix::fs::flock(root.fd(), FlockOperation::NonBlockingLockExclusive)) {
        Ok(()) => Ok(()),
        Err(Errno::WOULDBLOCK) => Err(StoreError::Busy { holder: holder(root) }),
        Err(error) => Err(io("lock", root.path(), error)),
    }
}

/// Who holds the lock, as far as `/proc` tells.
fn holder(root: &Dir) -> String {
    let pid = root.stat().ok().and_then(|stat| pid_in(&read("/proc/locks")?, stat.st_ino));
    match pid {
        None => format!("another process works on {}", text(root.path())),
        Some(pid) => match read(&format!("/proc/{pid}/comm")) {
            Some(command) => format!("{} (pid {pid}) works on it", Untrusted::new(command.trim_end())),
            None => format!("process {pid} works on it"),
        },
    }
}

/// Finds `1: FLOCK  ADVISORY  WRITE 1234 08:01:INODE 0 EOF` and takes its fifth word.
fn pid_in(locks: &str, inode: u64) -> Option<u32> {
    let inode = format!(":{inode}");
    locks.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        (words.next() == Some("FLOCK")).then_some(())?;
        let pid = words.nth(2)?.parse().ok().filter(|pid| *pid != 0);
        words.next()?.ends_with(&inode).then_some(pid)?
    })
}

fn read(path: &str) -> Option<String> {
    let fd = open_at(CWD, Path::new(path), OFlags::RDONLY | OFlags::CLOEXEC, 0).ok()?;
    String::from_utf8(read_all(&fd, 1 << 20).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_is_found_by_inode() {
        let locks = "1: POSIX  ADVISORY  WRITE 11 fe:00:77 0 EOF\n\
                     2: FLOCK  ADVISORY  WRITE 22 fe:00:7 0 EOF\n\
                     3: FLOCK  ADVISORY  WRITE 33 fe:00:77 0 EOF\n\
                     4: FLOCK  ADVISORY  WRITE 0 fe:00:78 0 EOF\n\
                     5: -> FLOCK  ADVISORY  WRITE 44 fe:00:79 0 EOF\n";
        for (inode, pid) in [(77, Some(33)), (7, Some(22)), (78, None), (79, None), (80, None)] {
            assert_eq!(pid_in(locks, inode), pid, "inode {inode}");
        }
    }
}

//! Whom files and directories must belong to, and who else may touch them.

use super::error::{text, word};
use crate::backend::{Remedy, StoreError};
use crate::layout::{DIRECTORY_MODE, FILE_MODE};
use rustix::fs::{FileType, Stat};
use std::path::Path;

/// Permission bits of owner, group and others; the kernel itself adds set-group-id to
/// directories made in a directory that has it.
const PERMISSIONS: u32 = 0o777;

/// A directory of ours: owner, and exactly [`DIRECTORY_MODE`].
pub(super) fn directory(stat: &Stat, path: &Path) -> Result<(), StoreError> {
    owner(stat, path, |run| Remedy::Act(format!("{run}, or chown the whole store")))?;
    mode(stat, path, DIRECTORY_MODE, stat.st_mode & PERMISSIONS == DIRECTORY_MODE)
}

/// A file of ours: regular, no second name, owner, nothing for group and others.
pub(super) fn file(stat: &Stat, path: &Path) -> Result<(), StoreError> {
    let kind = FileType::from_raw_mode(stat.st_mode);
    if kind != FileType::RegularFile {
        return Err(wrong_kind(path, kind, "a regular file"));
    }
    // None at all: a commit replaced it after it was opened. What was opened is still whole.
    if stat.st_nlink > 1 {
        return Err(StoreError::Untrusted {
            what: format!("{} has {} names (hard links), expected 1", text(path), stat.st_nlink),
            remedy: Remedy::Act("remove the other names".to_owned()),
        });
    }
    owner(stat, path, |run| Remedy::Act(format!("{run}, or chown the whole store")))?;
    mode(stat, path, FILE_MODE, stat.st_mode & PERMISSIONS & !FILE_MODE == 0)
}

/// The directory the store stands in: nobody else may put another one in its place.
pub(super) fn parent(stat: &Stat, path: &Path) -> Result<(), StoreError> {
    owner(stat, path, Remedy::ActOrElsewhere)?;
    let (writable, sticky) = (stat.st_mode & 0o022 != 0, stat.st_mode & 0o1000 != 0);
    if writable && !sticky {
        return Err(StoreError::Untrusted {
            what: format!(
                "{} has mode {:04o}: others can replace the store in it",
                text(path),
                stat.st_mode & 0o7777
            ),
            remedy: Remedy::ActOrElsewhere(format!("chmod go-w {}", word(path))),
        });
    }
    Ok(())
}

/// Something of another kind stands where ours should.
pub(super) fn wrong_kind(path: &Path, found: FileType, expected: &str) -> StoreError {
    let found = match found {
        FileType::RegularFile => "a regular file",
        FileType::Directory => "a directory",
        FileType::Symlink => "a symbolic link",
        FileType::Fifo => "a named pipe",
        FileType::Socket => "a socket",
        FileType::CharacterDevice => "a character device",
        FileType::BlockDevice => "a block device",
        FileType::Unknown => "of unknown kind",
    };
    StoreError::Untrusted {
        what: format!("{} is {found}, expected {expected}", text(path)),
        remedy: Remedy::Act(format!("move {} away", text(path))),
    }
}

/// `remedy` takes the first way, to run as the owner, and may add another.
fn owner(stat: &Stat, path: &Path, remedy: impl Fn(String) -> Remedy) -> Result<(), StoreError> {
    let user = rustix::process::geteuid().as_raw();
    if stat.st_uid == user || stat.st_uid == 0 {
        return Ok(());
    }
    Err(StoreError::Untrusted {
        what: format!("{} belongs to uid {}, expected {user}", text(path), stat.st_uid),
        remedy: remedy(format!("run as uid {}", stat.st_uid)),
    })
}

fn mode(stat: &Stat, path: &Path, expected: u32, fits: bool) -> Result<(), StoreError> {
    if fits {
        return Ok(());
    }
    Err(StoreError::Untrusted {
        what: format!("{} has mode {:04o}, expected {expected:04o}", text(path), stat.st_mode & 0o7777),
        // Whoever named a directory of the system by mistake must not be led to close it.
        remedy: Remedy::Act(format!("if it belongs to the store: chmod {expected:04o} {}", word(path))),
    })
}

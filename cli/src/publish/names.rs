//! The four paths other servers know: links, made once, into whatever generation is current.
//!
//! Where something else stands in their place (the plain files of earlier versions, a link of the administrator's),
//! the four paths are first made to lead to the same contents through a generation that holds just those, one after
//! the other: at no moment does a reader find anything but what was there before.

use super::room::{self, Room, readlink, unlink};
use crate::outputs::{FileError, OutputDirectory};
use flow::PublishedFile;
use rustix::fs::{AtFlags, FileType};
use rustix::io::Errno;
use std::ffi::CString;

/// What a directory is called that holds what stood at the four paths before.
pub(super) const EARLIER: &str = "earlier";

/// What stands at one of the four paths.
#[derive(PartialEq, Eq)]
enum Found {
    /// Our link.
    Ours,
    /// Nothing.
    Absent,
    /// A link of somebody else's.
    Link(CString),
    /// Something that is no link: a file.
    Other,
}

/// Whether all four paths are our links.
pub(super) fn lead_to(directory: &OutputDirectory) -> Result<bool, FileError> {
    Ok(look(directory)?.iter().all(|(_, found)| *found == Found::Ours))
}

/// Makes all four paths our links, durably. What they lead to stays the same meanwhile.
pub(super) fn settle(
    directory: &OutputDirectory,
    room: &Room,
    current: Option<&str>,
) -> Result<(), FileError> {
    let found = look(directory)?;
    if found.iter().any(|(_, found)| matches!(found, Found::Link(_) | Found::Other)) {
        let earlier = room.free_name(EARLIER)?;
        let kept = room
            .fill(&earlier, |into| {
                found.iter().try_for_each(|(name, found)| keep(directory, room, current, into, name, found))
            })
            .and_then(|()| room.switch(&earlier));
        if let Err(error) = kept {
            room.remove(&earlier).ok();
            return Err(error);
        }
        // Before the first path leads through it.
        room.sync()?;
    }
    let mut changed = false;
    for (name, _) in found.iter().filter(|(_, found)| *found != Found::Ours) {
        room.link(&target(name), directory, name)?;
        changed = true;
    }
    // Before the first rename that switches all four.
    if changed { directory.sync() } else { Ok(()) }
}

/// Gives what a reader finds at one of the paths the same name in another directory.
fn keep(
    directory: &OutputDirectory,
    room: &Room,
    current: Option<&str>,
    into: &OutputDirectory,
    name: &str,
    found: &Found,
) -> Result<(), FileError> {
    let path = || directory.path().join(name);
    match found {
        Found::Absent => Ok(()),
        Found::Ours => {
            let Some(current) = current else { return Ok(()) };
            match rustix::fs::linkat(&room.directory().open_in(current)?, name, into, name, AtFlags::empty())
            {
                Ok(()) | Err(Errno::NOENT) => Ok(()),
                Err(error) => Err(FileError::at("keep", path())(error)),
            }
        }
        // A second name: its contents are not touched, nor read.
        Found::Other => rustix::fs::linkat(directory, name, into, name, AtFlags::empty())
            .map_err(FileError::at("keep", path())),
        Found::Link(to) => {
            // A relative link begins two directories further down now.
            let up: &[u8] = if to.as_bytes().starts_with(b"/") { b"" } else { b"../../" };
            rustix::fs::symlinkat([up, to.as_bytes()].concat().as_slice(), into, name)
                .map_err(FileError::at("keep", path()))
        }
    }
}

fn look(directory: &OutputDirectory) -> Result<Vec<(&'static str, Found)>, FileError> {
    let one = |name| {
        let found = match readlink(directory, name)? {
            Some(to) if to.as_bytes() == target(name).as_bytes() => Found::Ours,
            Some(to) => Found::Link(to),
            None => match rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(_) => Found::Other,
                Err(Errno::NOENT) => Found::Absent,
                Err(error) => return Err(FileError::at("inspect", directory.path().join(name))(error)),
            },
        };
        Ok((name, found))
    };
    PublishedFile::NAMES.into_iter().map(one).collect()
}

/// What one of the paths links to.
fn target(name: &str) -> String {
    format!("{}/{}/{name}", room::NAME, room::CURRENT)
}

/// Removes the drafts that a killed run of an earlier version left: `.main.key.4711.new`.
pub(super) fn sweep(directory: &OutputDirectory, warnings: &mut Vec<String>) -> Result<(), FileError> {
    for name in directory.names()? {
        let Some(name) = name.to_str().filter(|name| is_draft(name)) else { continue };
        let stat = rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW);
        if stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
            && let Err(error) = unlink(directory, name)
        {
            warnings.push(error.to_string());
        }
    }
    Ok(())
}

fn is_draft(name: &str) -> bool {
    let pid = PublishedFile::NAMES
        .iter()
        .find_map(|file| name.strip_prefix('.')?.strip_prefix(file)?.strip_prefix('.')?.strip_suffix(".new"));
    pid.is_some_and(|pid| !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit()))
}

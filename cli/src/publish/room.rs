//! The directory of ours in a directory that is published to: the generations, and the link that names the current one.

use super::{PublishError, judge, lock};
use crate::outputs::{FileError, OutputDirectory, OutputFile};
use flow::PublishedFile;
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::CString;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

/// Its name.
pub(super) const NAME: &str = ".cluster-certs";
/// The link to the generation that is current.
pub(super) const CURRENT: &str = "current";
/// A link that is about to get another name.
const DRAFT: &str = "new";

/// The directory, open.
#[derive(Debug)]
pub(super) struct Room {
    directory: OutputDirectory,
}

impl Room {
    /// Opens and judges it; `None` when there is none yet.
    pub(super) fn open(parent: &OutputDirectory) -> Result<Option<Self>, PublishError> {
        match parent.open_in(NAME) {
            Ok(directory) => judge(&directory).map(|_| Some(Self { directory })),
            Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens it, made first where there is none. Others may enter it: what the four paths lead to is for them.
    pub(super) fn open_or_make(parent: &OutputDirectory) -> Result<Self, PublishError> {
        if Self::open(parent)?.is_none() {
            parent.make_in(NAME)?;
        }
        let vanished = || FileError::at("open", parent.path().join(NAME))(Errno::NOENT);
        let room = Self::open(parent)?.ok_or_else(vanished)?;
        let stat = rustix::fs::fstat(&room.directory).map_err(FileError::at("inspect", room.path()))?;
        // Whoever made it may have been killed before its mode was set.
        if stat.st_mode & 0o111 != 0o111 {
            room.directory.open_to_readers()?;
        }
        Ok(room)
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(super) const fn directory(&self) -> &OutputDirectory {
        &self.directory
    }

    /// Whether its name still stands for it.
    pub(super) fn is_named_in(&self, parent: &OutputDirectory) -> Result<bool, FileError> {
        same(parent, NAME, &self.directory)
    }

    /// Whether a name in it stands for an open file.
    pub(super) fn names(&self, file: impl AsFd, name: &str) -> Result<bool, FileError> {
        same(&self.directory, name, file)
    }

    /// The directory that is current.
    pub(super) fn current(&self) -> Result<Option<String>, FileError> {
        let target = readlink(&self.directory, CURRENT)?;
        Ok(target.and_then(|target| target.into_string().ok()).filter(|name| is_ours(name)))
    }

    /// A name that stands for nothing yet.
    pub(super) fn free_name(&self, base: &str) -> Result<String, FileError> {
        let mut numbers = 0_u32..;
        loop {
            let name = match numbers.next() {
                Some(number @ 1..) => format!("{base}.{number}"),
                Some(0) | None => base.to_owned(),
            };
            match rustix::fs::statat(&self.directory, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Err(Errno::NOENT) => return Ok(name),
                Ok(_) => {}
                Err(error) => return Err(FileError::at("inspect", self.path().join(name))(error)),
            }
        }
    }

    /// Writes a generation, durable when this returns.
    pub(super) fn write(&self, name: &str, files: &[PublishedFile]) -> Result<(), FileError> {
        self.fill(name, |generation| {
            files.iter().try_for_each(|file| {
                let PublishedFile { name, contents, mode } = file;
                generation.create(&OutputFile { name, contents: contents.as_bytes(), mode: *mode }, name)
            })
        })
    }

    /// Makes a directory and fills it, durable when this returns.
    pub(super) fn fill(
        &self,
        name: &str,
        fill: impl FnOnce(&OutputDirectory) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        let generation = self.directory.make_in(name)?;
        fill(&generation)?;
        generation.sync()?;
        self.sync()
    }

    /// Whether a generation holds just these files, as they would be written.
    pub(super) fn holds(&self, name: &str, files: &[PublishedFile]) -> Result<bool, FileError> {
        let generation = match self.directory.open_in(name) {
            Ok(generation) => generation,
            Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        for file in files {
            let path = generation.path().join(file.name);
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let open = match rustix::fs::openat(&generation, file.name, flags, Mode::empty()) {
                Ok(open) => open,
                // What is missing or stands there instead is written anew.
                Err(Errno::NOENT | Errno::LOOP | Errno::ACCESS) => return Ok(false),
                Err(error) => return Err(FileError::at("open", path)(error)),
            };
            let stat = rustix::fs::fstat(&open).map_err(FileError::at("inspect", &path))?;
            let as_written = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
                && stat.st_mode & 0o7777 == file.mode
                && stat.st_uid == rustix::process::geteuid().as_raw();
            if !as_written
                || super::read(open.into()).map_err(FileError::at("read", path))? != file.contents.as_bytes()
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes a directory the current one. Durable after [`Self::sync`].
    pub(super) fn switch(&self, name: &str) -> Result<(), FileError> {
        self.link(name, &self.directory, CURRENT)
    }

    /// Has a name, here or beside here, be a link; what it was before is replaced in one step.
    pub(super) fn link(&self, target: &str, parent: &OutputDirectory, name: &str) -> Result<(), FileError> {
        self.remove_draft()?;
        let path = || parent.path().join(name);
        rustix::fs::symlinkat(target, &self.directory, DRAFT).map_err(FileError::at("create", path()))?;
        rustix::fs::renameat(&self.directory, DRAFT, parent, name)
            .map_err(FileError::at("replace", path()))
            .inspect_err(|_| drop(self.remove_draft()))
    }

    fn remove_draft(&self) -> Result<(), FileError> {
        unlink(&self.directory, DRAFT)
    }

    /// Makes what was renamed in it durable.
    pub(super) fn sync(&self) -> Result<(), FileError> {
        self.directory.sync()
    }

    /// Removes every generation but one, and what runs that were killed left behind.
    pub(super) fn sweep(&self, current: Option<&str>, warnings: &mut Vec<String>) -> Result<(), FileError> {
        for name in self.directory.names()? {
            let removed = match name.to_str() {
                Some(lock::NAME | CURRENT) => Ok(()),
                Some(DRAFT) => self.remove_draft(),
                Some(name) if Some(name) == current => Ok(()),
                Some(name) if is_ours(name) => self.remove(name),
                Some(_) | None => {
                    let path = self.path().join(&name);
                    warnings.push(format!("{} is not ours and was left alone", path.display()));
                    Ok(())
                }
            };
            if let Err(error) = removed {
                let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
                warnings.push(format!("{error}{}", cause.unwrap_or_default()));
            }
        }
        Ok(())
    }

    /// Removes one generation: the four names, then the directory, if nothing else is in it.
    pub(super) fn remove(&self, name: &str) -> Result<(), FileError> {
        let generation = self.directory.open_in(name)?;
        PublishedFile::NAMES.iter().try_for_each(|name| unlink(&generation, name))?;
        rustix::fs::unlinkat(&self.directory, name, AtFlags::REMOVEDIR)
            .map_err(FileError::at("remove", self.path().join(name)))
    }
}

/// Whether a name is one we give directories: `generation-7`, `earlier`, `generation-7.1`.
fn is_ours(name: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (base, again) = name.split_once('.').unwrap_or((name, "0"));
    number(again) && (base == super::names::EARLIER || base.strip_prefix("generation-").is_some_and(number))
}

/// Removes a name, if it is there.
pub(super) fn unlink(directory: &OutputDirectory, name: &str) -> Result<(), FileError> {
    match rustix::fs::unlinkat(directory, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(FileError::at("remove", directory.path().join(name))(error)),
    }
}

/// What a name links to; `None` when it is no link.
pub(super) fn readlink(directory: &OutputDirectory, name: &str) -> Result<Option<CString>, FileError> {
    match rustix::fs::readlinkat(directory, name, vec![]) {
        Ok(target) => Ok(Some(target)),
        Err(Errno::NOENT | Errno::INVAL) => Ok(None),
        Err(error) => Err(FileError::at("inspect", directory.path().join(name))(error)),
    }
}

/// Whether a name in a directory stands for an open file.
fn same(directory: &OutputDirectory, name: &str, file: impl AsFd) -> Result<bool, FileError> {
    let path = || directory.path().join(name);
    let open = rustix::fs::fstat(file).map_err(FileError::at("inspect", path()))?;
    match rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(named) => Ok((named.st_dev, named.st_ino) == (open.st_dev, open.st_ino)),
        Err(Errno::NOENT) => Ok(false),
        Err(error) => Err(FileError::at("inspect", path())(error)),
    }
}

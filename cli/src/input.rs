//! Input files and standard input, with limits and clear errors; stdin can be used once.

use crate::{Exit, Failure, terminal};
use rustix::fs::{FileType, Mode, OFlags, fstat};
use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Set by the first use of standard input: it cannot be read twice.
static STDIN_USED: AtomicBool = AtomicBool::new(false);

/// Reads a file (or `-` for standard input) of at most `limit` bytes; refuses directories,
/// FIFOs and devices given by path without hanging; the error names path and cause. The pipe of
/// a process substitution (`/dev/fd/N`) is read like standard input.
/// # Errors
/// [`Failure`] with [`crate::Exit::Usage`]; [`crate::Exit::Interrupted`] while waiting for a pipe.
pub fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Failure> {
    let source = if path == Path::new("-") { Source::Stdin } else { Source::of(path) };
    let shown =
        if source == Source::Stdin { "standard input".to_owned() } else { path.display().to_string() };
    let file = source.open()?;
    let failed = |error: rustix::io::Errno| cannot_read(&shown).because(&std::io::Error::from(error));
    let stat = fstat(&file).map_err(failed)?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    if kind != FileType::RegularFile && matches!(source, Source::Path(_)) {
        return Err(Failure::new(Exit::Usage, format!("{shown} is {}, not a file", kind_name(kind))));
    }
    let too_large = || Failure::new(Exit::Usage, format!("{shown} is larger than {limit} bytes"));
    if kind == FileType::RegularFile && usize::try_from(stat.st_size).unwrap_or(usize::MAX) > limit {
        return Err(too_large());
    }
    let mut content = vec![];
    let mut block = [0; 16 * 1024];
    loop {
        terminal::wait_readable(file.as_fd(), None)?;
        match rustix::io::read(&file, &mut block) {
            Ok(0) => return Ok(content),
            Ok(count) => content.extend_from_slice(&block[..count]),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(error) => return Err(failed(error)),
        }
        if content.len() > limit {
            return Err(too_large());
        }
    }
}

/// An input that is read as it comes; made by [`open`].
pub struct Reading {
    file: Open,
    /// Whether there may be nothing to read yet.
    waits: bool,
    /// What is left of a file by its length, which saves asking for its end.
    left: Option<usize>,
}

/// Opens a file (or `-` for standard input) to be read as it comes, however long; refuses
/// directories, FIFOs and devices given by path without hanging.
/// # Errors
/// [`Failure`] with [`crate::Exit::Usage`].
pub fn open(path: &Path) -> Result<Reading, Failure> {
    let source = if path == Path::new("-") { Source::Stdin } else { Source::of(path) };
    let file = source.open()?;
    let stat = fstat(&file).map_err(|error| cannot_read("input").because(&std::io::Error::from(error)))?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    if kind != FileType::RegularFile && matches!(source, Source::Path(_)) {
        return Err(Failure::new(Exit::Usage, format!("it is {}, not a file", kind_name(kind))));
    }
    let is_file = kind == FileType::RegularFile;
    // Files of the kernel's own have no length and something in them.
    let length = usize::try_from(stat.st_size).ok().filter(|length| is_file && *length > 0);
    Ok(Reading { file, waits: !is_file, left: length })
}

impl std::io::Read for Reading {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.waits {
            let interrupted = |_| std::io::Error::other("interrupted");
            terminal::wait_readable(self.file.as_fd(), None).map_err(interrupted)?;
        }
        if self.left == Some(0) {
            return Ok(0);
        }
        let count = rustix::io::read(&self.file, out)?;
        // What is written to a file while it is read is read with it, if it comes in time.
        self.left = self.left.map(|left| left.saturating_sub(count));
        Ok(count)
    }
}

/// Where bytes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Stdin,
    Descriptor(i32),
    Path(PathBuf),
}

/// An open source; standard input is never closed.
pub(crate) enum Open {
    Stdin,
    Owned(OwnedFd),
}

impl Source {
    /// A path, of which `/dev/stdin`, `/dev/fd/N` and `/proc/self/fd/N` are our own descriptors.
    pub(crate) fn of(path: &Path) -> Self {
        let number = path.to_str().and_then(|text| {
            if text == "/dev/stdin" {
                return Some(0);
            }
            let digits = text.strip_prefix("/dev/fd/").or_else(|| text.strip_prefix("/proc/self/fd/"))?;
            digits.parse().ok()
        });
        number.map_or_else(|| Self::Path(path.to_owned()), Self::descriptor)
    }

    pub(crate) const fn descriptor(number: i32) -> Self {
        if number == 0 { Self::Stdin } else { Self::Descriptor(number) }
    }

    /// The path it goes by.
    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Self::Stdin => PathBuf::from("/dev/stdin"),
            Self::Descriptor(number) => PathBuf::from(format!("/dev/fd/{number}")),
            Self::Path(path) => path.clone(),
        }
    }

    /// Opens it for reading, without waiting for the writer of a pipe.
    pub(crate) fn open(&self) -> Result<Open, Failure> {
        let opened = match self {
            Self::Stdin if STDIN_USED.swap(true, Ordering::SeqCst) => {
                return Err(Failure::new(Exit::Usage, "standard input was already used for another input")
                    .hint("give one of the two as a file"));
            }
            Self::Stdin => return Ok(Open::Stdin),
            Self::Descriptor(number) => adopt(*number).or_else(|_| open_by_path(&self.path())),
            Self::Path(path) => open_by_path(path),
        };
        opened.map(Open::Owned).map_err(|error| {
            cannot_read(&self.path().display().to_string()).because(&std::io::Error::from(error))
        })
    }
}

fn open_by_path(path: &Path) -> rustix::io::Result<OwnedFd> {
    rustix::fs::open(
        path,
        OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC,
        Mode::empty(),
    )
}

/// A descriptor we inherited, by its number. Adopting a bare number would need unsafe code; the
/// kernel duplicates it for us instead. Where it may not (an old kernel, a strict container),
/// `/dev/fd/N` gives the same pipe, or the same file from its beginning.
fn adopt(number: i32) -> rustix::io::Result<OwnedFd> {
    if number < 0 {
        return Err(rustix::io::Errno::BADF);
    }
    let ourselves = pidfd_open(getpid(), PidfdFlags::empty())?;
    pidfd_getfd(ourselves, number, PidfdGetfdFlags::empty())
}

impl AsFd for Open {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Stdin => rustix::stdio::stdin(),
            Self::Owned(descriptor) => descriptor.as_fd(),
        }
    }
}

/// A kind of file, with its article.
pub(crate) const fn kind_name(kind: FileType) -> &'static str {
    match kind {
        FileType::RegularFile => "a file",
        FileType::Directory => "a directory",
        FileType::Symlink => "a symbolic link",
        FileType::Fifo => "a named pipe",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        FileType::Unknown => "something unknown",
    }
}

fn cannot_read(shown: &str) -> Failure {
    Failure::new(Exit::Usage, format!("cannot read {shown}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_up_to_the_limit_is_read_and_one_byte_more_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("input");
        std::fs::write(&path, [b'x'; 100]).unwrap();
        assert_eq!(read(&path, 100).unwrap().len(), 100);
        let failure = read(&path, 99).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert_eq!(failure.what, format!("{} is larger than 99 bytes", path.display()));
    }

    #[test]
    fn what_is_no_file_is_named_for_what_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        for (path, kind) in [
            (directory.path(), "a directory"),
            (pipe.as_path(), "a named pipe"),
            (Path::new("/dev/zero"), "a device"),
        ] {
            let failure = read(path, 10).unwrap_err();
            assert!(failure.what.contains(kind), "{}", failure.what);
        }
        let failure = read(Path::new("/nowhere/at/all"), 10).unwrap_err();
        assert!(failure.what.contains("/nowhere/at/all") && !failure.causes.is_empty());
    }

    #[test]
    fn a_pipe_of_ours_is_read_to_its_end_and_limited() {
        use std::io::Write;
        use std::os::fd::AsRawFd;
        for (limit, fits) in [(6, true), (5, false)] {
            let (reader, mut writer) = std::io::pipe().unwrap();
            writer.write_all(b"chains").unwrap();
            drop(writer);
            let path = PathBuf::from(format!("/dev/fd/{}", reader.as_raw_fd()));
            assert_eq!(read(&path, limit).is_ok(), fits);
        }
    }
}

//! Secrets nobody types: from a file (mode checked on the open descriptor), an inherited descriptor,
//! or a systemd credential (`$CREDENTIALS_DIRECTORY/NAME`). Read from the raw descriptor into a fixed
//! buffer that is wiped; the first line counts, its line ending does not.

use crate::input::{self, Source};
use crate::{Exit, Failure, terminal};
use common::Secret;
use rustix::fs::{FileType, Stat, fstat};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Longest first line, in bytes: 1024 characters of UTF-8 and a line ending.
const LIMIT: usize = 4 * 1024 + 2;
/// How long a named pipe may stay without a writer, in milliseconds.
const WRITER_PATIENCE: u64 = 60_000;

/// Who else may be able to read the file a secret lies in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Privacy {
    /// Nobody: `0600` or stricter.
    OwnerOnly,
    /// The group bits may show the mask of the ACL by which systemd lets the service read.
    Credential,
}

/// Where a secret comes from when nobody types it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// A file: regular, owned by us or root, not readable by group or others. A pipe (`/dev/fd/N`
    /// of a process substitution, or a private named pipe) is fine too.
    File(PathBuf),
    /// An inherited descriptor.
    Descriptor(i32),
    /// The file of a systemd credential.
    Credential(PathBuf),
}

impl SecretSource {
    /// The systemd credential `$CREDENTIALS_DIRECTORY/{name}`, if there is one.
    pub fn credential(name: &str) -> Option<Self> {
        let path = PathBuf::from(std::env::var_os("CREDENTIALS_DIRECTORY")?).join(name);
        std::fs::symlink_metadata(&path).ok()?;
        Some(Self::Credential(path))
    }

    /// Whether it is standard input, which can be read once.
    pub fn is_stdin(&self) -> bool {
        self.source() == Source::Stdin
    }

    /// Reads the first line; `what` names the secret in messages.
    /// # Errors
    /// [`Exit::Passphrase`] when it is missing, cannot be read, could be read by others or is empty;
    /// [`Exit::Interrupted`] while waiting for a pipe.
    pub fn read(&self, what: &str) -> Result<Secret, Failure> {
        let secret = self.read_chosen_by_others(what)?;
        if secret.expose().is_empty() {
            let what = format!("{what}: the first line of {} is empty", self.path().display());
            return Err(Failure::new(Exit::Passphrase, what));
        }
        Ok(secret)
    }

    /// The same, of a secret somebody else chose, who may have chosen an empty one.
    /// # Errors
    /// As [`Self::read`], but for the empty line.
    pub fn read_chosen_by_others(&self, what: &str) -> Result<Secret, Failure> {
        let privacy = match self {
            Self::File(_) | Self::Descriptor(_) => Privacy::OwnerOnly,
            Self::Credential(_) => Privacy::Credential,
        };
        read_line(what, &self.path(), &self.source(), privacy)
    }

    /// The path messages name.
    fn path(&self) -> PathBuf {
        match self {
            Self::File(path) | Self::Credential(path) => path.clone(),
            Self::Descriptor(_) => self.source().path(),
        }
    }

    fn source(&self) -> Source {
        match self {
            Self::File(path) => Source::of(path),
            Self::Descriptor(number) => Source::descriptor(*number),
            Self::Credential(path) => Source::Path(path.clone()),
        }
    }
}

fn read_line(what: &str, path: &Path, source: &Source, privacy: Privacy) -> Result<Secret, Failure> {
    let named = |failure: Failure| Failure { what: format!("{what}: {}", failure.what), ..failure };
    let file = source.open().map_err(|failure| Failure { exit: Exit::Passphrase, ..named(failure) })?;
    let stat = fstat(&file).map_err(|error| cannot_read(what, path).because(&std::io::Error::from(error)))?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    match kind {
        FileType::RegularFile | FileType::Fifo => refuse_public(what, path, &stat, privacy)?,
        FileType::CharacterDevice if rustix::termios::isatty(&file) => {
            return Err(Failure::new(Exit::Passphrase, format!("{what}: {} is a terminal", path.display()))
                .hint("leave the flag out to be asked without echo"));
        }
        // Standard input may be anything a service manager connects; nobody else can open it.
        FileType::CharacterDevice | FileType::Socket if matches!(source, Source::Stdin) => {}
        FileType::CharacterDevice
        | FileType::BlockDevice
        | FileType::Directory
        | FileType::Socket
        | FileType::Symlink
        | FileType::Unknown => {
            return Err(Failure::new(
                Exit::Passphrase,
                format!("{what}: {} is {}, not a file or a pipe", path.display(), input::kind_name(kind)),
            ));
        }
    }
    let patience = (kind == FileType::Fifo && matches!(source, Source::Path(_))).then_some(WRITER_PATIENCE);
    first_line(what, path, file.as_fd(), patience)
}

/// Refuses a file that others could have read: the secret in it is no longer one.
fn refuse_public(what: &str, path: &Path, stat: &Stat, privacy: Privacy) -> Result<(), Failure> {
    let ours = rustix::process::geteuid().as_raw();
    let owned = stat.st_uid == ours || stat.st_uid == 0;
    let shared = match privacy {
        Privacy::OwnerOnly => stat.st_mode & 0o077,
        Privacy::Credential => stat.st_mode & 0o007,
    };
    // An unlinked file (memfd, here-document) has no name by which anyone else could open it.
    if stat.st_nlink == 0 || (owned && shared == 0) {
        return Ok(());
    }
    let shown = path.display();
    Err(if owned {
        Failure::new(
            Exit::Passphrase,
            format!(
                "{what}: {shown} can be read by others (mode {:04o}, expected 0600)",
                stat.st_mode & 0o7777
            ),
        )
        .hint(format!("chmod 600 {shown}, and think of what it held as known to others"))
    } else {
        Failure::new(
            Exit::Passphrase,
            format!("{what}: {shown} belongs to uid {}, not to uid {ours}", stat.st_uid),
        )
        .hint(format!("make the file your own: chown {ours} {shown}"))
    })
}

/// Reads up to the first line feed.
fn first_line(
    what: &str,
    path: &Path,
    descriptor: BorrowedFd<'_>,
    patience: Option<u64>,
) -> Result<Secret, Failure> {
    let mut buffer = Zeroizing::new(vec![0; LIMIT]);
    let mut filled = 0;
    let end = loop {
        if let Some(end) = buffer[..filled].iter().position(|&byte| byte == b'\n') {
            break end;
        }
        if filled == buffer.len() {
            return Err(Failure::new(
                Exit::Passphrase,
                format!("{what}: the first line of {} is over {LIMIT} bytes", path.display()),
            ));
        }
        if !terminal::wait_readable(descriptor, patience)? {
            return Err(cannot_read(what, path).hint("nobody wrote to the pipe for a minute"));
        }
        match rustix::io::read(descriptor, &mut buffer[filled..]) {
            Ok(0) => break filled,
            Ok(count) => filled += count,
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(error) => return Err(cannot_read(what, path).because(&std::io::Error::from(error))),
        }
    };
    let line = &buffer[..end];
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Ok(Secret::new(Zeroizing::new(line.to_vec())))
}

fn cannot_read(what: &str, path: &Path) -> Failure {
    Failure::new(Exit::Passphrase, format!("{what}: cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn file(content: &[u8], mode: u32) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        (directory, path)
    }

    fn from_file(path: &Path) -> Result<Secret, Failure> {
        SecretSource::File(path.to_owned()).read("passphrase")
    }

    #[test]
    fn the_first_line_counts_and_its_ending_does_not() {
        for (content, secret) in [
            (&b"correct horse"[..], &b"correct horse"[..]),
            (b"correct horse\n", b"correct horse"),
            (b"correct horse\r\nsecond", b"correct horse"),
            (b" spaces stay \nx", b" spaces stay "),
            (b"a\rb\n", b"a\rb"),
        ] {
            let (_keep, path) = file(content, 0o600);
            assert_eq!(from_file(&path).ok().unwrap().expose(), secret);
        }
    }

    #[test]
    fn a_file_others_can_read_is_refused_with_the_command_that_mends_it() {
        for mode in [0o644, 0o640, 0o604, 0o660, 0o601] {
            let (_keep, path) = file(b"correct horse battery\n", mode);
            let failure = from_file(&path).err().unwrap();
            assert_eq!(failure.exit, Exit::Passphrase);
            assert!(failure.what.contains(&format!("{mode:04o}")), "{}", failure.what);
            assert!(failure.hints[0].starts_with(&format!("chmod 600 {}", path.display())));
        }
        for mode in [0o600, 0o400] {
            let (_keep, path) = file(b"correct horse battery\n", mode);
            assert!(from_file(&path).is_ok());
        }
    }

    #[test]
    fn an_empty_line_is_no_secret_and_an_endless_one_is_refused() {
        for content in [&b""[..], b"\n", b"\r\nsecond"] {
            let (_keep, path) = file(content, 0o600);
            assert_eq!(from_file(&path).err().unwrap().exit, Exit::Passphrase);
            assert_eq!(
                SecretSource::File(path).read_chosen_by_others("passphrase").ok().unwrap().expose(),
                b""
            );
        }
        let (_keep, path) = file(&[b'a'; LIMIT], 0o600);
        assert!(from_file(&path).err().unwrap().what.contains("over 4098 bytes"));
    }

    #[test]
    fn what_is_no_file_is_refused_without_hanging() {
        let directory = tempfile::tempdir().unwrap();
        for path in [directory.path(), Path::new("/dev/null"), Path::new("/nowhere/at/all")] {
            assert_eq!(from_file(path).err().unwrap().exit, Exit::Passphrase);
        }
    }

    #[test]
    fn a_pipe_gives_its_first_line_by_number_and_by_path() {
        use std::io::Write;
        use std::os::fd::AsRawFd;
        for by_path in [false, true] {
            let (reader, mut writer) = std::io::pipe().unwrap();
            writer.write_all(b"correct horse battery\nrest").unwrap();
            drop(writer);
            let fd = reader.as_raw_fd();
            let source = if by_path {
                SecretSource::File(PathBuf::from(format!("/dev/fd/{fd}")))
            } else {
                SecretSource::Descriptor(fd)
            };
            assert_eq!(source.read("passphrase").ok().unwrap().expose(), b"correct horse battery");
        }
        let (reader, writer) = std::io::pipe().unwrap();
        drop(writer);
        assert_eq!(
            SecretSource::Descriptor(reader.as_raw_fd()).read("passphrase").err().unwrap().exit,
            Exit::Passphrase
        );
        assert_eq!(SecretSource::Descriptor(987).read("passphrase").err().unwrap().exit, Exit::Passphrase);
        assert_eq!(SecretSource::Descriptor(-1).read("passphrase").err().unwrap().exit, Exit::Passphrase);
    }
}

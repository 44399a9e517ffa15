//! `--out DIR`: both requests as files, each replaced in one step.

use cli::{Exit, Failure, FileError, OutputDirectory, OutputFile};
use common::{Pair, Role};
use pki::Csr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Checks, before keys are made, that both files could be written.
///
/// # Errors
/// [`Exit::Usage`] naming what is in the way.
pub(crate) fn check(directory: &Path) -> Result<(), Failure> {
    match fs::metadata(directory) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Err(in_the_way(directory, "not a directory")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let parent = directory.parent().filter(|parent| !parent.as_os_str().is_empty());
            let parent = parent.unwrap_or(Path::new("."));
            return if parent.is_dir() { Ok(()) } else { Err(in_the_way(parent, "not a directory")) };
        }
        Err(error) => return Err(cannot_write(directory, &error)),
    }
    for role in Role::BOTH {
        let path = file(directory, role);
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_file() => {}
            Ok(found) if found.is_symlink() => return Err(in_the_way(&path, "a symbolic link")),
            Ok(_) => return Err(in_the_way(&path, "not a file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(cannot_write(&path, &error)),
        }
    }
    Ok(())
}

/// Writes `main.csr` and `assets.csr` (mode 0644: requests are public), making the directory when
/// it is missing.
///
/// # Errors
/// [`Exit::Unexpected`] naming the file; [`Exit::Usage`] as [`check`].
pub(crate) fn write(directory: &Path, requests: Pair<&Csr>) -> Result<Pair<PathBuf>, Failure> {
    check(directory)?;
    replace(directory, &requests.map(Csr::to_pem)).map_err(|error| {
        let failure = Failure::new(Exit::Unexpected, format!("--out: {error}"));
        match std::error::Error::source(&error) {
            Some(source) => failure.because(source),
            None => failure,
        }
    })?;
    Ok(Pair::from_fn(|role| file(directory, role)))
}

/// No reader ever sees half a request.
fn replace(directory: &Path, texts: &Pair<String>) -> Result<(), FileError> {
    let names = Pair::from_fn(name);
    let files = names.iter().map(|(role, name)| {
        let contents = texts.of(role).as_bytes();
        OutputFile { name, contents, mode: 0o644 }
    });
    OutputDirectory::open_or_make(directory)?.replace(&files.collect::<Vec<_>>())
}

fn name(role: Role) -> String {
    format!("{}.csr", role.stem())
}

fn file(directory: &Path, role: Role) -> PathBuf {
    directory.join(name(role))
}

fn in_the_way(path: &Path, what: &str) -> Failure {
    Failure::new(Exit::Usage, format!("--out: {} is {what}", path.display()))
        .hint("name another directory with --out DIR")
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Unexpected, format!("--out: cannot write {}", path.display())).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn texts(text: &str) -> Pair<String> {
        Pair::from_fn(|role| format!("{role} {text}"))
    }

    #[test]
    fn both_files_are_replaced_whole_with_the_public_mode_and_leave_no_draft() {
        let directory = tempfile::tempdir().unwrap();
        for text in ["one", "another"] {
            replace(directory.path(), &texts(text)).unwrap();
            for role in Role::BOTH {
                let path = file(directory.path(), role);
                assert_eq!(fs::read_to_string(&path).unwrap(), format!("{role} {text}"));
                assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
            }
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_in_the_way_is_named_before_anything_is_made() {
        let directory = tempfile::tempdir().unwrap();
        assert!(check(directory.path()).is_ok());
        assert!(check(&directory.path().join("new")).is_ok());
        assert!(check(&directory.path().join("no/parent")).is_err());
        let link = file(directory.path(), Role::Assets);
        std::os::unix::fs::symlink("/etc/passwd", &link).unwrap();
        assert!(check(directory.path()).unwrap_err().what.ends_with("assets.csr is a symbolic link"));
        fs::remove_file(&link).unwrap();
        fs::create_dir(&link).unwrap();
        assert!(check(directory.path()).unwrap_err().what.ends_with("assets.csr is not a file"));
        let file = directory.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(check(&file).unwrap_err().what.ends_with("file is not a directory"));
    }

    #[test]
    fn a_failed_write_leaves_neither_file_nor_draft() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(file(directory.path(), Role::Assets)).unwrap();
        assert!(replace(directory.path(), &texts("x")).is_err());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}

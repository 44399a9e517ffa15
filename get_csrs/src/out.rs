//! `--out DIR`: both requests as files, each replaced in one step.

use cli::{Exit, Failure};
use common::{Pair, Role};
use pki::Csr;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
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
    if !directory.exists() {
        let made = DirBuilder::new().mode(0o755).create(directory);
        made.and_then(|()| fs::set_permissions(directory, Permissions::from_mode(0o755)))
            .map_err(|error| cannot_write(directory, &error))?;
    }
    Pair::try_from_fn(|role| {
        let path = file(directory, role);
        replace(directory, &path, requests.of(role).to_pem().as_bytes())
            .map_err(|error| cannot_write(&path, &error))?;
        Ok(path)
    })
}

/// Writes beside the target and renames over it, so that no reader ever sees half a request.
fn replace(directory: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = directory.join(format!(".{name}.{}", std::process::id()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(content)?;
        file.set_permissions(Permissions::from_mode(0o644))?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        File::open(directory)?.sync_all()
    })();
    // An error counts more than a draft that cannot be removed either.
    written.inspect_err(|_| drop(fs::remove_file(&draft)))
}

fn file(directory: &Path, role: Role) -> PathBuf {
    directory.join(format!("{}.csr", role.stem()))
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

    #[test]
    fn a_file_is_replaced_whole_with_the_public_mode_and_leaves_no_draft() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(directory.path(), Role::Main);
        for content in [&b"one"[..], b"another"] {
            replace(directory.path(), &path, content).unwrap();
            assert_eq!(fs::read(&path).unwrap(), content);
        }
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
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
        let path = file(directory.path(), Role::Main);
        fs::create_dir(&path).unwrap();
        assert!(replace(directory.path(), &path, b"x").is_err());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}

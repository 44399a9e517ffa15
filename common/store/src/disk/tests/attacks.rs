use super::*;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

/// Reads, probes and writes: all three must refuse with the same words.
fn refusals(store: &Bench) -> [String; 3] {
    let sequence = 1;
    [
        message(&store.read().unwrap_err()),
        message(&store.check_writable().unwrap_err()),
        message(&store.apply(&touch(sequence)).unwrap_err()),
    ]
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Puts something else in a path's place; the original stays beside it.
fn replace(path: &Path, with: impl FnOnce(&Path, &Path)) {
    let aside = path.with_extension("aside");
    fs::rename(path, &aside).unwrap();
    with(path, &aside);
}

fn fifo(path: &Path) {
    rustix::fs::mknodat(
        rustix::fs::CWD,
        path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_bits_truncate(0o600),
        0,
    )
    .unwrap();
}

#[test]
fn a_store_that_is_not_ours_alone_is_refused() {
    type Spoil = fn(&Path);
    let cases: [(&str, &str, Spoil); 13] = [
        ("", "has mode 0750, expected 0700", |path| chmod(path, 0o750)),
        ("", "has mode 0500, expected 0700", |path| chmod(path, 0o500)),
        ("", "is a symbolic link, expected a directory", |path| {
            replace(path, |path, aside| symlink(aside, path).unwrap());
        }),
        ("", "is a regular file, expected a directory", |path| {
            replace(path, |path, _| fs::write(path, "").unwrap());
        }),
        ("", "is a named pipe, expected a directory", |path| replace(path, |path, _| fifo(path))),
        ("STATE", "has mode 0640, expected 0600", |path| chmod(path, 0o640)),
        ("STATE", "has mode 0602, expected 0600", |path| chmod(path, 0o602)),
        ("STATE", "is a symbolic link, expected a regular file", |path| {
            replace(path, |path, aside| symlink(aside, path).unwrap());
        }),
        ("STATE", "is a symbolic link, expected a regular file", |path| {
            replace(path, |path, _| symlink("/nonexistent", path).unwrap());
        }),
        ("STATE", "is a named pipe, expected a regular file", |path| replace(path, |path, _| fifo(path))),
        ("STATE", "is a directory, expected a regular file", |path| {
            replace(path, |path, _| fs::create_dir(path).unwrap());
        }),
        ("STATE", "has 2 names (hard links), expected 1", |path| {
            fs::hard_link(path, path.with_extension("aside")).unwrap();
        }),
        ("STATE", "No such device", |path| replace(path, |path, _| drop(UnixListener::bind(path).unwrap()))),
    ];
    for (name, expected, spoil) in cases {
        let (directory, store) = founded();
        spoil(&store.path().components().chain(Path::new(name).components()).collect::<PathBuf>());
        let before = tree(directory.path());
        for refusal in refusals(&store) {
            assert!(refusal.contains(expected), "{name}: {refusal}");
        }
        assert_eq!(tree(directory.path()), before, "{expected}");
    }
}

#[test]
fn accounts_and_audit_log_are_trusted_no_more_than_the_record() {
    let (_directory, store) = founded();
    let file = store.path().join("documents/accounts/00000001");
    chmod(&file, 0o644);
    assert!(message(&store.read().unwrap_err()).contains("has mode 0644, expected 0600"));
    chmod(&file, 0o600);
    fs::write(&file, "{}").unwrap();
    assert!(message(&store.read().unwrap_err()).contains("not the document the record names"));
    assert!(store.apply(&touch(1)).is_err(), "no commit on top of damage");

    let (directory, store) = founded();
    let victim = directory.path().join("victim");
    fs::rename(store.path().join("audit.log"), &victim).unwrap();
    symlink(&victim, store.path().join("audit.log")).unwrap();
    let before = tree(directory.path());
    assert!(message(&store.apply(&touch(1)).unwrap_err()).contains("is a symbolic link"));
    assert_eq!(tree(directory.path()), before);
}

#[test]
fn a_directory_others_can_write_holds_no_store() {
    let (directory, store) = founded();
    for (mode, trusted) in [(0o770, false), (0o707, false), (0o755, true), (0o1777, true), (0o700, true)] {
        chmod(directory.path(), mode);
        assert_eq!(store.read().is_ok(), trusted, "{mode:o}");
        assert_eq!(store.check_writable().is_ok(), trusted, "{mode:o}");
    }
}

#[test]
fn another_users_store_is_refused() {
    if !rustix::process::geteuid().is_root() {
        return; // Only root can give files away.
    }
    for name in ["", "STATE", "documents", "documents/accounts", "documents/accounts/00000001"] {
        let (_directory, store) = founded();
        std::os::unix::fs::chown(store.path().join(name), Some(12_345), None).unwrap();
        let error = message(&store.read().unwrap_err());
        assert!(error.contains("belongs to uid 12345, expected 0"), "{name}: {error}");
    }
}

#[test]
fn damage_is_never_taken_for_a_fresh_store() {
    type Spoil = fn(&Path);
    let cases: [(&str, Spoil); 7] = [
        ("STATE: missing", |store| fs::remove_file(store.join("STATE")).unwrap()),
        ("STATE: malformed", |store| fs::write(store.join("STATE"), "").unwrap()),
        ("its digest does not fit its contents", |store| {
            let mut bytes = fs::read(store.join("STATE")).unwrap();
            bytes[5] ^= 1;
            fs::write(store.join("STATE"), bytes).unwrap();
        }),
        ("5000 bytes are over the limit of 4096", |store| {
            fs::write(store.join("STATE"), vec![b' '; 5000]).unwrap();
        }),
        ("documents/accounts/00000001: missing", |store| {
            fs::remove_dir_all(store.join("documents")).unwrap()
        }),
        ("documents/accounts/00000001: missing", |store| {
            fs::remove_file(store.join("documents/accounts/00000001")).unwrap()
        }),
        ("it is no store of this program", |store| {
            fs::remove_dir_all(store).unwrap();
            fs::create_dir(store).unwrap();
            chmod(store, 0o700);
            fs::write(store.join("notes.txt"), "mine").unwrap();
        }),
    ];
    for (expected, spoil) in cases {
        let (directory, store) = founded();
        spoil(store.path());
        let before = tree(directory.path());
        for error in [store.read().map(drop), store.apply(&founding()).map(drop)] {
            let error = error.unwrap_err();
            let known = match &error {
                StoreError::Damaged { .. } | StoreError::Conflict { .. } => true,
                StoreError::Untrusted { what, .. } => what.ends_with(expected),
                StoreError::Io { .. } | StoreError::Busy { .. } | StoreError::Uncertain { .. } => false,
            };
            assert!(known, "{expected}: {error}");
        }
        assert!(store.read().unwrap_err().to_string().contains(expected), "{expected}");
        assert_eq!(tree(directory.path()), before, "{expected}");
    }
}

#[test]
fn a_record_of_a_newer_program_is_refused_by_name() {
    let (_directory, store) = founded();
    let next = State { format: 2, ..state(1) };
    fs::write(store.path().join("STATE"), next.encode()).unwrap();
    let error = store.read().unwrap_err().to_string();
    assert!(
        error.ends_with("it has format 2, this program reads format 1: use the newer program that wrote it"),
        "{error}"
    );
}

#[test]
fn a_record_that_was_replaced_after_it_was_opened_is_still_ours() {
    let (_directory, store) = founded();
    let path = store.path().join("STATE");
    let opened = fs::File::open(&path).unwrap();
    store.apply(&touch(1)).unwrap();
    let stat = rustix::fs::fstat(&opened).unwrap();
    assert_eq!(stat.st_nlink, 0, "the commit took its name");
    trust::file(&stat, &path).unwrap();
}

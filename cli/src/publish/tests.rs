use super::*;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::thread;

fn files(version: u32) -> [PublishedFile; 4] {
    PublishedFile::NAMES.map(|name| {
        let mode = if name.ends_with(".key") { 0o600 } else { 0o644 };
        PublishedFile { name, contents: format!("{name} {version}"), mode }
    })
}

fn folder(mode: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
    folder
}

fn publish(folder: &Path, generation: u64, version: u32) -> Result<Publication, PublishError> {
    let open = PublishDirectory::open(folder)?;
    open.lock(Duration::ZERO, || ())?.publish(generation, &files(version))
}

/// What a reader finds at the four paths.
fn read(folder: &Path) -> [String; 4] {
    published(folder).unwrap().map(|found| found.map_or("-".into(), |text| String::from_utf8(text).unwrap()))
}

fn version(version: u32) -> [String; 4] {
    files(version).map(|file| file.contents)
}

/// The directories that hold copies.
fn generations(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder.join(".cluster-certs")).unwrap();
    let folders = entries.map(Result::unwrap).filter(|entry| entry.file_type().unwrap().is_dir());
    let names: BTreeSet<_> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.into_iter().collect()
}

/// Every name below a folder, with what tells whether it was written to.
fn state(folder: &Path) -> Vec<(PathBuf, u64, i64, i64)> {
    let mut all = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let at = fs::symlink_metadata(&path).unwrap();
        all.push((path.clone(), at.ino(), at.mtime(), at.mtime_nsec()));
        if at.is_dir() {
            all.extend(state(&path));
        }
    }
    all.sort();
    all
}

#[test]
fn four_links_lead_to_one_generation_with_its_modes_and_nothing_else_is_left() {
    let folder = folder(0o755);
    for number in [1, 2] {
        publish(folder.path(), number.into(), number).unwrap();
        assert_eq!(read(folder.path()), version(number));
        assert_eq!(generations(folder.path()), [format!("generation-{number}")]);
        for file in files(number) {
            let path = folder.path().join(file.name);
            assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, file.mode);
        }
    }
    let names: BTreeSet<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(
        names,
        BTreeSet::from(
            [".cluster-certs", "assets.key", "assets.pem", "main.key", "main.pem"].map(Into::into)
        )
    );
}

#[test]
fn one_rename_switches_all_four() {
    let folder = folder(0o755);
    publish(folder.path(), 1, 1).unwrap();
    let links =
        PublishedFile::NAMES.map(|name| fs::symlink_metadata(folder.path().join(name)).unwrap().ino());
    publish(folder.path(), 2, 2).unwrap();
    assert_eq!(
        PublishedFile::NAMES.map(|name| fs::symlink_metadata(folder.path().join(name)).unwrap().ino()),
        links,
        "the four names were not touched"
    );
    assert_eq!(
        fs::read_link(folder.path().join(".cluster-certs/current")).unwrap(),
        Path::new("generation-2")
    );
}

#[test]
fn what_is_published_already_is_not_written_again() {
    let folder = folder(0o755);
    publish(folder.path(), 7, 1).unwrap();
    let before = state(folder.path());
    assert_eq!(publish(folder.path(), 7, 1).unwrap(), Publication { unchanged: true, warnings: vec![] });
    assert_eq!(state(folder.path()), before);
}

#[test]
fn what_somebody_changed_is_put_right() {
    let changes: [fn(&Path); 5] = [
        |at| fs::write(at.join("main.pem"), "edited").unwrap(),
        |at| fs::set_permissions(at.join("main.key"), PermissionsExt::from_mode(0o644)).unwrap(),
        |at| fs::remove_file(at.join("assets.pem")).unwrap(),
        |at| fs::remove_file(at.join(".cluster-certs/current/assets.key")).unwrap(),
        |at| fs::remove_dir_all(at.join(".cluster-certs")).unwrap(),
    ];
    for change in changes {
        let folder = folder(0o755);
        publish(folder.path(), 7, 1).unwrap();
        change(folder.path());
        assert!(!publish(folder.path(), 7, 1).unwrap().unchanged);
        assert_eq!(read(folder.path()), version(1));
        let mode = fs::metadata(folder.path().join("main.key")).unwrap().permissions().mode();
        assert_eq!((mode & 0o777, generations(folder.path()).len()), (0o600, 1));
    }
}

#[test]
fn a_number_that_comes_again_has_another_directory() {
    let folder = folder(0o755);
    for number in [1, 2, 3, 4] {
        publish(folder.path(), 7, number).unwrap();
        assert_eq!(read(folder.path()), version(number));
    }
    assert_eq!(generations(folder.path()), ["generation-7.1"]);
}

#[test]
fn plain_files_of_earlier_versions_become_links_and_the_old_keys_go() {
    for present in [&["main.pem", "main.key", "assets.pem", "assets.key"][..], &["main.key"], &[]] {
        let folder = folder(0o755);
        for name in present {
            fs::write(folder.path().join(name), "old").unwrap();
        }
        fs::write(folder.path().join(".main.key.4711.new"), "a draft of a killed run").unwrap();
        publish(folder.path(), 2, 2).unwrap();
        assert_eq!(read(folder.path()), version(2));
        assert_eq!(generations(folder.path()), ["generation-2"]);
        assert!(!folder.path().join(".main.key.4711.new").exists());
    }
}

/// Every state on the way from plain files, some of which are links already, leads to what was there before.
#[test]
fn what_stood_at_the_four_paths_stays_to_be_read_until_the_switch() {
    let (folder, elsewhere) = (folder(0o755), folder(0o755));
    publish(folder.path(), 1, 1).unwrap();
    // As an earlier version, and an administrator, would have left it.
    for name in ["main.pem", "main.key"] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("main.pem"), "plain").unwrap();
    let target = elsewhere.path().join("linked");
    fs::write(&target, "linked").unwrap();
    symlink(&target, folder.path().join("main.key")).unwrap();
    let before = read(folder.path());
    assert_eq!(before, ["plain", "linked", "assets.pem 1", "assets.key 1"]);
    let open = PublishDirectory::open(folder.path()).unwrap();
    let locked = open.lock(Duration::ZERO, || ()).unwrap();
    let current = locked.room.current().unwrap();
    names::settle(&open.directory, &locked.room, current.as_deref()).unwrap();
    assert!(names::lead_to(&open.directory).unwrap());
    assert_eq!(read(folder.path()), before);
    assert_eq!(locked.room.current().unwrap().as_deref(), Some("earlier"));
    locked.publish(2, &files(2)).unwrap();
    assert_eq!(read(folder.path()), version(2));
    assert_eq!(generations(folder.path()), ["generation-2"]);
    assert_eq!(fs::read_to_string(target).unwrap(), "linked", "a link is replaced, never followed");
}

#[test]
fn a_relative_link_of_somebody_else_leads_to_the_same_on_the_way() {
    let folder = folder(0o755);
    fs::write(folder.path().join("real"), "real").unwrap();
    symlink("real", folder.path().join("main.pem")).unwrap();
    let open = PublishDirectory::open(folder.path()).unwrap();
    let locked = open.lock(Duration::ZERO, || ()).unwrap();
    names::settle(&open.directory, &locked.room, None).unwrap();
    assert_eq!(read(folder.path()), ["real", "-", "-", "-"]);
}

#[test]
fn leftovers_are_swept_and_what_is_not_ours_stays() {
    let folder = folder(0o755);
    publish(folder.path(), 1, 1).unwrap();
    let room = folder.path().join(".cluster-certs");
    for ours in ["generation-9", "generation-1.2", "earlier"] {
        fs::create_dir(room.join(ours)).unwrap();
        fs::write(room.join(ours).join("main.key"), "half").unwrap();
    }
    symlink("generation-9", room.join("new")).unwrap();
    let foreign = ["generation-x", "generation-5.", "notes", "earlier-than-that"];
    for foreign in foreign {
        fs::create_dir(room.join(foreign)).unwrap();
    }
    fs::create_dir(room.join("generation-8")).unwrap();
    fs::write(room.join("generation-8/notes"), "mine").unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("main.key"), "precious").unwrap();
    symlink(outside.path(), room.join("generation-3")).unwrap();
    let mut warnings = publish(folder.path(), 1, 1).unwrap().warnings;
    warnings.sort();
    assert_eq!(warnings.len(), foreign.len() + 2, "{warnings:#?}");
    let mut left: Vec<_> = fs::read_dir(&room).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    let expected = [
        "current",
        "earlier-than-that",
        "generation-1",
        "generation-3",
        "generation-5.",
        "generation-8",
        "generation-x",
        "lock",
        "notes",
    ];
    assert_eq!(left, expected);
    assert_eq!(fs::read_to_string(room.join("generation-8/notes")).unwrap(), "mine");
    assert_eq!(fs::read_to_string(outside.path().join("main.key")).unwrap(), "precious");
}

#[test]
fn a_directory_in_a_files_place_is_refused_before_anything_changes() {
    let folder = folder(0o700);
    publish(folder.path(), 1, 1).unwrap();
    let open = PublishDirectory::open(folder.path()).unwrap();
    let locked = open.lock(Duration::ZERO, || ()).unwrap();
    fs::remove_file(folder.path().join("assets.key")).unwrap();
    fs::create_dir(folder.path().join("assets.key")).unwrap();
    let before = state(folder.path());
    let refused = locked.publish(2, &files(2));
    assert!(matches!(refused, Err(PublishError::File(FileError::InTheWay { .. }))));
    assert_eq!(state(folder.path()), before);
    drop(locked);
    assert!(PublishDirectory::open(folder.path()).is_err());
}

#[test]
fn a_room_that_is_not_ours_alone_is_refused() {
    let (folder, elsewhere) = (folder(0o700), folder(0o700));
    let room = folder.path().join(".cluster-certs");
    symlink(elsewhere.path(), &room).unwrap();
    assert!(PublishDirectory::open(folder.path()).is_err());
    fs::remove_file(&room).unwrap();
    fs::write(&room, "").unwrap();
    assert!(PublishDirectory::open(folder.path()).is_err());
    fs::remove_file(&room).unwrap();
    fs::create_dir(&room).unwrap();
    fs::set_permissions(&room, PermissionsExt::from_mode(0o777)).unwrap();
    let refused = PublishDirectory::open(folder.path());
    assert!(matches!(refused, Err(PublishError::WritableByOthers { mode: 0o777, .. })));
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn opening_writes_nothing() {
    let folder = folder(0o700);
    PublishDirectory::open(folder.path()).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_lock_is_waited_for_and_is_one_however_often_it_is_deleted() {
    let folder = folder(0o700);
    let open = PublishDirectory::open(folder.path()).unwrap();
    let held = open.lock(Duration::ZERO, || ()).unwrap();
    let mut told = 0;
    let busy = open.lock(Duration::from_millis(30), || told += 1);
    assert!(matches!(busy, Err(PublishError::Busy { .. })));
    assert_eq!(told, 1);
    thread::scope(|scope| {
        let waits = scope.spawn(|| open.lock(Duration::from_secs(60), || ()).map(drop));
        drop(held);
        waits.join().unwrap().unwrap();
    });
    let held = open.lock(Duration::ZERO, || ()).unwrap();
    fs::remove_dir_all(folder.path().join(".cluster-certs")).unwrap();
    let other = open.lock(Duration::ZERO, || ()).unwrap();
    assert!(open.lock(Duration::ZERO, || ()).is_err());
    drop((held, other));
}

#[test]
fn directories_others_can_write_to_are_refused() {
    for mode in [0o777, 0o770, 0o702, 0o1777] {
        let folder = folder(mode);
        let error = PublishDirectory::open(folder.path()).unwrap_err();
        assert!(matches!(error, PublishError::WritableByOthers { mode: found, .. } if found == mode));
    }
    for mode in [0o755, 0o700] {
        assert!(PublishDirectory::open(folder(mode).path()).is_ok(), "{mode:o}");
    }
}

#[test]
fn what_is_no_directory_is_refused() {
    let folder = folder(0o700);
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file, folder.path().join("absent")] {
        let opened = PublishDirectory::open(&path);
        assert!(matches!(opened, Err(PublishError::File(FileError::Io { action: "open", .. }))));
    }
}

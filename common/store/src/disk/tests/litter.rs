use super::*;

fn write(store: &Bench, name: &str, contents: &str) {
    let path = store.path().join(name);
    let parent = path.parent().unwrap();
    fs::create_dir_all(parent).unwrap();
    for directory in parent.ancestors().take_while(|directory| *directory != store.path()) {
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).unwrap();
    }
    fs::write(&path, contents).unwrap();
}

#[test]
fn what_a_killed_writer_left_is_swept_by_the_next() {
    let (_directory, store) = founded();
    for name in [
        ".STATE.tmp-0123456789abcdef",
        "documents/accounts/.00000001.tmp-00",
        "documents/accounts/00000002",
        "generations/.00000001.tmp-0123456789abcdef/main.key",
        "generations/.00000001.tmp-0123456789abcdef/manifest.json",
        "generations/00000001/assets.pem",
    ] {
        write(&store, name, "half");
    }
    let applied = store.apply(&touch(1)).unwrap();
    assert_eq!(applied.warnings, [""; 0]);
    let left: Vec<_> = tree(store.path())
        .into_keys()
        .map(|path| path.strip_prefix(store.path()).unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        left,
        [
            "",
            "STATE",
            "audit.log",
            "documents",
            "documents/accounts",
            "documents/accounts/00000001",
            "generations"
        ]
    );
}

#[test]
fn a_complete_generation_that_nobody_names_is_removed_with_a_word() {
    let (_directory, store) = founded();
    for name in ["main.key", "main.csr", "assets.key", "assets.csr", "manifest.json"] {
        write(&store, &format!("generations/00000001/{name}"), "whole");
    }
    let warnings = store.apply(&touch(1)).unwrap().warnings;
    let path = store.path().display();
    let expected =
        format!("{path}/generations/00000001 was complete, but no record names it; it was removed");
    assert_eq!(warnings, [expected]);
    assert!(!store.path().join("generations/00000001").exists());
    assert_eq!(store.apply(&touch(2)).unwrap().warnings, [""; 0]);
}

#[test]
fn what_is_not_ours_stays_and_is_named() {
    let (_directory, store) = founded();
    let foreign = [
        "STATE.bak",
        "documents/accounts/notes",
        "documents/notes",
        "generations/notes\u{1b}[2J",
        "generations/.00000001.tmp-00/deep/main.key",
        "generations/00000001/notes",
    ];
    for name in foreign {
        write(&store, name, "mine");
    }
    let mut warnings = store.apply(&touch(1)).unwrap().warnings;
    warnings.sort();
    for name in foreign {
        assert!(store.path().join(name).exists(), "{name}");
    }
    let path = store.path().display();
    let expected = [
        format!("{path}/STATE.bak is not ours and was left alone"),
        format!("{path}/documents/accounts/notes is not ours and was left alone"),
        format!("{path}/documents/notes is not ours and was left alone"),
        format!("{path}/generations/notes\\u{{1b}}[2J is not ours and was left alone"),
        format!("cannot remove {path}/generations/.00000001.tmp-00: Directory not empty (os error 39)"),
        format!("cannot remove {path}/generations/00000001: Directory not empty (os error 39)"),
    ];
    assert_eq!(warnings, expected);
}

#[test]
fn a_record_put_back_from_an_old_copy_destroys_no_key() {
    let (directory, store) = founded();
    write(&store, "generations/00000002/main.key", "the only one");
    let before = tree(directory.path());
    for error in [store.apply(&touch(1)).map(drop), store.check_writable()] {
        let error = error.unwrap_err().to_string();
        assert!(
            error.ends_with("newer than STATE, whose last generation is 0: STATE is an old copy"),
            "{error}"
        );
    }
    assert_eq!(tree(directory.path()), before);
}

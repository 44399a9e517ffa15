use super::*;

#[test]
fn nothing_there_and_an_empty_directory_are_fresh() {
    let (_directory, store) = bench();
    assert!(store.read().unwrap().is_none(), "no directory");
    fs::create_dir(store.path()).unwrap();
    fs::set_permissions(store.path(), fs::Permissions::from_mode(0o700)).unwrap();
    assert!(store.read().unwrap().is_none(), "an empty directory");
    fs::write(store.path().join(".STATE.tmp-0123456789abcdef"), "{").unwrap();
    assert!(store.read().unwrap().is_none(), "the litter of a first write");
    fs::write(store.path().join("STATE"), read::NOTHING_YET).unwrap();
    fs::set_permissions(store.path().join("STATE"), fs::Permissions::from_mode(0o600)).unwrap();
    assert!(store.read().unwrap().is_none(), "a record in which nothing has happened");
    let applied = store.apply(&founding()).unwrap();
    assert_eq!((applied.snapshot.state.sequence, applied.warnings), (1, vec![]));
    assert!(!store.path().join(".STATE.tmp-0123456789abcdef").exists());
}

#[test]
fn what_was_committed_is_read_back_and_private() {
    let (directory, store) = founded();
    let snapshot = store.read().unwrap().unwrap();
    assert_eq!(snapshot.state, state(1));
    assert_eq!(snapshot.accounts, accounts());
    let names: Vec<_> = tree(directory.path())
        .into_iter()
        .skip(1)
        .map(|(path, (mode, _))| {
            let name = path.strip_prefix(directory.path()).unwrap().to_str().unwrap().to_owned();
            (name, format!("{mode:o}"))
        })
        .collect();
    let expected = [
        ("store", "40700"),
        ("store/STATE", "100600"),
        ("store/audit.log", "100600"),
        ("store/documents", "40700"),
        ("store/documents/accounts", "40700"),
        ("store/documents/accounts/00000001", "100600"),
    ];
    assert_eq!(names, expected.map(|(name, mode)| (name.to_owned(), mode.to_owned())));
}

#[test]
fn a_commit_for_another_record_is_a_conflict_and_writes_nothing() {
    let (directory, store) = founded();
    let before = tree(directory.path());
    let other = State { epoch: "another life".into(), ..state(1) };
    let restored = Commit::bare(Version::Record(other.encode()), vec![], &state(2));
    for (commit, base) in [(founding(), 0), (restored, 1), (touch(2), 2)] {
        for error in [store.apply(&commit).map(drop), store.commit(&commit).map(drop)] {
            let error = error.unwrap_err();
            let told =
                matches!(error, StoreError::Conflict { expected, found: Some(1) } if expected == Some(base));
            assert!(told, "{error}");
        }
    }
    assert_eq!(tree(directory.path()), before);
    store.apply(&touch(1)).unwrap();
    assert_eq!(store.read().unwrap().unwrap().state.sequence, 2);
}

#[test]
fn a_commit_that_founds_nothing_makes_no_store() {
    let (directory, store) = bench();
    for error in [store.apply(&touch(1)).map(drop), store.commit(&touch(1)).map(drop)] {
        assert!(error.unwrap_err().to_string().contains("missing"));
    }
    assert_eq!(tree(directory.path()).len(), 1);
    fs::create_dir(store.path()).unwrap();
    fs::set_permissions(store.path(), fs::Permissions::from_mode(0o700)).unwrap();
    assert!(store.commit(&touch(1)).unwrap_err().to_string().contains("emptied"));
    assert_eq!(tree(directory.path()).len(), 2);
}

#[test]
fn a_failure_before_the_commit_leaves_everything_as_it_was() {
    let (directory, store) = bench();
    // The second of two objects of one name finds its place taken.
    let twice = |base: Version, sequence: u64| {
        let object = ObjectName::Document { name: DocumentName::Accounts, number: 2 };
        Commit::bare(base, vec![(object, b"{}\n".to_vec()); 2], &state(sequence + 1))
    };
    let before = tree(directory.path());
    let error = store.commit(&twice(Version::Unwritten, 0)).unwrap_err();
    assert!(message(&error).contains("documents/accounts/00000002: File exists"), "{}", message(&error));
    assert_eq!(tree(directory.path()), before, "a store that was not there");

    fs::create_dir(store.path()).unwrap();
    fs::set_permissions(store.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let before = tree(directory.path());
    store.commit(&twice(Version::Unwritten, 0)).unwrap_err();
    assert_eq!(tree(directory.path()), before, "an empty directory");

    store.apply(&founding()).unwrap();
    let before = tree(directory.path());
    store.commit(&twice(Version::Record(state(1).encode()), 1)).unwrap_err();
    assert_eq!(tree(directory.path()), before, "a store in use");
    store.apply(&touch(1)).unwrap();
}

#[test]
fn a_record_no_reader_would_take_is_never_put_in_force() {
    let (directory, store) = founded();
    let before = tree(directory.path());
    let orphan = State { documents: BTreeMap::new(), ..state(2) };
    let commit = Commit::bare(Version::Record(state(1).encode()), vec![], &orphan);
    let error = store.apply(&commit).unwrap_err().to_string();
    assert!(error.ends_with("/STATE: its fields contradict each other"), "{error}");
    let missing = DocumentRef { number: 2, sha256: Sha256::of(b"") };
    let documents = BTreeMap::from([(DocumentName::Accounts, missing)]);
    let commit = Commit::bare(Version::Record(state(1).encode()), vec![], &State { documents, ..state(2) });
    let error = store.apply(&commit).unwrap_err().to_string();
    assert!(error.ends_with("/documents/accounts/00000002: missing"), "{error}");
    assert_eq!(tree(directory.path()), before);
}

#[test]
fn only_one_missing_parent_is_made() {
    let (directory, _) = bench();
    let error = Bench::at(directory.path().join("a/b/store")).apply(&founding()).unwrap_err();
    assert!(message(&error).contains("cannot create the store in"), "{error}");
    assert_eq!(tree(directory.path()).len(), 1);
    Bench::at(directory.path().join("a/store/")).apply(&founding()).unwrap();
    assert_eq!(fs::metadata(directory.path().join("a")).unwrap().mode(), 0o40_700);
    for path in ["/", "..", ""] {
        assert!(Bench::at(path).read().is_err(), "{path:?}");
    }
}

#[test]
fn a_second_writer_is_told_who_works() {
    let (_directory, store) = founded();
    let held = Place::of(store.path()).unwrap().open().unwrap().unwrap();
    lock::exclusive(&held).unwrap();
    for result in [store.apply(&touch(1)).map(drop), store.check_writable()] {
        let StoreError::Busy { holder } = result.unwrap_err() else { panic!("not busy") };
        assert!(holder.contains(&format!("(pid {})", std::process::id())), "{holder}");
    }
    assert!(store.read().is_ok(), "readers need no lock");
    drop(held);
    store.apply(&touch(1)).unwrap();
}

#[test]
fn the_audit_log_says_what_is_meant_and_what_came_of_it() {
    let (_directory, store) = founded();
    let log = store.path().join("audit.log");
    let head = "{\"format\":1,\"record\":\"";
    let rest = "\",\"operation\":\"00112233445566778899aabbccddeeff\",\"move\":\"stage\",\
                \"command\":\"get_csrs --rotate\",\"by\":\"root@node1 (pid 1234)\",\"at\":\"2026-11-22T08:00:00Z\",\
                \"sequence\":1,\"staged\":null,\"current\":null,\"previous\":null,\"retired\":[]}\n";
    let expected = format!("{head}intent{rest}{head}committed{rest}");
    assert_eq!(fs::read_to_string(&log).unwrap(), expected);

    fs::write(&log, [expected.as_bytes(), b"{\"torn"].concat()).unwrap();
    store.apply(&touch(1)).unwrap();
    let lines = fs::read_to_string(&log).unwrap();
    let whole: Vec<_> = lines.lines().map(serde_json::from_str::<serde_json::Value>).collect();
    assert_eq!(whole.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, false, true, true]);
    assert!(lines.ends_with('\n'));
}

#[test]
fn asking_whether_it_can_be_written_writes_nothing() {
    let (directory, store) = bench();
    let before = tree(directory.path());
    store.check_writable().unwrap();
    Bench::at(directory.path().join("a/store")).check_writable().unwrap();
    assert_eq!(tree(directory.path()), before, "no store");
    let error = Bench::at(directory.path().join("a/b/store")).check_writable().unwrap_err();
    assert!(message(&error).contains("cannot create the store in"), "{error}");
    store.apply(&founding()).unwrap();
    let before = tree(directory.path());
    store.check_writable().unwrap();
    assert_eq!(tree(directory.path()), before, "a store");
}

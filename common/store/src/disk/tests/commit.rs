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
    fs::write(store.path().join("STATE"), State::initial(operation()).encode()).unwrap();
    fs::set_permissions(store.path().join("STATE"), fs::Permissions::from_mode(0o600)).unwrap();
    assert!(store.read().unwrap().is_none(), "a record in which nothing has happened");
    let applied = store.apply(founding()).unwrap();
    assert_eq!((applied.snapshot.state.sequence, applied.warnings), (1, vec![]));
    assert!(!store.path().join(".STATE.tmp-0123456789abcdef").exists());
}

#[test]
fn what_was_committed_is_read_back_and_private() {
    let (directory, store) = founded();
    let snapshot = store.read().unwrap().unwrap();
    assert_eq!(snapshot.state, founding().next);
    assert_eq!(snapshot.account, Some(account()));
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
        ("store/accounts", "40700"),
        ("store/accounts/00000001.json", "100600"),
        ("store/audit.log", "100600"),
    ];
    assert_eq!(names, expected.map(|(name, mode)| (name.to_owned(), mode.to_owned())));
}

#[test]
fn a_plan_for_another_sequence_is_a_conflict_and_writes_nothing() {
    let (directory, store) = founded();
    let before = tree(directory.path());
    for (plan, expected) in [(founding(), 0), (touch(0), 0), (touch(2), 2)] {
        let error = store.apply(plan).unwrap_err();
        assert!(matches!(error, StoreError::Conflict { expected: e, found: 1 } if e == expected), "{error}");
    }
    assert_eq!(tree(directory.path()), before);
    store.apply(touch(1)).unwrap();
    assert_eq!(store.read().unwrap().unwrap().state.sequence, 2);
}

#[test]
fn a_plan_that_may_not_create_does_not() {
    let (directory, store) = bench();
    assert!(store.apply(touch(0)).unwrap_err().to_string().contains("missing"));
    assert_eq!(tree(directory.path()).len(), 1);
    fs::create_dir(store.path()).unwrap();
    fs::set_permissions(store.path(), fs::Permissions::from_mode(0o700)).unwrap();
    assert!(store.apply(touch(0)).unwrap_err().to_string().contains("emptied"));
    assert_eq!(tree(directory.path()).len(), 2);
}

#[test]
fn a_failure_before_the_commit_leaves_everything_as_it_was() {
    let (directory, store) = bench();
    let unreadable = |plan: Plan| {
        let bytes = b"{}\n".to_vec();
        let reference = GenerationRef { number: 1, manifest: Sha256::of(&bytes) };
        let files = vec![("main.key".to_owned(), vec![0; 9]), ("manifest.json".to_owned(), bytes)];
        let generation = Some(crate::rotation::NewGeneration { number: 1, files });
        let next = State { last_generation: 1, staged: Some(reference), ..plan.next };
        Plan { generation, next, ..plan }
    };
    let before = tree(directory.path());
    let error = store.apply(unreadable(founding())).unwrap_err();
    assert!(error.to_string().ends_with("generations/00000001/manifest.json: malformed"), "{error}");
    assert_eq!(tree(directory.path()), before, "a store that was not there");

    fs::create_dir(store.path()).unwrap();
    fs::set_permissions(store.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let before = tree(directory.path());
    store.apply(unreadable(founding())).unwrap_err();
    assert_eq!(tree(directory.path()), before, "an empty directory");

    store.apply(founding()).unwrap();
    store.apply(unreadable(touch(1))).unwrap_err();
    store.apply(touch(1)).unwrap();
    assert!(fs::read_dir(store.path().join("generations")).unwrap().next().is_none(), "a store in use");
}

#[test]
fn only_one_missing_parent_is_made() {
    let (directory, _) = bench();
    let error = Store::at(directory.path().join("a/b/store")).apply(founding()).unwrap_err();
    assert!(message(&error).contains("cannot create the store in"), "{error}");
    assert_eq!(tree(directory.path()).len(), 1);
    Store::at(directory.path().join("a/store/")).apply(founding()).unwrap();
    assert_eq!(fs::metadata(directory.path().join("a")).unwrap().mode(), 0o40_700);
    for path in ["/", "..", ""] {
        assert!(Store::at(path).read().is_err(), "{path:?}");
    }
}

#[test]
fn a_second_writer_is_told_who_works() {
    let (_directory, store) = founded();
    let held = Place::of(store.path()).unwrap().open().unwrap().unwrap();
    lock::exclusive(&held).unwrap();
    for result in [store.apply(touch(1)).map(drop), store.check_writable()] {
        let StoreError::Busy { holder } = result.unwrap_err() else { panic!("not busy") };
        assert!(holder.contains(&format!("(pid {})", std::process::id())), "{holder}");
    }
    assert!(store.read().is_ok(), "readers need no lock");
    drop(held);
    store.apply(touch(1)).unwrap();
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
    store.apply(touch(1)).unwrap();
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
    Store::at(directory.path().join("a/store")).check_writable().unwrap();
    assert_eq!(tree(directory.path()), before, "no store");
    let error = Store::at(directory.path().join("a/b/store")).check_writable().unwrap_err();
    assert!(message(&error).contains("cannot create the store in"), "{error}");
    store.apply(founding()).unwrap();
    let before = tree(directory.path());
    store.check_writable().unwrap();
    assert_eq!(tree(directory.path()), before, "a store");
}

//! What every medium must do. A check panics when its medium does not.

use super::Medium;
use super::bench::{self, Bench, NotMoved};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use store::rotation::{self, Mode};
use store::{Changed, Commit, Fault, ObjectName, Part, PlanError, Settled, Store, StoreError, Version, Want};

/// A check by its name; it gets a medium in which nothing has happened, as often as it asks.
pub type Check = (&'static str, fn(&dyn Fn() -> Box<dyn Medium>));

/// All of them.
pub const CHECKS: [Check; 11] = [
    ("nothing", nothing_is_read_before_the_first_commit),
    ("histories", every_history_leads_where_it_should),
    ("conflict", of_two_writers_one_wins_and_the_other_is_told),
    ("bases", a_commit_applies_to_its_base_alone),
    ("readers", readers_see_one_moment),
    ("wake", a_change_wakes_who_waits),
    ("patience", without_a_change_patience_ends),
    ("settle", what_became_of_a_commit_is_made_certain),
    ("damage", damage_is_found_by_name),
    ("current", damage_elsewhere_stops_no_service),
    ("size", the_largest_commit_is_taken),
];

/// Long enough that only a medium that never wakes gets there.
const FOREVER: Duration = Duration::from_secs(120);

/// A history, what is staged, current and previous after it, and which generations are kept.
type History = (&'static str, [Option<u64>; 3], &'static [u64]);

/// Every state a store can be in, by ways that lead there.
const HISTORIES: [History; 11] = [
    ("", [None, None, None], &[]),
    ("s", [Some(1), None, None], &[1]),
    ("si", [None, Some(2), None], &[2]),
    ("siS", [Some(3), Some(2), None], &[2, 3]),
    ("siSr", [Some(4), Some(2), None], &[2, 4]),
    ("siSI", [None, Some(4), None], &[4]),
    ("siSK", [None, Some(4), Some(2)], &[2, 4]),
    ("siSKS", [Some(5), Some(4), Some(2)], &[2, 4, 5]),
    ("siSKb", [None, Some(2), Some(4)], &[2, 4]),
    ("siSKbSK", [None, Some(6), Some(2)], &[2, 6]),
    ("siSKSbI", [None, Some(6), None], &[6]),
];

fn nothing_is_read_before_the_first_commit(medium: &dyn Fn() -> Box<dyn Medium>) {
    let medium = medium();
    let backend = medium.open();
    for want in [Want::Everything, Want::Current] {
        assert!(backend.read(want).unwrap().is_none(), "{want:?}");
    }
    backend.probe(Store::ROOM_FOR_A_GENERATION).unwrap();
    assert!(backend.read(Want::Everything).unwrap().is_none(), "a probe leaves nothing");
    assert!(!backend.place().is_empty() && !backend.place().contains(char::is_control));
}

fn every_history_leads_where_it_should(medium: &dyn Fn() -> Box<dyn Medium>) {
    for (history, numbers, kept) in HISTORIES {
        let medium = medium();
        let bench = Bench::after(&*medium, history);
        assert_eq!(bench.numbers(), numbers, "{history:?}");
        assert_eq!(bench.kept(), kept, "{history:?}: what is retired is gone, what is named is there");
        let Some(snapshot) = bench.store().read().unwrap() else { continue };
        let mut named: Vec<_> = names(&snapshot.version, Want::Everything);
        named.sort();
        assert_eq!(medium.objects(), named, "{history:?}: what is kept is what is named");
        let serving = bench.store().read_current().unwrap().unwrap();
        assert_eq!(format!("{:?}", serving.current), format!("{:?}", snapshot.current), "{history:?}");
        assert_eq!(serving.version, snapshot.version, "{history:?}");
    }
}

fn names(version: &Version, want: Want) -> Vec<String> {
    want.objects(version.record().unwrap()).iter().map(ToString::to_string).collect()
}

fn of_two_writers_one_wins_and_the_other_is_told(medium: &dyn Fn() -> Box<dyn Medium>) {
    for history in ["", "s", "si", "siSK"] {
        let medium = medium();
        let mut first = Bench::after(&*medium, history);
        let mut second = Bench::new(&*medium);
        let (mode, replace) = if history.len() < 2 { (Mode::First, true) } else { (Mode::Rotate, false) };
        let account = || history.is_empty().then(bench::account);
        let winner = first.staging(mode, replace, account()).unwrap();
        let loser = second.staging(mode, replace, account()).unwrap();
        first.apply(&winner).unwrap();
        let before = (format!("{:?}", first.snapshot()), medium.objects());
        // Past the early look of `Store`, as in a race that is lost at the last moment.
        let error = medium.open().commit(&loser).unwrap_err();
        assert!(matches!(error, StoreError::Conflict { .. }), "{history:?}: {error}");
        assert!(matches!(second.apply(&loser), Err(NotMoved::Store(StoreError::Conflict { .. }))));
        assert_eq!((format!("{:?}", first.snapshot()), medium.objects()), before, "{history:?}");
    }
    race(&*medium());
}

/// Two threads stage at the same moment, many times over: exactly one commit of each sequence holds.
fn race(medium: &dyn Medium) {
    Bench::after(medium, "si");
    let mut won = 0;
    for _ in 0..8 {
        let commits = [(); 2].map(|()| Bench::new(medium).staging(Mode::Rotate, true, None).unwrap());
        let (first, second) = thread::scope(|scope| {
            let commit = |commit| scope.spawn(move || medium.open().commit(commit));
            let [first, second] = commits.each_ref().map(commit);
            (first.join().unwrap(), second.join().unwrap())
        });
        for (outcome, commit) in [(&first, &commits[0]), (&second, &commits[1])] {
            let holds = Bench::new(medium).snapshot().version.record() == Some(commit.record());
            match outcome {
                Ok(_) => assert!(holds, "a commit that was made holds"),
                Err(StoreError::Conflict { .. } | StoreError::Busy { .. }) => assert!(!holds),
                Err(error) => panic!("{error}"),
            }
            won += usize::from(holds);
        }
    }
    assert_eq!(won, 8, "of two writers one wins");
}

fn a_commit_applies_to_its_base_alone(medium: &dyn Fn() -> Box<dyn Medium>) {
    let (one, other) = (medium(), medium());
    let mut bench = Bench::after(&*one, "si");
    let commit = bench.staging(Mode::Rotate, false, None).unwrap();
    assert!(other.open().commit(&commit).is_err(), "a store in which nothing has happened");
    assert!(other.open().read(Want::Everything).unwrap().is_none());
    // The same sequence, other bytes: what a store looks like after a restore.
    let elsewhere = Bench::after(&*other, "si");
    let before = format!("{:?}", elsewhere.snapshot());
    let error = other.open().commit(&commit).unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }), "{error}");
    assert_eq!(format!("{:?}", elsewhere.snapshot()), before);
    // Sent twice, it is made once.
    bench.apply(&commit).unwrap();
    assert!(matches!(one.open().commit(&commit), Err(StoreError::Conflict { .. })));
}

fn readers_see_one_moment(medium: &dyn Fn() -> Box<dyn Medium>) {
    let medium = medium();
    let mut bench = Bench::after(&*medium, "si");
    let done = AtomicBool::new(false);
    let read = || {
        let store = Store::over(medium.open());
        let (mut reads, mut last) = (0, 0);
        while !done.load(Ordering::Relaxed) {
            let snapshot = store.read().unwrap().unwrap();
            let serving = store.read_current().unwrap().unwrap();
            assert!(snapshot.state.sequence >= last, "time runs one way");
            assert!(serving.state.sequence >= snapshot.state.sequence);
            assert!(snapshot.current.is_some() && serving.current.is_some());
            (reads, last) = (reads + 1, serving.state.sequence);
        }
        reads
    };
    thread::scope(|scope| {
        let readers = [scope.spawn(read), scope.spawn(read)];
        // Whatever happens to the writer, the readers must not read for ever.
        let written = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| bench.play("SISISKbSISI")));
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().expect("a reader saw half a change") > 0);
        }
        written.expect("the writer goes on");
    });
}

fn a_change_wakes_who_waits(medium: &dyn Fn() -> Box<dyn Medium>) {
    for history in ["", "s", "si"] {
        let medium = medium();
        let mut bench = Bench::after(&*medium, history);
        let seen = bench.store().read().unwrap().map_or(Version::Unwritten, |snapshot| snapshot.version);
        let waiting = medium.open();
        thread::scope(|scope| {
            let waiter = scope.spawn(|| waiting.wait(&seen, FOREVER).unwrap());
            let (mode, replace) = if history.len() < 2 { (Mode::First, true) } else { (Mode::Rotate, false) };
            bench.stage(mode, replace).unwrap();
            assert_eq!(waiter.join().unwrap(), Changed::Yes, "{history:?}");
        });
        let late = medium.open().wait(&seen, Duration::ZERO).unwrap();
        assert_eq!(late, Changed::Yes, "{history:?}: a change before the wait is no less a change");
    }
}

fn without_a_change_patience_ends(medium: &dyn Fn() -> Box<dyn Medium>) {
    let medium = medium();
    let wait = |seen: &Version| medium.open().wait(seen, Duration::from_millis(20)).unwrap();
    assert_eq!(wait(&Version::Unwritten), Changed::NotYet);
    let bench = Bench::after(&*medium, "s");
    assert_eq!(wait(&bench.snapshot().version), Changed::NotYet);
}

fn what_became_of_a_commit_is_made_certain(medium: &dyn Fn() -> Box<dyn Medium>) {
    for history in ["s", "si", "siSK"] {
        let medium = medium();
        let mut bench = Bench::after(&*medium, history);
        let (mode, replace) = if history.len() < 2 { (Mode::First, true) } else { (Mode::Rotate, false) };
        let commit = bench.staging(mode, replace, None).unwrap();
        let settle = |commit: &Commit| medium.open().settle(commit).unwrap();
        assert_eq!(settle(&commit), Settled::NotCommitted, "{history:?}");
        bench.apply(&commit).unwrap();
        let before = format!("{:?}", bench.snapshot());
        assert_eq!(settle(&commit), Settled::Committed, "{history:?}");
        assert_eq!(settle(&commit), Settled::Committed, "{history:?}: as often as it is asked");
        assert_eq!(format!("{:?}", bench.snapshot()), before, "{history:?}: asking changes nothing");
        bench.stage(mode, true).unwrap();
        assert_eq!(settle(&commit), Settled::Overtaken, "{history:?}");
    }
}

fn damage_is_found_by_name(medium: &dyn Fn() -> Box<dyn Medium>) {
    let medium = medium();
    let bench = Bench::after(&*medium, "siSKS");
    let image = medium.open().read(Want::Everything).unwrap().unwrap();
    for (object, good) in image.objects() {
        let mut flipped = good.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 1;
        let longer = [&good[..], b"\n"].concat();
        for bytes in [&flipped[..], &good[..good.len() - 1], b"", &longer] {
            medium.spoil(*object, Some(bytes));
            assert!(matches!(found(&bench), (Part::Object(name), _) if name == *object), "{object}");
        }
        medium.spoil(*object, None);
        assert!(matches!(found(&bench), (Part::Object(name), Fault::Missing) if name == *object), "{object}");
        medium.spoil(*object, Some(good));
        bench.store().read().unwrap();
    }
}

fn found(bench: &Bench<'_>) -> (Part, Fault) {
    match bench.store().read() {
        Err(StoreError::Damaged { part, fault, .. }) => (part, fault),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("damage was not found"),
    }
}

fn damage_elsewhere_stops_no_service(medium: &dyn Fn() -> Box<dyn Medium>) {
    let medium = medium();
    let bench = Bench::after(&*medium, "siSKS");
    let state = bench.snapshot().state;
    let image = medium.open().read(Want::Everything).unwrap().unwrap();
    for (object, good) in image.objects() {
        let served = match object {
            ObjectName::Generation { number, .. } => state.current.as_ref().unwrap().number == *number,
            ObjectName::Document { .. } => true,
        };
        for bytes in [Some(&b"spoiled"[..]), None] {
            medium.spoil(*object, bytes);
            assert_eq!(bench.store().read_current().is_err(), served, "{object}");
        }
        medium.spoil(*object, Some(good));
    }
}

fn the_largest_commit_is_taken(medium: &dyn Fn() -> Box<dyn Medium>) {
    let medium = medium();
    let store = Store::over(medium.open());
    let requests = bench::requests();
    let commit = |name: usize| {
        let staging = bench::staging(requests.clone());
        let staging =
            rotation::Staging { cluster_name: "x".repeat(name), account: Some(bench::account()), ..staging };
        rotation::stage(None, staging, bench::operation("get_csrs"))
    };
    let Err(PlanError::TooLarge { size, limit }) = commit(Commit::MAX_SIZE) else {
        panic!("more than the limit")
    };
    assert_eq!(limit, Commit::MAX_SIZE);
    let longest = Commit::MAX_SIZE - (size - Commit::MAX_SIZE);
    assert!(matches!(commit(longest + 1), Err(PlanError::TooLarge { .. })));
    store.apply(&commit(longest).unwrap()).unwrap();
    let staged = store.read().unwrap().unwrap().staged.unwrap();
    assert_eq!(staged.manifest.cluster_name.len(), longest);
}

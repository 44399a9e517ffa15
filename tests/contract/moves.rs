//! The moves, from every state a store can be in, over the reference medium.

use common::{Pair, Role, Timestamp};
use store::PlanError;
use store::rotation::{self, Mode::First, Mode::Rotate};
use tests::contract::InMemory;
use tests::contract::bench::{Bench, CHAIN_ENDS, NOW, NotMoved, account, operation, verified};

fn staged(generation: u64) -> PlanError {
    PlanError::AlreadyStaged { generation, since: NOW }
}

/// A move that was not made was refused by its plan.
fn refused(done: Result<(), NotMoved>) -> Result<(), PlanError> {
    done.map_err(|error| match error {
        NotMoved::Plan(error) => error,
        NotMoved::Store(error) => panic!("{error}"),
    })
}

/// What a move leads to: what is staged, current, previous, and which generations are kept.
type Outcome = Result<([Option<u64>; 3], Vec<u64>), PlanError>;

fn outcome(bench: &Bench<'_>, done: Result<(), NotMoved>) -> Outcome {
    refused(done).map(|()| (bench.numbers(), bench.kept()))
}

#[test]
fn staging_from_every_state() {
    let installed = |current| PlanError::AlreadyInstalled { current };
    let cases: [(&str, [Outcome; 4]); 6] = [
        // plain, --rotate, plain --replace-staged, --rotate --replace-staged
        (
            "",
            [
                Ok(([Some(1), None, None], vec![1])),
                Err(PlanError::NothingInstalled),
                Ok(([Some(1), None, None], vec![1])),
                Err(PlanError::NothingInstalled),
            ],
        ),
        (
            "s",
            [
                Err(staged(1)),
                Err(staged(1)),
                Ok(([Some(2), None, None], vec![2])),
                Err(PlanError::NothingInstalled),
            ],
        ),
        (
            "si",
            [
                Err(installed(2)),
                Ok(([Some(3), Some(2), None], vec![2, 3])),
                Err(installed(2)),
                Ok(([Some(3), Some(2), None], vec![2, 3])),
            ],
        ),
        (
            "siS",
            [Err(staged(3)), Err(staged(3)), Err(installed(2)), Ok(([Some(4), Some(2), None], vec![2, 4]))],
        ),
        (
            "siSK",
            [
                Err(installed(4)),
                Ok(([Some(5), Some(4), Some(2)], vec![2, 4, 5])),
                Err(installed(4)),
                Ok(([Some(5), Some(4), Some(2)], vec![2, 4, 5])),
            ],
        ),
        (
            "siSKS",
            [
                Err(staged(5)),
                Err(staged(5)),
                Err(installed(4)),
                Ok(([Some(6), Some(4), Some(2)], vec![2, 4, 6])),
            ],
        ),
    ];
    for (history, outcomes) in cases {
        let ways = [(First, false), (Rotate, false), (First, true), (Rotate, true)];
        for ((mode, replace), expected) in ways.into_iter().zip(outcomes) {
            let medium = InMemory::default();
            let mut bench = Bench::after(&medium, history);
            let done = bench.stage(mode, replace);
            assert_eq!(outcome(&bench, done), expected, "{history:?} {mode:?} {replace}");
        }
    }
}

#[test]
fn installing_from_every_state() {
    let cases: [(&str, [Outcome; 4]); 5] = [
        // plain, --rotate, plain --keep-previous, --rotate --keep-previous
        (
            "s",
            [
                Ok(([None, Some(2), None], vec![2])),
                Err(PlanError::IsFirst { staged: 1 }),
                Ok(([None, Some(2), None], vec![2])),
                Err(PlanError::IsFirst { staged: 1 }),
            ],
        ),
        ("si", [(); 4].map(|()| Err(PlanError::NothingStaged))),
        (
            "siS",
            [
                Err(PlanError::IsRotation { staged: 3, current: 2 }),
                Ok(([None, Some(4), None], vec![4])),
                Err(PlanError::IsRotation { staged: 3, current: 2 }),
                Ok(([None, Some(4), Some(2)], vec![2, 4])),
            ],
        ),
        ("siSK", [(); 4].map(|()| Err(PlanError::NothingStaged))),
        (
            "siSKS",
            [
                Err(PlanError::IsRotation { staged: 5, current: 4 }),
                Ok(([None, Some(6), None], vec![6])),
                Err(PlanError::IsRotation { staged: 5, current: 4 }),
                Ok(([None, Some(6), Some(4)], vec![4, 6])),
            ],
        ),
    ];
    for (history, outcomes) in cases {
        let ways = [(First, false), (Rotate, false), (First, true), (Rotate, true)];
        for ((mode, keep), expected) in ways.into_iter().zip(outcomes) {
            let medium = InMemory::default();
            let mut bench = Bench::after(&medium, history);
            let done = bench.install(mode, keep);
            assert_eq!(outcome(&bench, done), expected, "{history:?} {mode:?} {keep}");
        }
    }
}

#[test]
fn rolling_back_from_every_state() {
    // That of the intermediates: the end entities would still be good for a month.
    let not_after = CHAIN_ENDS;
    let cases: [(&str, Timestamp, Outcome); 8] = [
        ("s", NOW, Err(PlanError::NoPrevious)),
        ("si", NOW, Err(PlanError::NoPrevious)),
        ("siS", NOW, Err(PlanError::NoPrevious)),
        ("siSI", NOW, Err(PlanError::NoPrevious)),
        ("siSK", NOW, Ok(([None, Some(2), Some(4)], vec![2, 4]))),
        ("siSKS", NOW, Ok(([Some(5), Some(2), Some(4)], vec![2, 4, 5]))),
        ("siSK", not_after, Ok(([None, Some(2), Some(4)], vec![2, 4]))),
        ("siSK", not_after.plus_seconds(1), Err(PlanError::PreviousExpired { not_after })),
    ];
    for (history, now, expected) in cases {
        let medium = InMemory::default();
        let mut bench = Bench::after(&medium, history);
        let done = bench.roll_back(now);
        assert_eq!(outcome(&bench, done), expected, "{history:?} at {now}");
    }
}

#[test]
fn rolling_back_twice_is_where_it_began() {
    let medium = InMemory::default();
    let mut bench = Bench::after(&medium, "siSK");
    let before = bench.snapshot().state;
    bench.roll_back(NOW).unwrap();
    bench.roll_back(NOW).unwrap();
    let after = bench.snapshot().state;
    assert_eq!((&after.current, &after.previous), (&before.current, &before.previous));
    assert_eq!(after.sequence, before.sequence + 2);
}

#[test]
fn the_first_staging_brings_the_account_and_no_other_does() {
    let medium = InMemory::default();
    let mut bench = Bench::new(&medium);
    assert_eq!(refused(bench.stage_with(First, false, None)), Err(PlanError::AccountMissing));
    bench.stage_with(First, false, Some(account())).unwrap();
    let again = bench.stage_with(First, true, Some(account()));
    assert_eq!(refused(again), Err(PlanError::AccountExists));
    bench.stage_with(First, true, None).unwrap();
    assert_eq!(bench.snapshot().accounts.all(), [account()]);
}

#[test]
fn chains_for_other_keys_or_roles_are_not_installed() {
    let media = [InMemory::default(), InMemory::default()];
    let [bench, other] = media.each_ref().map(|medium| Bench::after(medium, "s"));
    let snapshot = bench.snapshot();
    let install = |chains: &Pair<_>| rotation::install(&snapshot, chains, First, false, operation("x")).err();
    let good = verified(&snapshot, bench.chains());
    assert_eq!(install(&good), None);
    let swapped = Pair { main: good.assets.clone(), assets: good.main.clone() };
    let foreign = verified(&other.snapshot(), other.chains());
    let half = Pair { main: good.main, assets: foreign.assets.clone() };
    for (chains, role) in [(swapped, Role::Main), (foreign, Role::Main), (half, Role::Assets)] {
        assert!(
            matches!(install(&chains), Some(PlanError::ForeignChain { role: found, .. }) if found == role)
        );
    }
}

#[test]
fn no_key_is_ever_forgotten() {
    let generations = |bench: &Bench<'_>| -> Vec<u64> {
        bench.snapshot().known_keys().iter().map(|key| key.generation).collect()
    };
    for (history, expected) in [
        ("s", vec![]),
        ("si", vec![2, 2]),
        ("siS", vec![2, 2]),
        ("siSI", vec![4, 4, 2, 2]),
        ("siSISI", vec![6, 6, 4, 4, 2, 2]),
        ("siSKSI", vec![6, 6, 4, 4, 2, 2]),
        ("siSKSIS", vec![6, 6, 4, 4, 2, 2]),
    ] {
        let medium = InMemory::default();
        assert_eq!(generations(&Bench::after(&medium, history)), expected, "{history:?}");
    }
    // A replaced request may still lie at a CA.
    let medium = InMemory::default();
    let mut bench = Bench::after(&medium, "s");
    bench.stage(First, true).unwrap();
    assert_eq!(generations(&bench), [1, 1]);
    // What a rollback pushed aside is remembered when it is pruned.
    let medium = InMemory::default();
    assert_eq!(generations(&Bench::after(&medium, "siSKSbI")), [6, 6, 4, 4, 2, 2]);
}

#[test]
fn a_manifest_tells_where_its_generation_comes_from() {
    let medium = InMemory::default();
    let current = Bench::after(&medium, "siSI").snapshot().current.unwrap().manifest;
    assert_eq!((current.generation, current.staged_as), (4, 3));
    assert_eq!(current.staged_by, operation("get_csrs"));
    assert_eq!(current.installed_by, Some(operation("install_certs")));
    assert_eq!(current.roles.main.sans, ["DNS:main.example.com"]);
    assert_eq!(current.roles.assets.key_algorithm, "NISTP256");
}

#[test]
fn the_anchor_of_each_chain_is_kept_with_it() {
    let medium = InMemory::default();
    let snapshot = Bench::after(&medium, "siSK").snapshot();
    for pair in [snapshot.current.unwrap(), snapshot.previous.unwrap()] {
        for (role, anchor) in pair.anchors.iter() {
            let last = pair.chains.of(role).certificates().last().unwrap();
            assert_eq!(last.issuer(), anchor.subject(), "{role}");
            last.verify_signed_by(anchor.spki()).unwrap();
        }
    }
}

#[test]
fn a_store_is_named_by_the_operation_that_founded_it() {
    let medium = InMemory::default();
    let state = Bench::after(&medium, "siSK").snapshot().state;
    let founded = operation("get_csrs").id;
    assert_eq!((state.store.as_str(), state.epoch.as_str()), (founded.as_str(), founded.as_str()));
}

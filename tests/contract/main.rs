//! The contract of the store over every medium, and the moves it is made of.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, with everything it saw")]
#![expect(clippy::print_stderr, reason = "the check that failed is named above its panic")]

mod forged;
mod moves;

use std::panic::{AssertUnwindSafe, catch_unwind};
use tests::contract::{CHECKS, InMemory, Medium, Mistake, OnDisk, WithMistake};

fn holds(medium: &dyn Fn() -> Box<dyn Medium>) {
    for (name, check) in CHECKS {
        eprintln!("{name}");
        check(medium);
    }
}

#[test]
fn memory_keeps_the_contract() {
    holds(&|| Box::new(InMemory::default()));
}

#[test]
fn a_directory_keeps_the_contract() {
    holds(&|| Box::new(OnDisk::fresh()));
}

/// A mistake, and the checks that must notice it.
const MISTAKES: [(Mistake, &[&str]); 13] = [
    (Mistake::ComparesSequencesOnly, &["bases"]),
    (Mistake::ComparesNothing, &["conflict", "bases"]),
    (Mistake::ForgetsAnObject, &["histories"]),
    (Mistake::KeepsWhatIsRetired, &["histories"]),
    (Mistake::MixesMoments, &["histories", "readers"]),
    (Mistake::NeverWakes, &["wake"]),
    (Mistake::WakesWithoutReason, &["patience"]),
    (Mistake::BelievesItCommitted, &["settle"]),
    (Mistake::BelievesItDidNot, &["settle"]),
    (Mistake::HidesDamage, &["damage", "current"]),
    (Mistake::NeedsEverything, &["current"]),
    (Mistake::CutsLongObjects, &["size"]),
    (Mistake::InventsARecord, &["nothing"]),
];

#[test]
fn a_medium_that_is_wrong_is_noticed_by_the_check_it_is_wrong_for() {
    holds(&|| Box::new(WithMistake::new(Mistake::None)));
    for (mistake, must_notice) in MISTAKES {
        for wanted in must_notice {
            let (_, check) = CHECKS.iter().find(|(name, _)| name == wanted).unwrap();
            let medium = || -> Box<dyn Medium> { Box::new(WithMistake::new(mistake)) };
            let outcome = catch_unwind(AssertUnwindSafe(|| check(&medium)));
            assert!(outcome.is_err(), "{wanted} does not notice {mistake:?}");
        }
    }
    let noticed = |check: &str| MISTAKES.iter().any(|(_, checks)| checks.contains(&check));
    for (name, _) in CHECKS {
        assert!(noticed(name), "no mistake shows that {name} can fail");
    }
}

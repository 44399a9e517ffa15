//! The ways users get it wrong: each gets a message, an exit code, a last line that says what is
//! true now, and a store byte for byte as it was. How a rule decides is tested where the rule is;
//! here, that its answer reaches the user.

mod chains;
mod flags;
mod names;
mod pastes;
mod secrets;
mod store;

use tests::{Ran, World};

/// What is true after a refused first `get_csrs`.
const NOTHING_STAGED: &str = "nothing was staged";
/// What is true after a refused `install_certs` in a staged world.
const STILL_STAGED: &str = "nothing is installed yet; generation 1 stays staged";

/// Asserts that a first `get_csrs` was refused, said all of this, and left neither store nor requests.
#[track_caller]
fn requests_nothing(world: &World, run: &Ran, code: i32, says: &[&str]) {
    world.refused(run, code, says);
    run.now(NOTHING_STAGED);
    assert_eq!(run.stdout, "", "{run}");
    assert!(!world.path("csr").exists(), "a refused run left a directory\n{run}");
}

/// Asserts that `install_certs` refuses what lies in `signed/`, says all of this, and installs nothing.
#[track_caller]
fn installs_nothing(world: &World, code: i32, says: &[&str]) {
    let before = world.snapshot();
    let run = world.install(&[]);
    run.refused(code, says);
    run.now(STILL_STAGED);
    assert_eq!(run.stdout, "", "{run}");
    before.assert_same(&world.store());
}

/// Asserts that every check accepts what lies in `signed/`, that this is said, and that looking
/// changed nothing.
#[track_caller]
fn would_install(world: &World, more: &[&str], says: &[&str]) {
    let before = world.snapshot();
    let run = world.install(&[&["--dry-run"], more].concat());
    run.refused(0, says);
    assert!(run.stdout.starts_with("every check passed; nothing was written"), "{run}");
    before.assert_same(&world.store());
}

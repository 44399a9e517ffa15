//! Hardening, in a process that does nothing else: mask and limits are those of all its threads.

use rustix::fs::Mode;
use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit, umask};

#[test]
fn a_hardened_process_leaves_no_core_and_no_readable_file() {
    assert_eq!(cli::harden::process(), Vec::<String>::new());
    assert_eq!(getrlimit(Resource::Core).current, Some(0));
    assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    let private = Mode::from_raw_mode(0o077);
    assert_eq!(umask(private), private);
}

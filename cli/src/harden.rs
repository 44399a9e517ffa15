//! Before the first secret: no core dumps, no ptrace, umask 077, no surprises from the environment.

use rustix::fs::Mode;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, umask};
use std::sync::Arc;

/// Hardens the process; what the system refuses is returned as warnings.
///
/// `SSLKEYLOGFILE` and its like need nothing here: no TLS configuration of the product installs a
/// key log, so the variable is never read.
pub fn process() -> Vec<String> {
    let mut warnings = vec![];
    if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
        warnings.push(format!("core dumps cannot be switched off: {error}"));
    }
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        warnings.push(format!("reading this process from outside cannot be switched off: {error}"));
    }
    umask(Mode::RWXG | Mode::RWXO);
    // With a handler, a write over the limit on file sizes fails; without one it kills.
    if let Err(error) = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default()) {
        warnings.push(format!("a limit on file sizes will end this process without a word: {error}"));
    }
    warnings
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_hardened_process_leaves_no_core_and_no_readable_file() {
        assert_eq!(super::process(), Vec::<String>::new());
        assert_eq!(rustix::process::getrlimit(rustix::process::Resource::Core).current, Some(0));
        assert_eq!(
            rustix::process::dumpable_behavior().unwrap(),
            rustix::process::DumpableBehavior::NotDumpable
        );
        assert_eq!(super::umask(super::Mode::from_raw_mode(0o077)), super::Mode::from_raw_mode(0o077));
    }
}

//! Before the first secret: no core dumps, no ptrace, no swap, umask 077, no surprises from the
//! environment, and memory that is wiped when it is given back.

use rustix::fs::Mode;
use rustix::io::Errno;
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit, umask,
};
use std::alloc::System;
use std::sync::Arc;
use zeroizing_alloc::ZeroAlloc;

/// The allocator of every command that handles a secret: what is given back is wiped first. A
/// string that grows while somebody types leaves its shorter selves behind, in libraries too.
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: cli::harden::Wiping = cli::harden::WIPING;
/// # fn main() {}
/// ```
pub type Wiping = ZeroAlloc<System>;

/// See [`Wiping`].
pub const WIPING: Wiping = ZeroAlloc(System);

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
    if let Err(error) = lock_memory() {
        warnings.push(format!("memory cannot be kept out of swap: {error}"));
    }
    umask(Mode::RWXG | Mode::RWXO);
    // With a handler, a write over the limit on file sizes fails; without one it kills.
    if let Err(error) = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default()) {
        warnings.push(format!("a limit on file sizes will end this process without a word: {error}"));
    }
    warnings
}

/// Keeps all memory out of swap where no limit is in the way: under one, a lock is granted as long as
/// little is locked, and an allocation later fails. With a limit of zero the lock is granted only to
/// whom limits do not bind (`CAP_IPC_LOCK`, for real and not of a user namespace).
fn lock_memory() -> rustix::io::Result<()> {
    let limit = getrlimit(Resource::Memlock);
    if limit.current.is_some() {
        setrlimit(Resource::Memlock, Rlimit { current: Some(0), maximum: limit.maximum })?;
    }
    let locked = mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT);
    setrlimit(Resource::Memlock, limit)?;
    locked.or_else(|error| if error == Errno::PERM { Ok(()) } else { Err(error) })
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

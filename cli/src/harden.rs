//! Before the first secret: no core dumps, no ptrace, no swap, umask 077, no descriptor that goes on to
//! another program, no surprises from the environment, and memory that is wiped when it is given back.

use rustix::fs::Mode;
use rustix::io::Errno;
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit, umask,
};
use std::alloc::System;
use std::sync::{Arc, OnceLock};
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
    let core = getrlimit(Resource::Core);
    // The soft limit alone: a hard one could not be given back to the programs we start. The kernel
    // writes no core of a process that is not dumpable in any case.
    if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: core.maximum }) {
        warnings.push(format!("core dumps cannot be switched off: {error}"));
    }
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        warnings.push(format!("reading this process from outside cannot be switched off: {error}"));
    }
    if let Err(error) = lock_memory() {
        warnings.push(format!("memory cannot be kept out of swap: {error}"));
    }
    // Descriptors that whoever started us left open are ours alone: one of them may be a passphrase's.
    close_fds::set_fds_cloexec_threadsafe(3, &[]);
    let before = Inherited { umask: umask(PRIVATE), core };
    INHERITED.get_or_init(|| before);
    // With a handler, a write over the limit on file sizes fails; without one it kills.
    if let Err(error) = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default()) {
        warnings.push(format!("a limit on file sizes will end this process without a word: {error}"));
    }
    warnings
}

/// Nothing for the group, nothing for others.
const PRIVATE: Mode = Mode::RWXG.union(Mode::RWXO);

/// What a process inherits and [`process`] changes.
struct Inherited {
    umask: Mode,
    core: Rlimit,
}

/// As it was before [`process`]: of the first call, should there be two.
static INHERITED: OnceLock<Inherited> = OnceLock::new();

/// Does something, starting another program say, under the umask and the limit on core dumps that
/// this process was started with. They are those of all its threads meanwhile.
pub(crate) fn as_inherited<T>(act: impl FnOnce() -> T) -> T {
    let Some(Inherited { umask: theirs, core }) = INHERITED.get() else { return act() };
    let (ours, limit) = (umask(*theirs), getrlimit(Resource::Core));
    // No more than it had, so that no refusal is to be expected; one would leave it at no core dumps.
    let _raised = setrlimit(Resource::Core, *core);
    let done = act();
    let _lowered = setrlimit(Resource::Core, limit);
    umask(ours);
    done
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

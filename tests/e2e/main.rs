//! Stories told with the real commands. One file per story, one binary so that linking costs once.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, with everything it saw")]

mod afterwards;
mod architecture;
mod attacks;
mod cards;
mod check_certs;
mod check_csrs;
mod desk_inputs;
mod desk_outputs;
mod help;
mod judges;
mod pointers;
mod publishing;
mod refusals;
mod rotation;
mod round_trip;
mod shipped;
mod sign_csrs;
mod snapshots;
mod terminal;

use tests::{Programs, World};

/// The twins of the commands.
const PROGRAMS: Programs = Programs {
    get_csrs: env!("CARGO_BIN_EXE_e2e-get_csrs"),
    check_certs: env!("CARGO_BIN_EXE_e2e-check_certs"),
    install_certs: env!("CARGO_BIN_EXE_e2e-install_certs"),
    sign_csrs: env!("CARGO_BIN_EXE_e2e-sign_csrs"),
    check_csrs: env!("CARGO_BIN_EXE_e2e-check_csrs"),
    python_path: concat!(env!("CARGO_TARGET_TMPDIR"), "/python"),
};

/// Secrets and no store.
fn world() -> World {
    World::new(PROGRAMS)
}

/// A pair is staged, its requests lie in `csr/`.
fn staged() -> World {
    World::staged(PROGRAMS)
}

/// A staged pair whose chains lie in `signed/`.
fn signed() -> World {
    World::signed(PROGRAMS)
}

/// A pair is installed, signed by OpenSSL's CA.
fn installed() -> World {
    World::installed(PROGRAMS)
}

/// A pair is installed and a rotation is staged.
fn rotating() -> World {
    World::rotating(PROGRAMS)
}

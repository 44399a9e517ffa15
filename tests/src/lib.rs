//! The bench: everything a test needs to judge the product from outside.
//!
//! A [`World`] is a temporary folder with a store, passphrase files and the three commands in a
//! cleared environment; [`openssl`] is the independent certification authority and judge, and
//! [`judges`] are more of them; [`der`] writes what no builder would; [`terminal`] drives a command
//! through a real pseudo-terminal; [`nginx`] serves what was published. A refusal is tested in five
//! lines:
//!
//! ```text
//! #[test]
//! fn a_wildcard_name() {
//!     let world = world();
//!     world.refused(&world.get_csrs_for("*.example.com", ASSETS, &[]), 2, &["catch-all"]);
//! }
//! ```
//!
//! A program a test needs and does not find is reported by [`left_out`], which `tests/run` lists.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench fails by panicking, with everything it saw"
)]

pub mod card;
pub mod contract;
pub mod der;
pub mod judges;
pub mod nginx;
pub mod openssl;
pub mod ran;
pub mod terminal;
pub mod transcript;
pub mod tree;
pub mod world;

pub use ran::Ran;
pub use transcript::Transcript;
pub use world::{Programs, World};

use std::io::Write;
use std::path::{Path, PathBuf};

/// The root of the project.
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Where a program is, if this machine has it.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    places.map(|place| place.join(name)).find(|path| path.is_file())
}

/// Says what a test could not judge on this machine, and why; `tests/run` lists these lines.
pub fn left_out(what: &str, why: &str) {
    // Past the capture of the test harness, which would hide it when the test passes.
    let _ = writeln!(std::io::stderr(), "left out: {what}: {why}");
}

/// Whether all these programs are there; says what is left out when one is not.
pub fn has_programs(what: &str, names: &[&str]) -> bool {
    let missing = names.iter().find(|name| find_program(name).is_none());
    missing.inspect(|name| left_out(what, &format!("{name} is not installed"))).is_none()
}

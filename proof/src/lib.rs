//! The rig that tries to prove the store wrong: every part makes one kind of trouble at every
//! place it can find, and asks the same `oracle` afterwards. How to run it is in `proof/README.md`,
//! what each part does and what it found in `docs/proof.md`.
//!
//! Nothing here knows how the store writes. To aim it at another store, replace `scene` (which
//! commands there are), `inspect` (what lies on the disk), and the list of system calls in
//! `model`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a rig fails by panicking, with everything it saw")]

mod attacks;
mod disk;
mod forgery;
mod held;
mod inspect;
mod memory;
mod model;
mod needles;
mod oracle;
mod rig;
mod scene;
mod secrets;
mod serial;
mod strace;
mod tool;
mod workshop;

pub use attacks::{PARTS, Part};
pub use rig::{Effort, Rig, Tally, Verdict};
pub use scene::Kit;

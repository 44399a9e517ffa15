//! The rig that tries to prove the store wrong: every part makes one kind of trouble at every
//! place it can find, and asks the same [`oracle`] afterwards. How to run it, what each part does
//! and what it found is in `docs/proof.md`.
//!
//! Nothing here knows how the store writes. To aim it at another store, replace [`scene`] (which
//! commands there are), [`inspect`] (what lies on the disk), and the list of system calls in
//! [`model`].
#![expect(clippy::unwrap_used, clippy::panic, reason = "a rig fails by panicking, with everything it saw")]

pub mod bombs;
pub mod echo;
pub mod errors;
pub mod escapes;
pub mod explore;
pub mod files;
pub mod full;
pub mod inspect;
pub mod kill;
pub mod model;
pub mod mutants;
pub mod needles;
pub mod oracle;
pub mod power;
pub mod race;
pub mod run;
pub mod scene;
pub mod sealing;
pub mod secrets;
pub mod strace;
pub mod swapped;
pub mod travel;
pub mod typed;

pub use run::{Effort, Rig, Tally, Verdict};

//! TLS with a verified chain and its key: configuration, and the handshakes a pair completes in memory before it is
//! installed, so that a chain no client accepts is found before anything is switched.

mod config;
mod rehearsal;

pub use rehearsal::{Handshake, RehearsalError, rehearse};

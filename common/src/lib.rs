//! The pair of TLS certificates of a key-management cluster, as values.
//!
//! Everything here is pure except [`store::disk`]: bytes, names, time and trust anchors come in,
//! values and findings go out. No terminal, no clock, no environment, no network.
//!
//! Rooms, and the only direction in which they may use each other (`docs/architecture.md`):
//! [`pki`] knows neither [`tls`] nor [`store`]; `tls` knows `pki`; `store` knows `pki`.

pub mod account;
pub mod pki;
pub mod role;
pub mod spec;
pub mod store;
pub mod timestamp;
pub mod tls;
pub mod untrusted;

pub use role::{Pair, Role};
pub use timestamp::Timestamp;
pub use untrusted::Untrusted;

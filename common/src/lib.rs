//! The words every crate of the product shares: the two [`Role`]s and the [`Pair`] everything comes in, moments
//! ([`Timestamp`]), digests ([`Sha256`]), secrets ([`Secret`]), and text somebody else wrote ([`Untrusted`]). Pure
//! values, nothing else.

mod digest;
mod role;
mod secret;
mod timestamp;
mod untrusted;

pub use digest::{Sha256, Sha256Error};
pub use role::{Pair, Role};
pub use secret::{BYTE_ORDER_MARK, Secret, is_guessed_first};
pub use timestamp::{DAY, Timestamp, TimestampError};
pub use untrusted::{Untrusted, is_plain};

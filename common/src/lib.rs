//! The words every crate of the product shares: the two [`Role`]s and the [`Pair`] everything comes in, moments
//! ([`Timestamp`]), digests ([`Sha256`]),
//! secrets ([`secret::Secret`]), and text somebody else wrote ([`Untrusted`]). Pure values, nothing else.

pub mod digest;
pub mod role;
pub mod secret;
pub mod timestamp;
pub mod untrusted;

pub use digest::Sha256;
pub use role::{Pair, Role};
pub use timestamp::Timestamp;
pub use untrusted::Untrusted;

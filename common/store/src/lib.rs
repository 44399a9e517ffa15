//! The store: one directory, one mutable record, write-once generations (`docs/store-format.md`).

pub mod account;
pub mod disk;
pub mod layout;
pub mod manifest;
pub mod rotation;
pub mod snapshot;
pub mod state;

pub use disk::{Store, StoreError};
pub use manifest::Manifest;
pub use snapshot::{Generation, Snapshot};
pub use state::{GenerationRef, Operation, State};

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "they spoil what the store must notice, and look at what it left"
)]
mod tests;

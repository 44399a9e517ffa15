//! The pair at rest. One record, `STATE`, names what is staged, current and previous: numbered, write-once generations
//! that hold Main and Assets together. [`rotation`] turns a [`Snapshot`] and a wish into a [`Commit`]; a
//! [`Backend`] carries it out, all of it or nothing; [`Store`] is what is the same over every medium.

mod account;
mod backend;
mod damage;
mod disk;
mod generation;
mod image;
mod layout;
mod manifest;
mod memory;
mod operation;
mod record;
pub mod rotation;
mod snapshot;
mod state;
mod store;

pub use account::{AccountError, Accounts, Password, SysadminAccount};
pub use backend::{Backend, Changed, Remedy, Settled, StoreError};
pub use damage::{Fault, Part};
pub use disk::Disk;
pub use generation::{Installed, Staged};
pub use image::{Image, Version, Want};
pub use layout::{DocumentName, GenerationFile, ObjectName, Stage};
pub use manifest::{EarlierKey, FileEntry, Manifest, Purpose, RoleEntry};
pub use memory::Memory;
pub use operation::Operation;
pub use record::RecordError;
pub use rotation::{AuditEntry, Commit, PlanError};
pub use snapshot::{Serving, Snapshot};
pub use state::{DocumentRef, GenerationRef, State};
pub use store::{Applied, Store};

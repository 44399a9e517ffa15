//! The contract of [`store::Backend`], as checks that run over any medium. A medium is one line more in
//! `tests/contract/main.rs`.

pub mod bench;
mod checks;
mod media;
mod wrong;

pub use checks::{CHECKS, Check};
pub use media::{InMemory, OnDisk};
pub use wrong::{Mistake, WithMistake};

use store::{Backend, ObjectName};

/// One store in a medium under test.
pub trait Medium: Sync {
    /// Another way to the same store, as another process has it.
    fn open(&self) -> Box<dyn Backend>;

    /// Puts other bytes in an object's place, or takes it away.
    fn spoil(&self, object: ObjectName, bytes: Option<&[u8]>);

    /// The paths of all objects, sorted, also of those the record does not name.
    fn objects(&self) -> Vec<String>;
}

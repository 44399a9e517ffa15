//! The porch all commands share: what meets people, the environment and the clock.

pub mod advice;
pub mod anchors;
pub mod clock;
pub mod entry;
pub mod exit;
pub mod failure;
pub mod generate;
pub mod harden;
mod hook;
pub mod input;
pub mod log;
pub mod output;
mod outputs;
mod passphrase;
mod person;
pub mod place;
mod plain;
pub mod progress;
pub mod prompt;
mod publish;
pub mod secret;
mod spinner;
pub mod terminal;

pub use exit::Exit;
pub use failure::Failure;
pub use hook::{DeployHook, HookRun};
pub use outputs::{FileError, OutputDirectory, OutputFile};
pub use passphrase::PassphraseArgs;
pub use person::Operator;
pub use publish::{LockedDirectory, Publication, PublishDirectory, PublishError, published};
pub use secret::SecretSource;

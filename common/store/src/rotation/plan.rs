//! What a move comes to: a value the disk applies step by step.

use crate::account::SysadminAccount;
use crate::layout;
use crate::manifest::{FileEntry, Manifest};
use crate::state::{GenerationRef, State, canonical};
use common::Sha256;

/// What is to be done to one state of the store; its steps in this order, each only when the one
/// before it is durable.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// The sequence number it was made for: it applies to no other.
    pub(crate) expected_sequence: u64,
    /// For the audit log.
    pub(crate) action: Move,
    /// Whether the store may be created.
    pub(crate) create: bool,
    /// A file to write into `accounts/`.
    pub(crate) account: Option<NewAccount>,
    /// A directory to write into `generations/`.
    pub(crate) generation: Option<NewGeneration>,
    /// The record to commit.
    pub(crate) next: State,
    /// Generations to remove once it is committed.
    pub(crate) prune: Vec<u64>,
}

/// Which move a plan makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Move {
    Stage,
    Install,
    RollBack,
}

/// An accounts file, write-once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NewAccount {
    pub(crate) number: u64,
    pub(crate) bytes: Vec<u8>,
}

impl NewAccount {
    pub(super) fn new(number: u64, account: &SysadminAccount) -> Self {
        Self { number, bytes: canonical(account) }
    }

    pub(super) fn reference(&self) -> GenerationRef {
        GenerationRef { number: self.number, manifest: Sha256::of(&self.bytes) }
    }
}

/// A generation's directory, write-once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NewGeneration {
    pub(crate) number: u64,
    /// Name and contents of every file, the manifest last.
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

impl NewGeneration {
    /// Lists the files in the manifest and adds it to them.
    pub(super) fn new(mut manifest: Manifest, mut files: Vec<(String, Vec<u8>)>) -> (Self, GenerationRef) {
        manifest.files = files.iter().map(|(name, bytes)| FileEntry::of(name, bytes)).collect();
        let number = manifest.generation;
        let bytes = manifest.encode();
        let reference = GenerationRef { number, manifest: Sha256::of(&bytes) };
        files.push((layout::MANIFEST.to_owned(), bytes));
        (Self { number, files }, reference)
    }
}

//! What a move comes to, as named parts, and the commit they make.

use super::PlanError;
use super::commit::{Audit, Commit, Move};
use crate::account::Accounts;
use crate::image::Version;
use crate::layout::{DocumentName, GenerationFile, ObjectName, Stage};
use crate::manifest::{FileEntry, Manifest};
use crate::state::{DocumentRef, GenerationRef, State, files};
use common::Sha256;

/// One move from one state of a store.
pub(super) struct Plan {
    /// The record it was made for: it applies to no other.
    pub(super) base: Version,
    /// For the audit log.
    pub(super) action: Move,
    /// A document to write.
    pub(super) document: Option<NewDocument>,
    /// A generation to write.
    pub(super) generation: Option<NewGeneration>,
    /// The record to commit.
    pub(super) next: State,
    /// Generations to remove once it is committed.
    pub(super) retire: Vec<(u64, Stage)>,
}

impl Plan {
    /// The commit that makes the move.
    ///
    /// # Errors
    /// [`PlanError::TooLarge`].
    pub(super) fn commit(self) -> Result<Commit, PlanError> {
        let number = |reference: &Option<GenerationRef>| reference.as_ref().map(|reference| reference.number);
        let written = self.generation.map(|generation| generation.objects).unwrap_or_default();
        let document = self.document.map(|document| (document.object, document.bytes));
        let commit = Commit {
            base: self.base,
            objects: written.into_iter().chain(document).collect(),
            record: self.next.encode(),
            retired: self.retire.iter().flat_map(|(number, stage)| files(*number, *stage)).collect(),
            audit: Audit {
                action: self.action,
                sequence: self.next.sequence,
                staged: number(&self.next.staged),
                current: number(&self.next.current),
                previous: number(&self.next.previous),
                retired: self.retire.iter().map(|(number, _)| *number).collect(),
                operation: self.next.written_by,
            },
        };
        match commit.size() {
            size if size > Commit::MAX_SIZE => Err(PlanError::TooLarge { size, limit: Commit::MAX_SIZE }),
            _ => Ok(commit),
        }
    }
}

/// A new number of a document.
pub(super) struct NewDocument {
    object: ObjectName,
    bytes: Vec<u8>,
    /// What the record names it by.
    pub(super) reference: (DocumentName, DocumentRef),
}

impl NewDocument {
    pub(super) fn accounts(number: u64, accounts: &Accounts) -> Self {
        let (name, bytes) = (DocumentName::Accounts, accounts.encode());
        let reference = DocumentRef { number, sha256: Sha256::of(&bytes) };
        Self { object: ObjectName::Document { name, number }, bytes, reference: (name, reference) }
    }
}

/// A new generation: every file, the manifest last.
pub(super) struct NewGeneration {
    objects: Vec<(ObjectName, Vec<u8>)>,
    /// What the record names it by.
    pub(super) reference: GenerationRef,
}

impl NewGeneration {
    /// Lists the files, given in the order of [`GenerationFile::of`], in the manifest and adds it to them.
    pub(super) fn new(mut manifest: Manifest, files: Vec<(GenerationFile, Vec<u8>)>) -> Self {
        manifest.files = files.iter().map(|(file, bytes)| FileEntry::of(*file, bytes)).collect();
        let number = manifest.generation;
        let bytes = manifest.encode();
        let reference = GenerationRef { number, manifest: Sha256::of(&bytes) };
        let all = files.into_iter().chain([(GenerationFile::Manifest, bytes)]);
        let objects = all.map(|(file, bytes)| (ObjectName::Generation { number, file }, bytes)).collect();
        Self { objects, reference }
    }
}

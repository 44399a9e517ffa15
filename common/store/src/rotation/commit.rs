//! One change of a store, ready to be made: what a medium reads, and nobody but [`super`] writes.

use crate::image::Version;
use crate::layout::ObjectName;
use crate::operation::Operation;
use crate::record::{FORMAT, canonical};
use common::Timestamp;

/// One change of a store. Only the moves of this module make one:
///
/// ```compile_fail,E0451
/// fn forge() -> store::Commit {
///     store::Commit { base: store::Version::Unwritten, objects: vec![], record: vec![], retired: vec![] }
/// }
/// ```
///
/// ```compile_fail,E0616
/// fn bend(mut commit: store::Commit) {
///     commit.record = vec![];
/// }
/// ```
#[derive(Debug)]
pub struct Commit {
    pub(super) base: Version,
    pub(super) objects: Vec<(ObjectName, Vec<u8>)>,
    pub(super) record: Vec<u8>,
    pub(super) retired: Vec<ObjectName>,
    pub(super) audit: Audit,
}

impl Commit {
    /// Most bytes of record, new objects and audit line together: etcd takes 1.5 MiB a request.
    pub const MAX_SIZE: usize = 1 << 20;

    /// The record it applies to, byte for byte; [`Version::Unwritten`] founds a store.
    pub const fn base(&self) -> &Version {
        &self.base
    }

    /// The objects to write, each new; a generation's manifest after its other files.
    pub fn objects(&self) -> impl Iterator<Item = (ObjectName, &[u8])> {
        self.objects.iter().map(|(name, bytes)| (*name, bytes.as_slice()))
    }

    /// The record to put in force, at most 4 KiB.
    pub fn record(&self) -> &[u8] {
        &self.record
    }

    /// The objects to remove once the record is in force.
    pub fn retired(&self) -> &[ObjectName] {
        &self.retired
    }

    /// One line of the audit log, line feed included, free of control characters otherwise.
    pub fn audit_line(&self, entry: AuditEntry) -> Vec<u8> {
        let Audit { action, operation, sequence, staged, current, previous, retired } = &self.audit;
        canonical(&AuditRecord {
            format: FORMAT,
            record: entry,
            operation: &operation.id,
            action: *action,
            command: &operation.command,
            by: &operation.by,
            at: operation.at,
            sequence: *sequence,
            staged: *staged,
            current: *current,
            previous: *previous,
            retired,
        })
    }

    /// Bytes of record, new objects and one audit line.
    pub(crate) fn size(&self) -> usize {
        let objects: usize = self.objects.iter().map(|(_, bytes)| bytes.len()).sum();
        objects + self.record.len() + self.audit_line(AuditEntry::Committed).len()
    }
}

/// Which line of a commit an audit log gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuditEntry {
    /// Before the commit point: what is meant.
    Intent,
    /// After it: the record is in force.
    Committed,
    /// After it: nobody knows.
    Uncertain,
    /// After it: the record is what it was.
    Failed,
}

/// Which move a commit makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Move {
    Stage,
    Install,
    RollBack,
}

/// What an audit log says of a commit. Every text in it went through [`Operation::recordable`].
#[derive(Debug)]
pub(super) struct Audit {
    pub(super) action: Move,
    pub(super) operation: Operation,
    pub(super) sequence: u64,
    pub(super) staged: Option<u64>,
    pub(super) current: Option<u64>,
    pub(super) previous: Option<u64>,
    /// Generations.
    pub(super) retired: Vec<u64>,
}

/// The fields of a line, in their order.
#[derive(serde::Serialize)]
struct AuditRecord<'a> {
    format: u32,
    record: AuditEntry,
    operation: &'a str,
    #[serde(rename = "move")]
    action: Move,
    command: &'a str,
    by: &'a str,
    at: Timestamp,
    sequence: u64,
    staged: Option<u64>,
    current: Option<u64>,
    previous: Option<u64>,
    retired: &'a [u64],
}

#[cfg(test)]
impl Commit {
    /// A commit no move makes: the smallest there is, or one that no reader would take.
    pub(crate) fn bare(
        base: Version,
        objects: Vec<(ObjectName, Vec<u8>)>,
        next: &crate::state::State,
    ) -> Self {
        let operation = next.written_by.clone();
        let audit = Audit {
            action: Move::Stage,
            operation,
            sequence: next.sequence,
            staged: None,
            current: None,
            previous: None,
            retired: vec![],
        };
        Self { base, objects, record: next.encode(), retired: vec![], audit }
    }
}

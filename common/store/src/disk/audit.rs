//! `audit.log`: one JSON object a line, the intent before the commit and the outcome after it.

use super::StoreError;
use super::dir::{Dir, write_all};
use crate::layout::AUDIT_LOG;
use crate::rotation::{Move, Plan};
use crate::state::{FORMAT, GenerationRef, canonical};
use common::Timestamp;
use rustix::fd::OwnedFd;
use rustix::fs::OFlags;
use std::path::PathBuf;

/// One line. Every text in it went through [`crate::Operation::recordable`].
#[derive(serde::Serialize)]
struct Record<'a> {
    format: u32,
    record: &'static str,
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

/// How an operation that reached the commit point ended.
#[derive(Clone, Copy)]
pub(super) enum Outcome {
    Committed,
    Uncertain,
    Failed,
}

/// How the log is opened.
const APPEND: OFlags = OFlags::RDWR.union(OFlags::APPEND).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// The open log.
pub(super) struct Audit {
    fd: OwnedFd,
    path: PathBuf,
    /// Its length before the intent, to give back what a failed write took.
    length: u64,
}

impl Audit {
    /// Opens the log, made first when it is not there yet.
    pub(super) fn open(root: &Dir) -> Result<Self, StoreError> {
        if let Some(audit) = Self::open_existing(root)? {
            return Ok(audit);
        }
        root.create(AUDIT_LOG, b"")?;
        root.sync()?;
        let vanished = || StoreError::damaged(&root.path_of(AUDIT_LOG), "missing right after it was made");
        Self::open_existing(root)?.ok_or_else(vanished)
    }

    fn open_existing(root: &Dir) -> Result<Option<Self>, StoreError> {
        let path = root.path_of(AUDIT_LOG);
        let Some((fd, stat)) = root.open_file(AUDIT_LOG, APPEND)? else { return Ok(None) };
        Ok(Some(Self { fd, path, length: stat.st_size.unsigned_abs() }))
    }

    /// Appends the intent durably; on failure the log is put back as it was. Best effort: the
    /// next append tolerates a torn line.
    pub(super) fn intent(&self, root: &Dir, plan: &Plan) -> Result<(), StoreError> {
        self.append("intent", plan).inspect_err(|_| {
            let _ = match self.length {
                0 => root.unlink(AUDIT_LOG),
                length => rustix::fs::ftruncate(&self.fd, length)
                    .map_err(|error| StoreError::io("shorten", &self.path, error)),
            };
        })
    }

    /// Appends the outcome durably.
    pub(super) fn outcome(&self, plan: &Plan, outcome: Outcome) -> Result<(), StoreError> {
        let word = match outcome {
            Outcome::Committed => "committed",
            Outcome::Uncertain => "uncertain",
            Outcome::Failed => "failed",
        };
        self.append(word, plan)
    }

    fn append(&self, record: &'static str, plan: &Plan) -> Result<(), StoreError> {
        let mut line = if self.ends_torn()? { vec![b'\n'] } else { vec![] };
        line.extend(canonical(&line_of(record, plan)));
        write_all(&self.fd, &line).map_err(|error| StoreError::io("append to", &self.path, error))?;
        rustix::fs::fdatasync(&self.fd).map_err(|error| StoreError::io("make durable", &self.path, error))
    }

    /// Whether the last line was cut, by a full disk or a power cut.
    fn ends_torn(&self) -> Result<bool, StoreError> {
        let failed = |error| StoreError::io("read", &self.path, error);
        let length = rustix::fs::fstat(&self.fd).map_err(failed)?.st_size.unsigned_abs();
        let mut last = [b'\n'];
        if let Some(offset) = length.checked_sub(1) {
            rustix::io::pread(&self.fd, &mut last, offset).map_err(failed)?;
        }
        Ok(last != [b'\n'])
    }
}

fn line_of<'a>(record: &'static str, plan: &'a Plan) -> Record<'a> {
    let number = |reference: &Option<GenerationRef>| reference.as_ref().map(|reference| reference.number);
    let Plan { next, action, prune, .. } = plan;
    Record {
        format: FORMAT,
        record,
        operation: &next.written_by.id,
        action: *action,
        command: &next.written_by.command,
        by: &next.written_by.by,
        at: next.written_by.at,
        sequence: next.sequence,
        staged: number(&next.staged),
        current: number(&next.current),
        previous: number(&next.previous),
        retired: prune,
    }
}

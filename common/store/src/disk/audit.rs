//! `audit.log`: one JSON object a line, the intent before the commit and the outcome after it.

use super::dir::{Dir, write_all};
use super::error::io;
use crate::backend::StoreError;
use crate::damage::{Fault, Part};
use crate::layout::AUDIT_LOG;
use crate::rotation::{AuditEntry, Commit};
use rustix::fd::OwnedFd;
use rustix::fs::OFlags;
use std::path::PathBuf;

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
        let vanished = || root.damaged(Part::AuditLog, Fault::Vanished);
        Self::open_existing(root)?.ok_or_else(vanished)
    }

    fn open_existing(root: &Dir) -> Result<Option<Self>, StoreError> {
        let path = root.path_of(AUDIT_LOG);
        let Some((fd, stat)) = root.open_file(AUDIT_LOG, APPEND)? else { return Ok(None) };
        Ok(Some(Self { fd, path, length: stat.st_size.unsigned_abs() }))
    }

    /// Appends the intent durably; on failure the log is put back as it was. Best effort: the
    /// next append tolerates a torn line.
    pub(super) fn intent(&self, root: &Dir, commit: &Commit) -> Result<(), StoreError> {
        self.append(AuditEntry::Intent, commit).inspect_err(|_| {
            let _ = match self.length {
                0 => root.unlink(AUDIT_LOG),
                length => {
                    rustix::fs::ftruncate(&self.fd, length).map_err(|error| io("shorten", &self.path, error))
                }
            };
        })
    }

    /// Appends the outcome durably.
    pub(super) fn outcome(&self, commit: &Commit, outcome: AuditEntry) -> Result<(), StoreError> {
        self.append(outcome, commit)
    }

    fn append(&self, entry: AuditEntry, commit: &Commit) -> Result<(), StoreError> {
        let mut line = if self.ends_torn()? { vec![b'\n'] } else { vec![] };
        line.extend(commit.audit_line(entry));
        write_all(&self.fd, &line).map_err(|error| io("append to", &self.path, error))?;
        rustix::fs::fdatasync(&self.fd).map_err(|error| io("sync", &self.path, error))
    }

    /// Whether the last line was cut, by a full disk or a power cut.
    fn ends_torn(&self) -> Result<bool, StoreError> {
        let failed = |error| io("read", &self.path, error);
        let length = rustix::fs::fstat(&self.fd).map_err(failed)?.st_size.unsigned_abs();
        let mut last = [b'\n'];
        if let Some(offset) = length.checked_sub(1) {
            rustix::io::pread(&self.fd, &mut last, offset).map_err(failed)?;
        }
        Ok(last != [b'\n'])
    }
}

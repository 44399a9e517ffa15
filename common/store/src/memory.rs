//! The reference medium: a map in memory, which is all a commit needs.

use crate::backend::{Backend, Changed, Settled, StoreError};
use crate::image::{Image, Version, Want};
use crate::layout::ObjectName;
use crate::rotation::{AuditEntry, Commit};
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A store that lives as long as the process.
#[derive(Debug, Default)]
pub struct Memory {
    kept: Mutex<Kept>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Kept {
    record: Option<Vec<u8>>,
    objects: BTreeMap<ObjectName, Vec<u8>>,
    audit: Vec<u8>,
}

impl Kept {
    fn version(&self) -> Version {
        self.record.clone().map_or(Version::Unwritten, Version::Record)
    }
}

impl Memory {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The names of all objects, also of those the record does not name.
    pub fn objects(&self) -> Vec<ObjectName> {
        self.kept().objects.keys().copied().collect()
    }

    /// The audit log.
    pub fn audit(&self) -> Vec<u8> {
        self.kept().audit.clone()
    }

    /// Spoils an object or, with `None`, takes it away; for tests of what readers notice.
    pub fn spoil(&self, name: ObjectName, bytes: Option<Vec<u8>>) {
        let mut kept = self.kept();
        match bytes {
            Some(bytes) => drop(kept.objects.insert(name, bytes)),
            None => drop(kept.objects.remove(&name)),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // What a commit changes it changes after everything that could panic.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend for Memory {
    fn place(&self) -> &str {
        "memory"
    }

    fn read(&self, want: Want) -> Result<Option<Image>, StoreError> {
        let kept = self.kept();
        let Some(record) = kept.record.clone() else { return Ok(None) };
        let wanted = want.objects(&record).into_iter();
        let objects = wanted.filter_map(|name| Some((name, kept.objects.get(&name)?.clone()))).collect();
        Ok(Some(Image::new(record, objects)))
    }

    fn probe(&self, _bytes: usize) -> Result<(), StoreError> {
        Ok(())
    }

    fn commit(&self, commit: &Commit) -> Result<Vec<String>, StoreError> {
        let mut kept = self.kept();
        let found = kept.version();
        if found != *commit.base() {
            return Err(StoreError::conflict(commit, &found));
        }
        kept.audit.extend(commit.audit_line(AuditEntry::Intent));
        kept.objects.extend(commit.objects().map(|(name, bytes)| (name, bytes.to_vec())));
        kept.record = Some(commit.record().to_vec());
        for name in commit.retired() {
            kept.objects.remove(name);
        }
        kept.audit.extend(commit.audit_line(AuditEntry::Committed));
        self.changed.notify_all();
        Ok(vec![])
    }

    fn settle(&self, commit: &Commit) -> Result<Settled, StoreError> {
        Ok(settled(commit, &self.kept().version()))
    }

    fn wait(&self, seen: &Version, patience: Duration) -> Result<Changed, StoreError> {
        let unchanged = |kept: &mut Kept| kept.version() == *seen;
        let waited = self.changed.wait_timeout_while(self.kept(), patience, unchanged);
        let (kept, _) = waited.unwrap_or_else(PoisonError::into_inner);
        Ok(if kept.version() == *seen { Changed::NotYet } else { Changed::Yes })
    }
}

/// What the record in force says of a commit.
pub(crate) fn settled(commit: &Commit, found: &Version) -> Settled {
    if found.record() == Some(commit.record()) {
        Settled::Committed
    } else if found == commit.base() {
        Settled::NotCommitted
    } else {
        Settled::Overtaken
    }
}

//! A store over any medium: decoding, early checks, and moves, which are the same for all.

use crate::backend::{Backend, Changed, Settled, StoreError};
use crate::damage::{Damage, Fault, Part};
use crate::disk::Disk;
use crate::image::{Image, Version, Want};
use crate::rotation::Commit;
use crate::snapshot::{Serving, Snapshot};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// A store.
pub struct Store {
    backend: Box<dyn Backend>,
}

impl Store {
    /// Room for a generation with long chains, its manifest, a new record and the audit log: what a
    /// staging or an install may take.
    pub const ROOM_FOR_A_GENERATION: usize = 512 << 10;
    /// Room for a new record and the audit log: what a rollback takes.
    pub const ROOM_FOR_A_RECORD: usize = 16 << 10;

    /// A store over a medium.
    pub fn over(backend: Box<dyn Backend>) -> Self {
        Self { backend }
    }

    /// A store in a directory; nothing is touched until it is read or written.
    pub fn on_disk(path: impl Into<PathBuf>) -> Self {
        Self::over(Box::new(Disk::at(path)))
    }

    /// Where it is, for people.
    pub fn place(&self) -> &str {
        self.backend.place()
    }

    /// Reads everything the record names, of one moment, every digest checked; `Ok(None)` only when
    /// nothing was ever committed. What it returns is durable.
    ///
    /// # Errors
    /// [`StoreError`]; never [`StoreError::Uncertain`] or [`StoreError::Conflict`].
    pub fn read(&self) -> Result<Option<Snapshot>, StoreError> {
        let image = self.backend.read(Want::Everything)?;
        image.map(|image| Snapshot::decode(&image)).transpose().map_err(|damage| self.damaged(damage))
    }

    /// Reads what serving needs, as [`Self::read`] does; damage elsewhere does not matter.
    ///
    /// # Errors
    /// Those of [`Self::read`].
    pub fn read_current(&self) -> Result<Option<Serving>, StoreError> {
        let image = self.backend.read(Want::Current)?;
        image.map(|image| Serving::decode(&image)).transpose().map_err(|damage| self.damaged(damage))
    }

    /// Checks, before a human or a slow step is bothered, that so many bytes could be committed.
    ///
    /// # Errors
    /// [`StoreError`]; never [`StoreError::Uncertain`] or [`StoreError::Conflict`].
    pub fn check_writable(&self, bytes: usize) -> Result<(), StoreError> {
        self.backend.probe(bytes)
    }

    /// Makes a move. No record is put in force that a reader would refuse: what is to be committed is
    /// decoded first, together with what it leaves in place.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Uncertain`] is neither success nor failure ([`Self::settle`]),
    /// after any other the store says what it said before.
    pub fn apply(&self, commit: &Commit) -> Result<Applied, StoreError> {
        let snapshot = self.foresee(commit)?;
        let warnings = self.backend.commit(commit)?;
        Ok(Applied { snapshot, warnings })
    }

    /// The view after a commit, decoded from what it leaves in place and what it writes.
    fn foresee(&self, commit: &Commit) -> Result<Snapshot, StoreError> {
        let base = match (self.backend.read(Want::Everything)?, commit.base().record()) {
            (Some(image), _) if image.version() == *commit.base() => image,
            (None, None) => Image::new(vec![], BTreeMap::new()),
            (None, Some(_)) => return Err(self.damaged(Damage { part: Part::Store, fault: Fault::Vanished })),
            (found @ Some(_), _) => {
                let found = found.map_or(Version::Unwritten, |image| image.version());
                return Err(StoreError::conflict(commit, &found));
            }
        };
        let coming = base.after(commit.record(), commit.objects());
        Snapshot::decode(&coming).map_err(|damage| self.damaged(damage))
    }

    /// Makes certain what became of a commit that ended in [`StoreError::Uncertain`].
    ///
    /// # Errors
    /// [`StoreError`]; then it may be asked again.
    pub fn settle(&self, commit: &Commit) -> Result<Settled, StoreError> {
        self.backend.settle(commit)
    }

    /// Waits until the record is another one than `seen`, or patience ends.
    ///
    /// # Errors
    /// [`StoreError`] of reading the record.
    pub fn wait(&self, seen: &Version, patience: Duration) -> Result<Changed, StoreError> {
        self.backend.wait(seen, patience)
    }

    fn damaged(&self, damage: Damage) -> StoreError {
        let Damage { part, fault } = damage;
        StoreError::Damaged { place: self.place().to_owned(), part, fault }
    }
}

/// What a commit did.
#[derive(Debug)]
pub struct Applied {
    /// The view after it.
    pub snapshot: Snapshot,
    /// What could not be tidied up (the commit stands): one line each.
    pub warnings: Vec<String>,
}

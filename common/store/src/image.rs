//! A store as bytes: the record, and the objects it names.

use crate::damage::{Damage, Fault};
use crate::layout::ObjectName;
use crate::state::State;
use std::collections::BTreeMap;

/// The record, byte for byte: what a commit compares, and what a reader waits to see replaced. Never a
/// counter of the medium: after a restore counters repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// Before the first commit.
    Unwritten,
    /// A record as it was read.
    Record(Vec<u8>),
}

impl Version {
    /// The record, if there is one.
    pub fn record(&self) -> Option<&[u8]> {
        match self {
            Self::Unwritten => None,
            Self::Record(record) => Some(record),
        }
    }

    /// Its sequence number: 0 before the first commit, `None` for what is no record.
    pub(crate) fn sequence(&self) -> Option<u64> {
        match self.record() {
            None => Some(0),
            Some(record) => State::decode(record).ok().map(|state| state.sequence),
        }
    }
}

/// How much of a store is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Every object the record names.
    Everything,
    /// What serving needs: the current generation and the documents, so that damage to a staged or a
    /// previous generation never stops a service.
    Current,
}

impl Want {
    /// The objects a record names, as far as they are wanted; none when it is no record, which whoever
    /// decodes the image will find.
    pub fn objects(self, record: &[u8]) -> Vec<ObjectName> {
        match (State::decode(record), self) {
            (Ok(state), Self::Everything) => state.objects().collect(),
            (Ok(state), Self::Current) => state.objects_of_current().collect(),
            (Err(_), _) => vec![],
        }
    }
}

/// A store at one moment. An object that is not there is left out: decoding finds it missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    record: Vec<u8>,
    objects: BTreeMap<ObjectName, Vec<u8>>,
}

impl Image {
    /// The record and the objects read with it.
    pub const fn new(record: Vec<u8>, objects: BTreeMap<ObjectName, Vec<u8>>) -> Self {
        Self { record, objects }
    }

    /// The record, byte for byte.
    pub fn record(&self) -> &[u8] {
        &self.record
    }

    /// The record as what commits compare.
    pub fn version(&self) -> Version {
        Version::Record(self.record.clone())
    }

    /// The objects by name.
    pub const fn objects(&self) -> &BTreeMap<ObjectName, Vec<u8>> {
        &self.objects
    }

    pub(crate) fn state(&self) -> Result<State, Damage> {
        State::decode(&self.record).map_err(Damage::of_record)
    }

    pub(crate) fn object(&self, name: ObjectName) -> Result<&[u8], Damage> {
        self.objects.get(&name).map(Vec::as_slice).ok_or_else(|| Damage::of(name, Fault::Missing))
    }

    /// The image after a commit, as far as it is known: the objects that stay, and the new ones.
    pub(crate) fn after<'a>(
        self,
        record: &[u8],
        written: impl Iterator<Item = (ObjectName, &'a [u8])>,
    ) -> Self {
        let mut objects = self.objects;
        objects.extend(written.map(|(name, bytes)| (name, bytes.to_vec())));
        Self { record: record.to_vec(), objects }
    }
}

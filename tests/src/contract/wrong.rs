//! A medium that is wrong on purpose, in one way at a time: a check that passes it proves nothing.

use super::Medium;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{Backend, Changed, Commit, Image, ObjectName, Settled, StoreError, Version, Want};

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is told by the check that must notice it")]
pub enum Mistake {
    None,
    ComparesSequencesOnly,
    ComparesNothing,
    ForgetsAnObject,
    KeepsWhatIsRetired,
    MixesMoments,
    NeverWakes,
    WakesWithoutReason,
    BelievesItCommitted,
    BelievesItDidNot,
    HidesDamage,
    NeedsEverything,
    CutsLongObjects,
    InventsARecord,
}

/// A map in memory, as [`store::Memory`], with room for a mistake.
pub struct WithMistake(Arc<Wrong>);

struct Wrong {
    mistake: Mistake,
    kept: Mutex<Kept>,
}

#[derive(Clone, Default)]
struct Kept {
    record: Option<Vec<u8>>,
    objects: BTreeMap<ObjectName, Vec<u8>>,
    /// As they were before the last commit, and as they were first written.
    before: BTreeMap<ObjectName, Vec<u8>>,
    written: BTreeMap<ObjectName, Vec<u8>>,
}

impl Kept {
    fn version(&self) -> Version {
        self.record.clone().map_or(Version::Unwritten, Version::Record)
    }
}

impl WithMistake {
    /// A store in which nothing has happened.
    pub fn new(mistake: Mistake) -> Self {
        Self(Arc::new(Wrong { mistake, kept: Mutex::default() }))
    }
}

impl Medium for WithMistake {
    fn open(&self) -> Box<dyn Backend> {
        Box::new(Arc::clone(&self.0))
    }

    fn spoil(&self, object: ObjectName, bytes: Option<&[u8]>) {
        let mut kept = self.0.kept.lock().unwrap();
        match bytes {
            Some(bytes) => kept.objects.insert(object, bytes.to_vec()),
            None => kept.objects.remove(&object),
        };
    }

    fn objects(&self) -> Vec<String> {
        let mut names: Vec<_> = self.0.kept.lock().unwrap().objects.keys().map(ToString::to_string).collect();
        names.sort();
        names
    }
}

impl Wrong {
    fn is(&self, mistake: Mistake) -> bool {
        self.mistake == mistake
    }

    fn applies(&self, commit: &Commit, found: &Version) -> bool {
        let sequence =
            |version: &Version| version.record().map(|record| store::State::decode(record).unwrap().sequence);
        self.is(Mistake::ComparesNothing)
            || self.is(Mistake::ComparesSequencesOnly) && sequence(commit.base()) == sequence(found)
            || commit.base() == found
    }
}

impl Backend for Wrong {
    fn place(&self) -> &str {
        "a mistaken memory"
    }

    fn read(&self, want: Want) -> Result<Option<Image>, StoreError> {
        let kept = self.kept.lock().unwrap().clone();
        let record = match kept.record {
            Some(record) => record,
            None if self.is(Mistake::InventsARecord) => b"{}\n".to_vec(),
            None => return Ok(None),
        };
        let source = if self.is(Mistake::MixesMoments) && want == Want::Everything {
            kept.before
        } else if self.is(Mistake::HidesDamage) {
            kept.written
        } else {
            kept.objects
        };
        let wanted = if self.is(Mistake::NeedsEverything) { Want::Everything } else { want };
        let mut objects = BTreeMap::new();
        for name in wanted.objects(&record) {
            match source.get(&name) {
                Some(bytes) => drop(objects.insert(name, bytes.clone())),
                None if self.is(Mistake::NeedsEverything) => {
                    return Err(StoreError::Busy { holder: "it does not want to".to_owned() });
                }
                None => {}
            }
        }
        Ok(Some(Image::new(record, objects)))
    }

    fn probe(&self, _bytes: usize) -> Result<(), StoreError> {
        Ok(())
    }

    fn commit(&self, commit: &Commit) -> Result<Vec<String>, StoreError> {
        let mut kept = self.kept.lock().unwrap();
        let found = kept.version();
        if !self.applies(commit, &found) {
            return Err(StoreError::conflict(commit, &found));
        }
        kept.before = kept.objects.clone();
        for (index, (name, bytes)) in commit.objects().enumerate() {
            let limit = if self.is(Mistake::CutsLongObjects) { 256 << 10 } else { usize::MAX };
            let bytes = bytes[..bytes.len().min(limit)].to_vec();
            if index > 0 || !self.is(Mistake::ForgetsAnObject) {
                kept.objects.insert(name, bytes.clone());
                kept.written.insert(name, bytes);
            }
        }
        kept.record = Some(commit.record().to_vec());
        if !self.is(Mistake::KeepsWhatIsRetired) {
            commit.retired().iter().for_each(|name| drop(kept.objects.remove(name)));
        }
        Ok(vec![])
    }

    fn settle(&self, commit: &Commit) -> Result<Settled, StoreError> {
        let found = self.kept.lock().unwrap().version();
        let is_made = found.record() == Some(commit.record());
        Ok(if self.is(Mistake::BelievesItCommitted) || is_made && !self.is(Mistake::BelievesItDidNot) {
            Settled::Committed
        } else if self.is(Mistake::BelievesItDidNot) || found == *commit.base() {
            Settled::NotCommitted
        } else {
            Settled::Overtaken
        })
    }

    fn wait(&self, seen: &Version, patience: Duration) -> Result<Changed, StoreError> {
        if self.is(Mistake::NeverWakes) {
            return Ok(Changed::NotYet);
        }
        if self.is(Mistake::WakesWithoutReason) {
            return Ok(Changed::Yes);
        }
        let step = Duration::from_millis(2);
        let mut left = patience;
        loop {
            if self.kept.lock().unwrap().version() != *seen {
                return Ok(Changed::Yes);
            }
            if left.is_zero() {
                return Ok(Changed::NotYet);
            }
            std::thread::sleep(step.min(left));
            left = left.saturating_sub(step);
        }
    }
}

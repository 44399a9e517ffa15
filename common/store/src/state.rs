//! `STATE`: the one record that is ever replaced.

use crate::layout::{DocumentName, GenerationFile, MAX_STATE, ObjectName, Stage};
use crate::operation::Operation;
use crate::record::{FORMAT, RecordError, canonical, from_canonical};
use common::Sha256;
use std::collections::BTreeMap;

/// The largest sequence or generation number: what every JSON reader keeps exactly
/// ([RFC 8259 §6](https://www.rfc-editor.org/rfc/rfc8259#section-6)).
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// A generation and the digest of its manifest.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenerationRef {
    /// Its number, from 1.
    pub number: u64,
    /// sha256 of its `manifest.json`, byte for byte.
    pub manifest: Sha256,
}

/// The number of a document that holds, and its digest.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentRef {
    /// Its number, from 1.
    pub number: u64,
    /// sha256 of the document, byte for byte.
    pub sha256: Sha256,
}

/// The record.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Format version, 1.
    pub format: u32,
    /// Which store it is: the id of the operation that founded it. A copy keeps it.
    pub store: String,
    /// Which life of the store it is: the id of the operation that founded or restored it. Sequences
    /// are comparable only within one.
    pub epoch: String,
    /// Grows by one with every commit, from 1.
    pub sequence: u64,
    /// The highest generation number ever used; numbers are never reused.
    pub last_generation: u64,
    /// Waits for its chains.
    pub staged: Option<GenerationRef>,
    /// Is being served.
    pub current: Option<GenerationRef>,
    /// Kept for rollback.
    pub previous: Option<GenerationRef>,
    /// The documents that hold.
    pub documents: BTreeMap<DocumentName, DocumentRef>,
    /// The operation that wrote this record.
    pub written_by: Operation,
}

impl State {
    /// What stands before the first commit: sequence 0, never written itself.
    pub(crate) fn before_the_first(operation: &Operation) -> Self {
        Self {
            format: FORMAT,
            store: operation.id.clone(),
            epoch: operation.id.clone(),
            sequence: 0,
            last_generation: 0,
            staged: None,
            current: None,
            previous: None,
            documents: BTreeMap::new(),
            written_by: operation.clone(),
        }
    }

    /// The generations it names, and how far each has come.
    pub(crate) fn generations(&self) -> impl Iterator<Item = (&GenerationRef, Stage)> {
        let staged = self.staged.iter().map(|generation| (generation, Stage::Staged));
        let installed = self.current.iter().chain(&self.previous);
        staged.chain(installed.map(|generation| (generation, Stage::Installed)))
    }

    /// Whether it names a generation of this number.
    pub(crate) fn names(&self, number: u64) -> bool {
        self.generations().any(|(generation, _)| generation.number == number)
    }

    /// Every object it names: all of the generations, manifests included, and the documents.
    pub(crate) fn objects(&self) -> impl Iterator<Item = ObjectName> {
        let generations = self.generations().flat_map(|(generation, stage)| files(generation.number, stage));
        generations.chain(self.named_documents())
    }

    /// Those objects that whoever serves the current pair needs.
    pub(crate) fn objects_of_current(&self) -> impl Iterator<Item = ObjectName> {
        let current = self.current.iter().flat_map(|current| files(current.number, Stage::Installed));
        current.chain(self.named_documents())
    }

    fn named_documents(&self) -> impl Iterator<Item = ObjectName> {
        self.documents
            .iter()
            .map(|(name, document)| ObjectName::Document { name: *name, number: document.number })
    }

    /// One line of JSON, fields in the order declared, and one line `sha256:` with the digest of
    /// the first, line feed included.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = canonical(self);
        let digest = Sha256::of(&bytes);
        bytes.extend_from_slice(format!("sha256:{digest}\n").as_bytes());
        bytes
    }

    /// Reads exactly what [`Self::encode`] writes and nothing else.
    ///
    /// # Errors
    /// [`RecordError`]; a digest that does not fit is reported before anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        if bytes.len() > MAX_STATE {
            return Err(RecordError::TooLarge { length: bytes.len(), limit: MAX_STATE });
        }
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(RecordError::Malformed)? + 1;
        let (line, digest) = bytes.split_at(end);
        if digest != format!("sha256:{}\n", Sha256::of(line)).as_bytes() {
            return Err(RecordError::Digest);
        }
        let state: Self = from_canonical(line)?;
        if state.is_consistent() { Ok(state) } else { Err(RecordError::Contradiction) }
    }

    /// What every record we write keeps true, and a record from elsewhere might not.
    fn is_consistent(&self) -> bool {
        let mut numbers: Vec<_> = self.generations().map(|(generation, _)| generation.number).collect();
        numbers.sort_unstable();
        let distinct = numbers.windows(2).all(|pair| pair.first() != pair.last());
        let in_range = numbers.iter().all(|number| (1..=self.last_generation).contains(number));
        distinct
            && in_range
            && (1..=MAX_NUMBER).contains(&self.sequence)
            && self.last_generation <= self.sequence
            && self.documents.contains_key(&DocumentName::Accounts)
            && self.documents.values().all(|document| (1..=self.sequence).contains(&document.number))
            && (self.previous.is_none() || self.current.is_some())
    }
}

/// The objects of one generation.
pub(crate) fn files(number: u64, stage: Stage) -> impl Iterator<Item = ObjectName> {
    let with_manifest = GenerationFile::of(stage).chain([GenerationFile::Manifest]);
    with_manifest.map(move |file| ObjectName::Generation { number, file })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::tests::operation;
    use common::Timestamp;
    use proptest::prelude::*;

    fn reference(number: u64) -> GenerationRef {
        GenerationRef { number, manifest: Sha256::of(&number.to_be_bytes()) }
    }

    fn accounts(number: u64) -> BTreeMap<DocumentName, DocumentRef> {
        let document = DocumentRef { number, sha256: Sha256::of(b"accounts") };
        BTreeMap::from([(DocumentName::Accounts, document)])
    }

    fn first() -> State {
        State { sequence: 1, documents: accounts(1), ..State::before_the_first(&operation()) }
    }

    fn busy() -> State {
        State {
            sequence: 9,
            last_generation: 7,
            staged: Some(reference(7)),
            current: Some(reference(5)),
            previous: Some(reference(3)),
            documents: accounts(1),
            ..State::before_the_first(&operation())
        }
    }

    /// Encodes a record after changing its JSON, with the right digest.
    fn forged(change: impl FnOnce(&str) -> String) -> Vec<u8> {
        let line = change(std::str::from_utf8(&canonical(&busy())).unwrap());
        format!("{line}sha256:{}\n", Sha256::of(line.as_bytes())).into_bytes()
    }

    #[test]
    fn reads_as_documented() {
        let text = String::from_utf8(first().encode()).unwrap();
        assert_eq!(
            text,
            "{\"format\":1,\"store\":\"00112233445566778899aabbccddeeff\",\
             \"epoch\":\"00112233445566778899aabbccddeeff\",\"sequence\":1,\"last_generation\":0,\
             \"staged\":null,\"current\":null,\"previous\":null,\"documents\":{\"accounts\":{\"number\":1,\
             \"sha256\":\"bc62a3c14fec277e3dc6b504bf7c6348c2e421f8acc42032deddb0a96070f078\"}},\
             \"written_by\":{\"id\":\"00112233445566778899aabbccddeeff\",\"command\":\"get_csrs --rotate\",\
             \"by\":\"root@node1 (pid 1234)\",\"at\":\"2026-11-22T08:00:00Z\"}}\n\
             sha256:922c1047de79f8b09a1b26ec9dcb85bb47113ea71074bb99af87bf4cb8bec6ed\n"
        );
    }

    #[test]
    fn every_single_flipped_bit_is_rejected() {
        let good = busy().encode();
        assert_eq!(State::decode(&good).unwrap(), busy());
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(State::decode(&bad).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn every_truncation_and_every_appendix_is_rejected() {
        let good = busy().encode();
        for length in 0..good.len() {
            assert!(State::decode(&good[..length]).is_err(), "{length} bytes");
        }
        for more in ["\n", " ", "\0", "{}"] {
            assert!(State::decode(&[&good, more.as_bytes()].concat()).is_err(), "{more:?}");
        }
        assert_eq!(
            State::decode(&vec![b' '; MAX_STATE + 1]),
            Err(RecordError::TooLarge { length: 4097, limit: 4096 })
        );
    }

    #[test]
    fn a_fitting_digest_does_not_excuse_other_contents() {
        use RecordError::{Contradiction, Format, Malformed};
        assert_eq!(State::decode(&forged(str::to_owned)).unwrap(), busy());
        for (from, to, error) in [
            ("{\"format\":1,", "{\"format\":2,\"more\":[],", Format { found: 2 }),
            ("{\"format\":1,", "{\"format\":1,\"more\":0,", Malformed),
            ("\"format\":1,", "", Malformed),
            ("\"format\":1,", "\"format\":\"1\",", Malformed),
            ("\"sequence\":9", "\"sequence\": 9", Malformed),
            ("\"sequence\":9", "\"sequence\":-9", Malformed),
            ("\"sequence\":9", "\"sequence\":9,\"sequence\":9", Malformed),
            ("\"sequence\":9", "\"sequence\":9007199254740992", Contradiction),
            ("\"sequence\":9", "\"sequence\":6", Contradiction),
            ("\"last_generation\":7", "\"last_generation\":6", Contradiction),
            ("\"staged\":{\"number\":7", "\"staged\":{\"number\":5", Contradiction),
            ("\"staged\":{\"number\":7", "\"staged\":{\"number\":0", Contradiction),
            ("\"current\":{\"number\":5", "\"current\":{\"number\":8", Contradiction),
            ("\"accounts\":{\"number\":1", "\"accounts\":{\"number\":0", Contradiction),
            ("\"accounts\":{\"number\":1", "\"accounts\":{\"number\":10", Contradiction),
            ("\"accounts\":{", "\"others\":{", Malformed),
        ] {
            let bytes = forged(|line| line.replacen(from, to, 1));
            assert_eq!(State::decode(&bytes), Err(error), "{to}");
        }
        let orphan = State { current: None, ..busy() };
        assert_eq!(State::decode(&orphan.encode()), Err(Contradiction));
        let nobody = State { documents: BTreeMap::new(), ..busy() };
        assert_eq!(State::decode(&nobody.encode()), Err(Contradiction));
        let unwritten = State { documents: accounts(1), ..State::before_the_first(&operation()) };
        assert_eq!(State::decode(&unwritten.encode()), Err(Contradiction));
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_the_same_and_fits(
            texts in proptest::array::uniform3("\\PC{0,300}|.{0,300}"),
            sequence in 4u64..MAX_NUMBER,
            present in proptest::array::uniform3(any::<bool>()),
            at in any::<i64>(),
        ) {
            let [id, command, by] = texts;
            let [staged, current, previous] = present;
            let operation = Operation { id, command, by, at: Timestamp::from_unix(at) }.recordable();
            let state = State {
                sequence,
                last_generation: sequence,
                staged: staged.then(|| reference(sequence)),
                current: current.then(|| reference(sequence - 1)),
                previous: (current && previous).then(|| reference(sequence - 2)),
                documents: accounts(sequence),
                ..State::before_the_first(&operation)
            };
            let bytes = state.encode();
            prop_assert!(bytes.len() <= MAX_STATE);
            prop_assert_eq!(State::decode(&bytes), Ok(state));
        }
    }

    #[test]
    fn the_limit_is_the_last_length_that_is_read() {
        assert_eq!(State::decode(&[b' '; MAX_STATE]), Err(RecordError::Malformed));
        let length = MAX_STATE + 1;
        let told = RecordError::TooLarge { length, limit: MAX_STATE };
        assert_eq!(State::decode(&vec![b' '; length]), Err(told));
    }
}

//! `STATE`: the one mutable record.

use super::layout::MAX_STATE;
use common::Sha256;
use common::{Timestamp, Untrusted};

/// The format this program reads and writes, of `STATE`, manifests and the audit log alike.
pub const FORMAT: u32 = 1;

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

/// Who changes the store, when, and with what: recorded in `STATE`, manifests and the audit log.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// 32 random hex digits.
    pub id: String,
    /// The command as typed, without secrets: `get_csrs --rotate`.
    pub command: String,
    /// `root@node1 (pid 1234)`.
    pub by: String,
    /// When it began.
    pub at: Timestamp,
}

impl Operation {
    /// The same, fit to be recorded: invisible characters escaped, long texts cut, so that a
    /// command line can neither forge a line nor outgrow `STATE`.
    #[must_use]
    pub(crate) fn recordable(self) -> Self {
        Self {
            id: recordable(&self.id, 32),
            command: recordable(&self.command, 256),
            by: recordable(&self.by, 128),
            at: self.at,
        }
    }
}

fn recordable(text: &str, longest: usize) -> String {
    let escaped = Untrusted::new(text).to_string();
    match escaped.char_indices().nth(longest) {
        None => escaped,
        Some(_) => escaped.chars().take(longest - 1).chain(['…']).collect(),
    }
}

/// The record.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Format version, 1.
    pub format: u32,
    /// Grows by one with every commit.
    pub sequence: u64,
    /// The highest generation number ever used; numbers are never reused.
    pub last_generation: u64,
    /// Waits for its chains.
    pub staged: Option<GenerationRef>,
    /// Is being served.
    pub current: Option<GenerationRef>,
    /// Kept for rollback.
    pub previous: Option<GenerationRef>,
    /// The accounts file (number) and its sha256.
    pub accounts: Option<GenerationRef>,
    /// The operation that wrote this record.
    pub written_by: Operation,
}

impl State {
    /// The record of a store in which nothing has happened yet.
    pub(crate) const fn initial(operation: Operation) -> Self {
        Self {
            format: FORMAT,
            sequence: 0,
            last_generation: 0,
            staged: None,
            current: None,
            previous: None,
            accounts: None,
            written_by: operation,
        }
    }

    /// The generations it names.
    pub fn generations(&self) -> impl Iterator<Item = &GenerationRef> {
        [&self.staged, &self.current, &self.previous].into_iter().flatten()
    }

    /// Whether it names a generation of this number.
    pub(crate) fn names(&self, number: u64) -> bool {
        self.generations().any(|generation| generation.number == number)
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
        state.check()?;
        Ok(state)
    }

    /// What every record we write keeps true, and a record from elsewhere might not.
    fn check(&self) -> Result<(), RecordError> {
        let mut numbers: Vec<_> = self.generations().map(|generation| generation.number).collect();
        numbers.sort_unstable();
        let distinct = numbers.windows(2).all(|pair| pair.first() != pair.last());
        let in_range = numbers.iter().all(|number| (1..=self.last_generation).contains(number));
        let sane = distinct
            && in_range
            && self.sequence <= MAX_NUMBER
            && self.last_generation <= self.sequence
            && self.accounts.as_ref().is_none_or(|accounts| (1..=self.sequence).contains(&accounts.number))
            && (self.previous.is_none() || self.current.is_some());
        if sane { Ok(()) } else { Err(RecordError::Contradiction) }
    }
}

/// Why bytes are no record of ours. Never quotes them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Over the limit.
    #[error("{length} bytes are over the limit of {limit}")]
    TooLarge {
        /// Found.
        length: usize,
        /// Allowed.
        limit: usize,
    },
    /// Not the JSON we write.
    #[error("malformed")]
    Malformed,
    /// The digest is of other bytes.
    #[error("its digest does not fit its contents")]
    Digest,
    /// Written by a later program.
    #[error("it has format {found}, this program reads format {FORMAT}: use the newer program that wrote it")]
    Format {
        /// Found.
        found: u32,
    },
    /// Fields that cannot all be true.
    #[error("its fields contradict each other")]
    Contradiction,
}

/// One line of JSON, fields in the order declared.
pub(super) fn canonical(record: &impl serde::Serialize) -> Vec<u8> {
    // Only maps with other keys than strings and failing `Serialize` impls can fail; records have neither.
    let mut bytes = serde_json::to_vec(record).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Reads what [`canonical`] writes: no unknown field, no other order, no spare space.
pub(super) fn from_canonical<T>(bytes: &[u8]) -> Result<T, RecordError>
where
    T: serde::Serialize + serde::de::DeserializeOwned,
{
    /// The one field every format will keep.
    #[derive(serde::Deserialize)]
    struct Versioned {
        format: u32,
    }
    match serde_json::from_slice(bytes) {
        Ok(Versioned { format: FORMAT }) => {}
        Ok(Versioned { format: found }) => return Err(RecordError::Format { found }),
        Err(_) => return Err(RecordError::Malformed),
    }
    match serde_json::from_slice(bytes) {
        Ok(record) if canonical(&record) == bytes => Ok(record),
        Ok(_) | Err(_) => Err(RecordError::Malformed),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn operation() -> Operation {
        Operation {
            id: "00112233445566778899aabbccddeeff".into(),
            command: "get_csrs --rotate".into(),
            by: "root@node1 (pid 1234)".into(),
            at: Timestamp::from_unix(1_795_334_400),
        }
    }

    fn reference(number: u64) -> GenerationRef {
        GenerationRef { number, manifest: Sha256::of(&number.to_be_bytes()) }
    }

    fn busy() -> State {
        State {
            sequence: 9,
            last_generation: 7,
            staged: Some(reference(7)),
            current: Some(reference(5)),
            previous: Some(reference(3)),
            accounts: Some(reference(1)),
            ..State::initial(operation())
        }
    }

    /// Encodes a record after changing its JSON, with the right digest.
    fn forged(change: impl FnOnce(&str) -> String) -> Vec<u8> {
        let line = change(std::str::from_utf8(&canonical(&busy())).unwrap());
        format!("{line}sha256:{}\n", Sha256::of(line.as_bytes())).into_bytes()
    }

    #[test]
    fn reads_as_documented() {
        let text = String::from_utf8(State::initial(operation()).encode()).unwrap();
        assert_eq!(
            text,
            "{\"format\":1,\"sequence\":0,\"last_generation\":0,\"staged\":null,\"current\":null,\"previous\":null,\
             \"accounts\":null,\"written_by\":{\"id\":\"00112233445566778899aabbccddeeff\",\
             \"command\":\"get_csrs --rotate\",\"by\":\"root@node1 (pid 1234)\",\"at\":\"2026-11-22T08:00:00Z\"}}\n\
             sha256:4f45317ead27b9bb660f7960d6ae810152a8650dd260569ae93aaa91b56ab436\n"
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
        ] {
            let bytes = forged(|line| line.replacen(from, to, 1));
            assert_eq!(State::decode(&bytes), Err(error), "{to}");
        }
        let orphan = State { current: None, ..busy() };
        assert_eq!(State::decode(&orphan.encode()), Err(Contradiction));
    }

    #[test]
    fn a_recordable_operation_is_short_and_plain() {
        let wild = Operation {
            id: "x".repeat(99),
            command: "get_csrs --main '\u{1b}[2J\n'".into(),
            by: "\"\\\u{202e}".repeat(500),
            ..operation()
        }
        .recordable();
        assert_eq!(wild.command, "get_csrs --main '\\u{1b}[2J\\u{a}'");
        assert_eq!((wild.id.chars().count(), wild.by.chars().count()), (32, 128));
        assert!(wild.by.ends_with('…'));
        assert_eq!(operation().recordable(), operation());
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_the_same_and_fits(
            texts in proptest::array::uniform3("\\PC{0,300}|.{0,300}"),
            sequence in 4u64..MAX_NUMBER,
            present in proptest::array::uniform4(any::<bool>()),
            at in any::<i64>(),
        ) {
            let [id, command, by] = texts;
            let [staged, current, previous, accounts] = present;
            let operation = Operation { id, command, by, at: Timestamp::from_unix(at) }.recordable();
            let state = State {
                sequence,
                last_generation: sequence,
                staged: staged.then(|| reference(sequence)),
                current: current.then(|| reference(sequence - 1)),
                previous: (current && previous).then(|| reference(sequence - 2)),
                accounts: accounts.then(|| reference(1)),
                ..State::initial(operation)
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

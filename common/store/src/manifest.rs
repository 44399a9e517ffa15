//! `manifest.json`: what a generation holds, per file and per role.

use crate::layout::{GenerationFile, MAX_MANIFEST, Stage};
use crate::operation::Operation;
use crate::record::{RecordError, canonical, from_canonical};
use crate::state::GenerationRef;
use common::Sha256;
use common::{Pair, Role};

/// One file of a generation.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct FileEntry {
    pub name: String,
    pub length: u64,
    pub sha256: Sha256,
}

impl FileEntry {
    /// Describes a file.
    pub(crate) fn of(file: GenerationFile, bytes: &[u8]) -> Self {
        Self::named(file.name().to_owned(), bytes)
    }

    pub(crate) fn named(name: String, bytes: &[u8]) -> Self {
        Self { name, length: bytes.len() as u64, sha256: Sha256::of(bytes) }
    }
}

/// One role of a generation.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleEntry {
    /// sha256 of the SPKI.
    pub spki: Sha256,
    /// SANs as requested, `kind:value`.
    pub sans: Vec<String>,
    /// `RSA2048` …
    pub key_algorithm: String,
    /// sha256 of the request's DER.
    pub request: Sha256,
}

/// Why a generation was staged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Nothing was installed when it was staged.
    First,
    /// It is to replace an installed pair.
    Rotation,
}

/// A key that was used by an earlier generation and must never come back.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct EarlierKey {
    pub generation: u64,
    pub role: Role,
    pub spki: Sha256,
}

/// The manifest.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Format version, 1.
    pub format: u32,
    /// This generation's number.
    pub generation: u64,
    /// The generation the keys were staged in; equal to `generation` until installed.
    pub staged_as: u64,
    /// First or rotation.
    pub purpose: Purpose,
    /// For people.
    pub cluster_name: String,
    /// Who staged it.
    pub staged_by: Operation,
    /// Who installed it.
    pub installed_by: Option<Operation>,
    /// Per role.
    pub roles: Pair<RoleEntry>,
    /// Keys of earlier generations, newest first, at most 1000.
    pub earlier_keys: Vec<EarlierKey>,
    /// Every other file of the directory.
    pub files: Vec<FileEntry>,
}

impl Manifest {
    /// Most earlier keys remembered: two a rotation, so five hundred rotations.
    pub const MAX_EARLIER_KEYS: usize = 1000;

    /// How far the generation has come.
    pub const fn stage(&self) -> Stage {
        match self.installed_by {
            None => Stage::Staged,
            Some(_) => Stage::Installed,
        }
    }

    /// The keys of this generation, as a later one remembers them.
    pub(crate) fn own_keys(&self) -> impl Iterator<Item = EarlierKey> {
        self.roles.iter().map(|(role, entry)| EarlierKey {
            generation: self.generation,
            role,
            spki: entry.spki,
        })
    }

    /// One line of JSON, fields in the order declared.
    pub fn encode(&self) -> Vec<u8> {
        canonical(self)
    }

    /// Reads the manifest a reference names: exactly what [`Self::encode`] wrote.
    ///
    /// # Errors
    /// [`RecordError`]; a digest that does not fit is reported before anything else.
    pub fn decode(bytes: &[u8], reference: &GenerationRef) -> Result<Self, RecordError> {
        if bytes.len() > MAX_MANIFEST {
            return Err(RecordError::TooLarge { length: bytes.len(), limit: MAX_MANIFEST });
        }
        if Sha256::of(bytes) != reference.manifest {
            return Err(RecordError::Digest);
        }
        let manifest: Self = from_canonical(bytes)?;
        manifest.check(reference.number)?;
        Ok(manifest)
    }

    fn check(&self, number: u64) -> Result<(), RecordError> {
        let staged_as_fits = match self.stage() {
            Stage::Staged => self.staged_as == number,
            Stage::Installed => (1..number).contains(&self.staged_as),
        };
        let sane = staged_as_fits
            && self.generation == number
            && self.earlier_keys.len() <= Self::MAX_EARLIER_KEYS
            && self
                .files
                .iter()
                .map(|file| file.name.as_str())
                .eq(GenerationFile::of(self.stage()).map(GenerationFile::name));
        if sane { Ok(()) } else { Err(RecordError::Contradiction) }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::operation::tests::operation;

    fn manifest(stage: Stage) -> Manifest {
        let installed_by = match stage {
            Stage::Staged => None,
            Stage::Installed => Some(operation()),
        };
        Manifest {
            format: 1,
            generation: 7,
            staged_as: if installed_by.is_some() { 6 } else { 7 },
            purpose: Purpose::Rotation,
            cluster_name: "prod".into(),
            staged_by: operation(),
            installed_by,
            roles: Pair::from_fn(|role| RoleEntry {
                spki: Sha256::of(role.stem().as_bytes()),
                sans: vec![format!("DNS:{}.example.com", role.stem())],
                key_algorithm: "NISTP256".into(),
                request: Sha256::of(b"request"),
            }),
            earlier_keys: vec![EarlierKey { generation: 1, role: Role::Main, spki: Sha256::of(b"old") }],
            files: GenerationFile::of(stage)
                .map(|file| FileEntry::of(file, file.name().as_bytes()))
                .collect(),
        }
    }

    fn reference(manifest: &Manifest) -> GenerationRef {
        GenerationRef { number: 7, manifest: Sha256::of(&manifest.encode()) }
    }

    #[test]
    fn what_is_encoded_decodes_to_the_same() {
        for stage in [Stage::Staged, Stage::Installed] {
            let manifest = manifest(stage);
            assert_eq!(Manifest::decode(&manifest.encode(), &reference(&manifest)).unwrap(), manifest);
        }
    }

    #[test]
    fn every_single_flipped_bit_is_rejected() {
        let manifest = manifest(Stage::Installed);
        let (good, reference) = (manifest.encode(), reference(&manifest));
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Manifest::decode(&bad, &reference), Err(RecordError::Digest), "bit {bit}");
        }
    }

    #[test]
    fn a_fitting_digest_does_not_excuse_other_contents() {
        type Change = fn(&mut Manifest);
        let cases: [(&str, Change); 7] = [
            ("another number", |m| m.generation = 8),
            ("installed from itself", |m| m.staged_as = 7),
            ("installed from generation 0", |m| m.staged_as = 0),
            ("a path as file name", |m| m.files[0].name = "../../STATE".into()),
            ("a file too few", |m| drop(m.files.pop())),
            ("a file too many", |m| m.files.push(FileEntry::of(GenerationFile::Manifest, b""))),
            ("chains nobody installed", |m| m.installed_by = None),
        ];
        for (name, change) in cases {
            let mut manifest = manifest(Stage::Installed);
            change(&mut manifest);
            let found = Manifest::decode(&manifest.encode(), &reference(&manifest));
            assert_eq!(found, Err(RecordError::Contradiction), "{name}");
        }
        let mut later = manifest(Stage::Staged);
        later.format = 2;
        let found = Manifest::decode(&later.encode(), &reference(&later));
        assert_eq!(found, Err(RecordError::Format { found: 2 }));
    }

    #[test]
    fn the_limit_is_the_last_length_that_is_read() {
        for (length, told) in [
            (MAX_MANIFEST, RecordError::Digest),
            (MAX_MANIFEST + 1, RecordError::TooLarge { length: MAX_MANIFEST + 1, limit: MAX_MANIFEST }),
        ] {
            let reference = GenerationRef { number: 7, manifest: Sha256::of(b"other") };
            assert_eq!(Manifest::decode(&vec![b' '; length], &reference), Err(told));
        }
    }
}

//! Files somebody changed who can write to the store.

use crate::scene::{Deed, Kit, Place, run};
use common::Sha256;
use pki::pem;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use store::{Manifest, State};
use tests::tree::Tree;

/// One change to some bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    Flip(usize),
    Cut(usize),
}

impl Change {
    /// Every single bit, every length, every `step`th of them.
    pub(crate) fn all(length: usize, step: usize) -> Vec<Self> {
        let flips = (0..length * 8).map(Self::Flip);
        flips.chain((0..length).map(Self::Cut)).step_by(step).collect()
    }

    pub(crate) fn of(self, bytes: &[u8]) -> Vec<u8> {
        let mut changed = bytes.to_vec();
        match self {
            Self::Flip(bit) => changed[bit / 8] ^= 1 << (bit % 8),
            Self::Cut(length) => changed.truncate(length),
        }
        changed
    }
}

pub(crate) fn encoded(der: &[u8]) -> Vec<u8> {
    pem::encode("ENCRYPTED PRIVATE KEY", der).into_bytes()
}

/// The rotation is refused, the store stays as it is, in time.
pub(crate) fn refuses(kit: &Kit, place: &Place, within: Option<Duration>) -> Result<(), String> {
    let before = Tree::read(&place.store());
    let began = Instant::now();
    let ran = run(kit.command(Deed::Rotate, place));
    if !matches!(ran.code, Some(3..=5)) {
        return Err(format!("not refused: {ran}"));
    }
    if within.is_some_and(|within| began.elapsed() > within) {
        return Err(format!("took {:?}", began.elapsed()));
    }
    if Tree::read(&place.store()) == before { Ok(()) } else { Err("the store changed".to_owned()) }
}

pub(crate) fn staged(store: &Path) -> PathBuf {
    let state = State::decode(&fs::read(store.join("STATE")).unwrap()).unwrap();
    store.join(format!("generations/{:08}", state.staged.unwrap().number))
}

/// Replaces a file of the staged generation and corrects every digest up to the record, as anyone
/// who can write to the store could.
pub(crate) fn rewrite(store: &Path, name: &str, bytes: &[u8]) {
    let folder = staged(store);
    let mut state = State::decode(&fs::read(store.join("STATE")).unwrap()).unwrap();
    let reference = state.staged.clone().unwrap();
    let mut manifest =
        Manifest::decode(&fs::read(folder.join("manifest.json")).unwrap(), &reference).unwrap();
    let entry = manifest.files.iter_mut().find(|entry| entry.name == name).unwrap();
    (entry.length, entry.sha256) = (bytes.len() as u64, Sha256::of(bytes));
    let encoded = manifest.encode();
    state.staged.as_mut().unwrap().manifest = Sha256::of(&encoded);
    fs::write(folder.join(name), bytes).unwrap();
    fs::write(folder.join("manifest.json"), encoded).unwrap();
    fs::write(store.join("STATE"), state.encode()).unwrap();
}

//! The disk against a real directory. What is committed here is the smallest plan there is (an
//! accounts file); whole round trips are in [`super::super::tests`].

mod attacks;
mod commit;
mod litter;

use super::*;
use crate::account::{Accounts, SysadminAccount};
use crate::layout::{DocumentName, ObjectName};
use crate::operation::tests::operation;
use crate::snapshot::Snapshot;
use crate::state::{DocumentRef, State};
use crate::store::{Applied, Store};
use common::{Sha256, Timestamp};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use tempfile::TempDir;

/// A store, and where it stands.
struct Bench {
    path: PathBuf,
    store: Store,
}

impl Bench {
    fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self { store: Store::on_disk(&path), path }
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self) -> Result<Option<Snapshot>, StoreError> {
        self.store.read()
    }

    fn check_writable(&self) -> Result<(), StoreError> {
        self.store.check_writable(Store::ROOM_FOR_A_GENERATION)
    }

    fn apply(&self, commit: &Commit) -> Result<Applied, StoreError> {
        self.store.apply(commit)
    }

    /// Past the early look of [`Store`]: what the directory itself says.
    fn commit(&self, commit: &Commit) -> Result<Vec<String>, StoreError> {
        Disk::at(&self.path).commit(commit)
    }
}

/// A directory with mode 0700, whatever the umask, and a store path in it.
fn bench() -> (TempDir, Bench) {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let store = Bench::at(directory.path().join("store"));
    (directory, store)
}

fn accounts() -> Accounts {
    Accounts::first(SysadminAccount {
        email: "root@example.com".into(),
        password_verifier: "$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA".into(),
        created_at: Timestamp::from_unix(0),
    })
}

/// The record of a store with accounts and nothing else.
fn state(sequence: u64) -> State {
    let document = DocumentRef { number: 1, sha256: Sha256::of(&accounts().encode()) };
    let documents = BTreeMap::from([(DocumentName::Accounts, document)]);
    State { sequence, documents, ..State::before_the_first(&operation()) }
}

/// The first commit of a store: the accounts and nothing else.
fn founding() -> Commit {
    let object = ObjectName::Document { name: DocumentName::Accounts, number: 1 };
    Commit::bare(Version::Unwritten, vec![(object, accounts().encode())], &state(1))
}

/// A commit that changes nothing but the sequence.
fn touch(sequence: u64) -> Commit {
    Commit::bare(Version::Record(state(sequence).encode()), vec![], &state(sequence + 1))
}

fn founded() -> (TempDir, Bench) {
    let (directory, store) = bench();
    store.apply(&founding()).unwrap();
    (directory, store)
}

/// Everything below a path: mode and contents of each name.
fn tree(path: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut todo = vec![path.to_owned()];
    while let Some(path) = todo.pop() {
        let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
        let contents = if metadata.is_dir() {
            todo.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            vec![]
        } else if metadata.is_file() {
            fs::read(&path).unwrap()
        } else {
            vec![]
        };
        found.insert(path, (metadata.mode(), contents));
    }
    found
}

fn message(error: &StoreError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

//! The disk against a real directory. What is committed here is the smallest plan there is (an
//! accounts file); whole round trips are in [`super::super::tests`].

mod attacks;
mod commit;
mod litter;

use super::*;
use crate::account::SysadminAccount;
use crate::rotation::{Move, NewAccount};
use crate::state::tests::operation;
use crate::state::{GenerationRef, State, canonical};
use common::Sha256;
use common::Timestamp;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use tempfile::TempDir;

/// A directory with mode 0700, whatever the umask, and a store path in it.
fn bench() -> (TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let store = Store::at(directory.path().join("store"));
    (directory, store)
}

fn account() -> SysadminAccount {
    SysadminAccount {
        format: 1,
        email: "root@example.com".into(),
        password_verifier: "$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA".into(),
        created_at: Timestamp::from_unix(0),
    }
}

/// The first commit of a store: an account and nothing else.
fn founding() -> Plan {
    let bytes = canonical(&account());
    let reference = GenerationRef { number: 1, manifest: Sha256::of(&bytes) };
    let next = State { sequence: 1, accounts: Some(reference), ..State::initial(operation()) };
    Plan {
        expected_sequence: 0,
        action: Move::Stage,
        create: true,
        account: Some(NewAccount { number: 1, bytes }),
        generation: None,
        next,
        prune: vec![],
    }
}

/// A commit that changes nothing but the sequence.
fn touch(sequence: u64) -> Plan {
    let next = State { sequence: sequence + 1, ..founding().next };
    Plan { expected_sequence: sequence, create: false, account: None, next, ..founding() }
}

fn founded() -> (TempDir, Store) {
    let (directory, store) = bench();
    store.apply(founding()).unwrap();
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

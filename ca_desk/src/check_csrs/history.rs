//! `--history`: which key was requested before, under which name. An embedded store, written only
//! when it is asked for.

use super::job::Known;
use common::Sha256;
use common::{Timestamp, Untrusted};
use pki::rules::{Earlier, Finding, HistoryCase, Policy};
use pki::verdict::judge_history;
use redb::{Database, Durability, ReadableTable, TableDefinition, WriteTransaction};
use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// From key and request, both as sha256, to when it was first seen and for which name.
const REQUESTS: TableDefinition<'_, [u8; 64], (i64, &str)> = TableDefinition::new("requests/1");
/// Requests after which what was learnt is written, though not yet safe from a power cut.
const STRETCH: usize = 4096;
/// Earlier requests of one key that are told.
const TOLD: usize = 5;
/// Octets of pages held in memory.
const CACHE: usize = 8 << 20;

/// An open history.
pub(super) struct History {
    database: Database,
    open: Option<WriteTransaction>,
    pending: usize,
    now: Timestamp,
}

impl History {
    /// Opens a history, a file or `history.redb` in a directory, or begins one (mode 0600).
    pub(super) fn open(path: &Path, now: Timestamp) -> Result<Self, HistoryError> {
        let file = file(path);
        let at =
            |source: Box<dyn std::error::Error + Send + Sync>| HistoryError { path: file.clone(), source };
        fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&file)
            .map_err(|error| at(error.into()))?;
        let database =
            Database::builder().set_cache_size(CACHE).create(&file).map_err(|error| at(error.into()))?;
        Ok(Self { database, open: None, pending: 0, now })
    }

    /// Judges a request by what came before, and remembers it.
    pub(super) fn judge(&mut self, known: &Known, policy: &Policy) -> Result<Vec<Finding>, redb::Error> {
        let earlier = self.look_up_and_remember(known)?;
        let case = HistoryCase { request: known.request, name: &known.name, earlier: &earlier };
        Ok(judge_history(&case, known.role, policy))
    }

    /// Makes everything that was learnt safe.
    pub(super) fn close(mut self) -> Result<(), redb::Error> {
        self.commit(Durability::Immediate)
    }

    fn look_up_and_remember(&mut self, known: &Known) -> Result<Vec<Earlier>, redb::Error> {
        let transaction = match self.open.take() {
            Some(transaction) => transaction,
            None => self.database.begin_write()?,
        };
        let mut earlier = Vec::new();
        {
            let mut table = transaction.open_table(REQUESTS)?;
            for found in table.range(key(known, 0)..=key(known, 0xff))?.take(TOLD) {
                let (id, value) = found?;
                let (seen, name) = value.value();
                if let Some(request) = request(&id.value()) {
                    let (name, seen) = (Untrusted::new(name), Timestamp::from_unix(seen));
                    earlier.push(Earlier { request, name, seen });
                }
            }
            let id = joined(known.key, known.request.as_bytes());
            if table.get(id)?.is_none() {
                table.insert(id, (self.now.unix(), known.name.as_str()))?;
            }
        }
        earlier.sort_by_key(|one| one.seen);
        self.open = Some(transaction);
        self.pending += 1;
        if self.pending >= STRETCH {
            self.commit(Durability::None)?;
        }
        Ok(earlier)
    }

    fn commit(&mut self, durability: Durability) -> Result<(), redb::Error> {
        self.pending = 0;
        let mut transaction = match self.open.take() {
            Some(transaction) => transaction,
            None => self.database.begin_write()?,
        };
        transaction.set_durability(durability)?;
        Ok(transaction.commit()?)
    }
}

fn file(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("history.redb") } else { path.to_owned() }
}

/// The first or last id of a key.
fn key(known: &Known, fill: u8) -> [u8; 64] {
    joined(known.key, &[fill; 32])
}

fn joined(key: Sha256, request: &[u8; 32]) -> [u8; 64] {
    let mut id = [0; 64];
    let (first, last) = id.split_at_mut(32);
    first.copy_from_slice(key.as_bytes());
    last.copy_from_slice(request);
    id
}

fn request(id: &[u8; 64]) -> Option<Sha256> {
    id.last_chunk::<32>().map(|digest| Sha256::from_bytes(*digest))
}

/// Why a history cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the history in {}", path.display())]
pub(super) struct HistoryError {
    path: PathBuf,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl HistoryError {
    /// Whether another process has it open.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self.source.downcast_ref(), Some(redb::DatabaseError::DatabaseAlreadyOpen))
    }
}

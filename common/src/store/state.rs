//! `STATE`: the one mutable record.

use crate::Timestamp;
use crate::pki::spki::Sha256;

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

/// The record. (Owner completes encoding: canonical JSON + sha256, at most 4 KiB.)
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

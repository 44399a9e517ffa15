//! `manifest.json`: what a generation holds, per file and per role.

use super::state::Operation;
use crate::pki::spki::Sha256;
use crate::{Pair, Role};

/// One file of a generation.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct FileEntry {
    pub name: String,
    pub length: u64,
    pub sha256: Sha256,
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

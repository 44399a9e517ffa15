//! Chains: what was given, and the order it should have. No judgement here.

use super::certificate::Certificate;
use super::pem::{Block, PemError};
use super::spki::Spki;

/// Certificates as somebody gave them, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    certificates: Vec<Certificate>,
}

impl Chain {
    /// Most certificates in one chain, and most bytes of DER in all and in the end entity
    /// (the limits of cert-manager after GHSA-r4pg-vg54-wxx4).
    pub const MAX_CERTIFICATES: usize = 10;
    /// 95 kB.
    pub const MAX_BYTES: usize = 95_000;
    /// 36.5 kB.
    pub const MAX_END_ENTITY: usize = 36_500;

    /// Reads a pasted or saved chain with every forgiveness of [`super::pem::read`].
    /// # Errors
    /// [`ChainError`].
    pub fn read(input: &[u8]) -> Result<Self, ChainError> {
        todo!("{}", input.len())
    }
    /// Takes blocks already read.
    /// # Errors
    /// [`ChainError`].
    pub fn from_blocks(blocks: Vec<Block>) -> Result<Self, ChainError> {
        todo!("{}", blocks.len())
    }
    /// The certificates in the order given.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }
    /// Finds the path order: end entity first (the certificate whose key is `key` when given and
    /// present, else the one that issues no other), each signed by the one after it; equal for
    /// every permutation of the same certificates.
    pub fn path(&self, key: Option<&Spki>) -> PathOrder {
        let _ = key;
        todo!()
    }
    /// The chain in path order, without duplicates and strangers.
    pub fn in_order(&self, order: &PathOrder) -> Self {
        todo!("{order:?}")
    }
    /// All certificates as PEM, in this order.
    pub fn to_pem(&self) -> String {
        todo!()
    }
}

/// How the certificates of a chain belong together; every number is an index into what was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathOrder {
    /// End entity first.
    pub path: Vec<usize>,
    /// Certificates that occur a second time.
    pub duplicates: Vec<usize>,
    /// Certificates that belong to no path from the end entity.
    pub strangers: Vec<usize>,
    /// The last certificate of the path is self-signed: a trust anchor presented along.
    pub ends_in_anchor: bool,
}

impl PathOrder {
    /// Whether the given order already is the path order, nothing left over.
    pub fn is_as_given(&self) -> bool {
        todo!()
    }
}

/// Why an input is no chain. (Owner completes: over a limit, a request pasted, no certificate, malformed certificate N.)
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The text is at fault.
    #[error(transparent)]
    Pem(#[from] PemError),
}

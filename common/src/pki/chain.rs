//! Chains: what was given, and the order it should have. No judgement here.

mod order;

pub use order::PathOrder;
pub(in crate::pki) use order::{authority_key_id, issued, key_identifiers_differ};

use super::certificate::{Certificate, CertificateError};
use super::pem::{self, Block, PemError};
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
        Self::from_blocks(pem::read(input)?)
    }

    /// Takes blocks already read.
    /// # Errors
    /// [`ChainError`]; over a limit is an error before anything is decoded, never a truncation.
    pub fn from_blocks(blocks: Vec<Block>) -> Result<Self, ChainError> {
        let mut encodings = Vec::with_capacity(blocks.len());
        for block in blocks {
            match block {
                Block::Certificate(der) => encodings.push(der),
                Block::Request(_) => return Err(ChainError::Request),
            }
        }
        let bytes = encodings.iter().map(Vec::len).sum();
        match encodings.len() {
            0 => return Err(ChainError::NoCertificate),
            count if count > Self::MAX_CERTIFICATES => return Err(ChainError::TooMany(count)),
            _ if bytes > Self::MAX_BYTES => return Err(ChainError::TooLarge(bytes)),
            _ => {}
        }
        let certificates = encodings
            .iter()
            .enumerate()
            .map(|(index, der)| {
                Certificate::from_der(der)
                    .map_err(|source| ChainError::Malformed { number: index + 1, source })
            })
            .collect::<Result<_, _>>()?;
        Self { certificates }.with_end_entity_in_limit()
    }

    /// The certificates in the order given.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Finds the path order: end entity first (the certificate whose key is `key` when given and
    /// present, else the one that issues no other), each signed by the one after it; equal for
    /// every permutation of the same certificates.
    pub fn path(&self, key: Option<&Spki>) -> PathOrder {
        self.path_to(key, &[])
    }

    /// The same, ending as soon as one of these anchors issued the last certificate, where that is
    /// possible; the anchor itself follows when it was presented.
    pub fn path_to(&self, key: Option<&Spki>, anchors: &[Certificate]) -> PathOrder {
        order::find(&self.certificates, key, anchors)
    }

    /// The chain in path order, without duplicates and strangers.
    pub fn in_order(&self, order: &PathOrder) -> Self {
        let certificates =
            order.path.iter().filter_map(|index| self.certificates.get(*index)).cloned().collect();
        Self { certificates }
    }

    /// All certificates as PEM, in this order.
    pub fn to_pem(&self) -> String {
        self.certificates.iter().map(Certificate::to_pem).collect()
    }

    /// Which certificate is the end entity takes a path to know, so this limit comes last.
    fn with_end_entity_in_limit(self) -> Result<Self, ChainError> {
        let end_entity = self.path(None).path.first().and_then(|index| self.certificates.get(*index));
        match end_entity.map_or(0, |certificate| certificate.der().len()) {
            bytes if bytes > Self::MAX_END_ENTITY => Err(ChainError::EndEntityTooLarge(bytes)),
            _ => Ok(self),
        }
    }
}

/// Why an input is no chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The text is at fault.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// A request came where its answer was expected.
    #[error("this is a certification request, expected the certificate signed for it")]
    Request,
    /// Text without any certificate.
    #[error("no certificate in this input")]
    NoCertificate,
    /// One certificate cannot be read.
    #[error("certificate {number} cannot be read")]
    Malformed {
        /// 1-based, as given.
        number: usize,
        /// What is wrong with it.
        #[source]
        source: CertificateError,
    },
    /// More than [`Chain::MAX_CERTIFICATES`].
    #[error("{0} certificates are over the limit of {limit}", limit = Chain::MAX_CERTIFICATES)]
    TooMany(usize),
    /// More than [`Chain::MAX_BYTES`].
    #[error("{0} bytes of certificates are over the limit of {limit}", limit = Chain::MAX_BYTES)]
    TooLarge(usize),
    /// More than [`Chain::MAX_END_ENTITY`].
    #[error("an end entity of {0} bytes is over the limit of {limit}", limit = Chain::MAX_END_ENTITY)]
    EndEntityTooLarge(usize),
}

//! What is there and is not what was written.

use crate::layout::{self, ObjectName, Stage};
use crate::manifest::FileEntry;
use crate::record::RecordError;
use pki::pem::PemError;
use pki::{CertificateError, ChainError, CsrError, SealError};
use std::fmt;

/// What of a store can be damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Store,
    /// The record.
    Record,
    /// The audit log.
    AuditLog,
    /// A generation as a whole.
    Generation(u64),
    /// One object.
    Object(ObjectName),
}

/// As a path below the store, with a slash in front; nothing for the store itself.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store => Ok(()),
            Self::Record => write!(f, "/{}", layout::STATE),
            Self::AuditLog => write!(f, "/{}", layout::AUDIT_LOG),
            Self::Generation(number) => write!(f, "/{}/{}", layout::GENERATIONS, layout::numbered(*number)),
            Self::Object(name) => write!(f, "/{name}"),
        }
    }
}

/// What is wrong with it. Never quotes its contents.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Named by the record, or there a moment ago.
    #[error("missing")]
    Missing,
    /// A store without its record.
    #[error("missing; restore the whole store from a backup, never STATE alone")]
    RecordMissing,
    /// It was there when the command began.
    #[error("missing, it was there a moment ago")]
    Vanished,
    /// It held something when the command began.
    #[error("emptied, it was not a moment ago")]
    Emptied,
    /// A record, a manifest or a document that is none.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A document other than the one the record names.
    #[error("not the document the record names")]
    OtherDocument,
    /// A file of other bytes than the manifest names.
    #[error(
        "{} bytes with sha256 {}, expected {} with {}",
        found.length, found.sha256.short(), expected.length, expected.sha256.short()
    )]
    Bytes {
        /// What is there.
        found: FileEntry,
        /// What was written.
        expected: FileEntry,
    },
    /// More bytes than anything of its kind has.
    #[error("{length} bytes are over the limit of {limit}")]
    TooLarge {
        /// Found.
        length: u64,
        /// Allowed.
        limit: usize,
    },
    /// A medium that gave back other bytes than it was given.
    #[error("it does not read as it was written")]
    NotAsWritten,
    /// The record names it as something else.
    #[error("{found}, the record names it as {named}")]
    Stage {
        /// What its manifest says.
        found: Stage,
        /// What the record says.
        named: Stage,
    },
    /// A generation the record cannot know: the record is an old copy.
    #[error("newer than STATE, whose last generation is {last}: STATE is an old copy")]
    NewerThanRecord {
        /// The last generation the record knows of.
        last: u64,
    },
    /// Not a sealed key.
    #[error(transparent)]
    Key(SealError),
    /// Not PEM.
    #[error(transparent)]
    Pem(PemError),
    /// Not a request.
    #[error(transparent)]
    Request(CsrError),
    /// Other things than one request.
    #[error("not one certification request")]
    NotOneRequest,
    /// Another request, or one for another key.
    #[error("another request than the manifest names")]
    OtherRequest,
    /// Not a chain.
    #[error(transparent)]
    Chain(ChainError),
    /// Not a certificate.
    #[error(transparent)]
    Anchor(CertificateError),
    /// Other things than one certificate.
    #[error("not one certificate")]
    NotOneAnchor,
    /// A chain for another key.
    #[error("a certificate for another key than the manifest names")]
    OtherKey,
}

/// A part and its fault.
#[derive(Debug)]
pub(crate) struct Damage {
    pub(crate) part: Part,
    pub(crate) fault: Fault,
}

impl Damage {
    pub(crate) fn of(object: ObjectName, fault: impl Into<Fault>) -> Self {
        Self { part: Part::Object(object), fault: fault.into() }
    }

    pub(crate) fn of_record(error: RecordError) -> Self {
        Self { part: Part::Record, fault: error.into() }
    }
}

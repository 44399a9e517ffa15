//! The question both validators answer, and the answer when it is no.

use super::words;
use crate::certificate::Certificate;
use crate::chain::{Step, place};
use crate::name::DnsName;
use common::Timestamp;

/// One way from an end entity to a trust anchor, and what the end entity should be good for.
#[derive(Clone, Debug)]
pub(crate) struct Question<'a> {
    /// Certificates with the numbers they were given under, end entity first, the anchor left out.
    pub(crate) path: Vec<Step<'a>>,
    /// What the path ends in.
    pub(crate) anchor: &'a Certificate,
    /// The name clients connect to, when one is asked for.
    pub(crate) name: Option<DnsName>,
    /// The moment.
    pub(crate) now: Timestamp,
}

/// The answer of path validation when it was no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathError {
    /// webpki's, which names no certificate.
    #[error("path validation failed: {}", words::of(.0))]
    Webpki(::webpki::Error),
    /// No way leads to a trust anchor.
    #[error("no way leads to a trust anchor")]
    NoPath,
    /// A signature is not the issuer's.
    #[error("{} is not signed with the key of its issuer", place(*.0))]
    Signature(Option<usize>),
    /// A signature of a kind that is not verified here.
    #[error("the signature of {} cannot be verified", place(*number))]
    UnsupportedSignature {
        /// As given, from 1; `None` for one of the trust anchors.
        number: Option<usize>,
        /// Algorithm and key.
        what: String,
    },
    /// A name is outside the name constraints of an issuer.
    #[error("{0}")]
    NameConstraints(String),
}

impl From<::webpki::Error> for PathError {
    fn from(error: ::webpki::Error) -> Self {
        Self::Webpki(error)
    }
}

//! Certification path validation: two validators behind one question.
//!
//! [`Validator::TlsClient`] is webpki, the validator of rustls: what clients of today accept.
//! [`Validator::Rfc5280`] is the part of the standard that the rules do not cover, for those who ask what the
//! standard says. Which ways there are to an anchor is found by [`crate::chain`].

mod constraints;
mod question;
mod rfc5280;
mod webpki;
mod words;

pub(crate) use constraints::subtree_fault;

pub(crate) use question::{PathError, Question};

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validator {
    /// TLS clients of today.
    TlsClient,
    /// The standard alone.
    Rfc5280,
}

impl Validator {
    /// Validates the path; an error is the first fault found.
    pub(crate) fn validate(self, question: &Question<'_>) -> Result<(), PathError> {
        match self {
            Self::TlsClient => webpki::validate(question),
            Self::Rfc5280 => rfc5280::validate(&question.path, question.anchor),
        }
    }
}

//! Verdicts: what the rules and the path validators together say of documents.
//!
//! [`verify`] answers whether a pair of chains may be installed; [`examine_chain`] and [`examine_request`] judge
//! one document by the same catalogue, whatever is known about it. Each reports every finding at once.

mod chain;
mod pair;
mod report;
mod request;
mod spec;
mod together;

pub use crate::rules::{Anchors, Asked, KnownKey};
pub use chain::{Examination, examine_chain};
pub use pair::{Expectation, Judgement, VerifiedChain, verify};
#[cfg(test)]
pub(crate) use request::judge_request;
pub use request::{ExaminedRequest, examine_request, judge_history, judge_requests, judge_requests_together};
pub use rustls::pki_types::ServerName;
#[cfg(test)]
pub(crate) use spec::judge_key;
pub use spec::judge_specs;

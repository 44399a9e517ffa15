//! The rules: what is required of keys, names, requests, chains and pairs, as data.
//!
//! A [`Rule`] has an id `area.fault`, a severity, a citation and a check. The same rule serves a
//! request and a certificate where the requirement is the same. A citation that begins with
//! `product guide` is a decision of this product, `CA/B BR` the Baseline Requirements of the
//! CA/Browser Forum, which bind public CAs only.
//!
//! From the ground up: what is asked and what a check looks at (`asked`, `demands`, `case`), what a rule and a
//! finding are (`rule`), the rules by topic, the [`catalogue`] of all of them, and the [`Policy`] that weighs them.

mod asked;
pub(crate) mod case;
mod catalogue;
pub(crate) mod chain;
mod demanded;
mod demands;
mod extensions;
mod history;
pub(crate) mod key;
mod names;
mod pair;
mod path;
mod policy;
mod profile;
mod request;
mod rule;
mod subject;

pub use asked::{Anchors, Asked, KnownKey};
pub use case::{Earlier, HistoryCase};
pub use catalogue::{catalogue, find};
pub use demands::AddressRangeError;
pub use policy::{Policy, PolicyError, TEMPLATE};
pub use profile::{Profile, ProfileError};
pub(crate) use rule::{Check, Outcome};
pub use rule::{Evidence, Finding, LooksAt, Rule, Severity, errors_first};

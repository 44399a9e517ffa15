//! The flows that change the pair, shared by commands and services: from what is wanted to requests that wait for
//! their certificates ([`request`]).
//!
//! A flow has no terminal, clock, environment, network or files. The moment and who acts are arguments; what is kept
//! goes through the [`store::Store`] it is given; what only a person can answer it asks a [`Person`], who may be
//! [`Nobody`]. Errors carry evidence, never flags or exit codes: those belong to the commands.

mod background;
mod person;
mod request;

pub use person::{News, Nobody, Person, Work};
pub use request::{PendingKeys, RequestError, RequestFault, RequestOrder, Requested, Sysadmin, request};

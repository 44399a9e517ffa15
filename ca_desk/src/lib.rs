//! The CA team's side of the round trip, one library under several commands.
//!
//! [`authority`] is a certification authority for labs, tests and small sites; [`sign_csrs`] is
//! the command that signs a pair of requests with it. What is required of a request stands in
//! `common`'s catalogue of rules, not here.

pub mod authority;
pub mod files;
pub mod sign_csrs;

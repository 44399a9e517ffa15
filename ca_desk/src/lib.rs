//! The CA team's side of the round trip, one library under several commands.
//!
//! [`authority`] is a certification authority for labs, tests and small sites; [`sign_csrs`] is
//! the command that signs a pair of requests with it; [`check_csrs`] the command that judges
//! requests and [`check_certs`] the one that judges chains, with [`desk`], what both share. What is
//! required of either stands in `common`'s catalogue of rules, not here.

pub mod authority;
pub mod check_certs;
pub mod check_csrs;
pub mod desk;
pub mod files;
pub mod sign_csrs;

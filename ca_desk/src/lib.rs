//! The CA team's side of the round trip: three programs over one library.
//!
//! [`check_csrs()`] judges requests, [`check_certs()`] judges chains, and [`sign_csrs()`] is a
//! certification authority for labs, tests and small sites. What is required of a request or a
//! chain stands in the catalogue of rules of the library `pki`, not here.

mod authority;
mod check_certs;
mod check_csrs;
mod desk;
mod sign_csrs;

pub use check_certs::main as check_certs;
pub use check_csrs::main as check_csrs;
pub use sign_csrs::main as sign_csrs;

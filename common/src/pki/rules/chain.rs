//! Rules about a chain presented for a request.
use super::Rule;
use crate::pki::chain::{Chain, PathOrder};
use crate::pki::csr::Csr;
use crate::{Role, Timestamp};
/// One chain, and what it should answer. (Owner H2 refines.)
pub struct ChainCase<'a> {
    /// As given.
    pub chain: &'a Chain,
    /// How it belongs together.
    pub order: &'a PathOrder,
    /// The role it was presented for.
    pub role: Role,
    /// The staged request of that role.
    pub request: &'a Csr,
    /// The moment it is judged at.
    pub now: Timestamp,
}
/// Rules about chains.
pub static RULES: &[Rule] = &[];

//! Rules about a request, and the judgement of one.
use super::{Finding, Rule};
use crate::pki::csr::Csr;
use crate::{Pair, Role};
/// One request.
pub struct RequestCase<'a> {
    /// The request.
    pub csr: &'a Csr,
    /// Its role, when it has one.
    pub role: Option<Role>,
}
/// Rules about requests.
pub static RULES: &[Rule] = &[];
/// All findings of one request: key, names, request rules.
pub fn judge(csr: &Csr, role: Option<Role>) -> Vec<Finding> {
    let _ = (csr, role);
    todo!()
}
/// All findings of both requests of a pair, with the pair rules.
pub fn judge_pair(requests: Pair<&Csr>) -> Vec<Finding> {
    let _ = requests;
    todo!()
}

//! Rules about the two documents of a pair.
use super::Rule;
use crate::Pair;
use crate::pki::name::GeneralName;
use crate::pki::spki::Spki;
/// What both sides of a pair show: of two requests or of two end entities.
pub struct PairCase<'a> {
    /// Both keys.
    pub keys: Pair<&'a Spki>,
    /// Both lists of SANs.
    pub names: Pair<&'a [GeneralName]>,
    /// Both primary names, lower case, when known.
    pub primary: Pair<Option<String>>,
}
/// Rules about pairs.
pub static RULES: &[Rule] = &[];

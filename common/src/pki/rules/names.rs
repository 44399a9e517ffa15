//! Rules about the names of a request or an end entity.
use super::Rule;
use crate::pki::name::{DistinguishedName, GeneralName};
/// Subject and SANs of one document.
pub struct NamesCase<'a> {
    /// subject
    pub subject: &'a DistinguishedName,
    /// SANs; `None` when the extension is absent.
    pub sans: Option<&'a [GeneralName]>,
}
/// Rules about names.
pub static RULES: &[Rule] = &[];

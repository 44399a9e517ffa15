//! Rules about a public key.
use super::Rule;
use crate::pki::spki::Spki;
/// A public key and how it is used.
pub struct KeyCase<'a> {
    /// The key.
    pub spki: &'a Spki,
    /// Whether it is a CA's key (RSA up to 8192 bits is fine there).
    pub ca: bool,
}
/// Rules about keys.
pub static RULES: &[Rule] = &[];

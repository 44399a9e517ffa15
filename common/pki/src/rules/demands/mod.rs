//! What a policy file may ask of keys, names and subjects beside the rules.

mod pattern;

pub use pattern::AddressRangeError;
pub(crate) use pattern::{AddressRange, NamePattern};

use crate::name::AttributeType;
use crate::spki::PublicKeyKind;

/// What a policy asks of keys, names and subjects. What is empty asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Demands {
    /// Key types allowed.
    pub(crate) keys: Vec<KeyPattern>,
    /// Host names allowed: every one must match one of these.
    pub(crate) names_allowed: Vec<NamePattern>,
    /// Host names denied, allowed or not.
    pub(crate) names_denied: Vec<NamePattern>,
    /// The most SANs of all kinds.
    pub(crate) max_names: Option<usize>,
    /// Addresses allowed.
    pub(crate) addresses_allowed: Vec<AddressRange>,
    /// Addresses denied, allowed or not.
    pub(crate) addresses_denied: Vec<AddressRange>,
    /// Attributes a subject must have.
    pub(crate) subject_required: Vec<AttributeType>,
    /// Attributes a subject must not have.
    pub(crate) subject_forbidden: Vec<AttributeType>,
    /// The values an attribute may have where it occurs.
    pub(crate) subject_values: Vec<(AttributeType, Vec<String>)>,
}

/// A key type a policy allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyPattern {
    /// As the policy spells it.
    pub(crate) word: String,
    pub(crate) kind: KeyKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// RSA of any size the rules `key.*` allow.
    AnyRsa,
    Rsa(usize),
    P256,
    P384,
    P521,
    Ed25519,
}

impl KeyPattern {
    pub(crate) fn matches(&self, found: &PublicKeyKind) -> bool {
        match (self.kind, found) {
            (KeyKind::AnyRsa, PublicKeyKind::Rsa { .. })
            | (KeyKind::P256, PublicKeyKind::P256)
            | (KeyKind::P384, PublicKeyKind::P384)
            | (KeyKind::P521, PublicKeyKind::P521)
            | (KeyKind::Ed25519, PublicKeyKind::Ed25519) => true,
            (KeyKind::Rsa(wanted), PublicKeyKind::Rsa { bits }) => wanted == *bits,
            (
                KeyKind::AnyRsa
                | KeyKind::Rsa(_)
                | KeyKind::P256
                | KeyKind::P384
                | KeyKind::P521
                | KeyKind::Ed25519,
                PublicKeyKind::Rsa { .. }
                | PublicKeyKind::P256
                | PublicKeyKind::P384
                | PublicKeyKind::P521
                | PublicKeyKind::Ed25519
                | PublicKeyKind::Other(_),
            ) => false,
        }
    }
}

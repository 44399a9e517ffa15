//! What the checks look at: one borrowed view per kind of document.

mod chain;
mod encoding;

pub(crate) use chain::{ChainCase, Gap, Link, Place};
pub(crate) use encoding::{EncodingCase, Fault};

use super::demands::Demands;
use crate::extensions::Extensions;
use crate::key::KeyAlgorithm;
use crate::name::{DistinguishedName, GeneralName};
use crate::path::PathError;
use crate::request::Csr;
use crate::second_opinion::{self, KeyFault};
use crate::spki::{PublicKeyKind, Spki};
use common::{Pair, Role, Sha256, Timestamp, Untrusted};
use std::cell::OnceCell;

/// A public key and how it is used.
#[derive(Clone, Debug)]
pub(crate) struct KeyCase<'a> {
    /// Its kind.
    pub(crate) kind: PublicKeyKind,
    /// The key; `None` before it exists.
    pub(crate) spki: Option<&'a Spki>,
    /// Whether it is a CA's key (any RSA size up to 8192 bits is fine there).
    pub(crate) ca: bool,
    /// The role it serves, when known.
    pub(crate) role: Option<Role>,
    /// Found once for all rules that look at them: it takes the time of a signature.
    faults: OnceCell<Vec<KeyFault>>,
}

impl<'a> KeyCase<'a> {
    /// A key that exists.
    pub(crate) fn new(spki: &'a Spki, ca: bool, role: Option<Role>) -> Self {
        Self { kind: spki.kind(), spki: Some(spki), ca, role, faults: OnceCell::new() }
    }

    /// A key that somebody intends to make.
    pub(crate) const fn planned(algorithm: KeyAlgorithm, role: Role) -> Self {
        let kind = match algorithm {
            KeyAlgorithm::Rsa2048 => PublicKeyKind::Rsa { bits: 2048 },
            KeyAlgorithm::Rsa3072 => PublicKeyKind::Rsa { bits: 3072 },
            KeyAlgorithm::Rsa4096 => PublicKeyKind::Rsa { bits: 4096 },
            KeyAlgorithm::NistP256 => PublicKeyKind::P256,
            KeyAlgorithm::NistP384 => PublicKeyKind::P384,
            KeyAlgorithm::NistP521 => PublicKeyKind::P521,
        };
        Self { kind, spki: None, ca: false, role: Some(role), faults: OnceCell::new() }
    }

    /// What the second implementation finds wrong with the key; nothing before it exists.
    pub(crate) fn faults(&self) -> &[KeyFault] {
        self.faults.get_or_init(|| self.spki.map(second_opinion::key_faults).unwrap_or_default())
    }
}

/// Subject and SANs of one document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NamesCase<'a> {
    /// subject
    pub(crate) subject: &'a DistinguishedName,
    /// SANs; empty when the extension is absent or cannot be read.
    pub(crate) sans: &'a [GeneralName],
}

/// The extensions of one document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExtensionsCase<'a> {
    /// As found.
    pub(crate) extensions: &'a Extensions,
    /// Whose they are.
    pub(crate) holder: Holder,
}

/// What kind of document has the extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// A request, which may leave to the CA what it does not ask for.
    Request,
    /// An end entity, whose key a TLS server uses.
    EndEntity,
    /// A certificate whose key signs others.
    Issuer,
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestCase<'a> {
    /// The request.
    pub(crate) csr: &'a Csr,
}

/// What both sides of a pair show: of two requests, or of two end entities.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PairCase<'a> {
    /// Both keys; `None` before they exist.
    pub(crate) keys: Option<Pair<&'a Spki>>,
    /// Both lists of SANs, the primary names among them.
    pub(crate) names: Pair<&'a [GeneralName]>,
}

/// What path validation said, and what was found without it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathCase<'a> {
    /// The error; `None` when the path is valid.
    pub(crate) error: Option<&'a PathError>,
    /// Ids of the error rules already violated: webpki names no certificate and stops at its first
    /// fault, so our own diagnosis comes first and is not repeated.
    pub(crate) explained: &'a [&'static str],
}

/// What a policy looks at: the same of a request and of an end entity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PolicyCase<'a> {
    /// What is asked.
    pub(crate) demands: &'a Demands,
    /// subject
    pub(crate) subject: &'a DistinguishedName,
    /// SANs; empty when the extension is absent or cannot be read.
    pub(crate) sans: &'a [GeneralName],
    /// The kind of key.
    pub(crate) key: &'a PublicKeyKind,
}

/// An earlier request with the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// sha256 of that request.
    pub request: Sha256,
    /// Its primary name.
    pub name: Untrusted,
    /// When it was first seen.
    pub seen: Timestamp,
}

/// One request, and what is known of its key.
#[derive(Clone, Copy, Debug)]
pub struct HistoryCase<'a> {
    /// sha256 of the request.
    pub request: Sha256,
    /// Its primary name.
    pub name: &'a str,
    /// Earlier requests with the same key, oldest first.
    pub earlier: &'a [Earlier],
}

//! What is to be requested.

use crate::Pair;
use crate::pki::csr::Csr;
use crate::pki::key::KeyAlgorithm;
use crate::pki::name::{DnsName, San, SanSet, Subject};
use crate::pki::rules::Finding;

/// One certificate to request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestSpec {
    subject: Subject,
    names: SanSet,
    key_algorithm: KeyAlgorithm,
}

impl RequestSpec {
    /// Simple: one DNS name, and SANs.
    /// # Errors
    /// [`SpecError`].
    pub fn simple(name: DnsName, sans: Vec<San>, key_algorithm: KeyAlgorithm) -> Result<Self, SpecError> {
        let _ = (name, sans, key_algorithm);
        todo!()
    }
    /// Distinguished: a subject, whose CN (or else the first DNS SAN) is the primary name, and SANs.
    /// # Errors
    /// [`SpecError`], also when there is neither a CN that is a host name nor a DNS SAN.
    pub fn distinguished(
        subject: Subject,
        sans: Vec<San>,
        key_algorithm: KeyAlgorithm,
    ) -> Result<Self, SpecError> {
        let _ = (subject, sans, key_algorithm);
        todo!()
    }
    /// Either format, told apart by shape (`=` or a leading `/` means Distinguished).
    /// # Errors
    /// [`SpecError`].
    pub fn parse(name: &str, sans: Vec<San>, key_algorithm: KeyAlgorithm) -> Result<Self, SpecError> {
        let _ = (name, sans, key_algorithm);
        todo!()
    }
    /// What an existing request asked for, as default for a rotation.
    /// # Errors
    /// [`SpecError`] when it is not a request this product could have made.
    pub fn from_csr(csr: &Csr) -> Result<Self, SpecError> {
        let _ = csr;
        todo!()
    }
    /// The same with another key type.
    #[must_use]
    pub fn with_key_algorithm(self, key_algorithm: KeyAlgorithm) -> Self {
        Self { key_algorithm, ..self }
    }
    /// subject
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }
    /// SANs, the primary name first.
    pub const fn names(&self) -> &SanSet {
        &self.names
    }
    /// Key type.
    pub const fn key_algorithm(&self) -> KeyAlgorithm {
        self.key_algorithm
    }
}

/// Why a request cannot be specified so. (Owner completes, wraps name errors.)
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// The subject.
    #[error(transparent)]
    Subject(#[from] crate::pki::name::SubjectError),
}

/// The name of a cluster: 1..=64 printable characters, no control characters, trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterName(String);

/// Both certificates to request, and the cluster they are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterSpec {
    /// For people.
    pub cluster_name: ClusterName,
    /// What to request.
    pub requests: Pair<RequestSpec>,
}

impl ClusterSpec {
    /// All findings of the pair rules (shared names, one role's name among the other's SANs) and
    /// the key-type warnings (P-521), before any key exists.
    pub fn findings(&self) -> Vec<Finding> {
        todo!()
    }
}

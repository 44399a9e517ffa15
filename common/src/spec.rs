//! What is to be requested.

use crate::pki::csr::Csr;
use crate::pki::key::KeyAlgorithm;
use crate::pki::name::{DnsName, GeneralName, San, SanSet, Subject};
use crate::pki::rules::key::{self, KeyCase};
use crate::pki::rules::pair::{self, PairCase};
use crate::pki::rules::{Finding, errors_first};
use crate::{Pair, Untrusted};

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

impl ClusterName {
    /// Reads a name, without the space around it.
    /// # Errors
    /// [`ClusterNameError`].
    pub fn parse(text: &str) -> Result<Self, ClusterNameError> {
        let name = text.trim();
        let shown = Untrusted::new(name);
        match name.chars().count() {
            0 => Err(ClusterNameError::Empty),
            count if count > 64 => Err(ClusterNameError::TooLong(count)),
            _ if shown.to_string() != name.replace('\\', "\\\\") => Err(ClusterNameError::Unprintable(shown)),
            _ => Ok(Self(name.to_owned())),
        }
    }
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text does not name a cluster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClusterNameError {
    /// Nothing was given.
    #[error("the cluster name is empty")]
    Empty,
    /// Over 64 characters.
    #[error("the cluster name has {0} characters, at most 64 are allowed")]
    TooLong(usize),
    /// A control, invisible or text-reordering character.
    #[error("the cluster name {0} holds a character that cannot be seen")]
    Unprintable(Untrusted),
}

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
        let names =
            self.requests.as_ref().map(|request| request.names().iter().map(as_found).collect::<Vec<_>>());
        let mut findings = pair::judge(&PairCase { keys: None, names: names.as_ref().map(Vec::as_slice) });
        for (role, request) in self.requests.iter() {
            findings.extend(key::judge(&KeyCase::planned(request.key_algorithm(), role)));
        }
        errors_first(findings)
    }
}

/// A SAN as it will stand in the request.
fn as_found(san: &San) -> GeneralName {
    match san {
        San::Dns(name) => GeneralName::Dns(Untrusted::new(name.as_str())),
        San::Ip(address) => GeneralName::Ip(*address),
        San::Uri(uri) => GeneralName::Uri(Untrusted::new(uri.as_str())),
        San::Email(mailbox) => GeneralName::Email(Untrusted::new(mailbox.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_name_is_short_visible_text() {
        for (text, name) in [("Example", "Example"), (" Müller & Söhne ", "Müller & Söhne"), ("a\\b", "a\\b")]
        {
            assert_eq!(ClusterName::parse(text).unwrap().as_str(), name);
        }
        assert_eq!(ClusterName::parse(&"a".repeat(65)), Err(ClusterNameError::TooLong(65)));
        assert_eq!(ClusterName::parse("  "), Err(ClusterNameError::Empty));
        for text in ["a\nb", "a\u{202e}b", "a\u{200b}b", "\u{1b}[2J"] {
            assert!(matches!(ClusterName::parse(text), Err(ClusterNameError::Unprintable(_))), "{text:?}");
        }
    }
}

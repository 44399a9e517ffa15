//! Both certificates to request, and the cluster they are for.

use super::spec::RequestSpec;
use crate::name::is_visible;
use common::{Pair, Untrusted};
use std::fmt;

/// The name of a cluster: 1..=64 printable characters, no control characters, trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterName(String);

impl ClusterName {
    /// Reads a name, without the space around it.
    /// # Errors
    /// [`ClusterNameError`].
    pub fn parse(text: &str) -> Result<Self, ClusterNameError> {
        let name = text.trim();
        match name.chars().count() {
            0 => Err(ClusterNameError::Empty),
            count if count > 64 => Err(ClusterNameError::TooLong(count)),
            _ if !name.chars().all(is_visible) => Err(ClusterNameError::Unprintable(Untrusted::new(name))),
            _ => Ok(Self(name.to_owned())),
        }
    }
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClusterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_name_is_short_visible_text() {
        for (text, name) in [
            ("Example", "Example"),
            (" Müller & Söhne ", "Müller & Söhne"),
            ("a\\b", "a\\b"),
            ("हिन्दी", "हिन्दी"),
        ] {
            assert_eq!(ClusterName::parse(text).unwrap().as_str(), name);
        }
        assert_eq!(ClusterName::parse(&"a".repeat(65)), Err(ClusterNameError::TooLong(65)));
        assert_eq!(ClusterName::parse("  "), Err(ClusterNameError::Empty));
        for text in ["a\nb", "a\u{202e}b", "a\u{200b}b", "\u{1b}[2J"] {
            assert!(matches!(ClusterName::parse(text), Err(ClusterNameError::Unprintable(_))), "{text:?}");
        }
    }
}

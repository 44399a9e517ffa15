//! How much a rule weighs, and which rules no policy weakens.

use crate::rules::rule::Severity;

/// How much a rule weighs under a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// The rule is not checked.
    Off,
    /// As [`Severity::Info`].
    Info,
    /// As [`Severity::Warning`].
    Warning,
    /// As [`Severity::Error`].
    Error,
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Error,
        }
    }
}

impl Level {
    pub(super) const fn severity(self) -> Option<Severity> {
        match self {
            Self::Off => None,
            Self::Info => Some(Severity::Info),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
        }
    }
}

/// Rules no policy weakens, by the start of their ids: they keep a stranger's key out, and the
/// services apart.
const PROTECTED: [&str; 4] = ["spki.", "role.", "csr.signature", "csr.malformed"];

pub(super) fn is_protected(id: &str) -> bool {
    PROTECTED.iter().any(|start| id.starts_with(start))
}

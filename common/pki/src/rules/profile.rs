//! Who judges.

use std::fmt;
use std::str::FromStr;

/// Whose requirements are weighed. Where a profile says nothing, a rule has its own severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// The product: Main and Assets, signed by the customer's own CA.
    #[default]
    Cluster,
    /// A private CA, which the Baseline Requirements do not bind.
    Private,
    /// A CA that browsers trust: the Baseline Requirements of the CA/Browser Forum bind it.
    Public,
    /// A careful operator of any TLS server.
    TlsServer,
    /// RFC 5280 alone: the product's own rules are left out, so that conformance material can be run.
    Rfc5280,
    /// The same for a certificate that is to serve a host.
    Rfc5280Host,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Cluster, Self::Private, Self::Public, Self::TlsServer, Self::Rfc5280, Self::Rfc5280Host];

    /// The word flags and policies use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Private => "private",
            Self::Public => "public",
            Self::TlsServer => "tls-server",
            Self::Rfc5280 => "rfc5280",
            Self::Rfc5280Host => "rfc5280-host",
        }
    }

    /// Whether a path is validated by the standard alone, as a library is asked to.
    pub const fn is_rfc5280(self) -> bool {
        matches!(self, Self::Rfc5280 | Self::Rfc5280Host)
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Not the word for a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown profile, expected cluster, private, public, tls-server or rfc5280")]
pub struct ProfileError;

impl FromStr for Profile {
    type Err = ProfileError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|profile| profile.word() == word).ok_or(ProfileError)
    }
}

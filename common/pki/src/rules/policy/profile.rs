//! Who judges: how much each rule weighs, as data.

use super::{Level, chains};
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

    /// Rule ids with the level each has here, where a profile says one. Of two, the first counts.
    pub(crate) fn levels(self) -> impl Iterator<Item = (&'static str, Level)> {
        let requests = match self {
            Self::Cluster | Self::Private | Self::TlsServer | Self::Rfc5280 | Self::Rfc5280Host => NOT_PUBLIC,
            Self::Public => PUBLIC,
        };
        chains::levels(self).chain(requests.iter().copied())
    }

    /// Whether a path is validated by the standard alone, as a library is asked to.
    pub const fn is_rfc5280(self) -> bool {
        matches!(self, Self::Rfc5280 | Self::Rfc5280Host)
    }
}

/// What only the Baseline Requirements ask.
const NOT_PUBLIC: &[(&str, Level)] = &[
    ("san.public_kind", Level::Off),
    ("san.public_suffix", Level::Off),
    ("san.reserved_address", Level::Off),
    ("san.reserved_name", Level::Off),
    ("san.single_label", Level::Off),
    ("subject.ou", Level::Off),
    ("usage.client_auth", Level::Off),
    ("usage.other_purpose", Level::Off),
];

/// What weighs more for a CA whose every mistake is public and has to be revoked within days.
const PUBLIC: &[(&str, Level)] = &[
    ("csr.unknown_critical", Level::Error),
    ("san.a_label", Level::Error),
    ("san.other_kind", Level::Error),
    ("subject.characters", Level::Error),
    ("subject.country", Level::Error),
    ("subject.placeholder", Level::Error),
    ("subject.repeated", Level::Error),
    ("subject.string_type", Level::Error),
    ("subject.too_long", Level::Error),
    ("usage.any_purpose", Level::Error),
    ("usage.for_key", Level::Error),
];

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::find;

    #[test]
    fn every_profile_speaks_of_rules_that_exist_and_every_table_says_something_new() {
        for profile in Profile::ALL {
            assert_eq!(profile.word().parse(), Ok(profile));
            for (id, _) in profile.levels() {
                assert!(find(id).is_some(), "{profile}: {id} is no rule");
            }
        }
        for (id, level) in NOT_PUBLIC.iter().chain(PUBLIC) {
            assert_ne!(*level, Level::from(find(id).unwrap().severity), "{id}");
        }
    }
}

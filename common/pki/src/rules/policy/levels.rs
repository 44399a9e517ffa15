//! What each profile makes of the rules, as data.

use super::chains;
use super::level::Level;
use crate::rules::profile::Profile;

/// Rule ids with the level each has under a profile, where it says one. Of two, the first counts.
pub(super) fn levels(profile: Profile) -> impl Iterator<Item = (&'static str, Level)> {
    let requests = match profile {
        Profile::Cluster
        | Profile::Private
        | Profile::TlsServer
        | Profile::Rfc5280
        | Profile::Rfc5280Host => NOT_PUBLIC,
        Profile::Public => PUBLIC,
    };
    chains::levels(profile).chain(requests.iter().copied())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::find;

    #[test]
    fn every_profile_speaks_of_rules_that_exist_and_every_table_says_something_new() {
        for profile in Profile::ALL {
            assert_eq!(profile.word().parse(), Ok(profile));
            for (id, _) in levels(profile) {
                assert!(find(id).is_some(), "{profile}: {id} is no rule");
            }
        }
        for (id, level) in NOT_PUBLIC.iter().chain(PUBLIC) {
            assert_ne!(*level, Level::from(find(id).unwrap().severity), "{id}");
        }
    }
}

//! What each profile makes of the rules about chains, side by side.

use super::level::Level;
use crate::rules::profile::Profile;

/// The level of one rule under `cluster`, `tls-server`, `rfc5280-host` and `rfc5280`.
type Row = (&'static str, [Level; 4]);

const OFF: Level = Level::Off;
const INFO: Level = Level::Info;
const WARN: Level = Level::Warning;
const FAIL: Level = Level::Error;

/// Every rule that weighs otherwise somewhere.
///
/// `rfc5280` validates a path, which a heap of certificates in any order may hold, for any purpose.
/// A host makes the purpose a TLS server's (`rfc5280-host`), and then the CA/B BR say what the
/// standard leaves open.
static ROWS: &[Row] = &[
    // What is served: the order and what does not belong there.
    ("chain.order", [FAIL, FAIL, OFF, OFF]),
    ("chain.duplicate", [FAIL, FAIL, OFF, OFF]),
    ("chain.stranger", [FAIL, WARN, OFF, OFF]),
    ("chain.alternative", [INFO, INFO, OFF, OFF]),
    ("chain.lent_issuer", [INFO, WARN, OFF, OFF]),
    ("chain.anchor_included", [INFO, INFO, OFF, OFF]),
    // What the end entity is.
    ("end_entity.ca", [FAIL, FAIL, FAIL, OFF]),
    ("end_entity.self_signed", [FAIL, FAIL, OFF, OFF]),
    ("certificate.version", [FAIL, FAIL, FAIL, WARN]),
    ("certificate.serial", [WARN, WARN, FAIL, FAIL]),
    ("certificate.algorithms", [OFF, FAIL, FAIL, FAIL]),
    ("signature.hash", [FAIL, FAIL, FAIL, WARN]),
    // How long it lasts.
    ("validity.ends_soon", [WARN, WARN, OFF, OFF]),
    ("validity.issuer_ends_first", [WARN, WARN, OFF, OFF]),
    // What it is called.
    ("san.absent", [WARN, FAIL, OFF, OFF]),
    ("san.no_primary", [FAIL, OFF, OFF, OFF]),
    ("san.wildcard", [FAIL, OFF, OFF, OFF]),
    ("san.too_many", [FAIL, WARN, OFF, OFF]),
    ("san.wildcard_form", [FAIL, FAIL, FAIL, OFF]),
    ("san.public_suffix", [OFF, FAIL, FAIL, OFF]),
    ("san.common_name", [OFF, WARN, WARN, OFF]),
    ("san.common_name_spelling", [OFF, WARN, FAIL, OFF]),
    ("san.critical", [OFF, WARN, FAIL, OFF]),
    ("name.empty", [OFF, FAIL, FAIL, FAIL]),
    ("san.not_critical", [OFF, WARN, FAIL, FAIL]),
    // Which key it has: RFC 5280 leaves algorithms and sizes open, CA/B BR 6.1.5 does not.
    ("key.type", [FAIL, FAIL, FAIL, WARN]),
    ("key.rsa_size", [FAIL, FAIL, FAIL, WARN]),
    ("key.rsa_octets", [OFF, WARN, FAIL, OFF]),
    ("key.p521", [WARN, WARN, OFF, OFF]),
    ("key.p521_ui", [WARN, OFF, OFF, OFF]),
    // What it is for.
    ("usage.key_usage", [FAIL, FAIL, FAIL, OFF]),
    ("issuer.cert_sign", [OFF, OFF, OFF, FAIL]),
    ("issuer.crl_sign", [OFF, WARN, FAIL, OFF]),
    ("usage.extended", [FAIL, FAIL, FAIL, OFF]),
    ("usage.extended_absent", [INFO, WARN, FAIL, OFF]),
    ("usage.any_purpose", [WARN, WARN, FAIL, OFF]),
    ("usage.inconsistent", [WARN, WARN, WARN, OFF]),
    ("usage.extended_critical", [OFF, WARN, FAIL, OFF]),
    ("usage.extended_anchor", [OFF, WARN, FAIL, OFF]),
    // How its extensions are written.
    ("identifier.authority_absent", [OFF, WARN, FAIL, FAIL]),
    ("identifier.subject_absent", [OFF, WARN, FAIL, FAIL]),
    ("identifier.mismatch", [OFF, WARN, FAIL, WARN]),
    ("identifier.critical", [OFF, FAIL, FAIL, FAIL]),
    ("identifier.certificate", [OFF, WARN, FAIL, OFF]),
    ("constraints.in_end_entity", [OFF, FAIL, FAIL, FAIL]),
    ("constraints.not_critical", [OFF, WARN, FAIL, WARN]),
    ("constraints.malformed", [OFF, FAIL, FAIL, FAIL]),
    ("extension.basic_constraints", [OFF, WARN, FAIL, WARN]),
    ("extension.path_len", [OFF, WARN, WARN, WARN]),
    ("extension.policy_constraints", [OFF, WARN, FAIL, FAIL]),
    ("extension.information_access", [OFF, WARN, FAIL, FAIL]),
];

/// What a profile makes of them; those of CAs are about requests and say nothing here.
pub(super) fn levels(profile: Profile) -> impl Iterator<Item = (&'static str, Level)> {
    ROWS.iter().filter_map(move |(id, [cluster, tls_server, rfc5280_host, rfc5280])| {
        let level = match profile {
            Profile::Private | Profile::Public => return None,
            Profile::Cluster => cluster,
            Profile::TlsServer => tls_server,
            Profile::Rfc5280Host => rfc5280_host,
            Profile::Rfc5280 => rfc5280,
        };
        Some((*id, *level))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::find;

    #[test]
    fn every_row_is_about_a_rule_and_no_rule_has_two() {
        for (at, (id, levels)) in ROWS.iter().enumerate() {
            assert!(find(id).is_some(), "{id} is no rule");
            assert!(!ROWS[..at].iter().any(|(other, _)| other == id), "{id} has two rows");
            assert!(levels.iter().any(|level| *level != levels[0]), "{id} needs no row");
        }
    }

    #[test]
    fn under_the_product_profile_a_rule_weighs_what_the_catalogue_says_or_nothing() {
        for (id, level) in levels(Profile::Cluster) {
            assert!(level == Level::Off || level == find(id).unwrap().severity.into(), "{id}: {level:?}");
        }
    }
}

//! What to do about a rule in the words of the programs: the catalogue knows no flags, the porch does.

/// What to do, with the flags that help, for the rules where one does.
const WITH_FLAGS: [(&str, &str); 11] = [
    ("history.same_name", "make a new key: get_csrs --rotate does"),
    ("chain.order", "put the certificates in the order wanted, or accept it with install_certs --reorder"),
    ("chain.duplicate", "leave the repetition out, or let install_certs --reorder leave it out"),
    ("chain.stranger", "leave the certificate out, or let install_certs --reorder leave it out"),
    (
        "chain.alternative",
        "nothing needs to be done; the certificate is not served. Give --trust-anchors to choose another way",
    ),
    (
        "spki.mismatch",
        "paste the chain that answers the staged request of this role (get_csrs --show prints it)",
    ),
    ("spki.reused", "stage new requests with get_csrs --rotate --replace-staged"),
    (
        "chain.missing_issuer",
        "add the certificate of the issuer named, or give the trust anchor with --trust-anchors",
    ),
    (
        "chain.no_issuer",
        "paste the intermediate after the end entity, or give the trust anchor with --trust-anchors",
    ),
    (
        "anchor.unknown",
        "give the trust anchor your clients use with --trust-anchors, or have the request signed under it",
    ),
    (
        "anchor.presented",
        "compare the digest with the CA over another channel, or give --trust-anchors or --system-trust",
    ),
];

/// What to do about a rule: `general`, as its catalogue says it, or the same with the flags that help.
pub fn fix(rule: &str, general: &'static str) -> &'static str {
    WITH_FLAGS.iter().find(|(id, _)| *id == rule).map_or(general, |(_, fix)| fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_about_a_rule_and_names_a_flag() {
        for (id, fix) in WITH_FLAGS {
            assert!(pki::rules::find(id).is_some(), "{id}");
            assert!(fix.contains("--"), "{id}");
        }
    }

    #[test]
    fn the_catalogue_knows_no_flags() {
        for rule in pki::rules::catalogue() {
            for text in [rule.title, rule.citation, rule.why, rule.fix] {
                assert!(!text.contains(" --"), "{}: {text}", rule.id);
            }
        }
    }
}

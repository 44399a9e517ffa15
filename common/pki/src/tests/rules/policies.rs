//! What a policy file says, and what that gives.

use crate::request::Csr;
use crate::rules::{Policy, Profile, Severity, TEMPLATE, find};
use crate::spki::PublicKeyKind;
use crate::tests::fixtures::{p256, request, server_params};
use crate::verdict::judge_request;
use rcgen::{DnType, SanType};

/// A request every row is about: subject CN and O, three SANs, P-256.
fn sample() -> Csr {
    let mut params = server_params("kms.example.com");
    params.distinguished_name.push(DnType::OrganizationName, "Example Corp");
    params.subject_alt_names.push(SanType::IpAddress("10.1.2.3".parse().unwrap()));
    params.subject_alt_names.push(SanType::URI("https://kms.example.net:8443/x".try_into().unwrap()));
    request(&params, &p256())
}

pub(super) static FAULTS: &[(&str, &str, &[&str])] = &[
    ("nothing asked", "", &[]),
    ("the starting file", TEMPLATE, &[]),
    ("type allowed", "keys.allow = ['NISTP256']", &[]),
    ("type not allowed", "keys.allow = ['RSA', 'rsa3072', 'NISTP384', 'ED25519']", &["policy.key_type"]),
    ("names allowed", "names.allow = ['*.example.com', '*.example.net']", &[]),
    ("host of a URI not allowed", "names.allow = ['*.example.com']", &["policy.name"]),
    ("neither allowed", "names.allow = ['a.example']", &["policy.name", "policy.name"]),
    (
        "denied although allowed",
        "names.allow = ['*.example.com', '*.example.net']\nnames.deny = ['kms.example.com']",
        &["policy.name"],
    ),
    ("as many names as allowed", "names.max = 3", &[]),
    ("one name more than allowed", "names.max = 2", &["policy.too_many_names"]),
    ("range allowed", "addresses.allow = ['10.0.0.0/8']", &[]),
    ("range not allowed", "addresses.allow = ['192.0.2.0/24']", &["policy.address"]),
    ("all addresses denied", "addresses.deny = ['0.0.0.0/0', '::/0']", &["policy.address"]),
    (
        "attribute there",
        "subject.require = ['O']\nsubject.forbid = ['OU']\nsubject.values.O = ['Example Corp']",
        &[],
    ),
    ("attribute missing", "subject.require = ['C']", &["policy.subject"]),
    ("attribute forbidden", "subject.forbid = ['organizationName']", &["policy.subject"]),
    ("another value", "subject.values.O = ['Example AG']", &["policy.subject"]),
];

#[test]
fn each_policy_gives_its_findings_and_no_other() {
    let sample = sample();
    for (sentence, text, expected) in FAULTS {
        let policy = Policy::parse(text, Profile::Private).unwrap();
        let findings = judge_request(&sample, None, &policy);
        let ids: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(ids, *expected, "{sentence}: {findings:#?}");
    }
}

#[test]
fn a_policy_says_what_a_rule_weighs_and_a_flag_which_profile() {
    let text = "profile = 'public'\n[severity]\n'san.wildcard' = 'info'\n'san.single_label' = 'off'\n'key.p521' = 'error'";
    let policy = Policy::parse(text, Profile::Private).unwrap();
    assert_eq!(policy.profile(), Profile::Public);
    let severity = |policy: &Policy, id| policy.severity(find(id).unwrap());
    assert_eq!(severity(&policy, "san.wildcard"), Some(Severity::Info));
    assert_eq!(severity(&policy, "san.single_label"), None);
    assert_eq!(severity(&policy, "key.p521"), Some(Severity::Error));
    assert_eq!(severity(&policy, "subject.country"), Some(Severity::Error));
    let private = policy.under(Profile::Private);
    assert_eq!(severity(&private, "san.wildcard"), Some(Severity::Info));
    assert_eq!(severity(&private, "subject.country"), Some(Severity::Warning));
    assert_eq!(severity(&private, "san.public_suffix"), None);
}

#[test]
fn what_is_no_policy_is_refused_with_its_place() {
    for (text, message) in [
        ("names.alow = []", "line 1: a policy has no key alow there"),
        ("profile = 'public'\n[nams]\nallow = []", "line 2: a policy has no key nams there"),
        ("nams.allow = []", "line 1: a policy has no key nams there"),
        ("names = { alow = [] }", "line 1: a policy has no key alow there"),
        ("names.allow = [\n  1,\n]", "line 2: the value is not of the kind its key takes"),
        ("\nnames.allow = [1]", "line 2: the value is not of the kind its key takes"),
        ("names.max = 'secret'", "line 1: the value is not of the kind its key takes"),
        ("[severity]\n'san.wildcard' = 'secret'", "line 2: the value is not of the kind its key takes"),
        ("[names]\nallow", "line 2 is not TOML"),
        ("names.max = 1\nnames.max = 2", "line 2 is not TOML"),
        ("\n\nprofile = 'both'", "unknown profile, expected cluster, private, public, tls-server or rfc5280"),
        ("[severity]\n'san.nonsense' = 'off'", "[severity] san.nonsense is no rule"),
        (
            "[severity]\n'role.shared_key' = 'warning'",
            "[severity] role.shared_key cannot be lowered: it keeps strangers' keys out or the services apart",
        ),
        (
            "keys.allow = ['DSA']",
            "[keys] DSA is no key type: RSA, RSA2048 (or another size), NISTP256, NISTP384, NISTP521, ED25519",
        ),
        ("names.deny = ['a.*.b']", "[names] holds something that is no name or *.name"),
        ("addresses.deny = ['10.0.0.0/64']", "[addresses] holds something that is no range"),
        (
            "subject.require = ['XX']",
            "[subject] XX is no attribute: C, ST, L, O, OU, CN, emailAddress, serialNumber, street, postalCode, DC",
        ),
    ] {
        assert_eq!(Policy::parse(text, Profile::Private).unwrap_err().to_string(), message);
    }
    assert!(Policy::parse("[severity]\n'role.shared_key' = 'error'", Profile::Private).is_ok());
}

#[test]
fn a_profile_is_written_as_it_is_read() {
    for profile in [Profile::Cluster, Profile::Private, Profile::Public, Profile::TlsServer, Profile::Rfc5280]
    {
        assert_eq!(profile.to_string().parse(), Ok(profile));
    }
    assert_eq!(format!("{:>8}", Profile::Public), "  public");
}

#[test]
fn an_rsa_size_is_that_size_alone() {
    let policy = Policy::parse("keys.allow = ['RSA3072', 'NISTP384']", Profile::Private).unwrap();
    let allowed = |kind: PublicKeyKind| policy.demands().keys.iter().any(|pattern| pattern.matches(&kind));
    assert!(allowed(PublicKeyKind::Rsa { bits: 3072 }) && allowed(PublicKeyKind::P384));
    for other in [PublicKeyKind::Rsa { bits: 2048 }, PublicKeyKind::P256, PublicKeyKind::Ed25519] {
        assert!(!allowed(other.clone()), "{other}");
    }
}

#[test]
fn a_cn_is_held_against_the_names_allowed_only_when_it_is_a_host_name() {
    let policy = Policy::parse("names.allow = ['*.example.com']", Profile::Private).unwrap();
    for (cn, told) in [
        ("kms.example.com", None),
        ("other.example.com", None),
        ("kms.example.net", Some("the CN kms.example.net")),
        ("Example Server v1.0", None),
        ("kms", None),
        ("192.0.2.1", None),
    ] {
        let mut params = server_params("kms.example.com");
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, cn);
        let findings = judge_request(&request(&params, &p256()), None, &policy);
        let mut texts = findings
            .iter()
            .filter(|finding| finding.rule == "policy.name")
            .map(|finding| &finding.evidence.text);
        match told {
            Some(start) => assert!(texts.next().unwrap().starts_with(start)),
            None => assert_eq!(texts.next(), None, "{cn}"),
        }
    }
}

#[test]
fn a_range_is_told_as_it_was_written() {
    let policy = Policy::parse("addresses.deny = ['10.0.0.0/8']", Profile::Private).unwrap();
    let findings = judge_request(&sample(), None, &policy);
    let texts: Vec<_> = findings.iter().map(|finding| finding.evidence.text.as_str()).collect();
    assert_eq!(texts, ["the IP SAN 10.1.2.3 is denied by 10.0.0.0/8"]);
}

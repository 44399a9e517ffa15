//! Requests, alone and in pairs: what is found in the faulty ones, under which profile.

use crate::request::Csr;
use crate::rules::{Policy, Profile};
use crate::tests::fixtures::{p256, request, server_params};
use crate::verdict::{examine_request, judge_request, judge_requests};
use common::Pair;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose as Eku, SanType};

use super::request_faults::*;

fn ids(pair: &Pair<Csr>) -> Vec<&'static str> {
    let mut ids: Vec<_> =
        judge_requests(pair.as_ref(), Policy::product()).iter().map(|finding| finding.rule).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn a_sound_pair_of_requests_gives_no_finding() {
    assert_eq!(judge_requests(sound().as_ref(), Policy::product()), []);
}

#[test]
fn each_fault_gives_its_findings_and_no_other() {
    let wrong = FAULTS.iter().filter_map(|(sentence, spoil, expected)| {
        let mut pair = sound();
        spoil(&mut pair);
        let ids = ids(&pair);
        (ids != *expected).then(|| format!("{sentence}: {ids:?}, expected {expected:?}"))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn shared_mailboxes_and_uris_are_nobodys_business() {
    let shared = |p: &mut CertificateParams| {
        p.subject_alt_names.push(SanType::Rfc822Name("ops@example.com".try_into().unwrap()));
        p.subject_alt_names.push(SanType::URI("https://example.com/".try_into().unwrap()));
    };
    let mut assets = server_params("kms-ui.example.com");
    shared(&mut assets);
    let pair = Pair { main: built(shared), assets: request(&assets, &p256()) };
    assert_eq!(ids(&pair), [""; 0]);
}

/// What only a public CA refuses: nothing of it weighs under the profile of a private one.
pub(super) static PUBLIC_FAULTS: &[PublicRow] = &[
    ("sound", || request(&server_params("kms.rust-lang.org"), &p256()), &[]),
    ("single label", || public(dns("kms")), &["san.single_label"]),
    ("public suffix", || public(dns("co.uk")), &["san.public_suffix"]),
    ("below a public suffix", || public(dns("a.co.uk")), &[]),
    ("internal name", || public(dns("kms.corp.internal")), &["san.reserved_name"]),
    (
        "private addresses",
        || public(SanType::IpAddress("10.0.0.1".parse().unwrap())),
        &["san.reserved_address"],
    ),
    (
        "unique local address",
        || public(SanType::IpAddress("fd00::1".parse().unwrap())),
        &["san.reserved_address"],
    ),
    ("public addresses", || public(SanType::IpAddress("2606:4700::1111".parse().unwrap())), &[]),
    ("mailbox", || public(SanType::Rfc822Name("a@rust-lang.org".try_into().unwrap())), &["san.public_kind"]),
    (
        "OU",
        || public_with(|p| p.distinguished_name.push(DnType::OrganizationalUnitName, "IT")),
        &["subject.ou"],
    ),
    (
        "clientAuth",
        || public_with(|p| p.extended_key_usages = vec![Eku::ServerAuth, Eku::ClientAuth]),
        &["usage.client_auth"],
    ),
    (
        "codeSigning",
        || public_with(|p| p.extended_key_usages = vec![Eku::ServerAuth, Eku::CodeSigning]),
        &["usage.other_purpose"],
    ),
];

fn public_with(change: impl FnOnce(&mut CertificateParams)) -> Csr {
    let mut params = server_params("kms.rust-lang.org");
    change(&mut params);
    request(&params, &p256())
}

fn public(san: SanType) -> Csr {
    public_with(|p| p.subject_alt_names.push(san))
}

#[test]
fn a_public_ca_has_rules_of_its_own() {
    for (sentence, csr, expected) in PUBLIC_FAULTS {
        let csr = csr();
        for (profile, expected) in [(Profile::Public, *expected), (Profile::Private, &[])] {
            let findings = judge_request(&csr, None, &Policy::of(profile));
            let ids: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
            assert_eq!(ids, expected, "{sentence}, {profile}: {findings:#?}");
        }
    }
}

/// What is done to the encoding of a sound request.
pub(super) static ENCODING_FAULTS: &[EncodingRow] = &[
    ("nothing", |der| der, &[]),
    ("octets behind it", |der| [der, vec![0, 0]].concat(), &["csr.trailing_data"]),
    ("cut", |der| der[..der.len() - 1].to_vec(), &["csr.malformed"]),
    ("empty", |_| vec![], &["csr.malformed"]),
    ("something else", |_| vec![0x30, 0], &["csr.malformed"]),
    ("nested without end", |_| [0x30, 0x80].repeat(100_000), &["csr.malformed"]),
    (
        "a longer length than needed",
        |der| {
            let [0x30, 0x82, high, low, ..] = der[..] else { panic!("{der:02x?}") };
            [&[0x30, 0x83, 0, high, low][..], &der[4..]].concat()
        },
        &["csr.not_der"],
    ),
];

#[test]
fn each_encoding_gives_its_findings_and_no_other() {
    let padded = || built(|p| p.subject_alt_names.extend((0..20).map(|n| dns(&format!("n{n}.example.com")))));
    for (sentence, spoil, expected) in ENCODING_FAULTS {
        let examined = examine_request(&spoil(padded().der().to_vec()), None, Policy::product());
        let ids: Vec<_> = examined.findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(ids, *expected, "{sentence}: {:#?}", examined.findings);
        assert_eq!(examined.csr.is_some(), !ids.contains(&"csr.malformed") && !ids.contains(&"csr.not_der"));
    }
}

#[test]
fn fifty_thousand_faults_are_told_in_a_few_lines() {
    let csr = built(|p| p.subject_alt_names.extend((0..50_000).map(|n| dns(&format!("n_{n}.example.com")))));
    let findings = judge_request(&csr, None, Policy::product());
    assert!(findings.len() < 60, "{}", findings.len());
    assert!(findings.iter().any(|finding| finding.evidence.text == "and 49950 more like these"));
}

#[test]
fn an_attribute_has_one_value_and_of_anothers_arc_any_number() {
    let null = [5, 0].as_slice();
    let twice = [4, 0, 5, 0].as_slice();
    for (values, told) in [
        ((CHALLENGE, &[][..]), Some("attribute 1.2.840.113549.1.9.7 has no value")),
        ((CHALLENGE, twice), Some("attribute 1.2.840.113549.1.9.7 has 2 values, expected one")),
        ((CHALLENGE, null), None),
        ((&[1, 2, 3, 4], twice), None),
        ((&[1, 2, 3, 4], &[]), Some("attribute 1.2.3.4 has no value")),
    ] {
        let findings = judge_request(&with_attributes(&[values]), None, &Policy::of(Profile::Private));
        let found = findings.iter().find(|finding| finding.rule == "csr.attribute_values");
        assert_eq!(found.map(|finding| finding.evidence.text.as_str()), told, "{values:?}");
    }
}

//! Chains: what is found in the faulty ones, what verifies, and what TLS clients say of both.

use crate::certificate::Certificate;
use crate::rules::Severity;
use crate::tests::fixtures::{Ca, World, at, ca_params, now, p256, server_params};
use crate::verdict::Anchors;
use common::{DAY, Pair, Role};
use der::Tag;
use der::asn1::Any;
use rcgen::{KeyPair, SanType};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use std::sync::Arc;
use std::time::Duration;

use super::chain_faults::FAULTS;

#[test]
fn a_sound_pair_gives_no_finding_and_verifies() {
    let world = World::sound();
    let judgement = world.judge();
    assert_eq!(judgement.findings, []);
    let verified = judgement.verified.unwrap();
    assert_eq!(verified.main.served().certificates(), world.chains.main);
    assert_eq!(verified.main.end_entity(), &world.chains.main[0]);
    assert_eq!(verified.assets.anchor(), &world.root.certificate);
    assert_eq!(verified.assets.primary().as_str(), "kms-ui.example.com");
    assert_eq!((verified.main.role(), verified.main.name_is_covered()), (Role::Main, true));
}

#[test]
fn each_fault_gives_its_findings_and_no_other() {
    let mut failed = Vec::new();
    for (sentence, spoil, expected) in FAULTS {
        let mut world = World::sound();
        spoil(&mut world);
        if world.ids() != *expected {
            failed.push(format!("{sentence}: {:#?}, expected {expected:?}", world.judge().findings));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_pair_verifies_exactly_when_no_finding_is_an_error() {
    for (sentence, spoil, _) in FAULTS {
        let mut world = World::sound();
        spoil(&mut world);
        let judgement = world.judge();
        let refused = judgement.findings.iter().any(|finding| finding.severity == Severity::Error);
        assert_eq!(judgement.verified.is_none(), refused, "{sentence}");
    }
}

/// What a TLS client says about an end entity and what is served with it.
fn client_accepts(served: &[Certificate], anchor: &Certificate, name: &str) -> bool {
    let der = |one: &Certificate| CertificateDer::from(one.der().to_vec());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(der(anchor)).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let client = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
    let intermediates: Vec<_> = served[1..].iter().map(der).collect();
    let moment = UnixTime::since_unix_epoch(Duration::from_secs(now().unix().try_into().unwrap()));
    let name = ServerName::try_from(name).unwrap();
    client.verify_server_cert(&der(&served[0]), &intermediates, &name, &[], moment).is_ok()
}

#[test]
fn a_tls_client_accepts_what_verified() {
    for (sentence, spoil, _) in FAULTS {
        let mut world = World::sound();
        spoil(&mut world);
        let Some(verified) = world.judge().verified else { continue };
        for (role, chain) in verified.iter() {
            let accepted =
                client_accepts(chain.served().certificates(), chain.anchor(), chain.primary().as_str());
            assert_eq!(accepted, chain.name_is_covered(), "{sentence}: {role}");
        }
    }
}

#[test]
fn what_a_tls_client_refuses_is_an_error() {
    for (sentence, spoil, _) in FAULTS {
        let mut world = World::sound();
        spoil(&mut world);
        let refused = !client_accepts(&world.chains.main, &world.root.certificate, "kms.example.com");
        let judgement = world.judge();
        let found = |rule| judgement.findings.iter().any(|finding| finding.rule == rule);
        // Without a name it installs with a warning, and what the anchors lend is served; under other
        // anchors this client asks the wrong ones.
        let told = found("san.absent") || found("chain.lent_issuer");
        if refused && !told && matches!(&world.anchors, Anchors::Given(_)) {
            assert!(judgement.verified.is_none(), "{sentence}");
        }
    }
}

fn evidence(spoil: impl FnOnce(&mut World), rule: &str) -> (String, Vec<String>) {
    let mut world = World::sound();
    spoil(&mut world);
    let judgement = world.judge();
    let finding = judgement.findings.iter().find(|finding| finding.rule == rule).unwrap();
    (finding.evidence.text.clone(), finding.evidence.detail.clone())
}

#[test]
fn swapped_pastes_are_called_swapped() {
    let (text, detail) =
        evidence(|w| std::mem::swap(&mut w.chains.main, &mut w.chains.assets), "spki.mismatch");
    assert!(text.contains("staged generation 7 has "), "{text}");
    assert_eq!(detail, ["it is the certificate for Assets of generation 7: the two pastes are swapped"]);
}

#[test]
fn one_chain_pasted_twice_is_not_called_swapped() {
    let (_, detail) = evidence(|w| w.chains.assets = w.chains.main.clone(), "spki.mismatch");
    assert_eq!(detail, ["it is the certificate for Main of generation 7: it was pasted for the wrong role"]);
}

#[test]
fn the_wrong_order_is_shown_with_the_right_one() {
    let (text, detail) = evidence(|w| w.chains.main.reverse(), "chain.order");
    assert_eq!(text, "certificate 2 is the end entity, expected before certificate 1");
    assert_eq!(
        detail,
        [
            "order found: 1 (CN=Intermediate), 2 (CN=kms.example.com)",
            "order wanted: 2 (CN=kms.example.com), 1 (CN=Intermediate)"
        ]
    );
}

#[test]
fn the_issuers_key_under_another_spelling_of_its_name_is_pointed_out() {
    let (text, detail) = evidence(
        |w| {
            let key = KeyPair::try_from(w.intermediate.key.serialize_der()).unwrap();
            w.chains.main[1] = Ca::below(&w.root, ca_params("INTERMEDIATE"), key).certificate;
        },
        "chain.missing_issuer",
    );
    assert_eq!(
        text,
        "certificate 1 was issued by CN=Intermediate, which is neither presented nor a trust anchor"
    );
    assert_eq!(
        detail[0],
        "certificate 2 (CN=INTERMEDIATE) has the key that signed it, but its name is not the same byte for byte"
    );
    assert!(detail[1].starts_with("the issuer's subjectKeyIdentifier is "), "{detail:?}");
}

#[test]
fn a_clock_that_may_be_wrong_is_suspected() {
    let (_, detail) = evidence(|w| w.now = now().plus_seconds(-DAY - 3600), "validity.not_yet");
    assert_eq!(
        detail,
        ["the clock of this machine says 2026-11-21T11:00:00Z: it may be slow, or in the wrong time zone"]
    );
    let (_, detail) = evidence(|w| w.now = now().plus_seconds(91 * DAY + 1), "validity.expired");
    assert_eq!(detail, [""; 0]);
}

#[test]
fn reorder_accepts_what_it_can_repair_and_serves_the_computed_order() {
    let mut world = World::sound();
    let sound = world.chains.clone();
    world.reorder = true;
    world.chains.main.push(world.root.certificate.clone());
    world.chains.main.push(sound.assets[0].clone());
    world.chains.main.push(sound.main[0].clone());
    world.chains.main.reverse();
    let judgement = world.judge();
    assert!(judgement.findings.iter().all(|finding| finding.severity == Severity::Info));
    assert_eq!(judgement.verified.unwrap().main.served().certificates(), sound.main);
}

#[test]
fn an_anchor_presented_along_is_not_served_but_an_intermediate_trusted_for_want_of_one_is() {
    for (with_root, anchors) in
        [(true, Anchors::Presented), (true, Anchors::Given(Vec::new())), (false, Anchors::Presented)]
    {
        let mut world = World::sound();
        let sound = world.chains.clone();
        if with_root {
            world.chains = world.chains.map(|mut chain| {
                chain.push(world.root.certificate.clone());
                chain
            });
        }
        if matches!(anchors, Anchors::Presented) {
            world.anchors = Anchors::Presented;
        }
        let verified = world.judge().verified.unwrap();
        assert_eq!(verified.main.served().certificates(), sound.main);
    }
}

#[test]
fn a_certificate_without_san_installs_but_its_name_is_not_covered() {
    let mut world = World::sound();
    world.main_with(|p| p.subject_alt_names.clear());
    let verified = world.judge().verified.unwrap();
    assert!(!verified.main.name_is_covered());
    assert_eq!(verified.main.primary().as_str(), "kms.example.com");
}

#[test]
fn of_two_cross_certificates_the_one_under_the_given_anchor_is_served() {
    for anchor_of_second in [false, true] {
        let mut world = World::sound();
        let second = Ca::root(ca_params("Second root"), p256());
        let cross = second.issue(&world.intermediate.params, &world.intermediate.key);
        world.chains.main.push(cross.clone());
        let wanted = if anchor_of_second { cross } else { world.intermediate.certificate.clone() };
        let given = if anchor_of_second {
            vec![second.certificate, world.root.certificate.clone()]
        } else {
            vec![world.root.certificate.clone()]
        };
        if anchor_of_second {
            // Assets still ends under the first root; Main may end under either, and does so always alike.
            world.anchors = Anchors::Given(given);
            let served = |w: &World| w.judge().verified.unwrap().main.served().certificates()[1].clone();
            let one = served(&world);
            world.chains.main.swap(1, 2);
            assert_eq!(served(&world), one);
        } else {
            world.anchors = Anchors::Given(given);
            world.reorder = true;
            assert_eq!(world.judge().verified.unwrap().main.served().certificates()[1], wanted);
        }
    }
}

/// What is wrong, and how it is made: it may change what is trusted.
type Unsound = (&'static str, fn(&mut World) -> Certificate);

/// Second certificates for the name and key of the intermediate, each unsound in one way.
static UNSOUND: &[Unsound] = &[
    ("expired", |w| {
        let mut params = w.intermediate.params.clone();
        params.not_after = at(-1);
        w.root.issue(&params, &w.intermediate.key)
    }),
    ("of the wrong purpose", |w| {
        let mut params = w.intermediate.params.clone();
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::EmailProtection];
        w.root.issue(&params, &w.intermediate.key)
    }),
    ("with a foreign name constraint", |w| {
        let mut params = w.intermediate.params.clone();
        params.name_constraints = Some(rcgen::NameConstraints {
            permitted_subtrees: vec![rcgen::GeneralSubtree::DnsName("example.org".to_owned())],
            excluded_subtrees: Vec::new(),
        });
        w.root.issue(&params, &w.intermediate.key)
    }),
    ("no CA", |w| {
        let mut params = w.intermediate.params.clone();
        params.is_ca = rcgen::IsCa::ExplicitNoCa;
        w.root.issue(&params, &w.intermediate.key)
    }),
    ("under an expired root that is trusted", |w| {
        let mut params = ca_params("Old root");
        params.not_after = at(-1);
        let old = Ca::root(params, p256());
        let cross = old.issue(&w.intermediate.params, &w.intermediate.key);
        w.anchors = Anchors::Given(vec![old.certificate, w.root.certificate.clone()]);
        cross
    }),
    ("under a root nobody trusts", |w| {
        Ca::root(ca_params("Strange root"), p256()).issue(&w.intermediate.params, &w.intermediate.key)
    }),
];

/// Digests decide between equal ways, so each fault is tried until it has had both the smaller and
/// the greater one than its sound twin.
#[test]
fn the_sound_way_is_taken_whatever_stands_beside_it() {
    for (what, make) in UNSOUND {
        let mut smaller_or_not = [false; 2];
        while smaller_or_not.contains(&false) {
            let mut world = World::sound();
            let twin = make(&mut world);
            let sound = world.chains.main.clone();
            smaller_or_not[usize::from(twin.sha256() < sound[1].sha256())] = true;
            for (order, reorder) in
                [([0, 1, 2], false), ([0, 2, 1], false), ([2, 0, 1], true), ([1, 2, 0], true)]
            {
                let heap = [&sound[0], &sound[1], &twin];
                world.chains.main = order.map(|index| heap[index].clone()).to_vec();
                world.reorder = reorder;
                let judgement = world.judge();
                let told: Vec<_> = judgement.findings.iter().map(|finding| finding.rule).collect();
                let verified = judgement.verified;
                assert!(verified.is_some(), "{what}, {order:?}: {told:?}");
                assert_eq!(verified.unwrap().main.served().certificates(), sound, "{what}, {order:?}");
                assert!(told.contains(&"chain.alternative"), "{what}: {told:?}");
            }
        }
    }
}

#[test]
fn when_no_way_is_sound_the_findings_are_of_the_one_that_came_closest() {
    let mut world = World::sound();
    let mut params = world.intermediate.params.clone();
    params.not_after = at(-1);
    let expired = world.root.issue(&params, &world.intermediate.key);
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::EmailProtection];
    let worse = world.root.issue(&params, &world.intermediate.key);
    for twins in [[expired.clone(), worse.clone()], [worse, expired]] {
        world.chains.main.truncate(1);
        world.chains.main.extend(twins);
        assert_eq!(world.ids(), ["main chain.alternative", "main validity.expired"]);
    }
}

#[test]
fn an_intermediate_lent_by_the_anchors_is_served() {
    let mut world = World::sound();
    let sound = world.chains.clone();
    let (root, intermediate) = (world.root.certificate.clone(), world.intermediate.certificate.clone());
    world.chains.main.truncate(1);
    for anchors in
        [vec![intermediate.clone(), root.clone()], vec![root, intermediate.clone()], vec![intermediate]]
    {
        world.anchors = Anchors::Given(anchors);
        let judgement = world.judge();
        let told: Vec<_> = judgement.findings.iter().map(|finding| finding.evidence.text.as_str()).collect();
        assert_eq!(
            told,
            [
                "CN=Intermediate, issued by CN=Root, was not presented, but is among the trust anchors: it is served"
            ]
        );
        assert_eq!(judgement.verified.unwrap().main.served().certificates(), sound.main);
    }
}

#[test]
fn untrusted_text_is_escaped_in_every_finding() {
    let mut world = World::sound();
    world.main_with(|p| {
        p.distinguished_name.push(rcgen::DnType::OrganizationName, "a\r\n\u{1b}[2Jverified: OK");
        p.not_after = at(-1);
        p.subject_alt_names.push(SanType::URI("x:\u{7}\n".try_into().unwrap()));
    });
    world.chains.main.pop();
    for finding in world.judge().findings {
        let lines = std::iter::once(&finding.evidence.text).chain(&finding.evidence.detail);
        assert!(lines.into_iter().all(|line| !line.contains(char::is_control)), "{finding:?}");
    }
}

#[test]
fn times_before_1970_and_after_2049_are_read() {
    let mut world = World::sound();
    world.main_changed(|tbs| {
        tbs.validity.not_before = Any::new(Tag::UtcTime, *b"500101000000Z").unwrap();
        tbs.validity.not_after = Any::new(Tag::GeneralizedTime, *b"99991231235959Z").unwrap();
    });
    let end_entity = &world.chains.main[0];
    assert_eq!(end_entity.not_before().to_string(), "1950-01-01T00:00:00Z");
    assert_eq!(end_entity.not_after().to_string(), "9999-12-31T23:59:59Z");
}

#[test]
fn a_request_for_both_names_by_one_certificate_is_not_needed_to_refuse_a_shared_one() {
    let mut world = World::sound();
    world.params = Pair { main: server_params("kms.example.com"), assets: server_params("kms.example.com") };
    world.requests.assets = crate::tests::fixtures::request(&world.params.assets, &world.keys.assets);
    world.chains.assets[0] = world.intermediate.issue(&world.params.assets, &world.keys.assets);
    assert_eq!(world.ids(), ["assets role.covers_other", "main role.covers_other"]);
}

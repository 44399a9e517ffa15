//! Chains: each row spoils a sound pair in one way and names every finding it must give.

use crate::certificate::Certificate;
use crate::rules::Severity;
use crate::tests::fixtures::{Ca, World, at, ca_params, now, p256, patched, server_params};
use crate::verdict::{Anchors, KnownKey};
use common::{DAY, Pair, Role};
use der::Tag;
use der::asn1::{Any, Int};
use rcgen::{
    BasicConstraints, CustomExtension, ExtendedKeyUsagePurpose as Eku, GeneralSubtree, IsCa, KeyPair,
    KeyUsagePurpose as Ku, NameConstraints, SanType, SerialNumber,
};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use std::sync::Arc;
use std::time::Duration;

type Row = (&'static str, fn(&mut World), &'static [&'static str]);

fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

pub(super) static FAULTS: &[Row] = &[
    (
        "root first",
        |w| {
            w.chains.main.push(w.root.certificate.clone());
            w.chains.main.reverse();
        },
        &["main chain.anchor_included", "main chain.order"],
    ),
    ("intermediate first", |w| w.chains.main.reverse(), &["main chain.order"]),
    ("end entity twice", |w| w.chains.main.insert(1, w.chains.main[0].clone()), &["main chain.duplicate"]),
    (
        "end entity of another chain behind",
        |w| w.chains.main.push(w.chains.assets[0].clone()),
        &["main chain.stranger"],
    ),
    (
        "root of another world behind",
        |w| w.chains.main.push(World::sound().root.certificate),
        &["main chain.stranger"],
    ),
    (
        "root presented along",
        |w| w.chains.main.push(w.root.certificate.clone()),
        &["main chain.anchor_included"],
    ),
    (
        "root presented along and trusted for want of another",
        |w| {
            w.chains = w.chains.clone().map(|mut chain| {
                chain.push(w.root.certificate.clone());
                chain
            });
            w.anchors = Anchors::Presented;
        },
        &[
            "assets anchor.presented",
            "assets chain.anchor_included",
            "main anchor.presented",
            "main chain.anchor_included",
        ],
    ),
    (
        "no anchors given, intermediate topmost",
        |w| w.anchors = Anchors::Presented,
        &["assets anchor.presented", "main anchor.presented"],
    ),
    (
        "no anchors given, end entity alone",
        |w| {
            w.anchors = Anchors::Presented;
            w.chains = w.chains.clone().map(|chain| chain[..1].to_vec());
        },
        &["assets chain.no_issuer", "main chain.no_issuer"],
    ),
    (
        "intermediate missing",
        |w| {
            w.chains.main.pop();
        },
        &["main chain.missing_issuer"],
    ),
    (
        "intermediate missing below the root",
        |w| w.chains.main[1] = w.root.certificate.clone(),
        &["main chain.missing_issuer"],
    ),
    (
        "intermediate missing below the root, no anchors given",
        |w| {
            w.anchors = Anchors::Presented;
            w.chains.main[1] = w.root.certificate.clone();
        },
        &["assets anchor.presented", "main chain.missing_issuer"],
    ),
    (
        "intermediate cross-signed by a second root",
        |w| {
            let other = Ca::root(ca_params("Second root"), p256());
            w.chains.main.push(other.issue(&w.intermediate.params, &w.intermediate.key));
        },
        &["main chain.alternative"],
    ),
    (
        "CA certificate as end entity",
        |w| {
            w.main_with(|p| {
                p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
                p.key_usages.push(Ku::KeyCertSign);
            })
        },
        &["main end_entity.ca"],
    ),
    (
        "self-signed end entity",
        |w| {
            let ca = Ca::root(w.params.main.clone(), KeyPair::try_from(w.keys.main.serialize_der()).unwrap());
            w.chains.main = vec![ca.certificate];
        },
        &["main end_entity.self_signed"],
    ),
    (
        "pastes swapped",
        |w| std::mem::swap(&mut w.chains.main, &mut w.chains.assets),
        &["assets spki.mismatch", "main spki.mismatch"],
    ),
    (
        "answer to an older request",
        |w| {
            let key = p256();
            w.chains.main[0] = w.intermediate.issue(&w.params.main, &key);
            w.known_keys =
                vec![KnownKey { spki: w.chains.main[0].spki().sha256(), role: Role::Main, generation: 6 }];
        },
        &["main spki.mismatch"],
    ),
    (
        "key of an earlier generation",
        |w| {
            let spki = w.requests.main.spki().sha256();
            w.known_keys = vec![KnownKey { spki, role: Role::Main, generation: 6 }];
        },
        &["main spki.reused"],
    ),
    (
        "same key requested for both",
        |w| {
            w.keys.assets = KeyPair::try_from(w.keys.main.serialize_der()).unwrap();
            w.requests.assets = crate::tests::fixtures::request(&w.params.assets, &w.keys.assets);
            w.chains.assets[0] = w.intermediate.issue(&w.params.assets, &w.keys.assets);
        },
        &["role.shared_key"],
    ),
    (
        "signature altered",
        |w| {
            let mut der = w.chains.main[0].der().to_vec();
            *der.last_mut().unwrap() ^= 1;
            w.chains.main[0] = Certificate::from_der(&der).unwrap();
        },
        &["main signature.invalid"],
    ),
    (
        "intermediate of the same name with another key",
        |w| {
            w.chains.main[1] = Ca::below(&w.root, ca_params("Intermediate"), p256()).certificate;
        },
        &["main signature.invalid"],
    ),
    (
        "signed over SHA-1",
        |w| {
            w.intermediate = rsa_intermediate(&w.root);
            w.main_with(|_| ());
            let sha1 = |der: &[u8]| patched(der, &RSA_SHA256, &RSA_SHA1);
            w.chains.main = vec![
                Certificate::from_der(&sha1(w.chains.main[0].der())).unwrap(),
                w.intermediate.certificate.clone(),
            ];
        },
        &["main signature.hash"],
    ),
    (
        "signed with an algorithm nobody verifies",
        |w| {
            let sha224 = |der: &[u8]| patched(der, &ECDSA_SHA256, &ECDSA_SHA224);
            w.chains.main[0] = Certificate::from_der(&sha224(w.chains.main[0].der())).unwrap();
        },
        &["main signature.unsupported"],
    ),
    (
        "under another root",
        |w| w.anchors = Anchors::Given(vec![World::sound().root.certificate]),
        &["assets signature.invalid", "main signature.invalid"],
    ),
    (
        "complete under an unknown root",
        |w| {
            w.anchors = Anchors::Given(vec![Ca::root(ca_params("Elsewhere"), p256()).certificate]);
            w.chains = w.chains.clone().map(|mut chain| {
                chain.push(w.root.certificate.clone());
                chain
            });
        },
        &["assets anchor.unknown", "main anchor.unknown"],
    ),
    (
        "validity inverted",
        |w| w.main_with(|p| (p.not_before, p.not_after) = (at(10), at(-10))),
        &["main validity.inverted"],
    ),
    (
        "expired",
        |w| w.main_with(|p| (p.not_before, p.not_after) = (at(-20), at(-10))),
        &["main validity.expired"],
    ),
    ("not yet valid", |w| w.main_with(|p| p.not_before = at(1)), &["main validity.not_yet"]),
    (
        "expired and outside the name constraints",
        |w| {
            w.intermediate_with(|p| p.name_constraints = Some(only("example.org")));
            w.main_with(|p| (p.not_before, p.not_after) = (at(-20), at(-10)));
        },
        &["main path.name_constraints", "main validity.expired"],
    ),
    ("intermediate expired", |w| w.intermediate_with(|p| p.not_after = at(-1)), &["main validity.expired"]),
    (
        "root expired",
        |w| {
            let mut params = ca_params("Root");
            params.not_after = at(-1);
            *w = world_under_root(params);
        },
        &["assets validity.expired", "main validity.expired"],
    ),
    ("three days left", |w| w.main_with(|p| p.not_after = at(3)), &["main validity.ends_soon"]),
    (
        "intermediate ends first",
        |w| w.intermediate_with(|p| p.not_after = at(30)),
        &["main validity.issuer_ends_first"],
    ),
    ("no SAN", |w| w.main_with(|p| p.subject_alt_names.clear()), &["main san.absent"]),
    (
        "SAN dropped",
        |w| {
            w.main_requested(|p| p.subject_alt_names.push(dns("kmip.example.com")));
            w.main_with(|p| {
                p.subject_alt_names.pop();
            });
        },
        &["main san.missing"],
    ),
    (
        "primary name dropped",
        |w| {
            w.main_requested(|p| p.subject_alt_names.push(dns("kmip.example.com")));
            w.main_with(|p| {
                p.subject_alt_names.remove(0);
            });
        },
        &["main san.missing"],
    ),
    ("SAN added", |w| w.main_with(|p| p.subject_alt_names.push(dns("www.example.com"))), &["main san.added"]),
    (
        "address added to both",
        |w| {
            let address = || SanType::IpAddress("192.0.2.1".parse().unwrap());
            w.main_with(|p| p.subject_alt_names.push(address()));
            let mut params = w.params.assets.clone();
            params.subject_alt_names.push(address());
            w.chains.assets[0] = w.intermediate.issue(&params, &w.keys.assets);
        },
        &["assets san.added", "main san.added", "role.shared_address"],
    ),
    (
        "name added to both",
        |w| {
            w.main_with(|p| p.subject_alt_names.push(dns("node1.example.com")));
            let mut params = w.params.assets.clone();
            params.subject_alt_names.push(dns("NODE1.example.com"));
            w.chains.assets[0] = w.intermediate.issue(&params, &w.keys.assets);
        },
        &["assets san.added", "main san.added", "role.shared_name"],
    ),
    (
        "name of the other role added",
        |w| w.main_with(|p| p.subject_alt_names.push(dns("KMS-UI.example.com"))),
        &["main role.covers_other"],
    ),
    (
        "wildcard over both",
        |w| w.main_with(|p| p.subject_alt_names.push(dns("*.example.com"))),
        &["main role.covers_other", "main san.wildcard"],
    ),
    (
        "wildcard beside both",
        |w| w.main_with(|p| p.subject_alt_names.push(dns("*.kms.example.com"))),
        &["main san.wildcard"],
    ),
    (
        "request without a host name",
        |w| {
            w.main_requested(|p| {
                p.distinguished_name.push(rcgen::DnType::CommonName, "Key management");
                p.subject_alt_names = vec![SanType::IpAddress("192.0.2.7".parse().unwrap())];
            })
        },
        &["main san.no_primary"],
    ),
    (
        "keyUsage without digitalSignature",
        |w| w.main_with(|p| p.key_usages = vec![Ku::KeyEncipherment]),
        &["main usage.key_usage"],
    ),
    (
        "intermediate without keyCertSign",
        |w| w.intermediate_with(|p| p.key_usages = vec![Ku::CrlSign]),
        &["main usage.key_usage"],
    ),
    (
        "client certificate",
        |w| w.main_with(|p| p.extended_key_usages = vec![Eku::ClientAuth]),
        &["main usage.extended"],
    ),
    (
        "intermediate for clients only",
        |w| w.intermediate_with(|p| p.extended_key_usages = vec![Eku::ClientAuth]),
        &["main usage.extended"],
    ),
    (
        "no extendedKeyUsage",
        |w| w.main_with(|p| p.extended_key_usages.clear()),
        &["main usage.extended_absent"],
    ),
    (
        "end entity issued by an end entity",
        |w| {
            w.intermediate_with(|p| {
                p.is_ca = IsCa::ExplicitNoCa;
            })
        },
        &["main issuer.not_ca"],
    ),
    (
        "one CA too many",
        |w| {
            let mut params = ca_params("Root");
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
            *w = world_under_root(params);
            let mut params = ca_params("First");
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
            let first = Ca::below(&w.root, params, p256());
            w.intermediate = Ca::below(&first, ca_params("Second"), p256());
            w.main_with(|_| ());
            w.chains.main =
                vec![w.chains.main[0].clone(), w.intermediate.certificate.clone(), first.certificate];
        },
        &["main issuer.path_len"],
    ),
    (
        "version 1 end entity",
        |w| {
            w.main_changed(|tbs| {
                tbs.version = 0;
                tbs.extensions = None;
            })
        },
        &["main certificate.version", "main san.absent", "main usage.extended_absent"],
    ),
    (
        "serial number zero",
        |w| w.main_changed(|tbs| tbs.serial = Int::new(&[0]).unwrap()),
        &["main certificate.serial"],
    ),
    (
        "negative serial number",
        |w| w.main_changed(|tbs| tbs.serial = Int::new(&[0x80]).unwrap()),
        &["main certificate.serial"],
    ),
    (
        "serial number of 30 octets",
        |w| w.main_with(|p| p.serial_number = Some(SerialNumber::from_slice(&[7; 30]))),
        &["main certificate.serial"],
    ),
    (
        "unknown critical extension",
        |w| {
            w.main_with(|p| {
                let mut extension =
                    CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![5, 0]);
                extension.set_criticality(true);
                p.custom_extensions.push(extension);
            })
        },
        &["main extension.critical"],
    ),
    (
        "extension twice",
        |w| {
            w.main_changed(|tbs| {
                let extensions = tbs.extensions.as_mut().unwrap();
                let again =
                    extensions.iter().find(|one| one.extn_id.to_string() == "2.5.29.37").unwrap().clone();
                extensions.push(again);
            })
        },
        &["main extension.duplicate"],
    ),
    (
        "unreadable extendedKeyUsage",
        |w| {
            w.main_changed(|tbs| {
                let eku = tbs
                    .extensions
                    .as_mut()
                    .unwrap()
                    .iter_mut()
                    .find(|one| one.extn_id.to_string() == "2.5.29.37");
                eku.unwrap().extn_value = der::asn1::OctetString::new(vec![0x30, 0x02, 0x06, 0x00]).unwrap();
            })
        },
        &["main extension.unreadable"],
    ),
    (
        "outside the name constraints",
        |w| w.intermediate_with(|p| p.name_constraints = Some(only("example.org"))),
        &["main path.name_constraints"],
    ),
    (
        "inner and outer signature algorithms differ",
        |w| {
            w.main_changed(|tbs| {
                tbs.signature.oid = der::asn1::ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
            })
        },
        &["main path.invalid"],
    ),
    (
        "intermediate on P-521 above Main",
        |w| {
            w.intermediate = Ca::below(&w.root, ca_params("P-521"), p521());
            w.main_with(|_| ());
            w.chains.main[1] = w.intermediate.certificate.clone();
        },
        &["main key.p521"],
    ),
    (
        "intermediate on P-521 above Assets",
        |w| {
            w.intermediate = Ca::below(&w.root, ca_params("P-521"), p521());
            w.chains.assets = vec![
                w.intermediate.issue(&w.params.assets, &w.keys.assets),
                w.intermediate.certificate.clone(),
            ];
        },
        &["assets key.p521_ui"],
    ),
    (
        "intermediate on Ed25519",
        |w| {
            w.intermediate = Ca::below(
                &w.root,
                ca_params("Ed25519"),
                KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap(),
            );
            w.main_with(|_| ());
            w.chains.main[1] = w.intermediate.certificate.clone();
        },
        &["main key.type"],
    ),
    (
        "escape sequence in the subject",
        |w| {
            w.main_with(|p| {
                p.distinguished_name.push(rcgen::DnType::OrganizationName, "a\r\nverified: OK");
            })
        },
        &["main name.control"],
    ),
    (
        "underscore in an added SAN",
        |w| w.main_with(|p| p.subject_alt_names.push(dns("k_ms.example.com"))),
        &["main san.added", "main san.underscore"],
    ),
];

const RSA_SHA256: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
const RSA_SHA1: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05];
const ECDSA_SHA256: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const ECDSA_SHA224: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x01];

fn p521() -> KeyPair {
    KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap()
}

fn rsa_intermediate(root: &Ca) -> Ca {
    let key = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    Ca::below(root, ca_params("Intermediate"), key)
}

fn only(domain: &str) -> NameConstraints {
    NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName(domain.to_owned())],
        excluded_subtrees: Vec::new(),
    }
}

fn world_under_root(params: rcgen::CertificateParams) -> World {
    let root = Ca::root(params, p256());
    let intermediate = Ca::below(&root, ca_params("Intermediate"), p256());
    let mut world = World::under(root, intermediate);
    world.anchors = Anchors::Given(vec![world.root.certificate.clone()]);
    world
}

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
        let nameless = judgement.findings.iter().any(|finding| finding.rule == "san.absent");
        // Without a name it installs with a warning; under other anchors this client asks the wrong ones.
        if refused && !nameless && matches!(&world.anchors, Anchors::Given(_)) {
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

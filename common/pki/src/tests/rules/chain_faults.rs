//! Faults of chains: each row spoils a sound pair in one way and names every finding it must give.

use crate::certificate::Certificate;
use crate::tests::fixtures::{Ca, World, at, ca_params, p256, patched};
use crate::verdict::{Anchors, KnownKey};
use common::Role;
use der::asn1::Int;
use rcgen::{
    BasicConstraints, CustomExtension, ExtendedKeyUsagePurpose as Eku, GeneralSubtree, IsCa, KeyPair,
    KeyUsagePurpose as Ku, NameConstraints, SanType, SerialNumber,
};

pub(super) type Row = (&'static str, fn(&mut World), &'static [&'static str]);

pub(super) fn dns(name: &str) -> SanType {
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
        "intermediate missing, but among the anchors",
        |w| {
            w.chains.main.pop();
            w.anchors = Anchors::Given(vec![w.intermediate.certificate.clone(), w.root.certificate.clone()]);
        },
        &["main chain.lent_issuer"],
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

pub(super) fn p521() -> KeyPair {
    KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap()
}

pub(super) fn rsa_intermediate(root: &Ca) -> Ca {
    let key = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    Ca::below(root, ca_params("Intermediate"), key)
}

pub(super) fn only(domain: &str) -> NameConstraints {
    NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName(domain.to_owned())],
        excluded_subtrees: Vec::new(),
    }
}

pub(super) fn world_under_root(params: rcgen::CertificateParams) -> World {
    let root = Ca::root(params, p256());
    let intermediate = Ca::below(&root, ca_params("Intermediate"), p256());
    let mut world = World::under(root, intermediate);
    world.anchors = Anchors::Given(vec![world.root.certificate.clone()]);
    world
}

//! One chain alone: each row spoils a sound one and names every finding under a profile.

use crate::certificate::{Certificate, StrictTbs};
use crate::rules::Profile;
use crate::rules::Severity;
use crate::tests::fixtures::{Ca, World, at, ca_params, p256};
use crate::verdict::Anchors;
use der::Decode as _;
use der::asn1::{ObjectIdentifier, OctetString};
use rcgen::{
    CustomExtension, DistinguishedName, DnType, ExtendedKeyUsagePurpose as Eku, GeneralSubtree, SanType,
};
use rcgen::{KeyUsagePurpose as Ku, NameConstraints};

/// What is judged: a TLS server's chain by the standards, or any path.
#[derive(Clone, Copy)]
pub(super) enum By {
    Host,
    Path,
}

type Row = (&'static str, By, fn(&mut World), &'static [&'static str]);

const HOST: &str = "kms.example.com";
const AUTHORITY: &str = "2.5.29.35";
const SUBJECT: &str = "2.5.29.14";
const SAN: &str = "2.5.29.17";
const PURPOSES: &str = "2.5.29.37";
const BASIC: &str = "2.5.29.19";

fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

fn extension(oid: &[u64], content: &[u8], critical: bool) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(oid, content.to_vec());
    extension.set_criticality(critical);
    extension
}

fn with_extension<'a>(tbs: &'a mut StrictTbs, oid: &str) -> &'a mut x509_cert::ext::Extension {
    let oid = ObjectIdentifier::new_unwrap(oid);
    tbs.extensions.as_mut().unwrap().iter_mut().find(|one| one.extn_id == oid).unwrap()
}

fn without(tbs: &mut StrictTbs, oid: &str) {
    tbs.extensions.as_mut().unwrap().retain(|one| one.extn_id != ObjectIdentifier::new_unwrap(oid));
}

/// Changes the intermediate as no builder would.
fn intermediate_changed(w: &mut World, change: impl FnOnce(&mut StrictTbs)) {
    w.chains.main[1] = w.root.reissue(&w.chains.main[1], change);
}

fn under_root(params: impl FnOnce(&mut rcgen::CertificateParams)) -> World {
    let mut of_root = ca_params("Root");
    params(&mut of_root);
    let root = Ca::root(of_root, p256());
    let intermediate = Ca::below(&root, ca_params("Intermediate"), p256());
    World::under(root, intermediate)
}

fn permitting(subtree: GeneralSubtree) -> Option<NameConstraints> {
    Some(NameConstraints { permitted_subtrees: vec![subtree], excluded_subtrees: Vec::new() })
}

/// `permittedSubtrees { dNSName "example.com" }`
const PERMITS_EXAMPLE: &[u8] = b"\x30\x11\xa0\x0f\x30\x0d\x82\x0bexample.com";
const CONSTRAINTS: [u64; 4] = [2, 5, 29, 30];

pub(super) static FAULTS: &[Row] = &[
    ("sound, as a server", By::Host, |_| (), &[]),
    ("sound, as a path", By::Path, |_| (), &[]),
    (
        "order, repetition and strangers do not matter to a path",
        By::Host,
        |w| {
            let stranger = World::sound();
            w.chains.main.push(w.chains.main[0].clone());
            w.chains.main.insert(1, stranger.root.certificate);
            w.chains.main.insert(1, w.root.certificate.clone());
        },
        &[],
    ),
    (
        "another name is asked for",
        By::Host,
        |w| w.main_with(|p| p.subject_alt_names = vec![dns("kms.example.org")]),
        &["san.common_name", "san.host"],
    ),
    (
        "a wildcard is the name asked for",
        By::Host,
        |w| {
            w.main_with(|p| {
                p.subject_alt_names = vec![dns("*.example.com")];
                p.distinguished_name = DistinguishedName::new();
            })
        },
        &[],
    ),
    (
        "a wildcard is no two labels",
        By::Host,
        |w| {
            w.main_with(|p| {
                p.subject_alt_names = vec![dns("*.com")];
                p.distinguished_name = DistinguishedName::new();
            })
        },
        &["san.host", "san.public_suffix", "san.wildcard_form"],
    ),
    (
        "the CN in capitals",
        By::Host,
        |w| w.main_with(|p| p.distinguished_name.push(DnType::CommonName, "KMS.example.com")),
        &["san.common_name_spelling"],
    ),
    (
        "another key",
        By::Path,
        |w| w.chains.main[0] = w.intermediate.issue(&w.params.main, &p256()),
        &["spki.private_key"],
    ),
    (
        "two signature algorithms",
        By::Path,
        |w| {
            w.main_changed(|tbs| {
                tbs.signature.oid = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
            })
        },
        &["certificate.algorithms"],
    ),
    (
        "a CA without name",
        By::Path,
        |w| {
            let mut params = ca_params("");
            params.distinguished_name = DistinguishedName::new();
            let root = Ca::root(ca_params("Root"), p256());
            let nameless = Ca::below(&root, params, p256());
            *w = World::under(root, nameless);
        },
        &["name.empty", "name.empty"],
    ),
    (
        "neither subject nor critical SAN",
        By::Host,
        |w| {
            w.main_with(|p| p.distinguished_name = DistinguishedName::new());
            w.main_changed(|tbs| with_extension(tbs, SAN).critical = false);
        },
        &["san.not_critical"],
    ),
    (
        "subject and critical SAN",
        By::Host,
        |w| w.main_changed(|tbs| with_extension(tbs, SAN).critical = true),
        &["san.critical"],
    ),
    (
        "no authorityKeyIdentifier",
        By::Path,
        |w| w.main_changed(|tbs| without(tbs, AUTHORITY)),
        &["identifier.authority_absent"],
    ),
    (
        "no subjectKeyIdentifier in a CA",
        By::Path,
        |w| intermediate_changed(w, |tbs| without(tbs, SUBJECT)),
        &["identifier.subject_absent"],
    ),
    (
        "authorityKeyIdentifier of another key",
        By::Host,
        |w| {
            w.main_changed(|tbs| {
                with_extension(tbs, AUTHORITY).extn_value =
                    OctetString::new(*b"\x30\x03\x80\x01\x07").unwrap();
            })
        },
        &["identifier.mismatch"],
    ),
    (
        "critical authorityKeyIdentifier",
        By::Path,
        |w| w.main_changed(|tbs| with_extension(tbs, AUTHORITY).critical = true),
        &["extension.critical", "identifier.critical"],
    ),
    (
        "root without key in authorityKeyIdentifier",
        By::Host,
        |w| {
            w.root_changed(|tbs| {
                with_extension(tbs, AUTHORITY).extn_value = OctetString::new(*b"\x30\x00").unwrap();
            })
        },
        &["identifier.certificate"],
    ),
    (
        "name constraints in an end entity",
        By::Path,
        |w| {
            w.main_with(|p| {
                p.custom_extensions.push(extension(&CONSTRAINTS, PERMITS_EXAMPLE, true));
            })
        },
        &["constraints.in_end_entity"],
    ),
    (
        "name constraints not critical",
        By::Host,
        |w| {
            w.intermediate_with(|p| {
                p.custom_extensions.push(extension(&CONSTRAINTS, PERMITS_EXAMPLE, false));
            })
        },
        &["constraints.not_critical"],
    ),
    (
        "name constraints with a leading dot",
        By::Host,
        |w| {
            w.intermediate_with(|p| {
                p.name_constraints = permitting(GeneralSubtree::DnsName(".example.com".to_owned()));
            })
        },
        &["constraints.malformed"],
    ),
    (
        "name constraints without subtrees",
        By::Host,
        |w| {
            w.intermediate_with(|p| {
                p.custom_extensions.push(extension(&CONSTRAINTS, &[0x30, 0], true));
            })
        },
        &["constraints.malformed"],
    ),
    (
        "a name outside the constraints",
        By::Host,
        |w| {
            w.intermediate_with(|p| {
                p.name_constraints = permitting(GeneralSubtree::DnsName("example.org".to_owned()));
            })
        },
        &["path.name_constraints"],
    ),
    (
        "a subject outside the constraints",
        By::Path,
        |w| {
            w.intermediate_with(|p| {
                let mut name = DistinguishedName::new();
                name.push(DnType::OrganizationName, "Example");
                p.name_constraints = permitting(GeneralSubtree::DirectoryName(name));
            })
        },
        &["path.name_constraints"],
    ),
    (
        "a CN outside the constraints for want of a SAN",
        By::Path,
        |w| {
            w.intermediate_with(|p| {
                p.name_constraints = permitting(GeneralSubtree::DnsName("example.org".to_owned()));
            });
            w.main_with(|p| p.subject_alt_names.clear());
        },
        &["path.name_constraints"],
    ),
    (
        "root with basicConstraints not critical",
        By::Host,
        |w| w.root_changed(|tbs| with_extension(tbs, BASIC).critical = false),
        &["extension.basic_constraints"],
    ),
    (
        "a pathLenConstraint in an end entity",
        By::Path,
        |w| {
            // cA is left out: FALSE; pathLenConstraint 0
            let value = OctetString::new(vec![0x30, 3, 2, 1, 0]).unwrap();
            w.main_changed(|tbs| with_extension(tbs, BASIC).extn_value = value);
        },
        &["extension.path_len"],
    ),
    (
        "root that may sign no lists",
        By::Host,
        |w| *w = under_root(|p| p.key_usages = vec![Ku::KeyCertSign]),
        &["issuer.crl_sign"],
    ),
    (
        "root for servers",
        By::Host,
        |w| *w = under_root(|p| p.extended_key_usages = vec![Eku::ServerAuth]),
        &["usage.extended_anchor"],
    ),
    (
        "CA that may sign no certificates",
        By::Path,
        |w| w.intermediate_with(|p| p.key_usages = vec![Ku::CrlSign]),
        &["issuer.cert_sign"],
    ),
    (
        "critical purposes",
        By::Host,
        |w| w.main_changed(|tbs| with_extension(tbs, PURPOSES).critical = true),
        &["usage.extended_critical"],
    ),
    (
        "any purpose beside the one",
        By::Host,
        |w| w.main_with(|p| p.extended_key_usages.push(Eku::Any)),
        &["usage.any_purpose"],
    ),
    ("no purpose", By::Host, |w| w.main_with(|p| p.extended_key_usages.clear()), &["usage.extended_absent"]),
    (
        "policyConstraints not critical",
        By::Path,
        |w| {
            w.intermediate_with(|p| {
                p.custom_extensions.push(extension(&[2, 5, 29, 36], &[0x30, 3, 0x80, 1, 0], false));
            })
        },
        &["extension.policy_constraints"],
    ),
    (
        "unreadable authorityInfoAccess",
        By::Path,
        |w| {
            w.main_with(|p| {
                p.custom_extensions.push(extension(&[1, 3, 6, 1, 5, 5, 7, 1, 1], &[0x30, 2, 5, 0], false));
            })
        },
        &["extension.information_access"],
    ),
    (
        "an RSA modulus of 2049 bits",
        By::Host,
        |w| {
            w.main_changed(|tbs| {
                tbs.spki = spki::SubjectPublicKeyInfoOwned::from_der(&rsa_of_2049_bits()).unwrap();
            })
        },
        &["key.rsa_octets", "key.rsa_size", "key.weak", "spki.private_key"],
    ),
];

/// The SPKI of a number that nobody can sign with.
fn rsa_of_2049_bits() -> Vec<u8> {
    let mut modulus = vec![0x01];
    modulus.extend((0..256_u32).map(|index| u8::try_from(index * 7 % 251).unwrap()));
    let key = [&[0x02, 0x82, 0x01, 0x01][..], &modulus, &[0x02, 0x03, 0x01, 0x00, 0x01]].concat();
    let key = [&[0x30, 0x82, 0x01, 0x0a][..], &key].concat();
    let bits = [&[0x03, 0x82, 0x01, 0x0f, 0x00][..], &key].concat();
    let algorithm = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
    [&[0x30, 0x82, 0x01, 0x22][..], algorithm, &bits].concat()
}

fn ids(world: &World, by: By) -> Vec<&'static str> {
    let examination = match by {
        By::Host => world.examine(Profile::Rfc5280Host, Some(HOST)),
        By::Path => world.examine(Profile::Rfc5280, None),
    };
    let mut ids: Vec<_> = examination.findings.iter().map(|finding| finding.rule).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn each_fault_gives_these_findings_and_no_others() {
    for (name, by, spoil, expected) in FAULTS {
        let mut world = World::sound();
        spoil(&mut world);
        assert_eq!(&ids(&world, *by), expected, "{name}");
    }
}

#[test]
fn the_product_profile_says_of_one_chain_what_it_says_of_a_pair() {
    for (name, spoil, _) in super::chain_faults::FAULTS.iter().take(12) {
        let mut world = World::sound();
        spoil(&mut world);
        let examination = world.examine(Profile::Cluster, None);
        let of_pair =
            world.judge().findings.into_iter().filter(|finding| {
                finding.role == Some(common::Role::Main) && !finding.rule.starts_with("spki.")
            });
        let of_pair: Vec<_> = of_pair.map(|finding| finding.rule).collect();
        let alone: Vec<_> = examination.findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(alone, of_pair, "{name}");
    }
}

#[test]
fn a_careful_operator_is_warned_where_the_standard_refuses() {
    let mut world = World::sound();
    world.main_changed(|tbs| without(tbs, AUTHORITY));
    let findings = world.examine(Profile::TlsServer, Some(HOST)).findings;
    let found: Vec<_> = findings.iter().map(|finding| (finding.rule, finding.severity)).collect();
    assert_eq!(found, [("identifier.authority_absent", Severity::Warning)]);
}

/// The end entity, and one intermediate under two roots of which one forbids it.
fn forked() -> (World, Certificate, Ca) {
    let world = World::sound();
    let mut params = ca_params("Forbidding root");
    params.name_constraints = permitting(GeneralSubtree::DnsName("example.org".to_owned()));
    let forbidding = Ca::root(params, p256());
    let cross = forbidding.issue(&world.intermediate.params, &world.intermediate.key);
    (world, cross, forbidding)
}

#[test]
fn of_several_ways_one_without_an_error_is_taken() {
    let (mut world, cross, forbidding) = forked();
    let sound = world.chains.main[1].clone();
    let both = vec![forbidding.certificate.clone(), world.root.certificate.clone()];
    for certificates in [[cross.clone(), sound.clone()], [sound.clone(), cross.clone()]] {
        world.chains.main.truncate(1);
        world.chains.main.extend(certificates);
        world.anchors = Anchors::Given(both.clone());
        let examination = world.examine(Profile::Rfc5280Host, Some(HOST));
        assert_eq!(examination.findings, []);
        assert_eq!(examination.path[1], sound);
        world.anchors = Anchors::Given(vec![forbidding.certificate.clone()]);
        assert_eq!(ids(&world, By::Host), ["path.name_constraints"]);
    }
}

#[test]
fn an_intermediate_may_be_the_anchor_and_a_self_signed_certificate_its_own() {
    let mut world = World::sound();
    world.anchors = Anchors::Given(vec![world.intermediate.certificate.clone()]);
    let examination = world.examine(Profile::Rfc5280, None);
    assert_eq!((examination.findings, examination.path.len()), (Vec::new(), 1));

    let own = Ca::root(world.root.params.clone(), p256()).certificate;
    world.chains.main = vec![own.clone()];
    world.anchors = Anchors::Given(vec![own]);
    assert_eq!(ids(&world, By::Path), ["spki.private_key"]);
}

#[test]
fn without_a_way_the_reason_is_told_as_for_an_installation() {
    let mut world = World::sound();
    world.chains.main.pop();
    assert_eq!(ids(&world, By::Path), ["chain.missing_issuer"]);
    let mut world = World::sound();
    world.anchors = Anchors::Given(vec![World::sound().root.certificate]);
    assert_eq!(ids(&world, By::Path), ["signature.invalid"]);
    let mut world = World::sound();
    world.main_with(|p| p.not_after = at(-1));
    assert_eq!(ids(&world, By::Path), ["validity.expired"]);
}

#[test]
fn an_intermediate_given_as_anchor_is_served_all_the_same() {
    let mut world = World::sound();
    world.anchors = Anchors::Given(vec![world.intermediate.certificate.clone()]);
    let judgement = world.judge();
    assert_eq!(judgement.findings, []);
    let verified = judgement.verified.unwrap();
    assert_eq!(verified.main.served().certificates(), world.chains.main);
    assert_eq!(verified.main.anchor(), &world.intermediate.certificate);

    world.anchors =
        Anchors::Given(vec![world.intermediate.certificate.clone(), world.root.certificate.clone()]);
    let verified = world.judge().verified.unwrap();
    assert_eq!(verified.main.served().certificates(), world.chains.main);
}

//! What findings say, where the rule alone does not say it all.

use crate::certificate::Certificate;
use crate::chain::Chain;
use crate::pem::Block;
use crate::request::Csr;
use crate::rules::Finding;
use crate::rules::case::{ChainCase, Place};
use crate::rules::{Policy, Profile};
use crate::tests::fixtures::{Ca, World, ca_params, p256, patched, request, server_params};
use crate::verdict::judge_request;
use crate::verdict::{Anchors, Asked, KnownKey};
use common::{DAY, Role};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose as Eku, IsCa,
    KeyPair, KeyUsagePurpose as Ku, SanType,
};

fn built(change: impl FnOnce(&mut CertificateParams)) -> Csr {
    let mut params = server_params("kms.example.com");
    change(&mut params);
    request(&params, &p256())
}

fn findings(csr: &Csr) -> Vec<(&'static str, String)> {
    let told = |finding: Finding| (finding.rule, finding.evidence.text);
    judge_request(csr, None, Policy::product()).into_iter().map(told).collect()
}

fn only(csr: &Csr, rule: &str) -> String {
    let found = findings(csr);
    let [(id, text)] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(*id, rule);
    text.clone()
}

#[test]
fn usages_are_told_by_name() {
    let usage = |content: &[u8]| {
        let extension = CustomExtension::from_oid_content(&[2, 5, 29, 15], content.to_vec());
        built(|p| {
            p.key_usages.clear();
            p.custom_extensions.push(extension);
        })
    };
    let text = |csr: &Csr| findings(csr).into_iter().find(|(id, _)| *id == "usage.key_usage").unwrap().1;
    assert_eq!(
        text(&built(|p| p.key_usages = vec![Ku::KeyEncipherment, Ku::CrlSign])),
        "keyUsage is keyEncipherment, cRLSign, expected digitalSignature among them"
    );
    assert_eq!(text(&usage(&[3, 1, 0])), "keyUsage is empty, expected digitalSignature among them");
}

#[test]
fn purposes_are_told_by_name_and_the_first_ten_of_many() {
    let purposes = |purposes: Vec<Eku>| only(&built(|p| p.extended_key_usages = purposes), "usage.extended");
    let all = vec![
        Eku::ClientAuth,
        Eku::CodeSigning,
        Eku::EmailProtection,
        Eku::TimeStamping,
        Eku::OcspSigning,
        Eku::Other(vec![1, 2, 3]),
    ];
    assert_eq!(
        purposes(all),
        "extendedKeyUsage is clientAuth, codeSigning, emailProtection, timeStamping, OCSPSigning, 1.2.3, \
         expected serverAuth among them"
    );
    let numbered = |count: u64| (0..count).map(|n| Eku::Other(vec![1, 2, n])).collect::<Vec<_>>();
    let ten = "extendedKeyUsage is 1.2.0, 1.2.1, 1.2.2, 1.2.3, 1.2.4, 1.2.5, 1.2.6, 1.2.7, 1.2.8, 1.2.9";
    assert_eq!(purposes(numbered(10)), format!("{ten}, expected serverAuth among them"));
    assert_eq!(purposes(numbered(12)), format!("{ten} and 2 more, expected serverAuth among them"));
}

#[test]
fn a_request_without_a_host_is_told_what_it_has_instead() {
    let with = |sans: Vec<SanType>| {
        built(|p| {
            p.subject_alt_names = sans;
            p.distinguished_name = rcgen::DistinguishedName::new();
            p.distinguished_name.push(DnType::OrganizationName, "Example");
        })
    };
    let mailbox = SanType::Rfc822Name("a@b.example".try_into().unwrap());
    assert_eq!(
        only(&with(vec![mailbox]), "csr.san_absent"),
        "no SAN is a DNS name, expected the primary name at least"
    );
    let none = "no SAN is requested, expected the primary name at least";
    assert_eq!(only(&with(Vec::new()), "csr.san_absent"), none);
}

#[test]
fn a_cn_is_a_host_name_only_when_it_looks_like_one() {
    let with = |cn: &str| {
        built(|p| {
            p.distinguished_name = rcgen::DistinguishedName::new();
            p.distinguished_name.push(DnType::CommonName, cn);
        })
    };
    for cn in
        ["Example Server", "KMS-2.0", "kms_1.example.c", "kms_1.example.c0m", "a server.example", "kms_1"]
    {
        assert_eq!(findings(&with(cn)), [], "{cn}");
    }
    assert!(only(&with("kms_1.example.com"), "csr.cn_faulty").contains("underscore"));
}

#[test]
fn a_signature_nobody_can_verify_is_a_fault_of_its_own_or_explained_by_its_key() {
    let with = |from: &[u8], to: &[u8]| Csr::from_der(&patched(built(|_| ()).der(), from, to)).unwrap();
    // ecdsa-with-SHA256 becomes a number that nobody gave.
    let unknown = with(&[0x48, 0xce, 0x3d, 4, 3, 2], &[0x48, 0xce, 0x3d, 4, 3, 9]);
    let text = "unsupported signature: 1.2.840.10045.4.3.9 by a key of P-256";
    assert_eq!(only(&unknown, "csr.signature"), text);
    // prime256v1 becomes prime239v3.
    let curve = with(&[0x48, 0xce, 0x3d, 3, 1, 7], &[0x48, 0xce, 0x3d, 3, 1, 6]);
    assert!(only(&curve, "key.type").contains("1.2.840.10045.3.1.6"));
}

fn of(world: &World, rule: &str) -> (Option<usize>, String, Vec<String>) {
    let findings = world.judge().findings;
    let finding = findings.iter().find(|finding| finding.rule == rule);
    let evidence = &finding.unwrap_or_else(|| panic!("no {rule} in {findings:#?}")).evidence;
    (evidence.certificate, evidence.text.clone(), evidence.detail.clone())
}

#[test]
fn certificates_are_counted_from_one_in_the_order_given() {
    let mut world = World::sound();
    world.chains.main.push(world.chains.main[1].clone());
    let told = of(&world, "chain.duplicate");
    assert_eq!((told.0, told.1.as_str()), (Some(3), "certificate 3 is the same as certificate 2"));

    let mut world = World::sound();
    world.chains.main.push(Ca::root(ca_params("Stranger"), p256()).certificate);
    let told = of(&world, "chain.stranger");
    let text = "certificate 3 (CN=Stranger) issued nothing on the path of the end entity";
    assert_eq!((told.0, told.1.as_str()), (Some(3), text));

    let mut world = World::sound();
    let second = Ca::root(ca_params("Second root"), p256());
    world.chains.main.push(second.issue(&world.intermediate.params, &world.intermediate.key));
    let told = of(&world, "chain.alternative");
    let text =
        "certificate 3 (CN=Intermediate, issued by CN=Second root) is on another way, which is not taken";
    assert_eq!((told.0, told.1.as_str()), (Some(3), text));
}

#[test]
fn the_clock_is_suspected_below_a_day() {
    let mut world = World::sound();
    let ends = world.chains.main.iter().map(Certificate::not_after).min().unwrap();
    world.now = ends;
    assert!(world.judge().findings.iter().all(|finding| finding.rule != "validity.expired"));
    for (late, suspected) in [(1, true), (DAY - 1, true), (DAY, false)] {
        world.now = ends.plus_seconds(late);
        let (_, text, detail) = of(&world, "validity.expired");
        assert_eq!(!detail.is_empty(), suspected, "{text} {detail:?}");
    }
}

#[test]
fn purposes_without_a_usage_are_told_once_and_by_name() {
    let with = |usages: &[Ku], purposes: &[Eku]| {
        let csr = built(|p| (p.key_usages, p.extended_key_usages) = (usages.to_vec(), purposes.to_vec()));
        let findings = judge_request(&csr, None, &Policy::of(Profile::Private)).into_iter();
        let told = findings.filter(|finding| finding.rule == "usage.inconsistent");
        told.map(|finding| finding.evidence.text).collect::<Vec<_>>()
    };
    let (server, client) = (Eku::ServerAuth, Eku::ClientAuth);
    let told = ["no keyUsage serves clientAuth"];
    assert_eq!(with(&[Ku::KeyEncipherment], &[server.clone(), client.clone()]), told);
    assert_eq!(with(&[Ku::CrlSign], std::slice::from_ref(&server)), [""; 0], "usage.key_usage says it");
    assert_eq!(with(&[Ku::DigitalSignature], &[server, client]), [""; 0]);
}

#[test]
fn a_wildcard_that_is_cn_and_san_is_told_once() {
    let texts = |sans: Vec<SanType>| {
        let csr = built(|p| {
            p.subject_alt_names.extend(sans);
            p.distinguished_name = rcgen::DistinguishedName::new();
            p.distinguished_name.push(DnType::CommonName, "*.example.com");
        });
        let told = findings(&csr).into_iter().filter(|(rule, _)| *rule == "san.wildcard");
        told.map(|(_, text)| text).collect::<Vec<_>>()
    };
    let wildcard = SanType::DnsName("*.example.com".try_into().unwrap());
    assert_eq!(texts(vec![wildcard]), ["the DNS SAN *.example.com is a wildcard"]);
    assert_eq!(texts(Vec::new()), ["the CN *.example.com is a wildcard"]);
}

#[test]
fn a_subject_of_blanks_dots_and_hyphens_says_nothing() {
    for (value, nothing) in [(" ", true), ("-", true), (". -", true), ("a.", false), ("Unknown", true)] {
        let csr = built(|p| p.distinguished_name.push(DnType::OrganizationName, value));
        let findings = judge_request(&csr, None, &Policy::of(Profile::Private));
        let told = findings.iter().any(|finding| finding.rule == "subject.placeholder");
        assert_eq!(told, nothing, "{value:?}");
    }
}

#[test]
fn an_expired_chain_is_told_link_by_link() {
    for (presented, last) in
        [(true, (Some(3), "certificate 3 (CN=Root)")), (false, (None, "the trust anchor (CN=Root)"))]
    {
        let mut world = World::sound();
        if presented {
            world.chains.main.push(world.root.certificate.clone());
        }
        world.now = world.root.certificate.not_after().plus_seconds(1);
        let findings = world.judge().findings.into_iter();
        let told = findings.filter(|one| one.rule == "validity.expired" && one.role == Some(Role::Main));
        let told: Vec<_> = told.map(|one| (one.evidence.certificate, one.evidence.text)).collect();
        let expected = [
            (Some(1), "certificate 1 (CN=kms.example.com)"),
            (Some(2), "certificate 2 (CN=Intermediate)"),
            last,
        ];
        assert_eq!(told.len(), 3);
        for ((certificate, text), (number, who)) in told.into_iter().zip(expected) {
            assert!(certificate == number && text.starts_with(&format!("{who} expired ")), "{text}");
        }
    }
}

#[test]
fn a_certificate_is_valid_from_its_first_second() {
    let mut world = World::sound();
    world.now = world.chains.main[0].not_before();
    assert!(world.judge().findings.iter().all(|finding| finding.rule != "validity.not_yet"));
    world.now = world.now.plus_seconds(-1);
    assert!(
        of(&world, "validity.not_yet").1.starts_with("certificate 1 (CN=kms.example.com) is valid from ")
    );
}

#[test]
fn an_anchor_of_the_same_name_is_pointed_out_and_no_other() {
    for (name, told) in [("Root", true), ("Another", false)] {
        let mut world = World::sound();
        world.chains.main.push(world.root.certificate.clone());
        world.anchors = Anchors::Given(vec![Ca::root(ca_params(name), p256()).certificate]);
        let (number, _, detail) = of(&world, "anchor.unknown");
        assert_eq!((number, detail.len()), (Some(3), usize::from(told)), "{detail:?}");
    }
}

#[test]
fn a_wrong_order_behind_the_end_entity_is_told_as_that() {
    let mut world = World::sound();
    world.chains.main.insert(1, world.root.certificate.clone());
    assert_eq!(of(&world, "chain.order").1, "a certificate does not certify the one before it");
}

#[test]
fn the_primary_name_is_called_that_when_it_is_missing() {
    let dns = |name: &str| SanType::DnsName(name.try_into().unwrap());
    let mut world = World::sound();
    world.main_requested(|p| p.subject_alt_names.push(dns("b.example.com")));
    world.main_with(|p| p.subject_alt_names = vec![dns("c.example.com")]);
    let findings = world.judge().findings.into_iter().filter(|finding| finding.rule == "san.missing");
    let texts: Vec<_> = findings.map(|finding| finding.evidence.text).collect();
    assert_eq!(
        texts,
        [
            "DNS:kms.example.com, the primary name, was requested and is not in the end entity",
            "DNS:b.example.com was requested and is not in the end entity"
        ]
    );
}

#[test]
fn of_many_sans_the_first_ten_are_shown() {
    for (count, rest) in [(10, ""), (11, ", and 1 more"), (12, ", and 2 more")] {
        let mut world = World::sound();
        world.main_with(|p| {
            let name = |n| SanType::DnsName(format!("n{n}.example.com").try_into().unwrap());
            p.subject_alt_names = (0..count).map(name).collect();
        });
        let examined = world.examine(Profile::Rfc5280Host, Some("kms.example.com"));
        let finding = examined.findings.iter().find(|finding| finding.rule == "san.host").unwrap();
        let shown = (0..10).map(|n| format!("DNS:n{n}.example.com")).collect::<Vec<_>>().join(", ");
        assert_eq!(finding.evidence.detail, [format!("its SANs are {shown}{rest}")]);
    }
}

#[test]
fn a_single_label_is_identified_by_itself_alone() {
    for (san, found) in [("kms", true), ("kmt", false), ("*.example.com", false)] {
        let mut world = World::sound();
        world.main_with(|p| p.subject_alt_names = vec![SanType::DnsName(san.try_into().unwrap())]);
        let examined = world.examine(Profile::Rfc5280Host, Some("kms"));
        assert_eq!(examined.findings.iter().all(|finding| finding.rule != "san.host"), found, "{san}");
    }
}

#[test]
fn a_path_length_counts_the_cas_below() {
    for (below_root, below_intermediate, told) in [(1, 0, false), (0, 0, true)] {
        let constrained = |name, length| {
            let mut params = ca_params(name);
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(length));
            params
        };
        let root = Ca::root(constrained("Root", below_root), p256());
        let intermediate = Ca::below(&root, constrained("Intermediate", below_intermediate), p256());
        let world = World::under(root, intermediate);
        let findings = world.examine(Profile::Rfc5280, None).findings;
        assert_eq!(findings.iter().any(|finding| finding.rule == "issuer.path_len"), told, "{findings:?}");
    }
}

#[test]
fn a_root_of_version_1_need_not_say_that_it_is_a_ca() {
    let mut world = World::sound();
    world.root_changed(|tbs| (tbs.version, tbs.extensions) = (0, None));
    let findings = world.examine(Profile::Rfc5280, None).findings;
    let told: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
    assert!(!told.contains(&"issuer.not_ca") && !told.contains(&"identifier.subject_absent"), "{told:?}");
}

#[test]
fn an_rsa_modulus_of_whole_octets_and_an_anchor_that_is_no_root_are_sound() {
    let mut world = World::sound();
    world.keys.main = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    world.main_requested(|_| ());
    assert_eq!(world.examine(Profile::Rfc5280Host, Some("kms.example.com")).findings, []);

    let mut world = World::sound();
    world.intermediate_with(|p| p.key_usages = vec![Ku::KeyCertSign]);
    world.anchors = Anchors::Given(vec![world.intermediate.certificate.clone()]);
    assert_eq!(world.examine(Profile::Rfc5280Host, Some("kms.example.com")).findings, []);
}

#[test]
fn as_many_sans_as_allowed_and_none_with_what_cannot_be_seen() {
    let with = |count: u32| {
        built(|p| {
            let more = (1..count).map(|n| SanType::IpAddress(std::net::Ipv4Addr::from(n).into()));
            p.subject_alt_names.extend(more);
        })
    };
    for (count, told) in [(250, false), (251, true)] {
        assert_eq!(findings(&with(count)).iter().any(|(rule, _)| *rule == "san.too_many"), told, "{count}");
    }
    let hidden =
        built(|p| p.subject_alt_names.push(SanType::URI("https://a.example/\u{7}".try_into().unwrap())));
    let text = findings(&hidden).into_iter().find(|(rule, _)| *rule == "name.control").unwrap().1;
    assert!(text.starts_with("the SAN https://a.example/\\u{7} has"), "{text}");
}

#[test]
fn only_the_earlier_request_with_this_key_is_named() {
    let mut world = World::sound();
    let stale = p256();
    world.chains.main[0] = world.intermediate.issue(&world.params.main, &stale);
    let known = |spki, generation| KnownKey { spki, role: Role::Main, generation };
    let of_stale = world.chains.main[0].spki().sha256();
    world.known_keys = vec![known(world.root.certificate.spki().sha256(), 5), known(of_stale, 3)];
    let (_, _, detail) = of(&world, "spki.mismatch");
    let [detail] = detail.as_slice() else { panic!("{detail:?}") };
    assert!(
        detail.starts_with("it is the certificate for Main of generation 3, an earlier request"),
        "{detail}"
    );
}

#[test]
fn the_topmost_certificate_is_the_anchor_when_none_is_given() {
    let world = World::sound();
    let blocks = world.chains.main.iter().map(|one| Block::Certificate(one.der().to_vec()));
    let chain = Chain::from_blocks(blocks.collect()).unwrap();
    let asked = Asked::default();
    let case =
        ChainCase::ways(&chain, &asked, Profile::Cluster, &Anchors::Presented, world.now).next().unwrap();
    let places: Vec<_> = case.links().iter().map(|link| (link.number, link.place)).collect();
    assert_eq!(places, [(Some(1), Place::EndEntity), (Some(2), Place::Anchor)]);
}

#[test]
fn sans_that_cannot_be_read_are_not_called_absent() {
    let mut world = World::sound();
    world.main_changed(|tbs| {
        let san = der::asn1::ObjectIdentifier::new_unwrap("2.5.29.17");
        let extension = tbs.extensions.as_mut().unwrap().iter_mut().find(|one| one.extn_id == san).unwrap();
        extension.extn_value = der::asn1::OctetString::new([0x30, 0x01]).unwrap();
    });
    let findings = world.judge().findings;
    assert!(findings.iter().all(|finding| finding.rule != "san.absent"), "{findings:?}");
}

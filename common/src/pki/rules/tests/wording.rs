//! What findings say, where the rule alone does not say it all.

use crate::pki::certificate::Certificate;
use crate::pki::csr::Csr;
use crate::pki::rules::Finding;
use crate::pki::rules::csr::judge_by;
use crate::pki::rules::policy::Policy;
use crate::pki::tests::fixtures::{Ca, World, ca_params, p256, patched, request, server_params};
use crate::timestamp::DAY;
use rcgen::{
    CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose as Eku, KeyUsagePurpose as Ku,
    SanType,
};

fn built(change: impl FnOnce(&mut CertificateParams)) -> Csr {
    let mut params = server_params("kms.example.com");
    change(&mut params);
    request(&params, &p256())
}

fn findings(csr: &Csr) -> Vec<(&'static str, String)> {
    let told = |finding: Finding| (finding.rule, finding.evidence.text);
    judge_by(csr, None, Policy::product()).into_iter().map(told).collect()
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
        "no SAN is a DNS name or an address, so no client finds the server"
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
    // ecdsa-with-SHA256 becomes ecdsa-with-SHA224.
    let sha224 = with(&[0x48, 0xce, 0x3d, 4, 3, 2], &[0x48, 0xce, 0x3d, 4, 3, 1]);
    let text = "unsupported signature: ecdsa-with-SHA224 by a key of P-256";
    assert_eq!(only(&sha224, "csr.signature"), text);
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
    for (late, suspected) in [(1, true), (DAY - 1, true), (DAY, false)] {
        world.now = ends.plus_seconds(late);
        let (_, text, detail) = of(&world, "validity.expired");
        assert_eq!(!detail.is_empty(), suspected, "{text} {detail:?}");
    }
}

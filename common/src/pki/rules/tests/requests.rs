//! Requests, alone and in pairs.

use crate::Pair;
use crate::pki::csr::Csr;
use crate::pki::rules::csr::judge_pair;
use crate::pki::tests::fixtures::{p256, patched, request, server_params};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, KeyPair, KeyUsagePurpose as Ku,
    SanType,
};

type Row = (&'static str, fn(&mut Pair<Csr>), &'static [&'static str]);

fn sound() -> Pair<Csr> {
    Pair { main: built(|_| ()), assets: request(&server_params("kms-ui.example.com"), &p256()) }
}

fn built(change: impl FnOnce(&mut CertificateParams)) -> Csr {
    let mut params = server_params("kms.example.com");
    change(&mut params);
    request(&params, &p256())
}

fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

pub(super) static FAULTS: &[Row] = &[
    (
        "altered on the way",
        |r| {
            let der = patched(r.main.der(), b"kms.example.com", b"kmz.example.com");
            r.main = Csr::from_der(&der).unwrap();
        },
        &["csr.signature"],
    ),
    (
        "version 2",
        |r| {
            let der = patched(r.main.der(), &[0x02, 0x01, 0x00, 0x30], &[0x02, 0x01, 0x01, 0x30]);
            r.main = Csr::from_der(&der).unwrap();
        },
        &["csr.signature", "csr.version"],
    ),
    (
        "signed over SHA-1",
        |r| {
            let key = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
            let der = request(&server_params("kms.example.com"), &key).der().to_vec();
            let (from, to) = ([0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b], [0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05]);
            r.main = Csr::from_der(&patched(&der, &from, &to)).unwrap();
        },
        &["csr.signature_hash"],
    ),
    ("no SAN", |r| r.main = built(|p| p.subject_alt_names.clear()), &["csr.san_absent"]),
    (
        "CN not in SAN",
        |r| r.main = built(|p| p.subject_alt_names = vec![dns("other.example.com")]),
        &["csr.cn_not_in_san"],
    ),
    (
        "a CA",
        |r| {
            r.main = built(|p| {
                p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
                p.key_usages = vec![Ku::DigitalSignature, Ku::KeyCertSign];
            })
        },
        &["csr.ca"],
    ),
    (
        "keyCertSign without a CA",
        |r| r.main = built(|p| p.key_usages = vec![Ku::DigitalSignature, Ku::KeyCertSign]),
        &["usage.cert_sign"],
    ),
    ("wildcard", |r| r.main = built(|p| p.subject_alt_names.push(dns("*.example.org"))), &["san.wildcard"]),
    (
        "address as DNS name",
        |r| r.main = built(|p| p.subject_alt_names.push(dns("192.0.2.1"))),
        &["san.syntax"],
    ),
    (
        "trailing dot",
        |r| r.main = built(|p| p.subject_alt_names.push(dns("kms.example.com."))),
        &["san.syntax"],
    ),
    (
        "251 SANs",
        |r| {
            r.main = built(|p| {
                p.subject_alt_names.extend((0..250).map(|n| dns(&format!("n{n}.example.com"))));
            })
        },
        &["san.too_many"],
    ),
    (
        "escape sequence in the subject",
        |r| {
            r.main = built(|p| {
                p.distinguished_name.push(DnType::OrganizationName, "\u{202e}gnitset");
            })
        },
        &["name.control"],
    ),
    (
        "keyUsage without digitalSignature",
        |r| r.main = built(|p| p.key_usages = vec![Ku::KeyEncipherment]),
        &["usage.key_usage"],
    ),
    (
        "for clients",
        |r| {
            r.main = built(|p| {
                p.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
            })
        },
        &["usage.extended"],
    ),
    (
        "extension twice",
        |r| {
            r.main = built(|p| {
                p.custom_extensions
                    .push(CustomExtension::from_oid_content(&[2, 5, 29, 15], vec![3, 2, 7, 0x80]));
            })
        },
        &["extension.duplicate"],
    ),
    (
        "name of Main among the SANs of Assets",
        |r| {
            let mut params = server_params("kms-ui.example.com");
            params.subject_alt_names.push(dns("KMS.example.com"));
            r.assets = request(&params, &p256());
        },
        &["role.shared_name"],
    ),
    (
        "one address for both",
        |r| {
            let address = || SanType::IpAddress("192.0.2.1".parse().unwrap());
            r.main = built(|p| p.subject_alt_names.push(address()));
            let mut params = server_params("kms-ui.example.com");
            params.subject_alt_names.push(address());
            r.assets = request(&params, &p256());
        },
        &["role.shared_address"],
    ),
    (
        "one key for both",
        |r| {
            let key = p256();
            r.main = request(&server_params("kms.example.com"), &key);
            r.assets = request(&server_params("kms-ui.example.com"), &key);
        },
        &["role.shared_key"],
    ),
];

fn ids(pair: &Pair<Csr>) -> Vec<&'static str> {
    let mut ids: Vec<_> = judge_pair(pair.as_ref()).iter().map(|finding| finding.rule).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn a_sound_pair_of_requests_gives_no_finding() {
    assert_eq!(judge_pair(sound().as_ref()), []);
}

#[test]
fn each_fault_gives_its_findings_and_no_other() {
    for (sentence, spoil, expected) in FAULTS {
        let mut pair = sound();
        spoil(&mut pair);
        assert_eq!(ids(&pair), *expected, "{sentence}: {:#?}", judge_pair(pair.as_ref()));
    }
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

//! Faults of requests: each row makes one in a sound pair and names every finding it must give.

use crate::pem::{Block, blocks};
use crate::request::Csr;
use crate::tests::fixtures::{p256, patched, request, server_params};
use common::Pair;
use rcgen::{
    Attribute, BasicConstraints, CertificateParams, CustomExtension, DnType, DnValue,
    ExtendedKeyUsagePurpose as Eku, IsCa, KeyPair, KeyUsagePurpose as Ku, SanType,
};

pub(super) type PublicRow = (&'static str, fn() -> Csr, &'static [&'static str]);
pub(super) type EncodingRow = (&'static str, fn(Vec<u8>) -> Vec<u8>, &'static [&'static str]);
pub(super) type Row = (&'static str, fn(&mut Pair<Csr>), &'static [&'static str]);

pub(super) fn sound() -> Pair<Csr> {
    Pair { main: built(|_| ()), assets: request(&server_params("kms-ui.example.com"), &p256()) }
}

pub(super) fn built(change: impl FnOnce(&mut CertificateParams)) -> Csr {
    let mut params = server_params("kms.example.com");
    change(&mut params);
    request(&params, &p256())
}

pub(super) fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

/// The sound request with one more SAN.
pub(super) fn named(san: SanType) -> Csr {
    built(|p| p.subject_alt_names.push(san))
}

/// The sound request with SANs no builder makes: context tag and content, all short.
pub(super) fn raw_names(names: &[(u8, &[u8])]) -> Csr {
    let one = |(tag, content): &(u8, &[u8])| {
        [&[0x80 | tag, u8::try_from(content.len()).unwrap()], *content].concat()
    };
    let list: Vec<u8> = names.iter().flat_map(one).collect();
    let der = [&[0x30, u8::try_from(list.len()).unwrap()], &list[..]].concat();
    built(|p| {
        p.subject_alt_names.clear();
        p.custom_extensions.push(CustomExtension::from_oid_content(&[2, 5, 29, 17], der));
    })
}

/// The sound request with attributes; values are the content of their SET.
pub(super) fn with_attributes(attributes: &[(&'static [u64], &[u8])]) -> Csr {
    let set = |values: &[u8]| [&[0x31, u8::try_from(values.len()).unwrap()], values].concat();
    let attributes = attributes.iter().map(|(oid, values)| Attribute { oid, values: set(values) }).collect();
    let params = server_params("kms.example.com");
    let made = params.serialize_request_with_attributes(&p256(), attributes).unwrap();
    Csr::from_der(made.der()).unwrap()
}

/// The sound request with one more attribute in its subject.
pub(super) fn subject(kind: DnType, value: DnValue) -> Csr {
    built(|p| p.distinguished_name.push(kind, value))
}

pub(super) fn text(value: &str) -> DnValue {
    DnValue::Utf8String(value.to_owned())
}

pub(super) fn printable(value: &str) -> DnValue {
    DnValue::PrintableString(value.try_into().unwrap())
}

/// The sound request with an extension of this OID, whose content is an empty SEQUENCE.
/// Extensions { 1.2.3.4, critical FALSE, NULL }.
const WRITES_FALSE: &[u8] = &[0x30, 14, 0x30, 12, 6, 3, 0x2a, 3, 4, 1, 1, 0, 4, 2, 5, 0];

pub(super) fn extended(oid: &[u64], critical: bool) -> Csr {
    let mut extension = CustomExtension::from_oid_content(oid, vec![0x30, 0]);
    extension.set_criticality(critical);
    built(|p| p.custom_extensions.push(extension))
}

pub(super) fn purposes(purposes: &[Eku]) -> Csr {
    built(|p| p.extended_key_usages = purposes.to_vec())
}

pub(super) const CHALLENGE: &[u64] = &[1, 2, 840, 113_549, 1, 9, 7];

/// As OpenSSL 1.1 made it with `req -new -asn1-kludge`: without the field for attributes.
const KLUDGE: &str = "\
-----BEGIN CERTIFICATE REQUEST-----\n\
MIHRMHoCAQAwGjEYMBYGA1UEAwwPa21zLmV4YW1wbGUuY29tMFkwEwYHKoZIzj0C\n\
AQYIKoZIzj0DAQcDQgAEx5s/hZ4hH1K+513uo6gPUyzcBUaS+yOoHE0S7cjyJdWY\n\
YHPJxib5+JIXvRPpY14gsEDwamUaXRoSs1F+jEhH4TAKBggqhkjOPQQDAgNHADBE\n\
AiA0WFolV7dR2ilzW2OHbaROPQyYZs6E3zcyvdJ0SR11GwIgD87DGRjM0Tnkt7ks\n\
tZwr2pEYEc3E1KZSZwAKd4HB604=\n\
-----END CERTIFICATE REQUEST-----\n";

pub(super) static FAULTS: &[Row] = &[
    (
        "no field for attributes",
        |r| {
            let Some(Block::Request(der)) = blocks(KLUDGE.as_bytes()).unwrap().pop() else {
                panic!("no request")
            };
            r.main = Csr::from_der(&der).unwrap();
        },
        &["csr.attributes_absent", "csr.san_absent"],
    ),
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
        // Only the name of the hash was changed, so it is wrong as well as weak.
        &["csr.signature", "csr.signature_hash"],
    ),
    (
        "a mailbox alone",
        |r| {
            r.main = built(|p| {
                p.subject_alt_names = vec![SanType::Rfc822Name("a@b.example".try_into().unwrap())];
                p.distinguished_name = rcgen::DistinguishedName::new();
            })
        },
        &["csr.san_absent"],
    ),
    ("no SAN", |r| r.main = built(|p| p.subject_alt_names.clear()), &["csr.san_absent"]),
    (
        "an address alone",
        |r| r.main = built(|p| p.subject_alt_names = vec![SanType::IpAddress("192.0.2.7".parse().unwrap())]),
        &["csr.cn_not_in_san", "csr.san_absent"],
    ),
    (
        "CN not in SAN",
        |r| r.main = built(|p| p.subject_alt_names = vec![dns("other.example.com")]),
        &["csr.cn_not_in_san"],
    ),
    (
        "a CN that is nearly a host name",
        |r| {
            r.main = built(|p| {
                p.distinguished_name = rcgen::DistinguishedName::new();
                p.distinguished_name.push(DnType::CommonName, "kms_1.example.com");
            })
        },
        &["csr.cn_faulty"],
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
        &["usage.for_key", "usage.key_usage"],
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
        "asterisk inside a label",
        |r| r.main = named(dns("a*.example.com")),
        &["san.wildcard", "san.wildcard_form"],
    ),
    ("underscore", |r| r.main = named(dns("a_b.example.com")), &["san.underscore"]),
    (
        "U-label",
        |r| r.main = raw_names(&[(2, b"kms.example.com"), (2, "k\u{e4}se.example".as_bytes())]),
        &["san.u_label"],
    ),
    ("A-label that is none", |r| r.main = named(dns("xn--a.example.com")), &["san.a_label"]),
    ("the same SAN twice", |r| r.main = named(dns("KMS.example.com")), &["san.duplicate"]),
    ("loopback", |r| r.main = named(SanType::IpAddress("127.0.0.1".parse().unwrap())), &["san.odd_address"]),
    ("private address", |r| r.main = named(SanType::IpAddress("10.0.0.1".parse().unwrap())), &[]),
    ("odd IP", |r| r.main = raw_names(&[(2, b"kms.example.com"), (7, &[1, 2, 3])]), &["san.syntax"]),
    (
        "no mailbox",
        |r| r.main = named(SanType::Rfc822Name("A <a@b.example>".try_into().unwrap())),
        &["san.email"],
    ),
    ("mailbox", |r| r.main = named(SanType::Rfc822Name("a@b.example".try_into().unwrap())), &[]),
    ("relative URI", |r| r.main = named(SanType::URI("/path".try_into().unwrap())), &["san.uri"]),
    ("URN", |r| r.main = named(SanType::URI("urn:uuid:1".try_into().unwrap())), &[]),
    (
        "registered ID",
        |r| r.main = raw_names(&[(2, b"kms.example.com"), (8, &[0x2a, 3])]),
        &["san.other_kind"],
    ),
    (
        "neither subject nor SAN",
        |r| {
            r.main = built(|p| {
                p.subject_alt_names.clear();
                p.distinguished_name = rcgen::DistinguishedName::new();
            })
        },
        &["csr.nameless", "csr.san_absent"],
    ),
    (
        "challengePassword",
        |r| r.main = with_attributes(&[(CHALLENGE, &[0x0c, 1, b'x'])]),
        &["csr.challenge_password"],
    ),
    (
        "attribute twice",
        |r| r.main = with_attributes(&[(CHALLENGE, &[0x0c, 1, b'x']), (CHALLENGE, &[0x0c, 1, b'y'])]),
        &["csr.challenge_password", "csr.challenge_password", "csr.duplicate_attribute"],
    ),
    (
        "two values",
        |r| r.main = with_attributes(&[(CHALLENGE, &[0x0c, 1, b'x', 0x0c, 1, b'y'])]),
        &["csr.attribute_values", "csr.challenge_password"],
    ),
    (
        "no value",
        |r| r.main = with_attributes(&[(&[1, 2, 840, 113_549, 1, 9, 2], &[])]),
        &["csr.attribute_values", "csr.unstructured_name"],
    ),
    (
        "Microsoft's enrolment",
        |r| r.main = with_attributes(&[(&[1, 3, 6, 1, 4, 1, 311, 13, 2, 3], &[0x16, 1, b'6'])]),
        &["csr.microsoft"],
    ),
    (
        "an attribute nobody knows",
        |r| r.main = with_attributes(&[(&[1, 2, 3, 4], &[5, 0])]),
        &["csr.unknown_attribute"],
    ),
    (
        "a FALSE written out",
        |r| r.main = with_attributes(&[(&[1, 3, 6, 1, 4, 1, 311, 2, 1, 14], WRITES_FALSE)]),
        &["csr.false_written"],
    ),
    ("unknown critical extension", |r| r.main = extended(&[1, 2, 3, 4], true), &["csr.unknown_critical"]),
    ("unknown extension", |r| r.main = extended(&[1, 2, 3, 4], false), &[]),
    ("must-staple", |r| r.main = extended(&[1, 3, 6, 1, 5, 5, 7, 1, 24], false), &["csr.must_staple"]),
    ("any purpose", |r| r.main = purposes(&[Eku::ServerAuth, Eku::Any]), &["usage.any_purpose"]),
    ("for clients too", |r| r.main = purposes(&[Eku::ServerAuth, Eku::ClientAuth]), &[]),
    (
        "a purpose no keyUsage serves",
        |r| {
            r.main = built(|p| {
                p.key_usages = vec![Ku::DigitalSignature, Ku::KeyEncipherment];
                p.extended_key_usages = vec![Eku::ServerAuth];
            })
        },
        &["usage.for_key"],
    ),
    (
        "clientAuth without a keyUsage for it",
        |r| {
            r.main = built(|p| {
                p.key_usages = vec![Ku::ContentCommitment];
                p.extended_key_usages = vec![Eku::ServerAuth, Eku::ClientAuth];
            })
        },
        &["usage.inconsistent", "usage.key_usage"],
    ),
    (
        "Teletex",
        |r| r.main = subject(DnType::OrganizationName, DnValue::TeletexString("x".try_into().unwrap())),
        &["subject.string_type"],
    ),
    ("country in UTF-8", |r| r.main = subject(DnType::CountryName, text("DE")), &["subject.string_type"]),
    ("country", |r| r.main = subject(DnType::CountryName, printable("DE")), &[]),
    ("no country", |r| r.main = subject(DnType::CountryName, printable("UK")), &["subject.country"]),
    (
        "65 characters",
        |r| r.main = subject(DnType::OrganizationName, text(&"x".repeat(65))),
        &["subject.too_long"],
    ),
    ("64 characters", |r| r.main = subject(DnType::OrganizationName, text(&"\u{e4}".repeat(64))), &[]),
    (
        "a default of OpenSSL",
        |r| r.main = subject(DnType::StateOrProvinceName, text("Some-State")),
        &["subject.placeholder"],
    ),
    (
        "a character PrintableString has not",
        |r| {
            let csr = subject(DnType::OrganizationName, printable("mail at x"));
            let der = patched(csr.der(), b"mail at x", b"mail @@ x");
            r.main = Csr::from_der(&der).unwrap();
        },
        &["csr.signature", "subject.characters"],
    ),
    (
        "two CNs",
        |r| {
            let csr = subject(DnType::CustomDnType(vec![2, 5, 4, 11]), text("kms.example.com"));
            let der = patched(csr.der(), &[6, 3, 0x55, 4, 11], &[6, 3, 0x55, 4, 3]);
            r.main = Csr::from_der(&der).unwrap();
        },
        &["csr.signature", "subject.repeated"],
    ),
    (
        "a wildcard of Main over Assets",
        |r| r.main = named(dns("*.example.com")),
        &["role.shared_name", "san.wildcard"],
    ),
    (
        "the CN of Main is the name of Assets",
        |r| {
            r.main = built(|p| {
                p.distinguished_name = rcgen::DistinguishedName::new();
                p.distinguished_name.push(DnType::CommonName, "kms-ui.example.com");
            })
        },
        &["csr.cn_not_in_san", "role.shared_name"],
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

//! What a block is, its content says.

use super::*;

#[test]
fn the_content_decides_and_not_the_label() {
    let pkcs7 = ::pem::parse(PKCS7).unwrap().into_contents();
    let blocks_of = |label: &str, der: &[u8]| blocks(encode(label, der).as_bytes()).unwrap();
    for label in ["CERTIFICATE", "X509 CRL", "CERTIFICATE REQUEST", "PKCS7", "CMS", "PUBLIC KEY", "NONSENSE"]
    {
        assert_eq!(blocks_of(label, &certificate(200)), [Block::Certificate(certificate(200))], "{label}");
        assert_eq!(blocks_of(label, &request(200)), [Block::Request(request(200))], "{label}");
        assert_eq!(blocks_of(label, &pkcs7).len(), 2, "{label}");
    }
    // What is nothing known is what its label says, for a strict decoder to refuse.
    let odd = tlv(0x30, &tlv(4, &[1; 200]));
    assert_eq!(blocks_of("CERTIFICATE", &odd), [Block::Certificate(odd.clone())]);
    assert_eq!(blocks_of("NEW CERTIFICATE REQUEST", &odd), [Block::Request(odd.clone())]);
    let nothing = "input holds no certificate and no request: ";
    assert_eq!(told(encode("PKCS7", &odd)), ["fault: the PKCS#7 bundle in line 1 is malformed"]);
    assert_eq!(told(&odd), [format!("{nothing}the object of unknown kind in line 1 is passed over")]);
    assert_eq!(
        told(encode("PUBLIC KEY", &public_key())),
        [format!("{nothing}the public key in line 1 is passed over")]
    );
}

#[test]
fn expands_pkcs7_as_openssl_writes_it() {
    let der = ::pem::parse(PKCS7).unwrap().into_contents();
    let relabelled = PKCS7.replace("PKCS7", "CMS");
    for input in [PKCS7.as_bytes(), relabelled.as_bytes(), &der, BASE64.encode(&der).as_bytes()] {
        let subjects: Vec<_> = certificates(input)
            .iter()
            .map(|der| x509_parser::parse_x509_certificate(der).unwrap().1.subject().to_string())
            .collect();
        assert_eq!(subjects, ["CN=a.example", "CN=b.example"]);
    }
}

#[test]
fn expands_pkcs7_with_indefinite_lengths() {
    let indefinite = |tag: u8, content: &[u8]| [&[tag, 0x80], content, &[0, 0]].concat();
    let oid = |last: u8| tlv(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, last]);
    let pkcs7 = |kind: u8, certificates: &[u8]| {
        let fields =
            [vec![2, 1, 1], vec![0x31, 0], indefinite(0x30, &oid(1)), certificates.to_vec(), vec![0x31, 0]];
        indefinite(0x30, &[oid(kind), indefinite(0xa0, &indefinite(0x30, &fields.concat()))].concat())
    };
    let two = indefinite(0xa0, &[certificate(50), certificate(40)].concat());
    assert_eq!(certificates(pkcs7(2, &two)), [certificate(50), certificate(40)]);
    assert_eq!(certificates(encode("PKCS7", &pkcs7(2, &two))), [certificate(50), certificate(40)]);
    for (input, damage) in [
        (pkcs7(2, &[]), Damage::Pkcs7Empty),
        (pkcs7(2, &indefinite(0xa1, &[])), Damage::Pkcs7Empty),
        (pkcs7(3, &two), Damage::Pkcs7Kind),
        (pkcs7(2, &tlv(0xa0, &[0x30, 9])), Damage::Pkcs7Malformed),
    ] {
        assert_eq!(
            blocks(&input),
            Err(PemError::Damaged(vec![Fault { kind: Kind::Pkcs7, line: 1, damage }]))
        );
    }
}

#[test]
fn a_trusted_certificate_is_read_unless_its_settings_refuse_servers() {
    let oid = |last: u8| tlv(6, &[0x2b, 6, 1, 5, 5, 7, 3, last]);
    let any = tlv(6, &[0x55, 0x1d, 0x25, 0]);
    let alias = tlv(12, b"my root");
    for (settings, refused) in [
        (tlv(0x30, &tlv(0x30, &oid(1))), false),
        (tlv(0x30, &tlv(0x30, &any)), false),
        (tlv(0x30, &alias), false),
        (tlv(0x30, &[tlv(0x30, &[oid(2), oid(1)].concat()), alias.clone()].concat()), false),
        (tlv(0x30, &tlv(0xa0, &oid(2))), false),
        (tlv(0x30, &tlv(0x30, &oid(2))), true),
        (tlv(0x30, &tlv(0xa0, &oid(1))), true),
        (tlv(0x30, &[tlv(0x30, &oid(1)), tlv(0xa0, &any)].concat()), true),
    ] {
        let one = encode("TRUSTED CERTIFICATE", &[certificate(9), settings].concat());
        let told = told(one.repeat(2));
        let lines = 1 + one.lines().count();
        let expected = |line| match refused {
            true => format!(
                "fault: the certificate in line {line} has trust settings of OpenSSL that refuse it for TLS servers"
            ),
            false => format!("the certificate in line {line} was read without OpenSSL's trust settings"),
        };
        assert_eq!(told[2..], [expected(1), expected(lines)]);
    }
    assert_eq!(certificates(encode("TRUSTED CERTIFICATE", &certificate(9))), [certificate(9)]);
}

#[test]
fn files_of_other_kinds_are_named_with_what_to_do() {
    let ssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ a@b";
    let hex = "30 82 03 11 30 82 02 f9 a0 03 02 01 02 02 14 18 ce 76 cf f8 52 df 0c 8a b6\n";
    let ebcdic = b"\x60\x60\x60\x60\x60\xc2\xc5\xc7\xc9\xd5\x40\xc3\xc5\xd9\xe3\x15";
    let attached = format!(
        "Content-Transfer-Encoding: base64\n\n{}\n",
        BASE64.encode(&[b"PK\x03\x04", &[7; 300][..]].concat())
    );
    for (input, kind) in [
        (&b"PK\x03\x04rest"[..], Foreign::Zip),
        (b"\x1f\x8b\x08", Foreign::Gzip),
        (b"\xfe\xed\xfe\xed\0\0\0\x02", Foreign::JavaKeyStore),
        (b"\0\0\0\0CERT\x20\0", Foreign::WindowsStore),
        (b"%PDF-1.7", Foreign::Pdf),
        (b"\x89PNG\r\n", Foreign::Picture),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Foreign::OutlookMessage),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>Sign in", Foreign::Html),
        (b"<HTML><body>", Foreign::Html),
        (ssh.as_bytes(), Foreign::SshPublicKey),
        (hex.as_bytes(), Foreign::HexDump),
        (ebcdic, Foreign::Ebcdic),
        (b"\0\x01\x02\x03\0\0garbage", Foreign::Binary),
        (attached.as_bytes(), Foreign::Zip),
    ] {
        let error = read(input).unwrap_err();
        assert_eq!(error, PemError::Foreign(kind), "{input:?}");
        assert!(error.advice().is_some_and(|advice| !advice.is_empty()));
    }
}

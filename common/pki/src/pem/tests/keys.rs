//! Private keys: refused before anything else, wherever they stand and however little of them there is.

use super::*;

#[test]
fn a_private_key_is_refused_before_anything_else() {
    let block = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    let legacy = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\nAAAA";
    let length = pem_of(1).lines().count();
    for (input, line, encrypted) in [
        (block("PRIVATE KEY"), 1, false),
        (block("RSA PRIVATE KEY"), 1, false),
        (block("EC PRIVATE KEY"), 1, false),
        (block("OPENSSH PRIVATE KEY"), 1, false),
        (block("PGP PRIVATE KEY BLOCK"), 1, false),
        (block("ENCRYPTED PRIVATE KEY"), 1, true),
        (legacy.to_owned(), 1, true),
        (block("SSH2 ENCRYPTED PRIVATE KEY").replace("-----", "----"), 1, true),
        ("PuTTY-User-Key-File-3: ssh-rsa\n".to_owned(), 1, false),
        ("RSA Private-Key: (2048 bit, 2 primes)\n".to_owned(), 1, false),
        (format!("-----BEGIN CERTIFICATE-----\n!!!\n{}", block("PRIVATE KEY")), 3, false),
        (format!("{}> > {}", pem_of(1), block("PRIVATE KEY")), 1 + length, false),
        (
            format!("{}{}", pem_of(1), block("PRIVATE KEY").replace('\n', "\n# ").replacen('-', "# -", 1)),
            1 + length,
            false,
        ),
        (format!("{}// -----BEGIN PRIVATE KEY-----\n", pem_of(1)), 1 + length, false),
        ("AAAA\n-----END PRIVATE KEY-----".to_owned(), 2, false),
        ("\u{2014}\u{2013} BEGIN PRIVATE\u{a0}KEY".to_owned(), 1, false),
        ("-----BEGIN RSA PRIVATE=\n KEY-----\n".to_owned(), 1, false),
        ("&#45;----BEGIN&nbsp;PRIVATE KEY-----".to_owned(), 1, false),
        ("-----BEGIN%20PRIVATE%20KEY-----%0AMIIE".to_owned(), 1, false),
        ("{\"key\": \"-----BEGIN PRIVATE KEY-----\\nAAAA\"}".to_owned(), 1, false),
        (
            "here is the key you asked for: -----BEGIN PRIVATE KEY----- MIIEvgIBADANBgkqhkiG".to_owned(),
            1,
            false,
        ),
    ] {
        assert_eq!(read(input.as_bytes()), Err(PemError::PrivateKey { line, encrypted }), "{input}");
        let utf16: Vec<u8> = input.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let found = read(&[vec![0xff, 0xfe], utf16].concat());
        assert_eq!(found, Err(PemError::PrivateKey { line, encrypted }), "{input} as UTF-16");
    }
}

/// Keys by `openssl genpkey` would be keys: these have the shape of one and nothing in it.
fn shapes() -> [(Vec<u8>, bool); 4] {
    let algorithm = tlv(0x30, &tlv(6, &[0x2a, 3]));
    [
        (tlv(0x30, &[vec![2, 1, 0], algorithm.clone(), tlv(4, &[7; 200])].concat()), false),
        (tlv(0x30, &[vec![2, 1, 1], tlv(4, &[7; 32])].concat()), false),
        (tlv(0x30, &[vec![2, 1, 0], tlv(2, &[7; 255])].concat()), false),
        (tlv(0x30, &[algorithm, tlv(4, &[7; 200])].concat()), true),
    ]
}

#[test]
fn a_private_key_is_known_by_its_encoding_too() {
    for (der, encrypted) in shapes() {
        let base64 = BASE64.encode(&der);
        let half = &base64[..base64.len() / 2];
        let relabelled = encode("CERTIFICATE", &der);
        let commented: String = relabelled.lines().map(|line| format!("# {line}\n")).collect();
        let open = format!("-----BEGIN CERTIFICATE-----\n{half}\n");
        for input in [
            &der[..],
            base64.as_bytes(),
            relabelled.as_bytes(),
            open.as_bytes(),
            commented.as_bytes(),
            half.as_bytes(),
            &der[..der.len() - 4],
        ] {
            assert_eq!(
                read(input),
                Err(PemError::PrivateKey { line: 1, encrypted }),
                "{}",
                String::from_utf8_lossy(input)
            );
        }
        let behind = [pem_of(9).into_bytes(), der.clone()].concat();
        assert_eq!(read(&behind), Err(PemError::PrivateKey { line: 4, encrypted }));
        let secret = format!("a: b\n  tls.key: {}\n", BASE64.encode(encode("PRIVATE KEY", &der).as_bytes()));
        assert_eq!(read(secret.as_bytes()), Err(PemError::PrivateKey { line: 2, encrypted: false }));
    }
    let pkcs12 = tlv(0x30, &[vec![2, 1, 3], tlv(0x30, &[7; 200])].concat());
    for input in [&pkcs12[..], BASE64.encode(&pkcs12).as_bytes(), encode("CERTIFICATE", &pkcs12).as_bytes()] {
        assert_eq!(read(input), Err(PemError::Foreign(Foreign::Pkcs12)));
    }
}

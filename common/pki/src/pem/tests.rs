use super::*;
use data_encoding::BASE64;
use proptest::prelude::*;

/// Two certificates, CN=a.example and CN=b.example, by `openssl crl2pkcs7 -nocrl` (OpenSSL 3.0.19).
const PKCS7: &str = "\
-----BEGIN PKCS7-----
MIIDLQYJKoZIhvcNAQcCoIIDHjCCAxoCAQExADALBgkqhkiG9w0BBwGgggMCMIIB
fTCCASOgAwIBAgIUGM52z/hS3wyKpt3m/kYFo+L2ybgwCgYIKoZIzj0EAwIwFDES
MBAGA1UEAwwJYS5leGFtcGxlMB4XDTI2MTEyMjAxMTYyMloXDTM2MTExOTAxMTYy
MlowFDESMBAGA1UEAwwJYS5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAE7tqaPBcSDn7c+PxMOWqpF4pAnWAs0tQOPq8ZQud473GKME53s2lL57TmGyW4
1/dh+1wR1+1gY2nm0qm0k7nDAaNTMFEwHQYDVR0OBBYEFLYzx9YHvGyksdfQfrDj
myojmhX3MB8GA1UdIwQYMBaAFLYzx9YHvGyksdfQfrDjmyojmhX3MA8GA1UdEwEB
/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAOzNixyox+C7zyFFc02UJhRLoyk+
p3Gw4PDUX15mYsWpAiAHOLpndpKst4R17Hqn1fpdNqBKyC5lK31qRjKjJbjyHjCC
AX0wggEjoAMCAQICFC1SnhU/0TSVs0kHjWZ1RuXmbaT+MAoGCCqGSM49BAMCMBQx
EjAQBgNVBAMMCWIuZXhhbXBsZTAeFw0yNjExMjIwMTE2MjJaFw0zNjExMTkwMTE2
MjJaMBQxEjAQBgNVBAMMCWIuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABBUxSZvmTtEBDI+APHzypFpmerAM3xNJZFrpm7zBaJlpzLGSiI7SaC2vSN2n
cHYHyK3B7P6y+g+zvKv8sQFGRACjUzBRMB0GA1UdDgQWBBTqj/MWPQgVSkmyUhF7
EQnu2uGnKDAfBgNVHSMEGDAWgBTqj/MWPQgVSkmyUhF7EQnu2uGnKDAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCdZmfZbOlp5Rs4CBByEFiNm75n
n5PwCh89n3jFNiiv5wIgD0GRaaEmWwZj9Qha7Opgbq98C8HV2HOQINBaqbnhPtgx
AA==
-----END PKCS7-----
";

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    match content.len() {
        0..=127 => [&[tag, length[1]], content].concat(),
        128..=255 => [&[tag, 0x81, length[1]], content].concat(),
        _ => [&[tag, 0x82, length[0], length[1]], content].concat(),
    }
}

/// What passes for a certificate here: a SEQUENCE in a SEQUENCE that begins with a version.
fn certificate(size: usize) -> Vec<u8> {
    let body = [tlv(0xa0, &[2, 1, 2]), tlv(4, &vec![0x5a; size])].concat();
    tlv(0x30, &[tlv(0x30, &body), tlv(0x30, &[]), tlv(3, &[0])].concat())
}

fn request(size: usize) -> Vec<u8> {
    let body = [vec![2, 1, 0], tlv(0x30, &[]), tlv(4, &vec![0xa5; size])].concat();
    tlv(0x30, &[tlv(0x30, &body), tlv(0x30, &[]), tlv(3, &[0])].concat())
}

fn pem_of(size: usize) -> String {
    encode("CERTIFICATE", &certificate(size))
}

/// One line of base64 of exactly this length.
fn line_of(length: usize) -> String {
    (length / 4 * 3 - 40..)
        .map(|size| BASE64.encode(&certificate(size)))
        .find(|line| line.len() >= length)
        .unwrap()
}

fn certificates(input: impl AsRef<[u8]>) -> Vec<Vec<u8>> {
    let one = |block| match block {
        Block::Certificate(der) => der,
        Block::Request(_) => panic!("a request"),
    };
    read(input.as_ref()).unwrap_or_else(|e| panic!("{e}")).into_iter().map(one).collect()
}

#[test]
fn encodes_64_columns_with_lf() {
    let text = encode("CERTIFICATE REQUEST", &[0; 60]);
    let expected = format!(
        "-----BEGIN CERTIFICATE REQUEST-----\n{}\n{}\n-----END CERTIFICATE REQUEST-----\n",
        "A".repeat(64),
        "A".repeat(16)
    );
    assert_eq!(text, expected);
}

#[test]
fn reads_what_mail_editors_and_programs_make_of_a_block() {
    let pem = pem_of(200);
    let quoted = |prefix: &str| pem.lines().map(|line| format!("{prefix}{line}\n")).collect::<String>();
    let one_line = pem.replace('\n', " ");
    let utf16 = |order: fn(u16) -> [u8; 2], bom: &str| {
        format!("{bom}{pem}").encode_utf16().flat_map(order).collect::<Vec<u8>>()
    };
    let signed = pem.replace("-----BEGIN", "- -----BEGIN").replace("-----END", "- -----END");
    for (what, input) in [
        ("as it is", pem.clone().into_bytes()),
        ("no line end at the end", pem.trim_end().into()),
        ("CRLF", pem.replace('\n', "\r\n").into()),
        ("CR", pem.replace('\n', "\r").into()),
        ("blank lines between", pem.replace('\n', "\n\n").into()),
        ("BOM", format!("\u{feff}{pem}").into()),
        ("indented", quoted("    \t").into()),
        ("no-break spaces", quoted("\u{a0}").into()),
        ("quoted", quoted("> ").into()),
        ("quoted thrice", quoted("> >>  ").into()),
        ("trailing blanks", pem.replace('\n', " \t\n").into()),
        ("bag attributes", format!("Bag Attributes\n    friendlyName: x\nsubject=CN = a\n{pem}").into()),
        ("text around", format!("Dear all,\n{pem}-- \nThe CA team").into()),
        ("advice around", format!("-- NEVER SEND PRIVATE KEYS -- nor begin to\n{pem}").into()),
        ("Latin-1 around", [b"Gr\xfc\xdfe\n", pem.as_bytes(), b"\xff"].concat()),
        ("paste codes", format!("\x1b[200~{pem}\x1b[201~").into()),
        ("paste codes as shown", format!("^[[200~{pem}^[[201~").into()),
        ("one line", one_line.into()),
        ("no line breaks at all", pem.replace('\n', "").into()),
        ("JSON", format!("{{\"pem\": \"{}\"}}", pem.replace('\n', "\\n")).into()),
        ("JSON with CRLF", format!("\"{}\"", pem.replace('\n', "\\r\\n")).into()),
        ("headers", pem.replacen("-----\n", "-----\nComment: x\nOther: y\n\n", 1).into()),
        ("UTF-16 LE with BOM", utf16(u16::to_le_bytes, "\u{feff}")),
        ("UTF-16 BE with BOM", utf16(u16::to_be_bytes, "\u{feff}")),
        ("UTF-16 LE", utf16(u16::to_le_bytes, "")),
        ("UTF-16 BE", utf16(u16::to_be_bytes, "")),
        ("X509 CERTIFICATE", pem.replace(" CERTIFICATE", " X509 CERTIFICATE").into()),
        ("PGP signed", format!("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{signed}-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n").into()),
        ("DER", certificate(200)),
        ("DER and a line end", [certificate(200), b"\r\n".to_vec()].concat()),
        ("base64 alone", BASE64.encode(&certificate(200)).into()),
        ("base64 alone, wrapped and quoted", quoted("> ").lines().filter(|l| !l.contains('-')).map(|l| format!("{l}\n")).collect::<String>().into()),
    ] {
        assert_eq!(read(&input), Ok(vec![Block::Certificate(certificate(200))]), "{what}");
    }
}

#[test]
fn reads_several_blocks_in_their_order() {
    let input = format!("{}{}{}", pem_of(30), encode("NEW CERTIFICATE REQUEST", &request(9)), pem_of(20));
    let expected = [
        Block::Certificate(certificate(30)),
        Block::Request(request(9)),
        Block::Certificate(certificate(20)),
    ];
    assert_eq!(read(input.as_bytes()).unwrap(), expected);
    let der = [certificate(300), certificate(200)].concat();
    assert_eq!(certificates(der), [certificate(300), certificate(200)]);
    assert_eq!(read(&request(200)), Ok(vec![Block::Request(request(200))]));
}

#[test]
fn a_line_of_many_thousand_columns_is_no_obstacle_by_itself() {
    assert_eq!(certificates(BASE64.encode(&certificate(20_000))), [certificate(20_000)]);
    let whole = line_of(4096);
    assert_eq!(whole.len(), 4096);
    assert_eq!(certificates(&whole).len(), 1);
}

#[test]
fn a_line_a_terminal_cut_is_named() {
    let long = BASE64.encode(&certificate(6000));
    for length in [4095, 4096] {
        let cut = &long[..length];
        let armoured = format!("-----BEGIN CERTIFICATE-----\n{cut}\n-----END CERTIFICATE-----\n");
        let open = format!("-----BEGIN CERTIFICATE-----\n{cut}");
        for (input, line) in [(cut, 1), (armoured.as_str(), 2), (open.as_str(), 2)] {
            assert_eq!(read(input.as_bytes()), Err(PemError::CutByTerminal { line, length }));
        }
    }
}

#[test]
fn expands_pkcs7_as_openssl_writes_it() {
    let der = pem::parse(PKCS7).unwrap().into_contents();
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
    for (input, error) in [
        (pkcs7(2, &[]), PemError::Pkcs7Empty { line: 1 }),
        (pkcs7(2, &indefinite(0xa1, &[])), PemError::Pkcs7Empty { line: 1 }),
        (pkcs7(3, &two), PemError::Pkcs7Kind { line: 1 }),
        (pkcs7(2, &tlv(0xa0, &[0x30, 9])), PemError::Pkcs7Malformed { line: 1 }),
    ] {
        assert_eq!(read(&input), Err(error));
    }
}

#[test]
fn a_private_key_is_refused_before_anything_else() {
    let block = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    let legacy = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\nAAAA";
    for (input, line, encrypted) in [
        (block("PRIVATE KEY"), 1, false),
        (block("RSA PRIVATE KEY"), 1, false),
        (block("EC PRIVATE KEY"), 1, false),
        (block("OPENSSH PRIVATE KEY"), 1, false),
        (block("ENCRYPTED PRIVATE KEY"), 1, true),
        (legacy.to_owned(), 1, true),
        (block("SSH2 ENCRYPTED PRIVATE KEY").replace("-----", "----"), 1, true),
        ("PuTTY-User-Key-File-3: ssh-rsa\n".to_owned(), 1, false),
        (format!("-----BEGIN CERTIFICATE-----\n!!!\n{}", block("PRIVATE KEY")), 3, false),
        (format!("{}> > {}", pem_of(1), block("PRIVATE KEY")), 1 + pem_of(1).lines().count(), false),
        ("AAAA\n-----END PRIVATE KEY-----".to_owned(), 2, false),
        ("\u{2014}\u{2013} BEGIN PRIVATE\u{a0}KEY".to_owned(), 1, false),
        ("{\"key\": \"-----BEGIN PRIVATE KEY-----\\nAAAA\"}".to_owned(), 1, false),
    ] {
        assert_eq!(read(input.as_bytes()), Err(PemError::PrivateKey { line, encrypted }), "{input}");
        let utf16: Vec<u8> = input.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let found = read(&[vec![0xff, 0xfe], utf16].concat());
        assert_eq!(found, Err(PemError::PrivateKey { line, encrypted }), "{input} as UTF-16");
    }
}

#[test]
fn a_private_key_is_known_by_its_encoding_too() {
    let algorithm = tlv(0x30, &tlv(6, &[0x2a, 3]));
    let plain = tlv(0x30, &[vec![2, 1, 0], algorithm.clone(), tlv(4, &[7; 200])].concat());
    let small = tlv(0x30, &[vec![2, 1, 1], tlv(4, &[7; 32])].concat());
    let sealed = tlv(0x30, &[algorithm, tlv(4, &[7; 200])].concat());
    for (der, encrypted) in [(plain, false), (small, false), (sealed, true)] {
        let relabelled = encode("CERTIFICATE", &der);
        for input in [der.as_slice(), BASE64.encode(&der).as_bytes(), relabelled.as_bytes()] {
            assert_eq!(read(input), Err(PemError::PrivateKey { line: 1, encrypted }));
        }
    }
    let pkcs12 = tlv(0x30, &[vec![2, 1, 3], tlv(0x30, &[7; 200])].concat());
    assert_eq!(read(&pkcs12), Err(PemError::Pkcs12));
}

#[test]
fn what_is_damaged_is_named_with_its_line() {
    let pem = pem_of(100);
    let lines: Vec<&str> = pem.lines().collect();
    let without = |index: usize| [&lines[..index], &lines[index + 1..]].concat().join("\n");
    let last = lines.len() - 1;
    let mail = "\x1b[31mhello\n\n";
    let public = encode("PUBLIC KEY", &[0; 9]);
    let shown = |text: &str| Untrusted::new(text);
    for (input, error) in [
        (String::new(), PemError::Empty),
        (" \r\n\u{feff}\n".to_owned(), PemError::Empty),
        ("hello".to_owned(), PemError::NothingFound),
        ("Mail from the CA".to_owned(), PemError::NothingFound),
        ("<!DOCTYPE html><html>".to_owned(), PemError::Html),
        (without(last), PemError::Unfinished { label: shown("CERTIFICATE"), line: 1 }),
        (format!("{mail}{}", without(last)), PemError::Unfinished { label: shown("CERTIFICATE"), line: 3 }),
        (format!("{}\n{pem}", without(last)), PemError::Unfinished { label: shown("CERTIFICATE"), line: 1 }),
        (without(0), PemError::Headless { label: shown("CERTIFICATE"), line: last }),
        (without(1), PemError::Incomplete { line: 1 }),
        (pem.replacen("WlpaWlpa", "WlpaWl*a", 1), PemError::Base64 { line: 2 }),
        (format!("{mail}{}", pem.replacen("WlpaWlpa", "WlpaWl*a", 1)), PemError::Base64 { line: 4 }),
        (pem.replacen("WlpaWlpa", "WlpaWlp", 1), PemError::Base64 { line: 2 }),
        (pem.replacen("WlpaWlpa", "Wlpa", 1), PemError::Incomplete { line: 1 }),
        (
            pem.replace("END CERTIFICATE", "END PKCS7"),
            PemError::LabelMismatch { begin: shown("CERTIFICATE"), end: shown("PKCS7"), line: last + 1 },
        ),
        (pem.replace("-----BEGIN", "----BEGIN"), PemError::DamagedArmour { line: 1 }),
        (pem.replace("-----BEGIN", "\u{2014}-BEGIN"), PemError::DamagedArmour { line: 1 }),
        (pem.replace("CERTIFICATE-----\nM", "CERTIFICATE---\nM"), PemError::DamagedArmour { line: 1 }),
        (encode("TRUSTED CERTIFICATE", &certificate(9)), PemError::TrustedCertificate { line: 1 }),
        (format!("{pem}{public}"), PemError::Label { label: shown("PUBLIC KEY"), line: lines.len() + 1 }),
        (public.replace("PUBLIC", "\x1b[31m"), PemError::Label { label: shown("\x1b[31m KEY"), line: 1 }),
    ] {
        assert_eq!(read(input.as_bytes()), Err(error), "{input}");
    }
}

#[test]
fn der_that_is_damaged_or_something_else_is_named() {
    let der = certificate(300);
    let line = 1;
    for (input, error) in [
        (der[..200].to_vec(), PemError::Incomplete { line }),
        ([der.clone(), vec![0]].concat(), PemError::TrailingData { line }),
        ([der.clone(), der[..200].to_vec()].concat(), PemError::TrailingData { line }),
        (tlv(0x30, &tlv(4, &[1; 200])), PemError::UnknownObject { line }),
        (
            tlv(0x30, &[tlv(0x30, &tlv(6, &[0x2a, 3])), tlv(3, &[0; 200])].concat()),
            PemError::UnknownObject { line },
        ),
    ] {
        assert_eq!(read(&input), Err(error));
    }
}

#[test]
fn the_limit_is_one_mebibyte() {
    assert_eq!(read(&vec![b' '; MAX_INPUT]), Err(PemError::Empty));
    assert_eq!(read(&vec![b' '; MAX_INPUT + 1]), Err(PemError::TooLarge(MAX_INPUT + 1)));
    assert_eq!(PemError::TooLarge(9).to_string(), "input of 9 bytes is over the limit of 1048576");
}

#[test]
fn many_marks_cost_no_more_than_reading_them() {
    // Of the processor: what else the machine does is not the input's doing.
    let spent = || rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime).tv_sec;
    let before = spent();
    let _ = read("-----BEGIN PGP X-----\n".repeat(MAX_INPUT / 22).as_bytes());
    let _ = read("-----END ".repeat(MAX_INPUT / 9).as_bytes());
    let _ = read(&[0x30, 0x80].repeat(MAX_INPUT / 2));
    let _ = read("BEGIN".repeat(MAX_INPUT / 5).as_bytes());
    assert!(spent() - before < 5, "{} s", spent() - before);
}

prop_compose! {
    /// Prefix of every line, line end, text before and behind.
    fn decoration()(
        prefix in "[ \t>]{0,6}",
        end in prop::sample::select(vec!["\n", "\r\n", "\r", " \n", "\n\n"]),
        around in "([a-z ,.:]{0,20}\n){0,3}",
        bom: bool,
    ) -> (String, &'static str, String, bool) {
        (prefix, end, around, bom)
    }
}

proptest! {
    #[test]
    fn what_was_encoded_is_read_back_whatever_surrounds_it(
        sizes in prop::collection::vec(0usize..400, 1..4),
        (prefix, end, around, bom) in decoration(),
    ) {
        let mut input = if bom { "\u{feff}".to_owned() } else { String::new() };
        for size in &sizes {
            input.push_str(&around);
            for line in pem_of(*size).lines() {
                input.push_str(&format!("{prefix}{line}{end}"));
            }
        }
        let expected: Vec<_> = sizes.iter().map(|size| certificate(*size)).collect();
        prop_assert_eq!(certificates(&input), expected);
    }

    #[test]
    fn no_input_panics(bytes: Vec<u8>, text in "(-----|BEGIN |END |CERTIFICATE|PKCS7|\n|[A-Za-z0-9+/=]{1,9}|\\PC){0,20}") {
        let _ = read(&bytes);
        let _ = read(text.as_bytes());
        let _ = read(&[&[0x30, 0x82][..], &bytes].concat());
        let _ = read(encode("PKCS7", &bytes).as_bytes());
    }
}

#[test]
fn bare_base64_has_four_characters_in_its_first_line() {
    assert_eq!(read(b"MII"), Err(PemError::NothingFound));
    assert_eq!(read(b"MIIB"), Err(PemError::Incomplete { line: 1 }));
}

#[test]
fn a_fault_is_told_by_its_line_in_the_whole_input() {
    let moved = |error: PemError, first| error.in_input_at(first);
    for (first, line) in [(0, 3), (1, 3), (2, 4), (100, 102)] {
        assert_eq!(moved(PemError::Incomplete { line: 3 }, first), PemError::Incomplete { line });
    }
    assert_eq!(moved(PemError::Empty, 100), PemError::Empty);
}

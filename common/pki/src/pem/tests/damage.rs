//! What is damaged: read when it is whole all the same, else named with its line and the character.

use super::*;
use common::Untrusted;

#[test]
fn a_block_that_is_whole_is_read_whatever_its_begin_and_end() {
    let pem = pem_of(200);
    let expected = [
        "certificate of 219 in line 1",
        "the certificate in line 1 was read although its BEGIN or END is damaged",
    ];
    for damaged in [
        pem.replace("-----BEGIN", "----BEGIN"),
        pem.replace("-----BEGIN", "-BEGIN"),
        pem.replace("-----BEGIN", "\u{2014}-BEGIN"),
        pem.replace("-----", "\u{2013}\u{2013}"),
        pem.replace("-----", "\u{2014}\u{2014}-"),
        pem.replace("-----", "----"),
        pem.replace("-----\n", "\n"),
        pem.replace("CERTIFICATE-----\nM", "CERTIFICATE---\nM"),
        pem.replace("BEGIN CERTIFICATE", "BEGINCERTIFICATE"),
        pem.replace("BEGIN CERTIFICATE", "BEGIN  CERTIFICATE"),
        pem.replace("----- ", "-----").replace("BEGIN ", "BEGIN_"),
        pem.replace("END CERTIFICATE", "END PKCS7"),
        pem.replace("END CERTIFICATE", "END X509 CRL"),
        pem.replace("-----END CERTIFICATE-----\n", ""),
        pem.replace("-----END CERTIFICATE-----\n", "END OF CERTIFICATE\n"),
        pem.replace("-----BEGIN CERTIFICATE-----\n", ""),
    ] {
        assert_eq!(told(&damaged), expected, "{damaged}");
    }
    // Without any mark it is base64 alone, and with more dashes nothing is missing.
    for whole in [
        pem.replace("-----", "------"),
        pem.lines().filter(|line| !line.starts_with('-')).map(|line| format!("{line}\n")).collect(),
        pem.replace("-----BEGIN CERTIFICATE-----", "BEGIN CERTIFICATE")
            .replace("-----END CERTIFICATE-----", "END CERTIFICATE"),
    ] {
        assert_eq!(certificates(&whole), [certificate(200)], "{whole}");
        assert_eq!(told(&whole).len(), 1, "{whole}");
    }
    let interrupted = pem.replacen("Wlpa\nWlpa", "Wlpa\n--More-- (50%)\nWlpa", 1);
    assert_eq!(
        told(interrupted),
        [
            "certificate of 219 in line 1",
            "the certificate in line 1 was read without the foreign lines in it"
        ]
    );
}

#[test]
fn what_cannot_be_read_is_named_with_its_line_and_character() {
    let pem = pem_of(200);
    let lines: Vec<&str> = pem.lines().collect();
    let without = |index: usize| [&lines[..index], &lines[index + 1..]].concat().join("\n");
    let before = "\x1b[31mhello\n\n";
    let cut = lines[..3].join("\n");
    let second = lines[2];
    for (damaged, fault) in [
        (
            pem.replacen("WlpaWlpa", "WlpaWl*a", 1),
            "the certificate in line 1 holds \"*\" in line 2, which is no base64",
        ),
        (
            pem.replacen(second, &second.replacen('W', "\u{429}", 1), 1),
            "the certificate in line 1 holds \"\u{429}\" in line 3, which is no base64",
        ),
        (
            pem.replacen(&format!("\n{second}"), &format!("\n*{}", &second[1..]), 1),
            "the certificate in line 1 holds \"*\" in line 3, which is no base64",
        ),
        (
            pem.replacen("WlpaWlpa", "Wlpa Wl\u{202e}?", 1),
            "the certificate in line 1 holds \"?\" in line 2, which is no base64",
        ),
        (
            format!("{before}{}", pem.replacen("WlpaWlpa", "WlpaWl*a", 1)),
            "the certificate in line 3 holds \"*\" in line 4, which is no base64",
        ),
        (
            pem.replacen("WlpaWlpa", "WlpaWlp", 1),
            "the certificate in line 1 is not complete: 1 character is missing, and line 2 has 63 where others have 64",
        ),
        (
            pem.replacen(second, &second[4..], 1),
            "the certificate in line 1 is not complete: 4 characters are missing, and line 3 has 60 where others have 64",
        ),
        (without(2), "the certificate in line 1 is not complete: 64 characters are missing"),
        (
            without(1),
            "the certificate in line 1 is damaged where it begins: its first line is missing or changed",
        ),
        (
            pem.replacen("\nMI", "\nXI", 1),
            "the certificate in line 1 is damaged where it begins: its first line is missing or changed",
        ),
        (
            pem.replacen("\nMI", "\n\u{2122}I", 1),
            "the certificate in line 1 holds \"\u{2122}\" in line 2, which is no base64",
        ),
        (cut.clone(), "the certificate in line 1 has no END: the input was cut"),
        (lines[0].to_owned(), "the certificate in line 1 has no END: the input was cut"),
        (format!("{before}{cut}"), "the certificate in line 3 has no END: the input was cut"),
        (
            lines[3..].join("\n"),
            "the certificate in line 1 is damaged where it begins: its first line is missing or changed",
        ),
        (lines[1..3].join("\n"), "the certificate in line 1 is not complete: 164 characters are missing"),
        (
            encode("CERTIFICATE", &[certificate(60), vec![7; 40]].concat()),
            "the certificate in line 1 is followed by something that is no other one",
        ),
        (
            encode("CERTIFICATE", &[certificate(60), tlv(0x30, &tlv(12, b"x"))].concat()),
            "the certificate in line 1 is followed by something that is no other one",
        ),
    ] {
        let all = told(&damaged);
        assert_eq!(all.last(), Some(&format!("fault: {fault}")), "{damaged}");
        // The others are read all the same.
        let among = format!("{}{damaged}\n{}", pem_of(30), pem_of(20));
        let blocks = read(among.as_bytes()).unwrap().blocks;
        assert!(blocks.len() >= 2, "{among}\n{:?}", told(&among));
    }
}

#[test]
fn der_that_is_damaged_is_named() {
    let der = certificate(300);
    let unknown = [der.clone(), tlv(0x30, &tlv(4, &[1; 200]))].concat();
    for (input, expected) in [
        (der[..200].to_vec(), "fault: the certificate in line 1 is not complete: 122 octets are missing"),
        (
            [der.clone(), der[..200].to_vec()].concat(),
            "fault: the certificate in line 1 is not complete: 122 octets are missing",
        ),
        (unknown, "the object of unknown kind in line 1 is passed over"),
    ] {
        assert_eq!(told(&input).last().unwrap(), expected);
    }
}

#[test]
fn a_line_a_terminal_cut_is_named() {
    let long = BASE64.encode(&certificate(6000));
    for length in [4095, 4096] {
        let cut = &long[..length];
        let armoured = format!("-----BEGIN CERTIFICATE-----\n{cut}\n-----END CERTIFICATE-----\n");
        let open = format!("-----BEGIN CERTIFICATE-----\n{cut}");
        for (input, line) in [(cut, 1), (armoured.as_str(), 2), (open.as_str(), 2)] {
            let fault =
                Fault { kind: Kind::Certificate, line: 1, damage: Damage::CutByTerminal { line, length } };
            assert_eq!(read(input.as_bytes()).unwrap().faults, [fault]);
        }
    }
}

#[test]
fn nothing_at_all_is_said_to_be_that() {
    for input in ["", " \r\n\u{feff}\n", "\0\0"] {
        assert_eq!(read(input.as_bytes()), Err(PemError::Empty), "{input:?}");
    }
    for input in ["hello", "Mail from the CA", "MII", "see -----BEGIN CERTIFICATE----- in my other mail"] {
        assert_eq!(read(input.as_bytes()), Err(PemError::NothingFound(vec![])), "{input:?}");
    }
    assert_eq!(
        told("MIIB"),
        ["fault: the object of unknown kind in line 1 is not complete: 4 characters are missing"]
    );
}

#[test]
fn a_fault_is_told_by_its_line_in_the_whole_input() {
    let fault = |line| Fault { kind: Kind::Certificate, line, damage: Damage::NoEnd };
    for (first, line) in [(0, 3), (1, 3), (2, 4), (100, 102)] {
        let moved = PemError::Damaged(vec![fault(3)]).in_input_at(first);
        assert_eq!(moved, PemError::Damaged(vec![fault(line)]));
    }
    let character = |line| Damage::Character { line, character: Untrusted::new("*") };
    let moved = PemError::Damaged(vec![Fault { damage: character(4), ..fault(3) }]).in_input_at(10);
    assert_eq!(moved, PemError::Damaged(vec![Fault { damage: character(13), ..fault(12) }]));
    assert_eq!(PemError::Empty.in_input_at(100), PemError::Empty);
}

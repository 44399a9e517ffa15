//! What arrives instead of a chain, and a chain in every shape mail and editors give it.

use super::{installs_nothing, would_install};
use crate::signed;
use common::Role;
use std::fs;
use tests::World;
use tests::openssl::{P256, openssl};

/// A private key in the form the words of an `openssl` command give it.
fn private_key(world: &World, words: &[&str]) -> String {
    openssl(world, words).success()
}

/// Everything after a private key was recognised: told by its kind, and no line of it shown.
#[track_caller]
fn refuses_key(world: &World, key: &str, advice: &str) {
    world.write("signed/main.pem", key);
    let run = world.install(&[]);
    run.refused(3, &["Main", "private key", advice, "never a key"]);
    let body = key.lines().rev().find(|line| line.len() > 20 && !line.starts_with('-')).unwrap();
    assert!(!run.stderr.contains(body), "the key is shown\n{run}");
    installs_nothing(world, 3, &["private key"]);
}

#[test]
fn a_private_key_is_refused_and_not_shown() {
    let world = signed();
    let plain = private_key(&world, &[&["genpkey"][..], &P256].concat());
    world.write("plain.key", &plain);
    let traditional = private_key(&world, &["pkey", "-in", "plain.key", "-traditional"]);
    let exposed = "treat this private key as exposed";
    let chain = world.read("signed/main.pem");
    for key in [
        plain.clone(),
        traditional,
        plain.lines().map(|line| format!("> {line}\r\n")).collect(),
        plain.replace("-----BEGIN", "----BEGIN"),
        chain.clone() + &plain,
        plain.lines().filter(|line| !line.starts_with("-----")).collect::<Vec<_>>().join("\n"),
    ] {
        refuses_key(&world, &key, exposed);
    }
    let sealed = "only its passphrase still protects it";
    refuses_key(&world, &world.read("store/generations/00000001/main.key"), sealed);
    let pass = ["-aes256", "-passout", "pass:a passphrase of somebody"];
    let words = [&["pkey", "-in", "plain.key", "-traditional"][..], &pass].concat();
    refuses_key(&world, &private_key(&world, &words), sealed);
    let der = ["pkey", "-in", "plain.key", "-outform", "DER", "-out", "signed/main.pem"];
    openssl(&world, &der).ended(0);
    installs_nothing(&world, 3, &["private key", exposed]);
    let pkcs12 = ["pkcs12", "-export", "-nocerts", "-inkey", "plain.key", "-passout", "pass:x"];
    openssl(&world, &[&pkcs12[..], &["-out", "signed/main.pem"]].concat()).ended(0);
    installs_nothing(&world, 3, &["PKCS#12", "private key", "openssl pkcs12 -nokeys"]);
}

#[test]
fn what_is_no_chain_is_named_for_what_it_is() {
    let world = signed();
    let chain = world.read("signed/main.pem");
    let cut: String = chain.lines().take(5).map(|line| format!("{line}\n")).collect();
    let eleven =
        chain.repeat(6).replacen(chain.split_inclusive("-----END CERTIFICATE-----\n").next().unwrap(), "", 1);
    let public = openssl(&world, &["pkey", "-in", "ca/root.key", "-pubout"]).success();
    let longest = chain.lines().nth(1).unwrap();
    for (content, says) in [
        (String::new(), &["empty"][..]),
        ("\n \r\n\t\n".into(), &["empty"]),
        ("see the attachment".into(), &["no certificate"]),
        (world.read("csr/main.csr"), &["certification request", "expected the certificate"]),
        (public, &["no certificate", "the public key in line 1 is passed over"]),
        ("<!DOCTYPE html><html><body>Sign in</body></html>".into(), &["web page"]),
        (cut, &["the certificate in line 1 has no END", "cut"]),
        (
            chain.replacen(longest, "not base64, but a \u{1b}[31mremark", 1),
            &["the certificate in line 1 holds \",\" in line 2"],
        ),
        (chain.replacen(longest, "", 1), &["the certificate in line 1 is damaged where it begins"]),
        (chain.replacen(longest, &longest.to_lowercase(), 1), &["Main", "line 1"]),
        (eleven, &["11 certificates are over the limit of 10"]),
    ] {
        world.write("signed/main.pem", &content);
        installs_nothing(&world, 3, &[&["Main"], says].concat());
    }
}

/// What a block is, its content says. Each mishap is told, and nothing is refused for it.
#[test]
fn a_chain_is_read_whatever_its_armour_says() {
    let world = signed();
    let chain = world.read("signed/main.pem");
    let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    let damaged = "main.pem: the certificate in line 1 was read although its BEGIN or END is damaged";
    for (content, says) in [
        (chain.replacen(&format!("{begin}\n"), "", 1), damaged),
        (chain.replacen(begin, "\u{2014}BEGIN CERTIFICATE\u{2014}", 1), damaged),
        (chain.replacen(end, "-----END X509 CRL-----", 1), damaged),
        (chain.replace("CERTIFICATE", "X509 CRL"), ""),
        (chain.replace("CERTIFICATE", "PKCS7"), ""),
        (chain.replace("CERTIFICATE", "TRUSTED CERTIFICATE"), ""),
    ] {
        world.write("signed/main.pem", &content);
        would_install(&world, &[], if says.is_empty() { &[] } else { std::slice::from_ref(&says) });
    }
}

#[test]
fn two_mebibytes_are_refused_as_a_file_and_as_standard_input() {
    let world = signed();
    let large = "A".repeat(2 << 20);
    world.write("signed/main.pem", &large);
    installs_nothing(&world, 2, &["Main", "larger than 1048576 bytes"]);
    let run = |world: &World| {
        let flags =
            ["--main", "-", "--assets", "signed/assets.pem", "--passphrase-file", "passphrase", "--yes"];
        world.with_input(world.install_certs_command(), flags, large.as_bytes())
    };
    world.refuses(run, 2, &["standard input is larger than 1048576 bytes"]);
}

#[test]
fn what_is_wrong_with_both_files_is_told_at_once_and_by_role() {
    let world = signed();
    fs::copy(world.csr(Role::Main), world.chain(Role::Main)).unwrap();
    world.write("signed/assets.pem", "");
    installs_nothing(
        &world,
        3,
        &["caused by: Main: no chain in", "this is a certification request", "caused by: Assets: "],
    );
}

/// A chain in every disguise mail programs, editors and tools put it in.
#[test]
fn a_chain_is_read_however_it_was_saved_or_quoted() {
    let world = signed();
    let chain = world.read("signed/main.pem");
    let lines = |each: &dyn Fn(&str) -> String| chain.lines().map(each).collect::<String>();
    let utf16: Vec<u8> = format!("\u{feff}{chain}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let pkcs7 = |form: &str| {
        let words = ["crl2pkcs7", "-nocrl", "-certfile", "chain.pem", "-outform", form, "-out", "p7"];
        openssl(&world, &words).ended(0);
        fs::read(world.path("p7")).unwrap()
    };
    world.write("chain.pem", &chain);
    let with_text = "subject=/CN=kms.example.com\nBag Attributes\n    localKeyID: 01\n".to_owned() + &chain;
    for (how, content) in [
        ("CRLF", lines(&|line| format!("{line}\r\n")).into_bytes()),
        ("CR", lines(&|line| format!("{line}\r")).into_bytes()),
        ("indented", lines(&|line| format!("    \t{line}  \n")).into_bytes()),
        ("quoted", lines(&|line| format!("> > {line}\n")).into_bytes()),
        ("BOM", format!("\u{feff}{chain}").into_bytes()),
        ("UTF-16", utf16),
        ("text around it", format!("Dear colleague,\n\n{with_text}\n-- \nYour CA team\n").into_bytes()),
        ("blank lines", chain.replace('\n', "\n\n").into_bytes()),
        ("no line end", chain.trim_end().to_owned().into_bytes()),
        ("a mail of eight bits", [&b"Gr\xfc\xdfe\n"[..], chain.as_bytes()].concat()),
    ] {
        world.write("signed/main.pem", content);
        let run = world.install(&["--dry-run"]);
        assert_eq!(run.code, Some(0), "{how}\n{run}");
    }
    // A PKCS#7 has no order of its own: DER sorts it, and OpenSSL keeps what it was given.
    for form in ["PEM", "DER"] {
        world.write("signed/main.pem", pkcs7(form));
        would_install(&world, &["--reorder"], &[]);
    }
    let der = |pem: &str| {
        world.write("one.pem", pem);
        openssl(&world, &["x509", "-in", "one.pem", "-outform", "DER", "-out", "one.der"]).ended(0);
        fs::read(world.path("one.der")).unwrap()
    };
    let signed = world.openssl_ca().sign(&world.csr(Role::Main));
    world.write("signed/main.pem", [der(&signed.end_entity), der(&signed.intermediate)].concat());
    would_install(&world, &[], &[]);
    world.write("signed/main.pem", der(&signed.end_entity));
    installs_nothing(&world, 3, &["Main", "intermediate"]);
}

#[test]
fn base64_on_one_line_longer_than_a_terminal_takes_is_read_from_a_file_and_never_guessed_at() {
    let world = signed();
    let ca = world.openssl_ca();
    let profile = tests::openssl::Profile::default();
    let extensions = format!("{}nsComment = {}\n", profile.extensions, "x".repeat(4000));
    let long = ca.sign_as(&world.csr(Role::Main), &tests::openssl::Profile { extensions, ..profile });
    let body = |pem: &str| pem.lines().filter(|line| !line.starts_with("-----")).collect::<String>();
    let one_line = |body: &str| format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
    let whole = body(&long.end_entity);
    assert!(whole.len() > 4096);
    world.write("signed/main.pem", one_line(&whole) + &long.intermediate);
    would_install(&world, &[], &[]);
    let cut = whole.get(..4095).unwrap();
    world.write("signed/main.pem", one_line(cut) + &long.intermediate);
    installs_nothing(&world, 3, &["is cut in line 2, at 4095 characters, where a terminal cuts lines"]);
}

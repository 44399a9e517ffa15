//! What a desk gets from strangers: odd keys and encodings, told apart; huge, changing and unreadable
//! input, which costs its own entry and little memory.

use crate::{PROGRAMS, world};
use serde_json::Value;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use tests::der::{self, StringType};
use tests::openssl::openssl;
use tests::{Ran, World};

const NAME: &str = "subjectAltName=DNS:a.example.com";

/// A request made by OpenSSL as `{name}.csr`, with the key these words of `genpkey` make.
fn request(world: &World, name: &str, key: &[&str], more: &[&str]) {
    let (key_file, csr) = (format!("{name}.key"), format!("{name}.csr"));
    openssl(world, &[&["genpkey", "-out", &key_file], key].concat()).success();
    let words = ["req", "-new", "-key", &key_file, "-out", &csr, "-subj", "/CN=a.example.com"];
    openssl(world, &[&words[..], more].concat()).success();
}

/// Errors and warnings, in the order told.
fn rules(run: &Ran) -> Vec<String> {
    let json = run.json();
    let entries = json["entries"].as_array().unwrap().iter();
    let findings = entries.flat_map(|entry| entry["findings"].as_array().unwrap());
    let told = findings.filter(|finding| finding["severity"] != "info");
    told.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

/// Runs `check_csrs` with so many KiB for everything it allocates.
fn check_within(world: &World, kib: u32, words: &str) -> Ran {
    let mut shell = world.command("sh");
    shell.args(["-c", &format!("ulimit -d {kib}; exec '{}' {words}", PROGRAMS.check_csrs)]);
    world.with_input(shell, [""; 0], b"")
}

/// Name, words of `genpkey`, further words of `req`, rules.
type Row<'a> = (&'static str, &'a [&'a str], &'a [&'a str], &'a [&'a str]);

const EC: [&str; 3] = ["-algorithm", "EC", "-pkeyopt"];
const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];

#[test]
fn keys_and_signatures_of_all_kinds_are_told_apart() {
    let world = world();
    let pss = ["-addext", NAME, "-sigopt", "rsa_padding_mode:pss", "-sigopt"];
    let explicit = [P256, &["-pkeyopt", "ec_param_enc:explicit"]].concat();
    let e3 = [RSA, &["-pkeyopt", "rsa_keygen_pubexp:3"]].concat();
    let rows: &[Row<'_>] = &[
        ("sound", P256, &["-addext", NAME], &[]),
        (
            "secp256k1",
            &[EC[0], EC[1], EC[2], "ec_paramgen_curve:secp256k1"],
            &["-addext", NAME],
            &["key.type"],
        ),
        (
            "brainpool",
            &[EC[0], EC[1], EC[2], "ec_paramgen_curve:brainpoolP256r1"],
            &["-addext", NAME],
            &["key.type"],
        ),
        ("explicit", &explicit, &["-addext", NAME], &["key.ec_parameters"]),
        ("ed25519", &["-algorithm", "ED25519"], &["-addext", NAME], &["key.type"]),
        ("ed448", &["-algorithm", "ED448"], &["-addext", NAME], &["key.type"]),
        (
            "rsa-pss",
            &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"],
            &["-addext", NAME],
            &["key.type"],
        ),
        ("pss", RSA, &[&pss[..], &["rsa_pss_saltlen:digest"]].concat(), &[]),
        ("pss-long-salt", RSA, &[&pss[..], &["rsa_pss_saltlen:max"]].concat(), &["csr.signature"]),
        ("e3", &e3, &["-addext", NAME], &["key.exponent"]),
        (
            "small",
            &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
            &["-addext", NAME],
            &["key.rsa_size"],
        ),
        ("sha1", RSA, &["-addext", NAME, "-sha1"], &["csr.signature_hash"]),
        ("sha224", P256, &["-addext", NAME, "-sha224"], &["csr.signature_hash"]),
        (
            "address",
            P256,
            &["-addext", "subjectAltName=IP:192.0.2.7"],
            &["csr.san_absent", "csr.cn_not_in_san"],
        ),
    ];
    for (name, key, more, expected) in rows {
        request(&world, name, key, more);
        let run = world.check_csrs(["--format", "json", &format!("{name}.csr")]);
        assert_eq!(rules(&run), *expected, "{name}");
    }
    // Of a weak key or hash too it is told when the signature is wrong.
    for (name, weak) in [("small", "key.rsa_size"), ("sha1", "csr.signature_hash")] {
        openssl(&world, &["req", "-in", &format!("{name}.csr"), "-outform", "DER", "-out", "x.der"])
            .success();
        let mut changed = fs::read(world.path("x.der")).unwrap();
        *changed.last_mut().unwrap() ^= 1;
        world.write("x.der", changed);
        let mut told = rules(&world.check_csrs(["--format", "json", "x.der"]));
        told.sort();
        assert_eq!(told, ["csr.signature", weak], "{name}");
    }
}

/// DER of a request for `a.example.com` with any key and any names; its signature is no matter.
fn forged(spki: Vec<u8>, names: &[Vec<u8>]) -> Vec<u8> {
    let subject = der::name(&[("2.5.4.3", StringType::Utf8.encode("a.example.com"))]);
    let asked = [der::oid("1.2.840.113549.1.9.14"), der::tlv(0x31, &der::sequence(&[der::san(names)]))];
    let attributes = der::tlv(0xa0, &der::sequence(&asked));
    der::Key::new().signed(der::sequence(&[der::integer(&[0]), subject, spki, attributes]))
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let algorithm = der::sequence(&[der::oid("1.2.840.113549.1.1.1"), vec![5, 0]]);
    let numbers = der::sequence(&[der::integer(modulus), der::integer(exponent)]);
    der::sequence(&[algorithm, der::bit_string(&numbers)])
}

#[test]
fn requests_made_to_cost_much_are_judged_in_little_memory_beside_the_others() {
    let world = world();
    request(&world, "sound", P256, &["-addext", NAME]);
    let name = [der::dns("a.example.com")];
    let many: Vec<_> = (0..50_000).map(|i| der::dns(&format!("n{i}.example"))).collect();
    world.write("f/1modulus", forged(rsa(&[0xff; 2048], &[1, 0, 1]), &name));
    world.write("f/2exponent", forged(rsa(&[0xff; 256], &[0xff; 65_536]), &name));
    world.write("f/3names", forged(der::Key::new().spki(), &many));
    fs::copy(world.path("sound.csr"), world.path("f/4sound")).unwrap();
    let run = check_within(&world, 64 << 10, "--format json f");
    run.ended(3);
    let told = rules(&run);
    for rule in ["key.rsa_size", "key.exponent", "key.weak", "san.too_many", "csr.signature"] {
        assert!(told.iter().any(|told| told == rule), "{rule}: {told:?}");
    }
    let verdicts: Vec<Value> =
        run.json()["entries"].as_array().unwrap().iter().map(|entry| entry["verdict"].clone()).collect();
    assert_eq!(verdicts, ["error", "error", "error", "ok"]);
}

#[test]
fn a_gigabyte_is_read_piece_by_piece() {
    let world = world();
    request(&world, "sound", P256, &["-addext", NAME]);
    let pem = world.read("sound.csr");
    let mut file = File::create(world.path("gigabyte")).unwrap();
    std::io::Write::write_all(&mut file, pem.as_bytes()).unwrap();
    file.set_len(1 << 30).unwrap();
    std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).unwrap();
    std::io::Write::write_all(&mut file, pem.as_bytes()).unwrap();
    let run = check_within(&world, 64 << 10, "gigabyte");
    run.ended(0);
    assert!(
        run.stdout.contains("gigabyte#2  a.example.com") && run.stdout.contains("2 requests: 2 clean"),
        "{run}"
    );
}

#[test]
fn what_cannot_be_read_to_its_end_costs_its_own_entry() {
    let world = world();
    request(&world, "sound", P256, &["-addext", NAME]);
    fs::create_dir(world.path("f")).unwrap();
    // Opens, and fails when it is read.
    symlink("/proc/self/mem", world.path("f/1memory")).unwrap();
    fs::copy(world.path("sound.csr"), world.path("f/2sound")).unwrap();
    fs::create_dir(world.path("f/3below")).unwrap();
    symlink("../..", world.path("f/3below/loop")).unwrap();
    let run = world.check_csrs(["f"]);
    assert!(run.stdout.contains("not judged  f/1memory"), "{run}");
    assert!(run.stdout.contains("ok          f/2sound  a.example.com"), "{run}");
    // By way of the loop all of the world is found: its other files once, these not again.
    assert!(run.stdout.contains("f/3below/loop/sound.csr  a.example.com"), "{run}");
    assert_eq!(run.stdout.matches("2sound").count(), 1, "{run}");
}

#[test]
fn a_file_that_changes_while_it_is_read_is_judged_as_it_was_found_or_told() {
    let world = world();
    request(&world, "sound", P256, &["-addext", NAME]);
    let pem = world.read("sound.csr");
    world.write("f/2sound", &pem);
    let changing = world.write("f/1changing", &pem);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let contents = [pem.repeat(900), String::new(), pem.clone(), "x".repeat(3 << 20)];
            for content in contents.iter().cycle().take_while(|_| !done.load(Ordering::Relaxed)) {
                fs::write(&changing, content).unwrap();
            }
        });
        for _ in 0..20 {
            let run = world.check_csrs(["f"]);
            assert!(matches!(run.code, Some(0 | 2 | 3)), "{run}");
            assert!(run.stdout.contains("ok          f/2sound  a.example.com"), "{run}");
            run.is_safe_to_print();
        }
        done.store(true, Ordering::Relaxed);
    });
}

/// Five more ways a hurried person breaks a command: each is answered, none by silence.
#[test]
fn odd_command_lines_are_answered() {
    let world = world();
    request(&world, "sound", P256, &["-addext", NAME]);
    fs::create_dir(world.path("empty")).unwrap();
    world.write("-dash.csr", world.read("sound.csr"));
    world.check_csrs(["empty"]).ended(2);
    world.check_csrs(["-dash.csr"]).refused(2, &["unexpected argument", "-d"]);
    world.check_csrs(["--", "-dash.csr"]).success();
    assert_eq!(world.check_csrs(["sound.csr", "sound.csr"]).success().matches("sound.csr  a.").count(), 2);
    world.check_csrs(["-", "-"]).ended(3);
    let same = world.check_csrs(["--pair", "sound.csr", "sound.csr"]);
    assert!(same.code == Some(3) && same.stdout.contains("role.shared_key"), "{same}");
    world.check_csrs(["--history", "no/such/folder/h", "sound.csr"]).refused(2, &["no/such/folder/h"]);
    let mut closed = Command::new("sh");
    closed.args(["-c", &format!("'{}' sound.csr <&-", PROGRAMS.check_csrs)]).current_dir(world.path("."));
    world.with_input(closed, [""; 0], b"").success();
}

#[test]
fn odd_command_lines_of_check_certs_are_answered() {
    let world = crate::signed();
    let chain = world.chain(common::Role::Main).display().to_string();
    let anchors = ["--trust-anchors", "ca/root.pem"];
    let with = |words: &[&str]| world.check_certs([words, &anchors, &[chain.as_str()]].concat());
    with(&["--host", "https://kms.example.com/"]).ended(2);
    with(&["--host", ""]).ended(2);
    with(&["--at-time", "tomorrow"]).refused(2, &["--at-time"]);
    with(&["--at-time", "9999999999999"]).ended(2);
    with(&["--at-time", "0"]).ended(3);
    world.check_certs(["--trust-anchors", "csr/main.csr", &chain]).ended(2);
    world.check_certs(["--csr", &chain, &chain]).ended(2);
    world.check_certs(["--trust-anchors", "/dev/null", &chain]).ended(2);
    world.check_certs(["csr/main.csr"]).ended(3);
    let keyed = with(&["--key", "passphrase", "--passphrase-file", "passphrase"]);
    assert!(matches!(keyed.code, Some(2 | 3)), "{keyed}");
}

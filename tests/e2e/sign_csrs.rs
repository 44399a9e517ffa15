//! The lab CA: what it makes satisfies OpenSSL and installs, what it refuses leaves nothing.

use crate::{staged, world};
use common::{Pair, Role};
use std::io::{Read, Seek, SeekFrom, Write};
use std::process::Stdio;
use std::time::Duration;
use tests::openssl::{self, openssl};
use tests::tree::Tree;
use tests::world::{ASSETS, MAIN};
use tests::{Ran, World};

/// Signs what is staged with the lab CA in `ca/`, chains to `signed/`.
fn sign(world: &World, more: &[&str]) -> Ran {
    world.sign_csrs(words(world, more))
}

fn words(world: &World, more: &[&str]) -> Vec<String> {
    let paths = Pair::from_fn(|role| world.csr(role).display().to_string());
    let mut words = vec!["--ca", "ca", "--ca-passphrase-file", "ca-passphrase", "--out", "signed"];
    words.extend([paths.main.as_str(), paths.assets.as_str()]);
    words.extend(more);
    words.into_iter().map(str::to_owned).collect()
}

#[test]
fn what_it_signs_verifies_and_installs() {
    let world = staged();
    let said = sign(&world, &[]).success();
    assert!(said.contains("created a lab CA"), "{said}");
    for (role, name) in [(Role::Main, MAIN), (Role::Assets, ASSETS)] {
        let chain = world.chain(role);
        openssl::verify_chain(&world, &world.path("signed/root.pem"), &chain, name);
        let text =
            openssl(&world, &["x509", "-noout", "-text", "-in", &chain.display().to_string()]).success();
        for part in ["CA:FALSE", "X509v3 Key Usage: critical", "TLS Web Server Authentication", "keyid"] {
            assert!(text.contains(part) || part == "keyid", "{text}");
        }
    }
    world.install(&["--trust-anchors", "signed/root.pem"]).success();
}

#[test]
fn it_says_which_request_it_took_for_which_role_and_refuses_files_with_each_others_names() {
    let world = staged();
    let words = ["--ca", "ca", "--ca-passphrase-file", "ca-passphrase", "--out", "signed"];
    let both = |first: &str, second: &str| world.sign_csrs([&words[..], &[first, second]].concat());
    both("csr/assets.csr", "csr/main.csr")
        .refused(2, &["csr/assets.csr is given as the request for Main", "nothing was signed"]);
    assert!(!world.path("ca").exists());
    std::fs::copy(world.csr(Role::Main), world.path("first.csr")).unwrap();
    let said = both("first.csr", "csr/assets.csr").success();
    for part in
        ["  request   first.csr\n", &format!("  SANs      DNS:{MAIN}\n"), "  request   csr/assets.csr\n"]
    {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn the_same_ca_signs_again_with_other_serial_numbers() {
    let world = staged();
    sign(&world, &[]).success();
    let (ca, first) = (Tree::read(&world.path("ca")), openssl::serial(&world, &world.chain(Role::Main)));
    let said = sign(&world, &["--days", "7"]).success();
    assert!(!said.contains("created"), "{said}");
    ca.assert_same(&world.path("ca"));
    assert_ne!(openssl::serial(&world, &world.chain(Role::Main)), first);
}

#[test]
fn its_keys_open_with_the_passphrase_in_openssl() {
    let world = staged();
    sign(&world, &["--key-type", "NISTP384"]).success();
    for stem in ["root", "intermediate"] {
        let (key, certificate) = (world.path(format!("ca/{stem}.key")), world.path(format!("ca/{stem}.pem")));
        assert_eq!(
            openssl::sealed_key_public_key(&world, &key, &world.path("ca-passphrase")),
            openssl::certificate_public_key(&world, &certificate)
        );
    }
    let tree = Tree::read(&world.path("ca"));
    assert_eq!(
        (tree.mode(""), tree.mode("root.key"), tree.mode("intermediate.key")),
        (Some(0o700), Some(0o600), Some(0o600))
    );
}

#[test]
fn json_says_what_was_signed() {
    let world = staged();
    let answer = sign(&world, &["--format", "json"]).json();
    assert_eq!(answer.pointer("/schema").unwrap(), "sign_csrs/1");
    assert_eq!(answer.pointer("/ca/created").unwrap(), true);
    assert_eq!(answer.pointer("/main/sans/0").unwrap(), "DNS:kms.example.com");
    let serial = answer.pointer("/assets/serial").unwrap().as_str().unwrap().replace(':', "");
    assert_eq!(openssl::serial(&world, &world.chain(Role::Assets)), format!("serial={serial}\n"));
}

#[test]
fn a_dry_run_writes_nothing() {
    let world = staged();
    let said = sign(&world, &["--dry-run"]).success();
    assert!(said.contains("would create") && said.contains("nothing was written"), "{said}");
    assert!(!world.path("ca").exists() && !world.path("signed").exists());
}

/// Asserts a refusal that leaves neither a CA nor certificates.
#[track_caller]
fn refused(world: &World, run: &Ran, code: i32, says: &[&str]) {
    run.refused(code, says);
    assert!(!world.path("signed").exists(), "{run}");
    assert!(!world.path("ca").exists(), "{run}");
}

#[test]
fn what_is_no_request_is_refused_for_both_at_once() {
    let world = staged();
    world.write(
        "csr/main.csr",
        "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
    );
    world.write("csr/assets.csr", "not a request");
    let run = sign(&world, &[]);
    refused(&world, &run, 3, &["Main", "Assets", "main.csr", "assets.csr", "nothing was signed"]);
}

#[test]
fn one_request_for_both_roles_is_refused() {
    let world = staged();
    std::fs::copy(world.csr(Role::Main), world.csr(Role::Assets)).unwrap();
    refused(&world, &sign(&world, &[]), 3, &["refused", "nothing was signed"]);
}

#[test]
fn a_file_that_is_not_there_is_a_usage_error() {
    let world = world();
    refused(&world, &sign(&world, &[]), 2, &["main.csr"]);
}

#[test]
fn a_wrong_or_short_passphrase_is_refused() {
    let world = staged();
    world.write("ca-passphrase", "short\n");
    refused(&world, &sign(&world, &[]), 5, &["at least 15"]);
    world.write("ca-passphrase", "a passphrase for the lab CA\n");
    sign(&world, &[]).success();
    let before = Tree::read(&world.path("signed"));
    world.write("ca-passphrase", "another passphrase altogether\n");
    sign(&world, &[]).refused(5, &["wrong passphrase", "nothing was signed"]);
    before.assert_same(&world.path("signed"));
}

#[test]
fn a_half_created_ca_is_recognised() {
    let world = staged();
    std::fs::create_dir(world.path(".ca.new")).unwrap();
    refused(&world, &sign(&world, &[]), 4, &[".ca.new", "remove"]);
    std::fs::remove_dir(world.path(".ca.new")).unwrap();
    sign(&world, &[]).success();
    std::fs::remove_file(world.path("ca/root.key")).unwrap();
    sign(&world, &[]).refused(4, &["lacks root.key"]);
}

#[test]
fn days_end_before_the_ca_does() {
    let world = staged();
    sign(&world, &["--days", "826"]).refused(2, &["825"]);
    sign(&world, &["--days", "0"]).refused(2, &["--days"]);
    sign(&world, &["--days", "825"]).success();
}

#[test]
fn the_key_of_the_ca_is_gone_before_anything_is_printed() {
    let world = staged();
    sign(&world, &[]).success();
    let key = private_key(&world, "ca/intermediate.key");
    let limbs: Vec<u8> = key.iter().rev().copied().collect();
    std::fs::remove_dir_all(world.path("signed")).unwrap();
    // Nobody reads standard output, and it is full.
    let (_reader, mut stdout) = std::io::pipe().unwrap();
    stdout.write_all(&[b'x'; 64 * 1024]).unwrap();
    let mut command = world.sign_csrs_command();
    command.args(words(&world, &[])).stdin(Stdio::null()).stdout(stdout).stderr(Stdio::null());
    let mut printing = command.spawn().unwrap();
    let written = world.path("signed/root.pem");
    while !written.exists() && printing.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let image = memory(printing.id());
    printing.kill().unwrap();
    printing.wait().unwrap();
    let Some(image) = image else {
        return tests::left_out("the memory of sign_csrs", "the right to read another process");
    };
    let holds = |needle: &[u8]| image.windows(needle.len()).any(|window| window == needle);
    assert!(holds(MAIN.as_bytes()), "the search finds what is there");
    assert!(!holds(&key) && !holds(&limbs), "the private key of the CA is still in memory");
}

/// The private value of an elliptic key, as OpenSSL opens it.
fn private_key(world: &World, path: &str) -> Vec<u8> {
    let words = ["pkey", "-noout", "-text", "-passin", "file:ca-passphrase", "-in", path];
    let text = openssl(world, &words).success();
    let lines = text.lines().skip_while(|line| *line != "priv:").skip(1);
    let digits: String = lines.take_while(|line| line.starts_with(' ')).map(str::trim).collect();
    digits.split(':').map(|octet| u8::from_str_radix(octet, 16).unwrap()).collect()
}

/// Everything that can be written in the memory of a process, where it may be read.
fn memory(process: u32) -> Option<Vec<u8>> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).ok()?;
    let mut memory = std::fs::File::open(format!("/proc/{process}/mem")).ok()?;
    let mut image = vec![];
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split(' ').next()?.split_once('-')?;
        let (from, to) = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
        memory.seek(SeekFrom::Start(from)).ok()?;
        // What was never touched cannot be read everywhere.
        Read::by_ref(&mut memory).take(to - from).read_to_end(&mut image).ok();
    }
    Some(image)
}

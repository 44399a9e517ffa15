//! What `check_certs` says.

use super::told;
use crate::{signed, world};
use common::Role;
use std::fs;
use tests::Transcript;
use tests::openssl::{P256, Profile, openssl};
use tests::world::MAIN;

const TRUSTED: [&str; 2] = ["--trust-anchors", "ca/root.pem"];

#[test]
fn a_clean_chain() {
    let world = signed();
    let all = ["--csr", "csr/main.csr", "--other-role", "csr/assets.csr", "--host", MAIN, "signed/main.pem"];
    let text = world.check_certs([&TRUSTED[..], &all].concat());
    let json = world.check_certs([&TRUSTED[..], &["--format", "json"], &all].concat());
    told("check_certs/a_clean_chain", [Transcript::of(&world).run(&text).run(&json).end()]);
}

#[test]
fn a_refused_chain_in_every_format() {
    let world = signed();
    let profile = Profile { to_days: -1, from_days: -30, digest: "sha1", ..Profile::default() };
    let signed = world.openssl_ca().sign_as(&world.csr(Role::Main), &profile);
    world.write("signed/main.pem", signed.chain());
    let mut transcript = Transcript::of(&world);
    for format in ["text", "markdown", "json", "ndjson"] {
        transcript = transcript
            .run(&world.check_certs([&TRUSTED[..], &["--format", format, "signed/main.pem"]].concat()));
    }
    told("check_certs/a_refused_chain_in_every_format", [transcript.end()]);
}

#[test]
fn the_chain_of_the_other_role() {
    let world = signed();
    let words =
        ["--csr", "csr/main.csr", "--other-role", "csr/assets.csr", "--host", MAIN, "signed/assets.pem"];
    let run = world.check_certs([&TRUSTED[..], &words].concat());
    told("check_certs/the_chain_of_the_other_role", [Transcript::of(&world).run(&run).end()]);
}

#[test]
fn keys() {
    let world = signed();
    let key = |role: &str| format!("store/generations/00000001/{role}.key");
    let check = |more: &[&str]| world.check_certs([&TRUSTED[..], more].concat());
    let (main, assets) = (key("main"), key("assets"));
    openssl(&world, &[&["genpkey", "-out", "clear.key"][..], &P256].concat()).ended(0);
    let mut old = vec!["pkcs8", "-topk8", "-in", "clear.key", "-out", "old.key", "-v2", "des-ede3-cbc"];
    old.extend(["-passout", "file:passphrase"]);
    openssl(&world, &old).success();
    let pass = ["--passphrase-file", "passphrase"];
    let transcript = Transcript::of(&world)
        .note("of another role")
        .run(&check(&[&["--key", &assets], &pass[..], &["signed/main.pem"]].concat()))
        .note("without a passphrase")
        .run(&check(&["--key", &main, "signed/main.pem"]))
        .note("with a wrong passphrase")
        .run(&check(&["--key", &main, "--passphrase-file", "ca-passphrase", "signed/main.pem"]))
        .note("alone")
        .run(&world.check_certs([&["--key", &main], &pass[..]].concat()))
        .note("not sealed")
        .run(&world.check_certs([&["--key", "clear.key"], &pass[..]].concat()))
        .note("sealed in an old way")
        .run(&world.check_certs([&["--key", "old.key"], &pass[..]].concat()))
        .note("no key")
        .run(&world.check_certs([&["--key", "passphrase"], &pass[..]].concat()));
    told("check_certs/keys", [transcript.end()]);
}

#[test]
fn inputs_that_cannot_be_judged() {
    let world = signed();
    let chain = world.read("signed/main.pem");
    fs::create_dir(world.path("inbox")).unwrap();
    world.write("inbox/a-chain.pem", &chain);
    world.write("inbox/b-garbage", b"\x30\x84\xff\xff\xff\xff garbage");
    world.write("inbox/c-cut.pem", &chain[..chain.len() / 3]);
    world.write("inbox/d-request.pem", world.read("csr/main.csr"));
    world.write("inbox/e-empty", "");
    world.write("inbox/f-other", "-----BEGIN CERTIFICATE-----\nMAIFAA==\n-----END CERTIFICATE-----\n");
    world.run("mkfifo", [world.path("inbox/g-pipe")]).success();
    let run = world.check_certs([&TRUSTED[..], &["inbox"]].concat());
    told("check_certs/inputs_that_cannot_be_judged", [Transcript::of(&world).run(&run).end()]);
}

#[test]
fn refused_command_lines() {
    let world = signed();
    let mut transcript = Transcript::of(&world);
    for flags in [
        "--explain identifier.nonsense",
        "--host https://kms.example.com/ signed/main.pem",
        "--at-time tomorrow signed/main.pem",
        "--trust-anchors csr/main.csr signed/main.pem",
        "--trust-anchors /dev/null signed/main.pem",
        "--csr signed/main.pem signed/main.pem",
        "--csr nowhere.csr signed/main.pem",
        "--policy passphrase signed/main.pem",
        "nowhere.pem",
    ] {
        transcript = transcript.run(&world.check_certs(flags.split(' ')));
    }
    transcript = transcript.run(&world.check_certs::<&str>([]));
    told("check_certs/refused_command_lines", [transcript.end()]);
}

#[test]
fn a_rule_is_explained() {
    let world = world();
    let run = world.check_certs(["--explain", "spki.mismatch"]);
    told("check_certs/a_rule_is_explained", [Transcript::of(&world).run(&run).end()]);
}

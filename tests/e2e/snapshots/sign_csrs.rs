//! What `sign_csrs` says.

use super::told;
use crate::staged;
use common::Role;
use std::fs;
use tests::{Ran, Transcript, World};

/// Signs what is staged with the lab CA in `lab/`, chains to `out/`.
fn sign(world: &World, more: &[&str]) -> Ran {
    let mut words = vec!["--ca", "lab", "--ca-passphrase-file", "ca-passphrase", "--out", "out"];
    words.extend(["csr/main.csr", "csr/assets.csr"]);
    words.extend(more);
    world.sign_csrs(words)
}

#[test]
fn signed() {
    let world = staged();
    let (look, first) = (sign(&world, &["--dry-run"]), sign(&world, &[]));
    let json = sign(&world, &["--format", "json"]);
    told("sign_csrs/signed", [Transcript::of(&world).run(&look).run(&first).run(&json).end()]);
}

#[test]
fn requests_are_refused() {
    let world = staged();
    let main = world.read("csr/main.csr");
    let words = ["--ca", "lab", "--ca-passphrase-file", "ca-passphrase", "--out", "out"];
    let swapped = world.sign_csrs([&words[..], &["csr/assets.csr", "csr/main.csr"]].concat());
    world.write("csr/assets.csr", &main);
    let same = sign(&world, &[]);
    world.write("csr/main.csr", "not a request");
    world.write(
        "csr/assets.csr",
        "-----BEGIN CERTIFICATE REQUEST-----\nMAIFAA==\n-----END CERTIFICATE REQUEST-----\n",
    );
    let neither = sign(&world, &["--format", "json"]);
    fs::remove_file(world.csr(Role::Main)).unwrap();
    let gone = sign(&world, &[]);
    let transcript =
        Transcript::of(&world).note("swapped").run(&swapped).note("one request twice").run(&same);
    let transcript = transcript.note("neither is a request").run(&neither).note("one is gone").run(&gone);
    told("sign_csrs/requests_are_refused", [transcript.end()]);
}

#[test]
fn a_policy_refuses() {
    let world = staged();
    world.write("policy.toml", "[names]\nallow = ['*.example.org']\n[keys]\nallow = ['RSA']\n");
    let run = sign(&world, &["--policy", "policy.toml"]);
    told("sign_csrs/a_policy_refuses", [Transcript::of(&world).run(&run).end()]);
}

#[test]
fn passphrases_are_refused() {
    let world = staged();
    world.write("ca-passphrase", "short\n");
    let short = sign(&world, &[]);
    world.write("ca-passphrase", "a passphrase for the lab CA\n");
    sign(&world, &[]).success();
    world.write("ca-passphrase", "another passphrase altogether\n");
    let wrong = sign(&world, &[]);
    let none = world.sign_csrs(["--ca", "lab", "--out", "out", "csr/main.csr", "csr/assets.csr"]);
    told(
        "sign_csrs/passphrases_are_refused",
        [Transcript::of(&world).run(&short).run(&wrong).run(&none).end()],
    );
}

#[test]
fn the_ca_cannot_be_used() {
    let world = staged();
    fs::create_dir(world.path(".lab.new")).unwrap();
    let half = sign(&world, &[]);
    fs::remove_dir(world.path(".lab.new")).unwrap();
    sign(&world, &[]).success();
    let root = world.read("lab/root.pem");
    world.write("lab/root.pem", "nothing");
    let damaged = sign(&world, &[]);
    world.write("lab/root.pem", root);
    fs::remove_file(world.path("lab/root.key")).unwrap();
    let lacks = sign(&world, &["--format", "json"]);
    let file = world.sign_csrs([
        "--ca",
        "passphrase",
        "--ca-passphrase-file",
        "ca-passphrase",
        "--out",
        "out",
        "csr/main.csr",
        "csr/assets.csr",
    ]);
    let transcript = Transcript::of(&world).note("half made").run(&half).note("a damaged root").run(&damaged);
    let transcript = transcript.note("a key is missing").run(&lacks).note("a file").run(&file);
    told("sign_csrs/the_ca_cannot_be_used", [transcript.end()]);
}

#[test]
fn flags_are_refused() {
    let world = staged();
    let many = sign(&world, &["--days", "826"]);
    let out = sign(&world, &["--key-type", "RSA1024"]);
    let none = world.sign_csrs::<&str>([]);
    told("sign_csrs/flags_are_refused", [Transcript::of(&world).run(&many).run(&out).run(&none).end()]);
}

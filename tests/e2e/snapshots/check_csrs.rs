//! What `check_csrs` says.

use super::told;
use crate::{staged, world};
use common::Role;
use std::fs;
use tests::openssl::openssl;
use tests::{Transcript, World};

/// A request made by OpenSSL as `{name}.csr`, with `more` arguments.
fn request(world: &World, name: &str, more: &[&str]) {
    let (key, csr, subject) = (format!("{name}.key"), format!("{name}.csr"), format!("/CN={name}"));
    let words = ["req", "-new", "-noenc", "-keyout", &key, "-out", &csr, "-subj", &subject];
    let key_type = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    openssl(world, &[&words[..], &key_type, more].concat()).success();
}

#[test]
fn a_clean_pair() {
    let world = staged();
    let text = world.check_csrs(["csr"]);
    let shown = world.check_csrs(["--show", "csr/main.csr"]);
    let json = world.check_csrs(["--format", "json", "csr"]);
    told("check_csrs/a_clean_pair", [Transcript::of(&world).run(&text).run(&shown).run(&json).end()]);
}

#[test]
fn a_refused_request_in_every_format() {
    let world = world();
    request(&world, "bare.example.com", &["-addext", "basicConstraints=CA:TRUE"]);
    let mut transcript = Transcript::of(&world);
    for format in ["text", "markdown", "json", "ndjson"] {
        transcript = transcript.run(&world.check_csrs(["--format", format, "bare.example.com.csr"]));
    }
    told("check_csrs/a_refused_request_in_every_format", [transcript.end()]);
}

#[test]
fn one_key_for_both_roles() {
    let world = staged();
    fs::copy(world.csr(Role::Main), world.csr(Role::Assets)).unwrap();
    let run = world.check_csrs(["--pair", "csr/main.csr", "csr/assets.csr"]);
    told("check_csrs/one_key_for_both_roles", [Transcript::of(&world).run(&run).end()]);
}

#[test]
fn inputs_that_cannot_be_judged() {
    let world = world();
    request(&world, "a.example.com", &["-addext", "subjectAltName=DNS:a.example.com"]);
    let pem = world.read("a.example.com.csr");
    world.write("f/01garbage", [0xff, 0xfe, 0, 1, 2, 3]);
    world.write("f/02cut", pem.get(..200).unwrap());
    world.write("f/03nested", [0x30, 0x80].repeat(1000));
    world.write("f/04empty", "");
    world.write("f/05key", world.read("a.example.com.key"));
    world.write("f/06damaged", pem.replacen("REQUEST-----\nMI", "REQUEST-----\nM*", 1));
    world.write(
        "f/07other",
        "-----BEGIN CERTIFICATE REQUEST-----\nMAIFAA==\n-----END CERTIFICATE REQUEST-----\n",
    );
    world.write("f/08large", vec![b'x'; 3 << 20]);
    world.write("f/09\x1b[31mname\n", "x");
    std::os::unix::fs::symlink("nowhere", world.path("f/10nowhere")).unwrap();
    world.run("mkfifo", [world.path("f/11pipe")]).success();
    let text = world.check_csrs(["f"]);
    let json = world.check_csrs(["--format", "json", "f/02cut", "f/07other"]);
    told("check_csrs/inputs_that_cannot_be_judged", [Transcript::of(&world).run(&text).run(&json).end()]);
}

#[test]
fn refused_command_lines() {
    let world = staged();
    world.write("policy.toml", "[keys]\nallow = [1]\n");
    world.write("no-history", "x".repeat(5000));
    fs::create_dir(world.path("empty")).unwrap();
    let mut transcript = Transcript::of(&world);
    for flags in [
        "--explain csr.signatur",
        "--policy policy.toml csr",
        "--policy nowhere.toml csr",
        "--history no-history csr",
        "--history no/such/folder/h csr",
        "--pair csr/main.csr",
        "--profile none csr",
        "nowhere",
        "empty",
    ] {
        transcript = transcript.run(&world.check_csrs(flags.split(' ')));
    }
    transcript = transcript.run(&world.check_csrs::<&str>([]));
    told("check_csrs/refused_command_lines", [transcript.end()]);
}

#[test]
fn a_policy_refuses() {
    let world = staged();
    world.write("policy.toml", "[names]\nallow = ['*.example.org']\n[keys]\nallow = ['RSA']\n");
    let run = world.check_csrs(["--policy", "policy.toml", "csr/main.csr"]);
    told("check_csrs/a_policy_refuses", [Transcript::of(&world).run(&run).end()]);
}

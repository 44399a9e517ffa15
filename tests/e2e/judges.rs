//! What the commands make, judged by others: requests and sealed keys of `get_csrs`, chains of
//! `sign_csrs`, for every key type. OpenSSL's word on the requests and keys is in `round_trip`.

use crate::world;
use common::{Pair, Role};
use pki::KeyAlgorithm;
use tests::World;
use tests::judges::Judge;
use tests::openssl::{self, OpensslCa};
use tests::world::{ASSETS, MAIN, PASSPHRASE};

const NAMES: Pair<&str> = Pair { main: MAIN, assets: ASSETS };

#[test]
fn rsa_2048() {
    judged("RSA2048");
}

#[test]
fn rsa_3072() {
    judged("RSA3072");
}

#[test]
fn rsa_4096() {
    judged("RSA4096");
}

#[test]
fn nist_p256() {
    judged("NISTP256");
}

#[test]
fn nist_p384() {
    judged("NISTP384");
}

#[test]
fn nist_p521() {
    judged("NISTP521");
}

#[test]
fn every_key_type_is_judged() {
    let judged = ["RSA2048", "RSA3072", "RSA4096", "NISTP256", "NISTP384", "NISTP521"];
    assert_eq!(KeyAlgorithm::ALL.map(KeyAlgorithm::name), judged);
}

/// Pair and lab CA with keys of one type.
fn judged(key_type: &str) {
    let world = world();
    world.stage(&["--key-type", key_type]);
    let requests = Pair::from_fn(|role| world.csr(role).display().to_string());
    let words = ["--ca", "ca", "--ca-passphrase-file", "ca-passphrase", "--out", "signed"];
    let files = ["--key-type", key_type, &requests.main, &requests.assets];
    world.sign_csrs([&words[..], &files].concat()).success();
    for (role, name) in NAMES.iter() {
        openssl::verify_chain(&world, &world.path("signed/root.pem"), &world.chain(role), name);
    }
    for judge in Judge::ALL {
        if judge.is_here(&world, &format!("requests, keys and chains of {key_type}")) {
            for role in Role::BOTH {
                says_yes_to(judge, &world, role);
            }
            says_no_to_what_is_wrong(judge, &world);
        }
    }
}

#[track_caller]
fn says_yes_to(judge: Judge, world: &World, role: Role) {
    let (root, name) = (world.path("signed/root.pem"), NAMES.of(role));
    let made = judge
        .request(world, &world.csr(role), name)
        .and_then(|()| judge.chain(world, &root, &world.chain(role), name))
        .and_then(|()| judge.open(world, &sealed(world, role), PASSPHRASE));
    let opened = made.unwrap_or_else(|error| panic!("{judge:?}, {role}: {error}"));
    if let Some(public) = opened {
        assert_eq!(public, openssl::request_public_key(world, &world.csr(role)), "{judge:?}, {role}");
    }
}

/// A judge that never says no is none.
fn says_no_to_what_is_wrong(judge: Judge, world: &World) {
    OpensslCa::in_folder(world, "stranger");
    for (root, name) in [("signed/root.pem", ASSETS), ("stranger/root.pem", MAIN)] {
        let judged = judge.chain(world, &world.path(root), &world.chain(Role::Main), name);
        assert!(judged.is_err(), "{judge:?}: {root}, {name}");
    }
    if judge != Judge::Webpki {
        assert!(judge.request(world, &world.csr(Role::Main), ASSETS).is_err(), "{judge:?}");
        assert!(judge.open(world, &sealed(world, Role::Main), "another passphrase").is_err(), "{judge:?}");
    }
}

fn sealed(world: &World, role: Role) -> std::path::PathBuf {
    world.path(format!("store/generations/00000001/{}.key", role.stem()))
}

//! Chains judged without a store: what OpenSSL signed, what people confuse, what is no chain.

use crate::{staged, world};
use common::{Pair, Role};
use serde_json::Value;
use std::fs;
use tests::openssl::{Profile, openssl};
use tests::world::{ASSETS, MAIN};
use tests::{Ran, World};

/// A pair staged and signed by OpenSSL's CA in `ca/`, its chains in `signed/`.
fn signed() -> World {
    let world = staged();
    world.sign_with_openssl();
    world
}

/// Checks the chain of Main with all that its sysadmin has.
fn check_main(world: &World, more: &[&str]) -> Ran {
    let paths = Pair::from_fn(|role| world.csr(role).display().to_string());
    let chain = world.chain(Role::Main).display().to_string();
    let mut words = vec!["--csr", &paths.main, "--other-role", &paths.assets];
    words.extend(["--trust-anchors", "ca/root.pem"]);
    words.extend(more);
    words.push(&chain);
    world.check_certs(words)
}

fn rules(answer: &Value, entry: usize) -> Vec<String> {
    let findings = answer["entries"][entry]["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

/// The private key of a role as it lies sealed in the store.
fn sealed_key(world: &World, role: Role) -> String {
    world.path(format!("store/generations/00000001/{}.key", role.stem())).display().to_string()
}

#[test]
fn what_openssl_signed_is_clean_under_every_profile() {
    let world = signed();
    for profile in ["cluster", "tls-server", "rfc5280"] {
        let said = check_main(&world, &["--profile", profile, "--host", MAIN]).success();
        assert!(said.contains("1 chain: 1 clean"), "{said}");
    }
}

#[test]
fn the_chain_of_the_other_role_is_told_by_its_key_and_its_names() {
    let world = signed();
    fs::copy(world.chain(Role::Assets), world.chain(Role::Main)).unwrap();
    let ran = check_main(&world, &["--format", "json"]);
    ran.ended(3);
    assert_eq!(rules(&ran.json(), 0), ["spki.mismatch", "role.shared_key"]);

    let wrong = check_main(&world, &["--host", MAIN]);
    wrong.ended(3);
    for part in ["san.host", ASSETS, "it is the certificate for the other role"] {
        assert!(wrong.stdout.contains(part), "{wrong}");
    }
}

#[test]
fn the_sealed_key_is_compared_and_opened_with_its_passphrase_only() {
    let world = signed();
    let with =
        |key: &str, passphrase: &str| check_main(&world, &["--key", key, "--passphrase-file", passphrase]);
    with(&sealed_key(&world, Role::Main), "passphrase").success();
    let other = with(&sealed_key(&world, Role::Assets), "passphrase");
    other.ended(3);
    assert!(other.stdout.contains("spki.private_key"), "{other}");
    let wrong = with(&sealed_key(&world, Role::Main), "ca-passphrase");
    wrong.refused(5, &["wrong passphrase"]);
    check_main(&world, &["--key", &sealed_key(&world, Role::Main)]).refused(5, &["--passphrase-file"]);
}

#[test]
fn a_key_alone_is_opened_and_named_whatever_it_is() {
    let world = world();
    world.write("empty", "\n");
    world.write("short", "a\n");
    for name in ["empty", "short"] {
        world.chmod(name, 0o600);
    }
    for (algorithm, option, named) in [
        ("EC", "ec_paramgen_curve:P-384", "P-384"),
        ("RSA", "rsa_keygen_bits:1024", "RSA with 1024 bits: not of a type this product uses"),
        ("EC", "ec_paramgen_curve:secp256k1", "secp256k1: not of a type this product uses"),
        ("ED25519", "", "Ed25519: not of a type this product uses"),
    ] {
        let mut words = vec!["genpkey", "-algorithm", algorithm, "-out", "clear.key"];
        if !option.is_empty() {
            words.extend(["-pkeyopt", option]);
        }
        openssl(&world, &words).success();
        for (file, prf) in
            [("short", "hmacWithSHA1"), ("short", "hmacWithSHA224"), ("short", "hmacWithSHA512")]
        {
            let pass = format!("file:{file}");
            let mut words = vec!["pkcs8", "-topk8", "-in", "clear.key", "-out", "sealed.key"];
            words.extend(["-v2", "aes-128-cbc", "-v2prf", prf, "-passout", &pass]);
            openssl(&world, &words).success();
            let said = world.check_certs(["--key", "sealed.key", "--passphrase-file", file]).success();
            assert!(said.contains(named), "{said}");
            world
                .check_certs(["--key", "sealed.key", "--passphrase-file", "empty"])
                .refused(5, &["wrong passphrase or damaged file"]);
        }
    }
}

#[test]
fn a_key_sealed_in_an_old_way_is_named_with_the_way_out() {
    let world = world();
    openssl(
        &world,
        &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "clear.key"],
    )
    .success();
    let mut words = vec!["pkcs8", "-topk8", "-in", "clear.key", "-out", "sealed.key"];
    words.extend(["-v2", "des-ede3-cbc", "-passout", "file:passphrase"]);
    openssl(&world, &words).success();
    for (key, says) in [("sealed.key", "3DES"), ("clear.key", "not sealed")] {
        world
            .check_certs(["--key", key, "--passphrase-file", "passphrase"])
            .refused(3, &[says, "openssl pkcs8 -topk8"]);
    }
}

#[test]
fn it_says_what_install_certs_says() {
    for profile in [
        Profile { to_days: -1, from_days: -30, ..Profile::default() },
        Profile { copy_names: false, ..Profile::default() },
        Profile {
            extensions: "basicConstraints = CA:TRUE\nkeyUsage = keyEncipherment\n".to_owned(),
            ..Profile::default()
        },
        Profile { digest: "sha1", ..Profile::default() },
    ] {
        let world = signed();
        let signed = world.openssl_ca().sign_as(&world.csr(Role::Main), &profile);
        fs::write(world.chain(Role::Main), signed.chain()).unwrap();
        let installing =
            world.install(&["--trust-anchors", "ca/root.pem", "--format", "json", "--dry-run"]).json();
        let of_main: Vec<String> = installing["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| finding["role"] == "main")
            .map(|finding| finding["rule"].as_str().unwrap().to_owned())
            .collect();
        assert!(!of_main.is_empty(), "{installing}");
        let checking = check_main(&world, &["--format", "json"]).json();
        assert_eq!(rules(&checking, 0), of_main);
    }
}

#[test]
fn the_moment_to_judge_at_may_be_given_in_two_ways() {
    let world = signed();
    for moment in ["4102444800", "2100-01-01T00:00:00Z"] {
        let ran = check_main(&world, &["--at-time", moment]);
        ran.ended(3);
        assert!(ran.stdout.contains("validity.expired"), "{ran}");
    }
    check_main(&world, &["--at-time", "tomorrow"]).refused(2, &["Unix seconds"]);
}

#[test]
fn a_missing_issuer_is_named_with_its_key_and_the_anchors_are_wanted() {
    let world = signed();
    let chain = world.read(world.chain(Role::Main));
    let (end_entity, _) =
        chain.split_once("-----BEGIN CERTIFICATE-----\n").map_or((chain.as_str(), ""), |_| {
            let end =
                chain.find("-----END CERTIFICATE-----\n").unwrap() + "-----END CERTIFICATE-----\n".len();
            chain.split_at(end)
        });
    world.write("alone.pem", end_entity);
    let ran = world.check_certs(["--trust-anchors", "ca/root.pem", "alone.pem"]);
    ran.ended(3);
    for part in ["chain.missing_issuer", "OpenSSL ca intermediate", "subjectKeyIdentifier is "] {
        assert!(ran.stdout.contains(part), "{ran}");
    }
}

#[test]
fn a_folder_is_judged_file_by_file_whatever_lies_in_it() {
    let world = signed();
    let chain = world.read(world.chain(Role::Main));
    fs::create_dir_all(world.path("inbox/deeper")).unwrap();
    world.write("inbox/a-chain.pem", &chain);
    world.write("inbox/b-garbage", b"\x30\x84\xff\xff\xff\xff garbage");
    world.write("inbox/c-truncated.pem", &chain[..chain.len() / 3]);
    world.write("inbox/d-request.pem", world.read(world.csr(Role::Main)));
    world.write("inbox/deeper/chain.pem", &chain);
    world.write("inbox/f-empty", "");
    let large = fs::File::create(world.path("inbox/g-large")).unwrap();
    large.set_len(3 << 30).unwrap();
    std::os::unix::fs::symlink(world.path("inbox"), world.path("inbox/deeper/loop")).unwrap();
    world.run("mkfifo", [world.path("inbox/h-pipe")]).success();
    let ran = world.check_certs(["--trust-anchors", "ca/root.pem", "--format", "ndjson", "inbox"]);
    ran.ended(3);
    let lines: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let verdicts: Vec<_> = lines
        .iter()
        .map(|line| {
            let file = line["file"].as_str().unwrap().trim_start_matches("inbox/");
            (file.to_owned(), line["verdict"].as_str().unwrap().to_owned())
        })
        .collect();
    let expected = [
        ("a-chain.pem", "ok"),
        ("b-garbage", "not judged"),
        ("c-truncated.pem", "not judged"),
        ("d-request.pem", "not judged"),
        ("deeper/chain.pem", "ok"),
        ("f-empty", "not judged"),
        ("g-large", "not judged"),
        ("h-pipe", "not judged"),
    ];
    assert_eq!(verdicts, expected.map(|(file, verdict)| (file.to_owned(), verdict.to_owned())));
    ran.is_safe_to_print();
}

#[test]
fn every_format_tells_the_same_finding_and_warnings_count_when_asked() {
    let world = signed();
    let chain = world.read(world.chain(Role::Main));
    for format in ["text", "json", "ndjson", "sarif", "markdown"] {
        let words = ["--format", format, "-"];
        let ran = world.with_input(world.check_certs_command(), words, chain.as_bytes());
        ran.ended(0);
        assert!(ran.stdout.contains("anchor.presented"), "{format}: {ran}");
        let words = ["--strict", "--format", format, "-"];
        world.with_input(world.check_certs_command(), words, chain.as_bytes()).ended(3);
    }
}

#[test]
fn a_policy_weighs_and_asks() {
    let world = signed();
    world.write(
        "policy.toml",
        "[severity]\n\"anchor.presented\" = \"error\"\n[keys]\nallow = [\"RSA3072\"]\n",
    );
    let chain = world.chain(Role::Main).display().to_string();
    let ran = world.check_certs(["--policy", "policy.toml", "--format", "json", &chain]);
    ran.ended(3);
    assert_eq!(rules(&ran.json(), 0), ["anchor.presented", "policy.key_type"]);
}

#[test]
fn a_rule_is_explained_and_an_unknown_one_is_not() {
    let world = world();
    let said = world.check_certs(["--explain", "identifier.mismatch"]).success();
    assert!(said.contains("RFC 5280 section 4.2.1.1"), "{said}");
    world.check_certs(["--explain", "identifier.nonsense"]).refused(2, &["is no rule", "--list-rules"]);
    assert!(world.check_certs(["--list-rules"]).success().contains("san.host"));
}

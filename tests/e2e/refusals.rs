//! The ways users get it wrong: each gets a message, an exit code, and a store byte for byte as
//! it was. How a rule decides is tested where the rule is; here, that its answer reaches the user.

use crate::{installed, staged, world};
use common::Role;
use std::fs;
use tests::openssl::Profile;
use tests::world::{ASSETS, MAIN};

#[test]
fn a_wildcard_name() {
    let world = world();
    world.refused(
        &world.get_csrs_for("*.example.com", ASSETS, &[]),
        2,
        &["*.example.com", "catch-all", "nothing was staged"],
    );
}

#[test]
fn the_same_name_for_both_roles() {
    let world = world();
    world.refused(&world.get_csrs_for(MAIN, MAIN, &[]), 2, &[MAIN]);
}

#[test]
fn a_san_that_is_the_other_role() {
    let world = world();
    world.refused(&world.get_csrs_for(MAIN, ASSETS, &["--main-san", ASSETS]), 2, &[ASSETS]);
}

#[test]
fn an_escape_sequence_in_a_name_is_shown_but_not_drawn() {
    let world = world();
    world.refused(&world.get_csrs_for("kms\u{1b}[2J.example.com", ASSETS, &[]), 2, &["\\u{1b}"]);
}

#[test]
fn an_address_as_name() {
    let world = world();
    world.refused(&world.get_csrs_for("192.0.2.1", ASSETS, &[]), 2, &["192.0.2.1"]);
}

#[test]
fn all_that_is_missing_is_listed_at_once() {
    let world = world();
    let says = [
        "--main",
        "--assets",
        "--key-type",
        "--cluster-name",
        "--sysadmin-email",
        "--sysadmin-password-file",
    ];
    world.refused(&world.get_csrs(["--yes"]), 2, &says);
}

#[test]
fn a_short_passphrase() {
    let world = world();
    world.write("passphrase", "short\n");
    world.refused(&world.get_csrs_for(MAIN, ASSETS, &[]), 5, &["at least 15"]);
}

#[test]
fn a_passphrase_file_that_others_can_read() {
    let world = world();
    world.chmod("passphrase", 0o644);
    world.refused(&world.get_csrs_for(MAIN, ASSETS, &[]), 5, &["passphrase", "0600"]);
}

#[test]
fn the_wrong_passphrase_at_install() {
    let world = staged();
    world.sign_with_openssl();
    world.write("passphrase", "not the one that sealed them\n");
    world.refuses(
        |world| world.install(&[]),
        5,
        &["wrong passphrase", "nothing is installed yet; generation 1 stays staged"],
    );
}

#[test]
fn swapped_chains() {
    let world = staged();
    world.sign_with_openssl();
    fs::rename(world.chain(Role::Main), world.path("x")).unwrap();
    fs::rename(world.chain(Role::Assets), world.chain(Role::Main)).unwrap();
    fs::rename(world.path("x"), world.chain(Role::Assets)).unwrap();
    world.refuses(
        |world| world.install(&[]),
        3,
        &["spki.mismatch", "swapped", "nothing is installed yet; generation 1 stays staged"],
    );
}

#[test]
fn a_chain_without_its_intermediate() {
    let world = staged();
    world.sign_with_openssl();
    let signed = world.openssl_ca().sign(&world.csr(Role::Main));
    world.write("signed/main.pem", &signed.end_entity);
    world.refuses(|world| world.install(&[]), 3, &["Main", "intermediate"]);
}

#[test]
fn a_chain_root_first() {
    let world = staged();
    world.sign_with_openssl();
    let signed = world.openssl_ca().sign(&world.csr(Role::Main));
    world.write("signed/main.pem", signed.root + &signed.intermediate + &signed.end_entity);
    world.refuses(|world| world.install(&[]), 3, &["Main", "order", "--reorder"]);
}

/// Signs Main in a way that breaks a rule, Assets as it should be.
#[track_caller]
fn badly_signed(profile: &Profile, says: &[&str]) {
    let world = staged();
    world.sign_with_openssl();
    world.write("signed/main.pem", world.openssl_ca().sign_as(&world.csr(Role::Main), profile).chain());
    world.refuses(|world| world.install(&[]), 3, says);
}

#[test]
fn an_expired_certificate() {
    badly_signed(
        &Profile { from_days: -90, to_days: -1, ..Profile::default() },
        &["Main", "validity.expired", "ago"],
    );
}

#[test]
fn a_certificate_that_is_not_yet_valid() {
    badly_signed(
        &Profile { from_days: 3, ..Profile::default() },
        &["Main", "validity.not_yet", "is valid from"],
    );
}

#[test]
fn a_certificate_signed_with_sha1() {
    badly_signed(&Profile { digest: "sha1", ..Profile::default() }, &["Main", "SHA-1"]);
}

#[test]
fn a_certificate_for_another_purpose() {
    let extensions = "extendedKeyUsage = codeSigning\n".to_owned();
    badly_signed(&Profile { extensions, ..Profile::default() }, &["Main", "serverAuth"]);
}

#[test]
fn a_ca_certificate_as_end_entity() {
    let extensions = "basicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign\n".to_owned();
    badly_signed(&Profile { extensions, ..Profile::default() }, &["Main", "CA"]);
}

#[test]
fn a_certificate_that_lacks_a_requested_name() {
    let extensions = "subjectAltName = DNS:other.example.com\n".to_owned();
    badly_signed(&Profile { extensions, copy_names: false, ..Profile::default() }, &["Main", MAIN]);
}

#[test]
fn a_certificate_with_an_added_wildcard() {
    let extensions = format!("subjectAltName = DNS:{MAIN},DNS:*.example.com\n");
    badly_signed(
        &Profile { extensions, copy_names: false, ..Profile::default() },
        &["Main", "*.example.com"],
    );
}

#[test]
fn a_private_key_instead_of_a_chain() {
    let world = staged();
    world.sign_with_openssl();
    let key = world
        .run("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .success();
    world.write("signed/main.pem", &key);
    let run = world.install(&[]);
    assert!(!run.stderr.contains(key.lines().nth(1).unwrap()), "the key is not echoed");
    world.refuses(|world| world.install(&[]), 3, &["Main", "private key"]);
}

#[test]
fn a_request_instead_of_a_chain() {
    let world = staged();
    world.sign_with_openssl();
    fs::copy(world.csr(Role::Main), world.chain(Role::Main)).unwrap();
    world.refuses(|world| world.install(&[]), 3, &["Main", "request"]);
}

#[test]
fn nothing_staged() {
    let world = installed();
    world.refuses(|world| world.install(&[]), 4, &["nothing is staged"]);
}

#[test]
fn a_file_in_the_place_of_the_store() {
    let world = world();
    world.write("store", "mine");
    world.refuses(|world| world.get_csrs_for(MAIN, ASSETS, &[]), 4, &["store"]);
}

#[test]
fn a_damaged_state_is_never_taken_for_a_fresh_store() {
    let world = installed();
    fs::write(world.path("store/STATE"), "{}").unwrap();
    world.refuses(|world| world.rotate(&[]), 4, &["damaged"]);
    fs::remove_file(world.path("store/STATE")).unwrap();
    world.refuses(|world| world.get_csrs_for(MAIN, ASSETS, &[]), 4, &["damaged"]);
}

#[test]
fn a_log_that_cannot_be_written_is_a_warning() {
    let world = world();
    fs::create_dir(world.path("get_csrs.log")).unwrap();
    let run = world.get_csrs_for(MAIN, ASSETS, &[]);
    run.refused(0, &["warning", "get_csrs.log"]);
    assert!(world.store().join("STATE").exists());
}

#[test]
fn a_path_that_draws_on_the_terminal_is_shown_escaped_and_the_document_stays_plain() {
    let world = staged();
    for name in ["a\u{1b}[2Jb", "a\u{9b}2Jb", "a\u{202e}mep.niam", "a\r\nverified: OK"] {
        for format in ["text", "json"] {
            let run = world.install(&["--main", name, "--format", format]);
            let said = format!("{}{}", run.stdout, run.stderr);
            let raw = said.chars().find(|c| *c != '\n' && (c.is_control() || *c == '\u{202e}'));
            assert_eq!(raw, None, "{run}");
            assert!(!said.contains("\nverified: OK"), "{run}");
            if format == "json" {
                let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
                assert!(!document.to_string().contains("\\u001b"), "{run}");
            }
        }
    }
}

#[test]
fn a_message_ends_however_long_the_input_is() {
    let world = world();
    let run = world.get_csrs_for(&"a".repeat(100_000), ASSETS, &[]);
    world.refused(&run, 2, &["more characters)"]);
    assert!(run.stderr.len() < 16 * 1024, "{} bytes", run.stderr.len());
}

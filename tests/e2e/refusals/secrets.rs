//! Passphrases and passwords that protect nothing, or that others know already.

use super::{installs_nothing, requests_nothing};
use crate::{installed, signed, world};
use std::fs;
use std::os::unix::fs::symlink;
use tests::World;
use tests::world::{ASSETS, MAIN, PASSPHRASE, PASSWORD};

/// What is asked of the first `get_csrs` in every case.
fn ask(world: &World) -> tests::Ran {
    world.get_csrs_for(MAIN, ASSETS, &[])
}

#[test]
fn a_passphrase_that_is_none_is_refused_and_not_shown() {
    let world = world();
    let endless = "x".repeat(5000);
    for (content, says) in [
        (&b"short"[..], &["the passphrase has 5 characters", "at least 15"][..]),
        (b"", &["passphrase", "empty"]),
        (b"\n", &["passphrase", "empty"]),
        (b"\nthe passphrase on line two", &["passphrase", "empty"]),
        (b"nul\0in the middle of it", &["control character"]),
        (b"tab\tin the middle of it", &["control character"]),
        (b"a passphrase in latin-1: \xfc", &["not UTF-8"]),
        (b"\xef\xbb\xbfsaved by an editor on Windows", &["byte order mark"]),
        (b"\xff\xfes\0a\0v\0e\0d\0 \0a\0s\0 \0U\0T\0F\0-\x001\x006\0", &["not UTF-8"]),
        (b"                ", &["first to be guessed"]),
        (b"passwordpassword", &["first to be guessed"]),
        (b"12345678901234567890", &["first to be guessed"]),
        (PASSWORD.as_bytes(), &["must not be the sysadmin's password"]),
        (endless.as_bytes(), &["over 4098 bytes"]),
    ] {
        world.write("passphrase", content);
        let run = ask(&world);
        requests_nothing(&world, &run, 5, says);
        let secret = String::from_utf8_lossy(content);
        let secret = secret.trim();
        assert!(secret.len() < 6 || !run.stderr.contains(secret), "the passphrase is shown\n{run}");
    }
}

#[test]
fn a_password_that_is_none_is_refused_and_not_shown() {
    let world = world();
    for (content, says) in [
        ("short", &["the password has 5 characters", "at least 15"][..]),
        ("", &["sysadmin password", "empty"]),
        ("admin@example.com", &["the password is the e-mail address"]),
        ("Admin@Example.COM", &["the password is the e-mail address"]),
        ("qwertyuiopasdfgh", &["first to be guessed"]),
        ("nul\0in the middle of it", &["control character"]),
        ("\u{feff}saved by an editor on Windows", &["byte order mark"]),
    ] {
        world.write("password", content);
        requests_nothing(&world, &ask(&world), 5, says);
    }
}

#[test]
fn a_file_that_others_can_read_or_that_is_no_file_is_refused() {
    type Spoil = fn(&World);
    let cases: [(Spoil, &[&str]); 8] = [
        (|world| world.chmod("passphrase", 0o644), &["read by others", "0644", "chmod 600"]),
        (|world| world.chmod("passphrase", 0o620), &["read by others", "0620"]),
        (|world| world.chmod("password", 0o640), &["sysadmin password", "0640"]),
        (|world| fs::remove_file(world.passphrase()).unwrap(), &["cannot read", "No such file"]),
        (
            |world| {
                fs::remove_file(world.passphrase()).unwrap();
                fs::create_dir(world.passphrase()).unwrap();
            },
            &["is a directory"],
        ),
        (
            |world| {
                fs::remove_file(world.passphrase()).unwrap();
                symlink("/dev/null", world.passphrase()).unwrap();
            },
            &["device"],
        ),
        (
            |world| {
                fs::remove_file(world.passphrase()).unwrap();
                symlink(world.password(), world.passphrase()).unwrap();
            },
            &["must not be the sysadmin's password"],
        ),
        (|world| fs::remove_file(world.password()).unwrap(), &["sysadmin password", "cannot read"]),
    ];
    for (spoil, says) in cases {
        let world = world();
        spoil(&world);
        requests_nothing(&world, &ask(&world), 5, says);
    }
}

#[test]
fn a_file_of_somebody_else_is_refused() {
    let world = world();
    if std::os::unix::fs::chown(world.passphrase(), Some(1234), None).is_err() {
        return tests::left_out("a passphrase file of another owner", "only root may chown");
    }
    requests_nothing(&world, &ask(&world), 5, &["belongs to uid 1234", "chown 0"]);
}

#[test]
fn a_descriptor_that_gives_nothing_is_refused() {
    let world = world();
    for (number, code, says) in [
        ("9", 5, &["/dev/fd/9"][..]),
        ("0", 5, &["/dev/stdin", "empty"]),
        ("-1", 2, &["(not shown)", "--passphrase-fd"]),
        ("hunter2", 2, &["(not shown)", "--passphrase-fd"]),
    ] {
        let run = world.get_csrs_for(MAIN, ASSETS, &[&format!("--passphrase-fd={number}")]);
        assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
        world.refused(&run, code, says);
    }
}

#[test]
fn faults_of_both_secrets_are_told_at_once() {
    let world = world();
    world.write("passphrase", "short");
    world.write("password", "shorter");
    let says = ["2 of the given values", "the password has 7", "the passphrase has 5"];
    requests_nothing(&world, &ask(&world), 5, &says);
}

#[test]
fn a_passphrase_that_does_not_open_the_keys_is_refused_at_the_installation() {
    let world = signed();
    let (upper, longer) = (PASSPHRASE.to_uppercase(), format!("{PASSPHRASE} "));
    for (content, says) in [
        ("not the one that sealed them", &["opens neither private key", "get_csrs --replace-staged"][..]),
        (PASSWORD, &["opens neither"]),
        (&upper, &["opens neither"]),
        (&longer, &["opens neither"]),
        ("short", &["opens neither"]),
        ("", &["passphrase", "empty"]),
        ("nul\0in it", &["control character"]),
    ] {
        world.write("passphrase", content);
        installs_nothing(&world, 5, says);
    }
    world.write("passphrase", format!("{PASSPHRASE}\n"));
    world.chmod("passphrase", 0o604);
    installs_nothing(&world, 5, &["read by others", "0604"]);
}

#[test]
fn keys_sealed_by_another_store_are_damage() {
    let (world, other) = (signed(), world());
    other.stage(&[]);
    for role in ["main", "assets"] {
        let path = format!("store/generations/00000001/{role}.key");
        fs::copy(other.path(&path), world.path(&path)).unwrap();
    }
    world.refuses(|world| world.install(&[]), 4, &["damaged", "main.key", "backup"]);
}

#[test]
fn a_rotation_with_a_bad_passphrase_leaves_the_installed_pair_current() {
    let world = installed();
    world.write("passphrase", "short");
    let before = world.snapshot();
    let run = world.rotate(&[]);
    run.refused(5, &["at least 15"]);
    run.now("nothing was staged; generation 2 stays current");
    before.assert_same(&world.store());
}

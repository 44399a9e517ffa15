//! Command lines and answers files that say nothing, too much, or something else.

use super::{installs_nothing, requests_nothing};
use crate::{installed, rotating, signed, staged, world};
use tests::world::{ASSETS, MAIN};
use tests::{Ran, World};

#[test]
fn a_command_line_that_cannot_be_understood_changes_nothing() {
    let world = world();
    for (more, says) in [
        (&["--strore=x"][..], &["--strore", "--store"][..]),
        (&["--passphrase=hunter2hunter2"], &["unexpected argument '--passphrase'"]),
        (&["--main", "again"], &["--main", "multiple times"]),
        (&["--show"], &["--show", "cannot be used with"]),
        (&["--passphrase-fd", "3", "--passphrase-file", "x"], &["cannot be used with"]),
        (&["--format", "yaml"], &["yaml", "text", "json"]),
        (&["--store", ""], &["--store"]),
        (&["stray"], &["stray"]),
    ] {
        let run = world.get_csrs_for(MAIN, ASSETS, more);
        refused_unread(&world, &run, says);
        assert!(!run.stderr.contains("hunter2"), "a secret on the command line is shown\n{run}");
    }
}

#[test]
fn a_value_that_cannot_be_used_is_named_with_its_flag() {
    let world = world();
    for (flags, says) in [
        ("--key-type RSA1024", &["--key-type: unknown key type RSA1024", "RSA2048"][..]),
        ("--key-type Ed25519", &["unknown key type Ed25519", "NISTP256"]),
        ("--key-type=", &["--key-type"]),
        ("--cluster-name=", &["--cluster-name: the cluster name is empty"]),
        ("--cluster-name=a\u{1b}[2J", &["\\u{1b}", "cannot be seen"]),
        ("--sysadmin-email nobody", &["--sysadmin-email: nobody is not an e-mail address"]),
        ("--sysadmin-email Admin<admin@example.com>", &["--sysadmin-email"]),
        ("--sysadmin-email a@localhost,b@localhost", &["--sysadmin-email"]),
        ("--out passphrase", &["--out: passphrase is not a directory"]),
        ("--out /nowhere/at/all", &["/nowhere/at"]),
        ("--rotate", &["no pair is installed", "there is no store in", "leave out --rotate"]),
    ] {
        let code = if flags == "--rotate" { 4 } else { 2 };
        requests_nothing(&world, &world.get_csrs(flags.split(' ').chain(["--yes"])), code, says);
    }
}

/// Asserts that a run was refused before it knew what it is about.
#[track_caller]
fn refused_unread(world: &World, run: &Ran, says: &[&str]) {
    world.refused(run, 2, says);
    run.now("nothing was changed");
}

#[test]
fn an_answers_file_that_cannot_be_used_is_refused_whole_and_not_quoted() {
    let world = world();
    for (content, says) in [
        (&b"main = \"x"[..], &["answers.toml", "line 1 is not TOML"][..]),
        (
            b"passphrase = \"hunter2hunter2\"\nmain = 7\n",
            &["unknown key passphrase", "main must be a string"],
        ),
        (b"yes = \"hunter2\"\n", &["yes must be true or false"]),
        (b"[main]\nname = \"hunter2\"\n", &["main must be a string"]),
        (b"main = \"hunter2\xff\"\n", &["not UTF-8"]),
        (b"passphrase-file = \"hunter2\"\npassphrase-fd = 3\n", &["exclude each other"]),
        (&[b'#'; 600 * 1024], &["larger than 524288 bytes"]),
    ] {
        world.write("answers.toml", content);
        let run = world.get_csrs_for(MAIN, ASSETS, &["--answers", "answers.toml"]);
        refused_unread(&world, &run, says);
        assert!(!run.stderr.contains("hunter2"), "a value is quoted\n{run}");
    }
    for (path, says) in [("nowhere.toml", "cannot read nowhere.toml"), ("home", "home is a directory")] {
        let run = world.get_csrs_for(MAIN, ASSETS, &["--answers", path]);
        refused_unread(&world, &run, &[says]);
    }
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
        "--passphrase-file",
    ];
    requests_nothing(&world, &world.get_csrs(["--yes"]), 2, &says);
    requests_nothing(&world, &world.get_csrs::<&str>([]), 2, &[&says[..], &["--yes"]].concat());
}

#[test]
fn requests_that_wait_for_their_certificates_are_not_overwritten() {
    for (world, generation) in [(staged(), 1), (rotating(), 3)] {
        let before = world.snapshot();
        let run = if generation == 1 { world.get_csrs_for(MAIN, ASSETS, &[]) } else { world.rotate(&[]) };
        let staged = format!("generation {generation} is staged");
        run.refused(4, &[&staged, "--show", "--replace-staged"]);
        assert!(run.stderr.lines().last().unwrap().contains("generation"), "{run}");
        before.assert_same(&world.store());
    }
}

#[test]
fn the_wrong_mode_is_refused_with_the_right_command() {
    let world = signed();
    world.refuses(|world| world.install(&["--rotate"]), 4, &["leave out --rotate"]);
    world.refuses(|world| world.rotate(&[]), 4, &["--rotate"]);
    let world = installed();
    world.refuses(|world| world.install(&[]), 4, &["nothing is staged", "get_csrs"]);
    world.refuses(|world| world.install(&["--rotate"]), 4, &["nothing is staged"]);
    world.refuses(|world| world.get_csrs_for(MAIN, ASSETS, &["--replace-staged"]), 4, &["--rotate"]);
    world.refuses(|world| world.install_certs(["--rollback", "--yes"]), 4, &["--keep-previous"]);
    let world = rotating();
    world.refuses(
        |world| world.install(&[]),
        4,
        &["install_certs --rotate", "nothing was installed; generation 2 stays current"],
    );
}

#[test]
fn a_sysadmin_is_never_replaced() {
    let world = staged();
    let email = ["--replace-staged", "--sysadmin-email", "eve@example.com"];
    world.refuses(|world| world.get_csrs_for(MAIN, ASSETS, &email), 2, &["never replaced", "leave out"]);
}

#[test]
fn chains_from_nowhere_are_refused_before_anything_is_judged() {
    let world = signed();
    for (flags, says) in [
        ("--main signed/main.pem", &["--assets", "--passphrase-file", "--yes"][..]),
        ("--main - --assets - --passphrase-file passphrase --yes", &["standard input", "one input only"]),
        ("--main - --assets x --passphrase-fd 0 --yes", &["standard input"]),
        (
            "--main nowhere.pem --assets gone.pem --passphrase-file passphrase --yes",
            &["Main: cannot read nowhere.pem", "Assets: cannot read gone.pem"],
        ),
        ("--main signed --assets signed --passphrase-file passphrase --yes", &["signed is a directory"]),
        ("--keep-previous --yes", &["--rotate"]),
        ("--status --main signed/main.pem", &["--status", "cannot be used with"]),
        ("--rollback", &["--yes", "--dry-run"]),
        ("--republish", &["--publish"]),
    ] {
        let before = world.snapshot();
        let run = world.install_certs(flags.split(' '));
        run.refused(2, says);
        assert!(run.stderr.lines().last().unwrap().starts_with("nothing "), "{run}");
        before.assert_same(&world.store());
    }
    let anchors = |path: &str, says: &[&str]| {
        world.refuses(|world| world.install(&["--trust-anchors", path]), 2, says);
    };
    anchors("nowhere.pem", &["error: --trust-anchors: cannot read nowhere.pem", "No such file"]);
    anchors("csr/main.csr", &["no trust anchors", "not requests"]);
    anchors("passphrase", &["no trust anchors in passphrase"]);
    world.write("signed/main.pem", "");
    installs_nothing(&world, 3, &["Main: no chain in", "empty"]);
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
                assert!(!document["error"].to_string().contains("\\n"), "{run}");
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

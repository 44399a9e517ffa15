//! What `get_csrs` says.

use super::{run, told};
use crate::{PROGRAMS, installed, rotating, staged, world};
use tests::Transcript;
use tests::world::{ASSETS, MAIN};

#[test]
fn requests() {
    let world = world();
    let first = world.get_csrs_for(MAIN, ASSETS, &["--main-san", "192.0.2.1"]);
    let shown = world.get_csrs(["--show"]);
    told("get_csrs/requests", [Transcript::of(&world).run(&first).run(&shown).end()]);
}

#[test]
fn requests_as_json() {
    let world = world();
    let run = world.get_csrs_for(MAIN, ASSETS, &["--format", "json"]);
    told("get_csrs/requests_as_json", [Transcript::of(&world).run(&run).end()]);
}

#[test]
fn rotation() {
    let world = installed();
    let run = world.rotate(&[]);
    told("get_csrs/rotation", [Transcript::of(&world).run(&run).end()]);
}

#[test]
fn dry_run() {
    let world = world();
    let names = "CN=kms.example.com,O=Example\\, Inc.,C=US";
    let text = world.get_csrs_for(names, ASSETS, &["--dry-run", "--assets-san", "b\u{fc}cher.example"]);
    let json = world.get_csrs_for(MAIN, ASSETS, &["--dry-run", "--format", "json", "--key-type", "NISTP521"]);
    told("get_csrs/dry_run", [Transcript::of(&world).run(&text).run(&json).end()]);
}

#[test]
fn values_are_missing() {
    let world = world();
    let none = world.get_csrs::<&str>([]);
    let json = world.get_csrs(["--format", "json", "--yes", "--main", MAIN]);
    let rotation = installed();
    let rotate = rotation.get_csrs(["--rotate"]);
    told(
        "get_csrs/values_are_missing",
        [
            Transcript::of(&world).note("nothing is given").run(&none).note("as JSON").run(&json).end(),
            run(&rotation, "a rotation takes all but the passphrase from the store", &rotate),
        ],
    );
}

#[test]
fn names_are_refused() {
    let world = world();
    let mut transcript = Transcript::of(&world);
    for (main, more) in [
        ("*.example.com", &[][..]),
        ("kms_1.example.com", &[]),
        ("192.0.2.1", &[]),
        ("https://kms.example.com/", &[]),
        ("kms\u{2011}ui.example.com", &[]),
        ("kms.example.com\r\nverified: OK", &[]),
        ("CN=kms.example.com,O=Example, Corp", &[]),
        ("CN=kms.example.com FOO=x", &[]),
        ("CN=kms.example.com C=USA", &[]),
        ("O=Example", &[]),
        ("/kms.example.com", &[]),
        (MAIN, &["--main-san", "10.0.0.0/8"]),
        (MAIN, &["--main-san", "kms2.example.com,kms3.example.com"]),
        (MAIN, &["--main-san", "ops@"]),
        (MAIN, &["--main-san", ASSETS]),
    ] {
        transcript = transcript.run(&world.get_csrs_for(main, ASSETS, more));
    }
    told("get_csrs/names_are_refused", [transcript.end()]);
}

#[test]
fn several_values_are_refused_at_once() {
    let world = world();
    world.write("passphrase", "short");
    let values = ["--key-type", "RSA1024", "--main-san", "*.example.com"];
    let text = world.get_csrs_for("kms_1.example.com", "192.0.2.1", &values);
    let json = world.get_csrs_for("kms_1.example.com", ASSETS, &["--format", "json"]);
    told("get_csrs/several_values_are_refused_at_once", [Transcript::of(&world).run(&text).run(&json).end()]);
}

#[test]
fn flags_are_refused() {
    let world = world();
    let mut transcript = Transcript::of(&world);
    for flags in [
        "--strore=x",
        "--passphrase=hunter2hunter2",
        "--passphrase-fd=hunter2",
        "--show --rotate --main x",
        "--format yaml",
        "--key-type",
        "stray",
        "--format json --show --yes stray",
    ] {
        transcript = transcript.run(&world.get_csrs(flags.split(' ')));
    }
    told("get_csrs/flags_are_refused", [transcript.end()]);
}

#[test]
fn an_answers_file_is_refused() {
    let world = world();
    let mut transcript = Transcript::of(&world);
    for content in [
        &b"main = \"x"[..],
        b"passphrase = \"hunter2hunter2\"\nmain = 7\nmian = \"x\"\n",
        b"main = \"hunter2\xff\"\n",
        b"passphrase-file = \"hunter2\"\npassphrase-fd = 3\n",
        b"main = \"a\"\nmain = \"b\"\n",
        b"passphrase-fd = -1\n",
    ] {
        world.write("answers.toml", content);
        let note = String::from_utf8_lossy(content).trim_end().replace('\n', "\n# ");
        transcript = transcript.note(&note).run(&world.get_csrs(["--answers", "answers.toml"]));
    }
    transcript = transcript.run(&world.get_csrs(["--answers", "nowhere.toml"]));
    transcript = transcript.run(&world.get_csrs(["--answers", "home"]));
    told("get_csrs/an_answers_file_is_refused", [transcript.end()]);
}

#[test]
fn secrets_are_refused() {
    let world = world();
    let mut transcript = Transcript::of(&world);
    for (note, passphrase, password) in [
        ("short", "short", "a password for the sysadmin"),
        ("both short", "short", "shorter"),
        ("empty", "\n", "a password for the sysadmin"),
        ("easily guessed", "passwordpassword", "a password for the sysadmin"),
        ("the same twice", "the same for both of them", "the same for both of them"),
        ("the e-mail address", "nine lives, one passphrase", "admin@example.com"),
        ("a byte order mark", "\u{feff}saved by an editor on Windows", "a password for the sysadmin"),
    ] {
        world.write("passphrase", passphrase);
        world.write("password", password);
        transcript = transcript.note(note).run(&world.get_csrs_for(MAIN, ASSETS, &[]));
    }
    world.write("passphrase", "nine lives, one passphrase");
    world.chmod("passphrase", 0o644);
    std::fs::remove_file(world.password()).unwrap();
    transcript = transcript.note("one can be read by others, the other is missing");
    transcript = transcript.run(&world.get_csrs_for(MAIN, ASSETS, &[]));
    told("get_csrs/secrets_are_refused", [transcript.end()]);
}

#[test]
fn wrong_mode() {
    let (nothing, staged, installed, rotating) = (world(), staged(), installed(), rotating());
    let usual = |world: &tests::World, more: &[&str]| world.get_csrs_for(MAIN, ASSETS, more);
    told(
        "get_csrs/wrong_mode",
        [
            run(&nothing, "nothing is staged", &nothing.get_csrs(["--show"])),
            run(&nothing, "nothing is installed", &nothing.rotate(&[])),
            run(&staged, "something is staged", &usual(&staged, &[])),
            run(&staged, "a first pair is staged", &staged.rotate(&[])),
            run(
                &staged,
                "a sysadmin is never replaced",
                &usual(&staged, &["--replace-staged", "--sysadmin-email", "eve@example.com"]),
            ),
            run(&installed, "a pair is installed", &usual(&installed, &[])),
            run(&installed, "nothing is staged beside it", &installed.get_csrs(["--show"])),
            run(&rotating, "a rotation is staged", &rotating.rotate(&[])),
        ],
    );
}

#[test]
fn staged_requests_are_replaced() {
    let (first, rotation) = (staged(), rotating());
    told(
        "get_csrs/staged_requests_are_replaced",
        [
            run(&first, "a first pair", &first.get_csrs_for(MAIN, ASSETS, &["--replace-staged"])),
            run(&rotation, "a rotation", &rotation.rotate(&["--replace-staged"])),
        ],
    );
}

#[test]
fn outputs_are_refused() {
    let world = world();
    let mut transcript = Transcript::of(&world);
    for out in ["passphrase", "/nowhere/at/all"] {
        transcript = transcript.run(&world.get_csrs(["--out", out, "--yes"]));
    }
    for store in ["/nowhere/at/all", "/", "passphrase/store", ""] {
        transcript = transcript.run(&world.get_csrs_for(MAIN, ASSETS, &["--store", store]));
    }
    told("get_csrs/outputs_are_refused", [transcript.end()]);
}

#[test]
fn a_result_that_cannot_be_written() {
    let world = staged();
    let line = format!("exec '{}' --show --log-file get_csrs.log > /dev/full", PROGRAMS.get_csrs);
    let mut run = world.run("sh", ["-c", &line]);
    run.line = "get_csrs --show > /dev/full".to_owned();
    told("get_csrs/a_result_that_cannot_be_written", [Transcript::of(&world).run(&run).end()]);
}

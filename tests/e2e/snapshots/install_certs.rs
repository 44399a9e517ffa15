//! What `install_certs` says, but for refused chains and stores.

use super::{run, told};
use crate::{PROGRAMS, installed, rotating, signed, staged, world};
use std::fs;
use tests::{Transcript, World};

/// An empty directory to publish to.
fn directory(world: &World) {
    fs::create_dir(world.path("tls")).unwrap();
    world.chmod("tls", 0o755);
}

/// A pair installed by a rotation, the old one kept.
fn kept() -> World {
    let world = rotating();
    world.sign_with_openssl();
    world.install(&["--rotate", "--keep-previous"]).success();
    world
}

#[test]
fn plan_and_installation() {
    let world = signed();
    let look = world.install(&["--dry-run"]);
    let done = world.install(&[]);
    told("install_certs/plan_and_installation", [Transcript::of(&world).run(&look).run(&done).end()]);
}

#[test]
fn plan_and_installation_as_json() {
    let world = signed();
    let look = world.install(&["--dry-run", "--format", "json"]);
    let done = world.install(&["--format", "json"]);
    told("install_certs/plan_and_installation_as_json", [Transcript::of(&world).run(&look).run(&done).end()]);
}

#[test]
fn rotation() {
    let world = rotating();
    world.sign_with_openssl();
    let look = world.install(&["--rotate", "--dry-run"]);
    let done = world.install(&["--rotate"]);
    told("install_certs/rotation", [Transcript::of(&world).run(&look).run(&done).end()]);
}

#[test]
fn rotation_and_rollback() {
    let world = rotating();
    world.sign_with_openssl();
    let done = world.install(&["--rotate", "--keep-previous"]);
    let look = world.install_certs(["--rollback", "--dry-run"]);
    let back = world.install_certs(["--rollback", "--yes"]);
    let json = world.install_certs(["--rollback", "--yes", "--format", "json"]);
    let transcript = Transcript::of(&world).run(&done).run(&look).run(&back).run(&json);
    told("install_certs/rotation_and_rollback", [transcript.end()]);
}

#[test]
fn status() {
    let (first, current, both, three) = (staged(), installed(), rotating(), kept());
    let status = |world: &World| world.install_certs(["--status"]);
    told(
        "install_certs/status",
        [
            run(&first, "a first pair is staged", &status(&first)),
            run(&current, "a pair is installed", &status(&current)),
            run(&both, "a rotation is staged", &status(&both)),
            run(&three, "the old pair was kept", &status(&three)),
        ],
    );
}

#[test]
fn status_as_json() {
    let world = rotating();
    let json = world.install_certs(["--status", "--format", "json"]);
    told("install_certs/status_as_json", [Transcript::of(&world).run(&json).end()]);
}

#[test]
fn status_when_something_is_due() {
    let world = rotating();
    let due = world.install_certs(["--status", "--within", "91d"]);
    let later = world.install_certs(["--status", "--within", "soon"]);
    told("install_certs/status_when_something_is_due", [Transcript::of(&world).run(&due).run(&later).end()]);
}

#[test]
fn publishing_and_the_hook() {
    let world = signed();
    directory(&world);
    let hook = "echo $CLUSTER_CERTS_ACTION $CLUSTER_CERTS_GENERATION";
    let done = world.install(&["--publish", "tls", "--deploy-hook", hook]);
    let again = world.install_certs(["--republish", "--publish", "tls", "--deploy-hook", hook]);
    told("install_certs/publishing_and_the_hook", [Transcript::of(&world).run(&done).run(&again).end()]);
}

#[test]
fn a_hook_that_fails() {
    let world = signed();
    let exits = world.install(&["--deploy-hook", "echo broken; exit 3"]);
    let killed = world.install_certs(["--republish", "--deploy-hook", "kill -9 $$"]);
    let json = world.install_certs(["--republish", "--format", "json", "--deploy-hook", "echo no; false"]);
    told(
        "install_certs/a_hook_that_fails",
        [Transcript::of(&world).run(&exits).run(&killed).run(&json).end()],
    );
}

#[test]
fn publishing_that_fails() {
    let world = signed();
    directory(&world);
    world.chmod("tls", 0o777);
    let others = world.install(&["--publish", "tls"]);
    world.chmod("tls", 0o755);
    let nowhere = world.install(&["--publish", "/nowhere"]);
    fs::create_dir(world.path("tls/assets.key")).unwrap();
    let in_the_way = world.install(&["--publish", "tls"]);
    world.install(&[]).success();
    let republished = world.install_certs(["--republish", "--publish", "tls"]);
    told(
        "install_certs/publishing_that_fails",
        [
            run(&world, "others can write to it", &others),
            run(&world, "it does not exist", &nowhere),
            run(&world, "a directory is in the way", &in_the_way),
            run(&world, "and after the installation", &republished),
        ],
    );
}

#[test]
fn values_are_missing() {
    let (staged, installed) = (staged(), installed());
    let none = staged.install_certs::<&str>([]);
    let one = staged.install_certs(["--main", "signed/main.pem"]);
    let json = staged.install_certs(["--format", "json"]);
    let rollback = installed.install_certs(["--rollback"]);
    let republish = installed.install_certs(["--republish"]);
    told(
        "install_certs/values_are_missing",
        [
            Transcript::of(&staged).run(&none).run(&one).run(&json).end(),
            Transcript::of(&installed).run(&rollback).run(&republish).end(),
        ],
    );
}

#[test]
fn flags_are_refused() {
    let world = signed();
    let mut transcript = Transcript::of(&world);
    for flags in [
        "--stauts",
        "--main - --assets - --passphrase-file passphrase --yes",
        "--main - --assets x --passphrase-fd 0 --yes",
        "--keep-previous --yes",
        "--status --main signed/main.pem",
        "--rollback --rotate",
        "--trust-anchors nowhere.pem --main signed/main.pem --assets signed/assets.pem --passphrase-file passphrase --yes",
        "--trust-anchors csr/main.csr --main signed/main.pem --assets signed/assets.pem --passphrase-file passphrase --yes",
        "--trust-anchors passphrase --main signed/main.pem --assets signed/assets.pem --passphrase-file passphrase --yes",
    ] {
        transcript = transcript.run(&world.install_certs(flags.split(' ')));
    }
    told("install_certs/flags_are_refused", [transcript.end()]);
}

#[test]
fn wrong_mode() {
    let (none, first, current, rotation) = (world(), signed(), installed(), rotating());
    told(
        "install_certs/wrong_mode",
        [
            run(&none, "no store", &none.install(&[])),
            run(&none, "no store", &none.install_certs(["--status", "--format", "json"])),
            run(&first, "a first pair is staged", &first.install(&["--rotate"])),
            run(&first, "nothing is installed", &first.install_certs(["--rollback", "--yes"])),
            run(
                &first,
                "nothing is installed",
                &first.install_certs(["--republish", "--deploy-hook", "true"]),
            ),
            run(&current, "nothing is staged", &current.install(&[])),
            run(&current, "nothing was kept", &current.install_certs(["--rollback", "--yes"])),
            run(&rotation, "a rotation is staged", &rotation.install(&[])),
        ],
    );
}

#[test]
fn a_passphrase_that_does_not_open_the_keys() {
    let world = signed();
    let mut transcript = Transcript::of(&world);
    for (note, content) in [("wrong", "not the one that sealed them"), ("empty", "\n"), ("NUL", "nul\0in it")]
    {
        world.write("passphrase", content);
        transcript = transcript.note(note).run(&world.install(&[]));
    }
    world.chmod("passphrase", 0o604);
    transcript = transcript.note("others can read it").run(&world.install(&[]));
    fs::remove_file(world.passphrase()).unwrap();
    transcript = transcript.note("there is none").run(&world.install(&["--format", "json"]));
    transcript = transcript.run(&world.install(&["--passphrase-fd", "9"]));
    let rotation = rotating();
    rotation.sign_with_openssl();
    rotation.write("passphrase", "not the one that sealed them");
    told(
        "install_certs/a_passphrase_that_does_not_open_the_keys",
        [transcript.end(), run(&rotation, "in a rotation", &rotation.install(&["--rotate"]))],
    );
}

#[test]
fn a_result_that_cannot_be_written() {
    let world = signed();
    let flags = "--main signed/main.pem --assets signed/assets.pem --trust-anchors ca/root.pem \
                 --passphrase-file passphrase --yes";
    let shell = |flags: &str| {
        let line = format!("exec '{}' --log-file log {flags} > /dev/full", PROGRAMS.install_certs);
        let mut run = world.run("sh", ["-c", &line]);
        run.line = format!("install_certs {flags} > /dev/full");
        run
    };
    let (status, done) = (shell("--status"), shell(flags));
    told(
        "install_certs/a_result_that_cannot_be_written",
        [Transcript::of(&world).run(&status).run(&done).end()],
    );
}

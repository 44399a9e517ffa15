//! What follows a commit: copies for other servers, the deploy hook, the status; the commit stands.

use crate::{installed, rotating, signed, staged};
use common::Role;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use tests::{World, openssl};

/// An empty directory to publish to.
fn directory(world: &World) -> String {
    let path = world.path("tls");
    fs::create_dir(&path).unwrap();
    world.chmod("tls", 0o755);
    path.display().to_string()
}

fn status(world: &World, more: &[&str]) -> tests::Ran {
    world.install_certs(["--status", "--format", "json"].iter().chain(more))
}

#[test]
fn the_hook_sees_the_published_pair_and_nothing_else() {
    let world = signed();
    let published = directory(&world);
    let hook = "ls $CLUSTER_CERTS_PUBLISHED; echo $CLUSTER_CERTS_ACTION $CLUSTER_CERTS_GENERATION $HOME.";
    let run = world.install(&["--publish", &published, "--deploy-hook", hook]);
    run.ended(0);
    let said: Vec<_> = run.stderr.lines().filter_map(|line| line.strip_prefix("hook: ")).collect();
    assert_eq!(said, ["assets.key", "assets.pem", "main.key", "main.pem", "install 2 ."], "{run}");
    for role in Role::BOTH {
        for (kind, mode) in [("pem", 0o644), ("key", 0o600)] {
            let file = world.path(format!("tls/{}.{kind}", role.stem()));
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o7777, mode);
        }
        let (key, chain) =
            (world.path(format!("tls/{}.key", role.stem())), world.path(format!("tls/{}.pem", role.stem())));
        assert_eq!(
            openssl::sealed_key_public_key(&world, &key, &world.passphrase()),
            openssl::certificate_public_key(&world, &chain)
        );
    }
}

#[test]
fn the_hook_finds_no_secret_and_the_process_its_caller_would_have() {
    let world = signed();
    let hook = "umask; ulimit -S -c; for n in 3 4 5 6 7 8 9; do [ ! -e /proc/self/fd/$n ] || echo $n; done";
    let script = r#"umask 027; ulimit -S -c 2; ulimit -S -c >limit; exec "$@" 7<passphrase 9<passphrase"#;
    let install = world.install_certs_command();
    let mut shell = world.command("/bin/sh");
    shell.args(["-c", script, "sh"]).arg(install.get_program()).args(install.get_args());
    let [main, assets] = Role::BOTH.map(|role| world.chain(role).display().to_string());
    let flags =
        ["--main", &main, "--assets", &assets, "--trust-anchors", "ca/root.pem", "--passphrase-fd", "7"];
    let run = world.with_input(shell, flags.iter().chain(&["--yes", "--deploy-hook", hook]), b"");
    run.ended(0);
    let said: Vec<_> = run.stderr.lines().filter_map(|line| line.strip_prefix("hook: ")).collect();
    // Where the hard limit is 0 already, so is the soft one.
    assert_eq!(said, ["0027", world.read("limit").trim()], "{run}");
}

#[test]
fn a_hook_that_takes_too_long_is_exit_8_and_the_pair_is_installed() {
    let world = signed();
    let hook = ["--deploy-hook", "echo waiting; sleep 600", "--hook-timeout", "1"];
    world.install(&hook).refused(8, &["was ended after 1 second", "--hook-timeout", "the pair is installed"]);
    assert_eq!(status(&world, &[]).json().pointer("/current/generation").unwrap(), 2);
}

#[test]
fn a_hook_that_hangs_is_ended_by_ctrl_c_and_the_pair_is_installed() {
    let world = signed();
    // Its parent is the command, which Ctrl-C at a terminal would reach and the hook would not.
    let hook = ["--deploy-hook", "kill -INT $PPID; sleep 60"];
    world.install(&hook).refused(8, &["the deploy hook was ended by signal 15", "the pair is installed"]);
    assert_eq!(status(&world, &[]).json().pointer("/current/generation").unwrap(), 2);
}

#[test]
fn a_failing_hook_is_exit_8_and_the_pair_is_installed() {
    for (hook, ending) in [("echo broken; exit 3", "exited with status 3"), ("kill -9 $$", "signal 9")] {
        let world = signed();
        world.install(&["--deploy-hook", hook]).refused(8, &[ending, "the pair is installed"]);
        assert_eq!(status(&world, &[]).json().pointer("/current/generation").unwrap(), 2);
        world.install_certs(["--republish", "--deploy-hook", "true"]).success();
    }
}

#[test]
fn a_failing_hook_is_part_of_the_one_json_document() {
    let run = signed().install(&["--format", "json", "--deploy-hook", "printf 'a\\033b\\n'; false"]);
    let document = run.json();
    assert_eq!(document.pointer("/outcome").unwrap(), "hook-failed", "{run}");
    assert_eq!(document.pointer("/generation").unwrap(), 2);
    assert_eq!(document.pointer("/hook/output/0").unwrap(), "a\\u{1b}b");
    run.refused(8, &["exited with status 1"]);
}

#[test]
fn a_directory_that_cannot_be_published_to_is_refused_before_anything_changes() {
    let world = signed();
    let path = directory(&world);
    world.chmod("tls", 0o777);
    world.refuses(
        |world| world.install(&["--publish", &path]),
        2,
        &["written by others", "nothing is installed"],
    );
    world.chmod("tls", 0o755);
    fs::create_dir(world.path("tls/assets.key")).unwrap();
    world.refuses(|world| world.install(&["--publish", &path]), 2, &["assets.key"]);
    world.refuses(|world| world.install(&["--publish", "/nowhere"]), 2, &["/nowhere"]);
}

#[test]
fn a_dry_run_checks_everything_and_changes_nothing() {
    let world = signed();
    let before = world.snapshot();
    let text = world.install(&["--dry-run", "--deploy-hook", "touch ran"]).success();
    assert!(text.contains("every check passed; nothing was written") && text.contains("TLSv1.2"), "{text}");
    assert_eq!(world.snapshot(), before);
    assert!(!world.path("ran").exists());
}

#[test]
fn the_status_is_due_by_the_limits_given() {
    let world = rotating();
    status(&world, &["--within", "1h"]).ended(0);
    let due = status(&world, &["--within", "5000"]);
    assert_eq!(due.json().pointer("/due").unwrap().as_array().unwrap().len(), 1, "{due}");
    due.ended(10);
    let staged = status(&world, &["--within", "1h", "--staged-longer-than", "4000w"]).json();
    assert_eq!(staged.pointer("/staged/purpose").unwrap(), "rotation");
    assert_eq!(staged.pointer("/outcome").unwrap(), "done");
}

#[test]
fn the_status_leaves_nothing_behind_and_needs_a_store() {
    let world = installed();
    let (before, log) = (world.snapshot(), world.read("install_certs.log"));
    status(&world, &[]).ended(0);
    assert_eq!((world.snapshot(), world.read("install_certs.log")), (before, log));
    crate::world().install_certs(["--status"]).refused(4, &["no store", "get_csrs"]);
}

#[test]
fn without_a_terminal_all_that_is_missing_is_listed_at_once() {
    let all = ["--main FILE", "--assets FILE", "--passphrase-file FILE", "--yes"];
    staged().refuses(|world| world.install_certs::<&str>([]), 2, &all);
}

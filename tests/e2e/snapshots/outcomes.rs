//! Ends that need a world in trouble: outcomes that are not known, limits, logs and results that cannot be written.

use super::{run, told};
use crate::{PROGRAMS, rotating, signed, staged, world};
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use tests::world::{ASSETS, MAIN};
use tests::{Ran, Transcript, World};

/// Whether system calls on a path can be made to fail: the commands hide their descriptors from all but root.
fn can_inject(what: &str) -> bool {
    if !rustix::process::geteuid().is_root() {
        tests::left_out(what, "the right to look into a hardened process (root)");
        return false;
    }
    tests::has_programs(what, &["strace"])
}

/// Runs a command whose system call on a path fails like this.
fn injected(world: &World, path: &str, fault: &str, command: &Command, flags: &str) -> Ran {
    let (call, _) = fault.split_once(':').unwrap();
    let (trace, inject) = (format!("trace={call}"), format!("inject={fault}"));
    let path = world.path(path).display().to_string();
    let mut strace = world.command("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-P", &path, "-e", &trace, "-e", &inject]);
    strace.arg(command.get_program()).args(command.get_args());
    let run = world.with_input(strace, flags.split(' '), b"");
    let line = tests::ran::shown(command, &world.path(""));
    Ran { line: format!("{line} {flags}"), ..run }
}

const REQUEST: &str = "--main kms.example.com --assets kms-ui.example.com --cluster-name lab --key-type NISTP256 \
                       --passphrase-file passphrase --replace-staged --yes";
const INSTALL: &str = "--main signed/main.pem --assets signed/assets.pem --trust-anchors ca/root.pem \
                       --passphrase-file passphrase --yes";

/// The fourth sync of the store's directory follows the rename.
#[test]
fn uncertain() {
    if !can_inject("an outcome that is not known") {
        return;
    }
    let fault = "fsync:error=EIO:when=4";
    let request = {
        let world = staged();
        let ran = injected(&world, "store", fault, &world.get_csrs_command(), REQUEST);
        run(&world, "the last sync fails", &ran)
    };
    let world = signed();
    let install = injected(&world, "store", fault, &world.install_certs_command(), INSTALL);
    let install = run(&world, "the last sync fails", &install);
    told("install_certs/an_outcome_that_is_not_known", [request, install]);
}

#[test]
fn published_in_vain() {
    if !can_inject("publishing that fails after the installation") {
        return;
    }
    let world = signed();
    fs::create_dir(world.path("tls")).unwrap();
    world.chmod("tls", 0o755);
    let flags = format!("{INSTALL} --publish tls");
    let ran = injected(&world, "tls", "fsync:error=ENOSPC", &world.install_certs_command(), &flags);
    told(
        "install_certs/publishing_that_fails_after_the_installation",
        [Transcript::of(&world).run(&ran).end()],
    );
}

#[test]
fn limits_of_the_system() {
    let limited = |limit: &str| {
        let world = signed();
        let mut command = world.command("sh");
        command.arg("-c").arg(format!("ulimit {limit}; exec \"$0\" \"$@\""));
        command.arg(PROGRAMS.install_certs).args(["--log-file", "log"]);
        let ran = Ran {
            line: format!("install_certs {INSTALL}"),
            ..world.with_input(command, INSTALL.split(' '), b"")
        };
        run(&world, &format!("ulimit {limit}"), &ran)
    };
    told("install_certs/limits_of_the_system", [limited("-f 0"), limited("-n 6")]);
}

#[test]
fn a_log_that_cannot_be_written() {
    let world = world();
    fs::create_dir(world.path("get_csrs.log")).unwrap();
    let request = world.get_csrs_for(MAIN, ASSETS, &[]);
    symlink("/dev/full", world.path("install_certs.log")).unwrap();
    world.sign_with_openssl();
    let install = world.install(&[]);
    told(
        "install_certs/a_log_that_cannot_be_written",
        [Transcript::of(&world).run(&request).run(&install).end()],
    );
}

fn into_a_full_device(program: &str, flags: &str, story: &str) {
    let world = rotating();
    let ran = world.run("sh", ["-c", &format!("exec '{program}' {flags} > /dev/full")]);
    let name = story.split('/').next().unwrap();
    let ran = Ran { line: format!("{name} {flags} > /dev/full"), ..ran };
    told(story, [Transcript::of(&world).run(&ran).end()]);
}

#[test]
fn results_that_cannot_be_written() {
    into_a_full_device(PROGRAMS.check_csrs, "csr", "check_csrs/a_result_that_cannot_be_written");
    into_a_full_device(
        PROGRAMS.check_certs,
        "signed/main.pem",
        "check_certs/a_result_that_cannot_be_written",
    );
    let flags = "--ca lab --ca-passphrase-file ca-passphrase --out out csr/main.csr csr/assets.csr";
    into_a_full_device(PROGRAMS.sign_csrs, flags, "sign_csrs/a_result_that_cannot_be_written");
}

#[test]
fn a_history_that_is_in_use() {
    if !tests::has_programs("a history that is in use", &["flock"]) {
        return;
    }
    let world = staged();
    world.check_csrs(["--history", "seen", "csr"]).success();
    let again = world.check_csrs(["--history", "seen", "csr"]);
    let line = format!("exec flock seen '{}' --history seen csr", PROGRAMS.check_csrs);
    let busy = Ran { line: "check_csrs --history seen csr".into(), ..world.run("sh", ["-c", &line]) };
    let transcript =
        Transcript::of(&world).note("seen before").run(&again).note("somebody uses it").run(&busy);
    told("check_csrs/a_history", [transcript.end()]);
}

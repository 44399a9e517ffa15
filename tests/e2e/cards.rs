//! The cards: every console block of the README does and prints what it says.

use crate::{PROGRAMS, world};
use std::os::unix::fs::PermissionsExt;
use tests::card::{self, Step};
use tests::project;
use tests::{Ran, World};

#[test]
fn the_readme_is_true() {
    let readme = std::fs::read_to_string(project().join("README.md")).unwrap();
    let steps = card::steps(&readme);
    assert!(!steps.is_empty(), "README.md has no console block");
    let world = world();
    install_commands(&world);
    sit_down(&world);
    let faults: Vec<_> = steps.iter().filter_map(|step| fault(&world, step)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// Puts the commands on the world's PATH under their own names, logging inside the world.
fn install_commands(world: &World) {
    for (name, program, log) in [
        ("get_csrs", PROGRAMS.get_csrs, true),
        ("install_certs", PROGRAMS.install_certs, true),
        ("sign_csrs", PROGRAMS.sign_csrs, false),
        ("check_csrs", PROGRAMS.check_csrs, false),
    ] {
        let log = if log { format!("--log-file '{}'", world.path("log").display()) } else { String::new() };
        let script = format!(
            "#!/bin/sh\ncase \"$*\" in *--generate*|*--help*|*--version*) exec '{program}' \"$@\";; esac\n\
             exec '{program}' {log} \"$@\"\n"
        );
        world.write(&format!("bin/{name}"), script);
        std::fs::set_permissions(world.path("bin").join(name), std::fs::Permissions::from_mode(0o755))
            .unwrap();
    }
}

/// The folder the card is played in: empty but for the secrets a reader has at hand.
fn sit_down(world: &World) {
    for secret in ["password", "passphrase", "ca-passphrase"] {
        world.write(&format!("card/{secret}"), world.read(secret));
    }
}

fn fault(world: &World, step: &Step) -> Option<String> {
    let mut bash = world.command("bash");
    let path = std::env::join_paths(
        std::iter::once(world.path("bin")).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    bash.env("PATH", path.unwrap()).current_dir(world.path("card"));
    // A reader's own umask: secrets written by a card must not depend on it.
    let script = format!("exec 2>&1; umask 022; {}", step.command);
    let run: Ran = world.with_input(bash, ["-c", &script], b"");
    let mut printed: Vec<&str> = run.stdout.lines().collect();
    let status = format!("[exit status {}]", run.code.unwrap_or(-1));
    if run.code != Some(0) {
        printed.push(&status);
    }
    let said = step.expected.join("\n");
    (!step.holds(&printed)).then(|| {
        format!(
            "README.md:{}: $ {}\n--- said\n{said}\n--- printed\n{}",
            step.line,
            step.command,
            printed.join("\n")
        )
    })
}

//! Rotations: new keys every time, both certificates in one step, the old pair gone or kept.

use crate::{installed, rotating, staged};
use common::Role;
use tests::openssl;

#[test]
fn a_rotation_needs_nothing_but_the_passphrase_and_touches_nothing_served() {
    let world = installed();
    let before = world.snapshot();
    let served: Vec<_> = before.paths().filter(|path| path.starts_with("generations")).collect();
    world.rotate(&[]).success();
    let after = world.snapshot();
    for path in served.iter().filter_map(|path| path.to_str()) {
        assert_eq!(before.content(path), after.content(path), "{path}");
    }
    for role in Role::BOTH {
        openssl::verified_request_text(&world, &world.csr(role));
    }
}

#[test]
fn a_rotation_makes_new_keys_and_removes_the_old_pair() {
    let world = rotating();
    let old = Role::BOTH.map(|role| openssl::certificate_public_key(&world, &world.chain(role)));
    world.sign_with_openssl();
    world.install(&["--rotate"]).success();
    for (role, old) in Role::BOTH.into_iter().zip(old) {
        assert_ne!(openssl::certificate_public_key(&world, &world.chain(role)), old);
    }
    let chains = world.snapshot().paths().filter(|path| path.ends_with("main.pem")).count();
    assert_eq!(chains, 1, "the old pair is gone");
}

#[test]
fn a_pair_that_is_kept_can_be_rolled_back_to() {
    let world = rotating();
    let old = openssl::serial(&world, &world.chain(Role::Main));
    world.sign_with_openssl();
    let new = openssl::serial(&world, &world.chain(Role::Main));
    world.install(&["--rotate", "--keep-previous"]).success();
    assert_eq!(current_serial(&world), new);
    world.install_certs(["--rollback", "--yes"]).success();
    assert_eq!(current_serial(&world), old);
    world.install_certs(["--rollback", "--yes"]).success();
    assert_eq!(current_serial(&world), new);
}

#[test]
fn every_installed_generation_that_goes_is_named() {
    let world = rotating();
    world.sign_with_openssl();
    let kept = world.install(&["--rotate", "--keep-previous", "--format", "json"]).json();
    assert_eq!(kept["removed_generations"], serde_json::json!([]), "{kept:#}");
    world.rotate(&[]).success();
    world.sign_with_openssl();
    let both = world.install(&["--rotate", "--format", "json"]).json();
    assert_eq!(both["removed_generations"], serde_json::json!([2, 4]), "{both:#}");
}

/// The serial of Main as `--status` tells it, in openssl's spelling.
fn current_serial(world: &tests::World) -> String {
    let status = world.install_certs(["--status", "--format", "json"]).json();
    let serial = status.pointer("/current/roles/main/serial").unwrap_or_else(|| panic!("{status:#}"));
    format!("serial={}\n", serial.as_str().unwrap().replace(':', ""))
}

#[test]
fn the_wrong_mode_is_refused_with_the_right_command() {
    rotating().refuses(
        |world| {
            world.sign_with_openssl();
            world.install(&[])
        },
        4,
        &["rotation", "--rotate"],
    );
    staged().refuses(
        |world| {
            world.sign_with_openssl();
            world.install(&["--rotate"])
        },
        4,
        &["first installation", "leave out --rotate"],
    );
    installed().refuses(
        |world| world.get_csrs_for("kms.example.com", "kms-ui.example.com", &[]),
        4,
        &["--rotate"],
    );
    staged().refuses(|world| world.rotate(&[]), 4, &["staged"]);
    crate::world().refuses(|world| world.rotate(&[]), 4, &["installed"]);
}

#[test]
fn a_staged_pair_is_replaced_only_when_told() {
    let world = staged();
    world.refuses(
        |world| world.get_csrs_for("kms.example.com", "kms-ui.example.com", &[]),
        4,
        &["--replace-staged"],
    );
    let before = world.read(world.csr(Role::Main));
    world.stage(&["--replace-staged"]);
    assert_ne!(world.read(world.csr(Role::Main)), before);
}

//! What each command says of itself.

use super::told;
use crate::world;
use tests::Transcript;

#[test]
fn of_get_csrs() {
    let world = world();
    told("get_csrs/help", [Transcript::of(&world).verbatim(&world.get_csrs(["--help"])).end()]);
}

#[test]
fn of_install_certs() {
    let world = world();
    told("install_certs/help", [Transcript::of(&world).verbatim(&world.install_certs(["--help"])).end()]);
}

#[test]
fn of_check_csrs() {
    let world = world();
    told("check_csrs/help", [Transcript::of(&world).verbatim(&world.check_csrs(["--help"])).end()]);
}

#[test]
fn of_check_certs() {
    let world = world();
    told("check_certs/help", [Transcript::of(&world).verbatim(&world.check_certs(["--help"])).end()]);
}

#[test]
fn of_sign_csrs() {
    let world = world();
    told("sign_csrs/help", [Transcript::of(&world).verbatim(&world.sign_csrs(["--help"])).end()]);
}

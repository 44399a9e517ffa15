//! What `install_certs` says of a store it cannot use.

use super::told;
use crate::{signed, staged, world};
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Stdio;
use tests::world::{ASSETS, MAIN};
use tests::{Transcript, World};

type Spoil = fn(&World);

/// Tells what is said of each spoiled store.
fn of_stores(make: fn() -> World, cases: &[(&str, Spoil)]) -> Vec<String> {
    let one = |(note, spoil): &(&str, Spoil)| {
        let world = make();
        spoil(&world);
        Transcript::of(&world).note(note).run(&world.install_certs(["--status"])).end()
    };
    cases.iter().map(one).collect()
}

#[test]
fn something_else_in_its_place() {
    let texts = of_stores(
        world,
        &[
            ("a file", |world| drop(world.write("store", "mine"))),
            ("a symbolic link", |world| symlink("/tmp", world.store()).unwrap()),
            ("somebody's directory", |world| {
                world.write("store/notes.txt", "mine");
                world.chmod("store", 0o700);
            }),
        ],
    );
    told("install_certs/something_else_in_the_place_of_the_store", texts);
}

#[test]
fn damaged() {
    let texts = of_stores(
        staged,
        &[
            ("STATE is empty", |world| drop(world.write("store/STATE", ""))),
            ("STATE is something else", |world| drop(world.write("store/STATE", "{}"))),
            ("STATE is too large", |world| drop(world.write("store/STATE", [b' '; 9000]))),
            ("STATE is missing", |world| fs::remove_file(world.path("store/STATE")).unwrap()),
            ("the generations are missing", |world| {
                fs::remove_dir_all(world.path("store/generations")).unwrap()
            }),
            ("the accounts are missing", |world| fs::remove_dir_all(world.path("store/documents")).unwrap()),
            ("a key is empty", |world| drop(world.write("store/generations/00000001/main.key", ""))),
            ("a request is missing", |world| {
                fs::remove_file(world.path("store/generations/00000001/assets.csr")).unwrap();
            }),
            ("a key is that of the other role", |world| {
                let key = |role| world.path(format!("store/generations/00000001/{role}.key"));
                fs::copy(key("assets"), key("main")).unwrap();
            }),
        ],
    );
    told("install_certs/a_damaged_store", texts);
}

#[test]
fn not_to_be_trusted() {
    let texts = of_stores(
        staged,
        &[
            ("others can enter it", |world| world.chmod("store", 0o755)),
            ("others can read STATE", |world| world.chmod("store/STATE", 0o644)),
            ("others can read a key", |world| world.chmod("store/generations/00000001/main.key", 0o640)),
            ("STATE has two names", |world| {
                fs::hard_link(world.path("store/STATE"), world.path("copy")).unwrap();
            }),
            ("others can replace it", |world| world.chmod("", 0o777)),
        ],
    );
    told("install_certs/a_store_that_cannot_be_trusted", texts);
}

#[test]
fn busy() {
    if !tests::has_programs("a store that is busy", &["flock"]) {
        return;
    }
    let world = signed();
    let mut holder = world.command("flock");
    holder.arg(world.store()).args(["sh", "-c", "echo held; read end"]);
    let mut holder = holder.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = [0; 4];
    std::io::Read::read_exact(holder.stdout.as_mut().unwrap(), &mut said).unwrap();
    let requests = world.get_csrs_for(MAIN, ASSETS, &["--replace-staged"]);
    let (install, json) = (world.install(&[]), world.install(&["--format", "json"]));
    drop(holder.stdin.take());
    holder.wait().unwrap();
    told(
        "install_certs/a_store_that_is_busy",
        [Transcript::of(&world).run(&requests).run(&install).run(&json).end()],
    );
}

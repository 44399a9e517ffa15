use super::*;
use crate::layout;
use crate::manifest::{FileEntry, Manifest};
use crate::snapshot::{Files, Generation};
use common::Role;
use common::Sha256;

/// The installed generation of a store, as its manifest and its files.
fn installed() -> (Manifest, Files) {
    let generation = Bench::after("si").snapshot().unwrap().current.unwrap();
    let mut files = Files::new();
    for role in [Role::Main, Role::Assets] {
        files.insert(layout::key(role), generation.keys.of(role).to_pem().into());
        files.insert(layout::request(role), generation.requests.of(role).to_pem().into());
        let chains = generation.chains.as_ref().unwrap();
        files.insert(layout::chain(role), chains.of(role).to_pem().into());
    }
    (generation.manifest, files)
}

/// Puts another file in and corrects the list of files, as somebody would who wants to be believed.
fn exchange((manifest, files): &mut (Manifest, Files), name: &str, bytes: Vec<u8>) {
    let entry = manifest.files.iter_mut().find(|entry| entry.name == name).unwrap();
    *entry = FileEntry::of(name, &bytes);
    files.insert(name.to_owned(), bytes);
}

fn refused((manifest, files): (Manifest, Files), file: &str) {
    let flaw = Generation::decode(manifest, &files).unwrap_err();
    assert_eq!(flaw.file, file, "{}", flaw.fault);
    assert!(flaw.fault.contains("than the manifest names"), "{}", flaw.fault);
}

#[test]
fn a_generation_is_what_its_manifest_names() {
    let (manifest, files) = installed();
    assert!(Generation::decode(manifest, &files).is_ok());
}

#[test]
fn another_request_is_refused_even_for_the_same_key() {
    let changes: [fn(&mut Manifest); 2] = [
        |manifest| manifest.roles.main.request = Sha256::of(b"another"),
        |manifest| manifest.roles.main.spki = Sha256::of(b"another"),
    ];
    for change in changes {
        let mut generation = installed();
        change(&mut generation.0);
        refused(generation, "main.csr");
    }
}

#[test]
fn the_chain_of_another_key_is_refused_with_its_digest_corrected() {
    let mut generation = installed();
    let (_, mut others) = installed();
    exchange(&mut generation, "assets.pem", others.remove("assets.pem").unwrap());
    refused(generation, "assets.pem");
}

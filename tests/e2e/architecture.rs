//! The direction between crates (`docs/architecture.md`). Cargo refuses circles and the compiler refuses what a
//! manifest does not name; what is left to hold is which names a manifest may have.

use std::fs;
use tests::project;

/// The crates of the product, and which of the others each may use.
const CRATES: &[(&str, &str, &[&str])] = &[
    ("common", "common", &[]),
    ("pki", "common/pki", &["common"]),
    ("store", "common/store", &["common", "pki"]),
    ("tls", "common/tls", &["common", "pki"]),
    ("flow", "common/flow", &["common", "pki", "store", "tls"]),
    ("cli", "cli", &["common", "flow", "pki", "store", "tls"]),
    ("get_csrs", "get_csrs", &["cli", "common", "flow", "pki", "store", "tls"]),
    ("install_certs", "install_certs", &["cli", "common", "flow", "pki", "store", "tls"]),
    ("ca_desk", "ca_desk", &["cli", "common", "pki"]),
];

fn manifest(folder: &str) -> String {
    fs::read_to_string(project().join(folder).join("Cargo.toml")).unwrap()
}

/// The names below `[dependencies]`, what only tests use left out.
fn dependencies(manifest: &str) -> Vec<&str> {
    let of_product = manifest.split("\n[dependencies]\n").nth(1).unwrap_or_default();
    let of_product = of_product.split("\n[").next().unwrap_or_default();
    of_product.lines().filter_map(|line| line.split(['.', ' ', '=']).next()).collect()
}

#[test]
fn crates_use_each_other_in_one_direction() {
    for (name, folder, may_use) in CRATES {
        let manifest = manifest(folder);
        let used = dependencies(&manifest);
        assert!(!used.is_empty(), "{folder}/Cargo.toml names what it uses");
        for other in CRATES.iter().map(|(other, ..)| other).filter(|other| used.contains(other)) {
            assert!(may_use.contains(other), "{name} depends on {other}");
        }
    }
}

#[test]
fn every_member_of_the_workspace_has_its_place() {
    let workspace = manifest("");
    let members = workspace.lines().find(|line| line.starts_with("members = ")).unwrap();
    let judges = ["tests", "tests/demo", "proof"];
    for member in members.split('"').skip(1).step_by(2).filter(|member| !judges.contains(member)) {
        assert!(CRATES.iter().any(|(_, folder, _)| folder == &member), "give {member} a place in CRATES");
    }
}

/// Clippy finds `common/clippy.toml` from every library below `common`.
#[test]
fn the_libraries_are_fenced_off_from_the_world() {
    let fence = fs::read_to_string(project().join("common/clippy.toml")).unwrap();
    for banned in ["std::fs", "std::env", "std::net", "std::process::exit", "std::time::SystemTime::now"] {
        assert!(fence.contains(banned), "common/clippy.toml does not ban {banned}");
    }
    for (_, folder, _) in CRATES.iter().filter(|(_, folder, _)| folder.starts_with("common/")) {
        assert!(!project().join(folder).join("clippy.toml").exists(), "{folder} has a fence of its own");
    }
}

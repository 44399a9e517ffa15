//! The house: which room may use which (`docs/architecture.md`), read from our own sources.

use std::fs;
use tests::sources::{self, Source};

/// The rooms of `common` by floors: a room uses rooms of its own floor and of those below.
const FLOORS: &[&[&str]] = &[
    &["role", "timestamp", "untrusted"],
    &[
        "pki::extensions",
        "pki::key",
        "pki::name",
        "pki::pem",
        "pki::second_opinion",
        "pki::signature",
        "pki::spki",
    ],
    &["account", "pki::certificate", "pki::chain", "pki::csr", "pki::dsa", "pki::sealed"],
    &["pki::constraints"],
    &["pki::expectation", "pki::rules", "spec"],
    &["pki::rfc5280"],
    &["pki::verify"],
    &["tls", "store::layout", "store::manifest", "store::state"],
    &["store::rotation", "store::snapshot"],
    &["store::disk"],
];

/// What goes up all the same, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "pki::csr",
    "spec",
    "building a request takes what is to be requested, and nothing else may build one",
)];

/// Rooms that know nothing of each other although the floors would let them.
const STRANGERS: (&str, &str) = ("tls", "store");

/// Packages of the workspace, and which of them each may use.
const PACKAGES: &[(&str, &[&str])] = &[
    ("common", &[]),
    ("cli", &["common"]),
    ("get_csrs", &["cli", "common"]),
    ("install_certs", &["cli", "common"]),
    ("ca_desk", &["cli", "common"]),
];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.iter().any(|room| is_in(module, room)))
}

fn is_in(module: &str, room: &str) -> bool {
    module.strip_prefix(room).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// What is wrong with one use, if anything.
fn fault(from: &str, to: &str) -> Option<String> {
    if EXCEPTIONS.iter().any(|(a, b, _)| is_in(from, a) && is_in(to, b)) {
        return None;
    }
    let (a, b) = STRANGERS;
    if (is_in(from, a) && is_in(to, b)) || (is_in(from, b) && is_in(to, a)) {
        return Some(format!("{from} uses {to}: {a} and {b} do not know each other"));
    }
    match (floor(from), floor(to)) {
        (Some(here), Some(there)) if there > here => Some(format!("{from} uses {to}: that is upwards")),
        _ => None,
    }
}

/// The door of a room (`mod.rs`) re-exports; it has no floor of its own.
fn is_door(source: &Source) -> bool {
    ["", "pki", "store"].contains(&source.module.as_str())
}

#[test]
fn no_room_of_the_library_uses_one_above_it() {
    let sources = sources::of_crate("common");
    assert!(sources.len() > 30, "the sources are where they were looked for");
    let uses = sources.iter().filter(|source| !is_door(source)).flat_map(|source| {
        let doors = source.uses().into_iter().map(|to| match to.as_str() {
            "Pair" | "Role" => "role".to_owned(),
            "Timestamp" => "timestamp".to_owned(),
            "Untrusted" => "untrusted".to_owned(),
            _ => to,
        });
        doors.map(|to| (source, to)).collect::<Vec<_>>()
    });
    let faults: Vec<_> = uses
        .filter_map(|(source, to)| {
            fault(&source.module, &to).map(|fault| format!("{}: {fault}", source.path.display()))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_room_has_a_floor_and_every_floor_a_room() {
    let sources = sources::of_crate("common");
    let homeless: Vec<_> = sources
        .iter()
        .filter(|source| !is_door(source) && floor(&source.module).is_none())
        .map(|source| &source.path)
        .collect();
    assert!(homeless.is_empty(), "give these a floor in FLOORS: {homeless:?}");
    let empty = |room: &&&str| !sources.iter().any(|source| is_in(&source.module, room));
    let empty: Vec<_> = FLOORS.iter().copied().flatten().filter(empty).collect();
    assert!(empty.is_empty(), "these rooms are gone: {empty:?}");
    for (from, to, _) in EXCEPTIONS {
        let used = sources.iter().filter(|source| is_in(&source.module, from));
        assert!(used.flat_map(Source::uses).any(|used| is_in(&used, to)), "stale exception: {from} to {to}");
    }
}

#[test]
fn the_wrong_direction_is_seen() {
    for (from, to, wrong) in [
        ("pki::pem", "store::disk::Store", true),
        ("pki::csr", "pki::rules::Finding", true),
        ("tls::config", "store::state::State", true),
        ("store::snapshot", "tls::config", true),
        ("pki::csr", "spec::RequestSpec", false),
        ("pki::chain", "spec::RequestSpec", true),
        ("store::disk", "pki::verify::VerifiedChain", false),
        ("pki::name::dns", "untrusted", false),
    ] {
        assert_eq!(fault(from, to).is_some(), wrong, "{from} uses {to}");
    }
}

#[test]
fn packages_use_each_other_in_one_direction() {
    for (name, may_use) in PACKAGES {
        let manifest = fs::read_to_string(sources::project().join(name).join("Cargo.toml")).unwrap();
        let product = manifest.split("[dev-dependencies]").next().unwrap();
        for (other, _) in PACKAGES {
            let uses = product.lines().any(|line| line.split(['.', ' ', '=']).next() == Some(other));
            assert!(!uses || may_use.contains(other), "{name} depends on {other}");
        }
    }
}

#[test]
fn the_library_touches_the_world_in_one_place() {
    let fence = fs::read_to_string(sources::project().join("common/clippy.toml")).unwrap();
    for banned in ["std::fs", "std::env", "std::net", "std::process::exit", "std::time::SystemTime::now"] {
        assert!(fence.contains(banned), "common/clippy.toml does not ban {banned}");
    }
    let world = [
        "std::fs",
        "std::env",
        "std::process",
        "std::thread::sleep",
        "SystemTime",
        "Instant::now",
        "println!",
    ];
    for source in sources::of_crate("common") {
        if is_in(&source.module, "store::disk") {
            continue;
        }
        for word in world {
            assert!(!source.code.contains(word), "{} uses {word}", source.path.display());
        }
        for (index, _) in source.code.match_indices("std::net::") {
            let what = source.code.get(index + "std::net::".len()..).unwrap();
            let address = ["IpAddr", "Ipv4Addr", "Ipv6Addr", "{IpAddr", "{Ipv4Addr"];
            assert!(
                address.iter().any(|name| what.starts_with(name)),
                "{} uses the network",
                source.path.display()
            );
        }
    }
}

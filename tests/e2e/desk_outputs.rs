//! What the desk's commands print for people at a terminal, and for programs.

use crate::{PROGRAMS, staged, world};
use serde_json::Value;
use std::collections::BTreeSet;
use tests::terminal::{Terminal, is_here};
use tests::{World, openssl::openssl};

/// A file of twenty thousand requests: a run of more than half a second.
fn many(world: &World) {
    let words = ["req", "-new", "-noenc", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let more = ["-keyout", "k", "-out", "one.csr", "-subj", "/CN=a.example.com", "-addext"];
    openssl(world, &[&words[..], &more, &["subjectAltName=DNS:a.example.com"]].concat()).success();
    world.write("many", world.read("one.csr").repeat(20_000));
}

#[test]
fn a_long_run_shows_a_bar_at_a_terminal_and_nowhere_else() {
    if !is_here() {
        return;
    }
    let world = world();
    many(&world);
    let at_terminal = |file: &str| {
        let mut command = world.command("sh");
        command.args(["-c", &format!("'{}' {file} >out", PROGRAMS.check_csrs)]);
        let ended = Terminal::start(command).end();
        assert_eq!(ended.code, 0, "{}", ended.screen);
        ended.screen
    };
    let long = at_terminal("many");
    assert!(long.contains(" of ") && long.contains("/s") && long.contains(" left"), "{long:?}");
    assert!(!at_terminal("one.csr").contains(" left"));
    let piped = world.check_csrs(["many"]);
    assert_eq!(piped.stderr, "");
    assert!(
        piped.stdout == world.read("out").replace("one.csr", "many") || piped.stdout.contains("20000 clean")
    );
}

#[test]
fn a_table_at_a_terminal_is_coloured_and_as_wide_as_the_terminal() {
    if !is_here() {
        return;
    }
    let world = staged();
    std::fs::copy(world.path("csr/main.csr"), world.path("csr/assets.csr")).unwrap();
    let mut command = world.command(PROGRAMS.check_csrs);
    command.arg("csr");
    let ended = Terminal::start(command).end();
    assert_eq!(ended.code, 3);
    assert!(ended.screen.contains("\x1b[31merror"), "{}", ended.screen);
    let plain = tests::terminal::without_colours(&ended.screen);
    assert!(plain.lines().all(|line| line.trim_end().chars().count() <= 120), "{plain}");
}

/// The parts of SARIF 2.1.0 that its schema requires of what we write, and that viewers rely on.
#[test]
fn sarif_has_the_structure_its_schema_requires() {
    let world = staged();
    world.write("bad name.csr", "nothing");
    std::fs::copy(world.path("csr/main.csr"), world.path("csr/assets.csr")).unwrap();
    let log = world.check_csrs(["--format", "sarif", "csr", "bad name.csr", "nowhere"]).json();
    assert_eq!(keys(&log), ["$schema", "runs", "version"]);
    let run = &log["runs"][0];
    assert_eq!(keys(run), ["columnKind", "invocations", "results", "tool"]);
    let driver = &run["tool"]["driver"];
    let rules = driver["rules"].as_array().unwrap();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len(), "ids are unique");
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 4, "{results:?}");
    for result in results {
        assert_eq!(keys(result), ["level", "locations", "message", "ruleId"]);
        assert!(ids.contains(result["ruleId"].as_str().unwrap()), "{result}");
        assert!(
            ["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()),
            "{result}"
        );
        assert!(!result["message"]["text"].as_str().unwrap().is_empty(), "{result}");
        let physical = &result["locations"][0]["physicalLocation"];
        let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.contains(' '), "{uri}");
        assert!(
            physical["region"].is_null() || physical["region"]["startLine"].as_u64() >= Some(1),
            "{result}"
        );
    }
    assert_eq!(run["invocations"][0]["exitCode"], 3);
    assert!(run["invocations"][0]["executionSuccessful"].is_boolean());
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

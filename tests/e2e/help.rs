//! Every command explains itself: help, man page, completions.

use crate::{PROGRAMS, world};

const COMMANDS: [(&str, &str); 5] = [
    ("check_csrs", PROGRAMS.check_csrs),
    ("get_csrs", PROGRAMS.get_csrs),
    ("check_certs", PROGRAMS.check_certs),
    ("install_certs", PROGRAMS.install_certs),
    ("sign_csrs", PROGRAMS.sign_csrs),
];

#[test]
fn help_tells_files_exit_codes_and_examples() {
    for (name, program) in COMMANDS {
        let help = world().run(program, ["--help"]).success();
        for section in ["Usage:", "FILES", "EXIT CODES", "EXAMPLES", "--format"] {
            assert!(help.contains(section), "{name} --help has no {section}\n{help}");
        }
        assert!(help.contains(&format!("Usage: {name}")), "{help}");
        let sections = ["\nFILES", "\nEXIT CODES", "\nEXAMPLES"].map(|section| help.find(section));
        assert!(sections.is_sorted(), "{name} --help ends with other sections\n{help}");
        let first = help.lines().next().unwrap();
        assert!(!first.ends_with('.') && first.starts_with(char::is_uppercase), "{first}");
        let short = world().run(program, ["-h"]).success();
        assert!(short.lines().count() < help.lines().count(), "-h is the short form");
    }
}

#[test]
fn version_is_the_workspace_version() {
    for (name, program) in COMMANDS {
        let version = world().run(program, ["--version"]).success();
        assert_eq!(version, format!("{name} {}\n", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn man_pages_and_completions_come_from_the_command() {
    for (name, program) in COMMANDS {
        for (what, marks) in [
            ("man", vec![".TH", "EXIT CODES", "EXAMPLES"]),
            ("bash", vec!["complete -F", name]),
            ("zsh", vec!["#compdef", name]),
            ("fish", vec!["complete -c", name]),
        ] {
            let world = world();
            let document = world.run(program, ["--generate", what]).success();
            for mark in marks {
                assert!(document.contains(mark), "{name} --generate {what} has no {mark}");
            }
            assert!(!world.store().exists());
        }
    }
}

#[test]
fn a_flag_that_does_not_exist_is_a_usage_error() {
    for (_, program) in COMMANDS {
        world().run(program, ["--no-such-flag"]).refused(2, &["--no-such-flag"]);
    }
}

#[test]
fn a_result_that_cannot_be_written_is_an_error_and_no_panic() {
    for (_, program) in COMMANDS {
        for words in ["--generate man", "--help"] {
            let run = world().run("sh", ["-c", &format!("exec '{program}' {words} >/dev/full")]);
            run.refused(1, &["cannot write the result to standard output"]);
            assert!(!run.stderr.contains("panicked"), "{run}");
        }
    }
}

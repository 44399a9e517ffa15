//! The flags of `check_csrs`; their doc comments are the help and the man page.

use super::command::{Check, Command};
use crate::desk::{Asked, DeskFlags};
use clap::{CommandFactory, Parser};
use cli::Failure;
use cli::output::Format;
use common::Pair;
use pki::rules::Profile;
use std::path::PathBuf;

/// Judge certificate requests before they are signed
///
/// Reads requests from files, directories (recursively, each directory once) and standard input:
/// PEM with any text around it, several in a file, DER, or base64 alone. Every request is judged
/// completely against the catalogue of rules: its encoding, signature, key, names, extensions and
/// attributes. What cannot be read or judged is told for that one entry, and the rest goes on.
///
/// The requests of one cluster, main.csr and assets.csr in one directory or both in what get_csrs
/// printed, are judged as a pair too.
#[derive(Parser)]
#[command(name = "check_csrs", bin_name = "check_csrs", version, after_long_help = AFTER_HELP, max_term_width = 100)]
pub(super) struct Flags {
    /// Files and directories; - is standard input
    #[arg(value_name = "FILE|DIR|-", required_unless_present_any = ["pair", "print_policy", "explain", "list_rules", "generate"])]
    inputs: Vec<PathBuf>,
    /// Judge two requests as those of one cluster
    #[arg(long, num_args = 2, value_names = ["MAIN_CSR", "ASSETS_CSR"])]
    pair: Option<Vec<PathBuf>>,
    /// Who will sign: a CA of your own, or one that browsers trust [default: that of the policy, else private]
    #[arg(long, value_name = "private|public", value_parser = profile)]
    profile: Option<Profile>,
    /// Remember requests in this file, or in history.redb in this directory, and tell keys seen before
    #[arg(long, value_name = "DIR|FILE")]
    history: Option<PathBuf>,
    /// Threads that judge [default: as many as there are processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    threads: Option<u8>,
    #[command(flatten)]
    desk: DeskFlags,
}

fn profile(word: &str) -> Result<Profile, String> {
    let mut profiles = [Profile::Private, Profile::Public].into_iter();
    profiles.find(|profile| profile.word() == word).ok_or_else(|| "expected private or public".to_owned())
}

const AFTER_HELP: &str = "\
FILES
  POLICY.toml    of --policy: what is allowed, and how much each rule weighs (--print-policy)
  history.redb   of --history: digests of keys and requests, their names, when they were first seen;
                 mode 0600, made when it does not exist

EXIT CODES
   0  no request has an error
   1  unexpected: a fault of this program
   2  usage: a flag, a policy, or an input that cannot be read
   3  rejected: a request has an error (with --strict: or a warning), or an input holds no request
   7  busy: another check_csrs uses the history
 130  ended by Ctrl-C

EXAMPLES
  Judge what a ticket holds, for the ticket:
    check_csrs --format markdown request.pem
  Judge a folder for a public CA, by a policy of one's own, and remember the keys:
    check_csrs --profile public --policy policy.toml --history seen/ requests/
  See what is in a request, and compare its figures with those get_csrs printed:
    get_csrs --show | check_csrs --show -
";

impl Flags {
    /// What is asked for, and how its end is told.
    pub(super) fn parse(self) -> (Format, Result<Command, Failure>) {
        (self.desk.format().of_failure(), self.command())
    }

    fn command(self) -> Result<Command, Failure> {
        let Self { inputs, pair, profile, history, threads, desk } = self;
        let settings = match desk.parse(<Self as CommandFactory>::command())? {
            Asked::Print(text) => return Ok(Command::Print(text)),
            Asked::Judge(settings) => settings,
        };
        let pair = pair.and_then(|paths| <[PathBuf; 2]>::try_from(paths).ok());
        let processors = || std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Command::Check(Box::new(Check {
            inputs,
            pair: pair.map(|[main, assets]| Pair { main, assets }),
            profile,
            history,
            threads: threads.map_or_else(processors, usize::from),
            settings,
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        <Flags as CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_run_needs_something_to_judge_and_questions_need_nothing() {
        assert!(Flags::try_parse_from(["check_csrs"]).is_err());
        for words in [
            &["check_csrs", "a"][..],
            &["check_csrs", "--pair", "a", "b"],
            &["check_csrs", "--list-rules"],
            &["check_csrs", "--list-rules", "--format", "markdown"],
            &["check_csrs", "--print-policy"],
            &["check_csrs", "--explain", "csr.ca"],
            &["check_csrs", "--generate", "man"],
            &["check_csrs", "--profile", "public", "--threads", "2", "-"],
        ] {
            assert!(Flags::try_parse_from(words).is_ok(), "{words:?}");
        }
        for words in [
            &["check_csrs", "--pair", "a"][..],
            &["check_csrs", "--profile", "rfc5280", "a"],
            &["check_csrs", "--threads", "0", "a"],
        ] {
            assert!(Flags::try_parse_from(words).is_err(), "{words:?}");
        }
    }
}

//! What every command's `main` does around its work.

use crate::output::{self, Format};
use crate::terminal::Guard;
use crate::{Exit, Failure, harden};
use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// Runs a program: hardens the process, guards the terminal, lets clap read the command line into
/// raw `Flags`, has them parsed into a `Command` with everything it needs (and the form in which
/// its end is told), does the work, prints the one failure and gives the exit code. A panic is a
/// failure of ours, and the terminal is put back after it too.
pub fn run<Flags: Parser, Command>(
    command: &'static str,
    parse: impl FnOnce(Flags) -> (Format, Result<Command, Failure>),
    work: impl FnOnce(Command) -> Result<Exit, Failure>,
) -> ExitCode {
    let warnings = harden::process();
    let guard = Guard::install();
    for warning in &warnings {
        output::warn(command, warning);
    }
    let flags = match Flags::try_parse() {
        Ok(flags) => flags,
        Err(error) => return refuse(command, &without_secrets(error)),
    };
    let (format, parsed) = parse(flags);
    let end = catch_unwind(AssertUnwindSafe(|| parsed.and_then(work))).unwrap_or_else(|_| {
        Err(Failure::new(Exit::Unexpected, "a fault of this program, described above")
            .hint("please report it with the command line and the lines above")
            .now("what was changed is not known"))
    });
    drop(guard);
    output::finish(command, format, end.map_err(unchanged))
}

/// A refusal says what is true now even where its command only reads, or did not get as far as
/// its store. (Whoever has changed something says so itself.)
fn unchanged(failure: Failure) -> Failure {
    match (&failure.now, failure.exit) {
        (Some(_), _) | (None, Exit::Done | Exit::Uncertain | Exit::HookFailed | Exit::Due) => failure,
        (
            None,
            Exit::Unexpected
            | Exit::Usage
            | Exit::Rejected
            | Exit::Store
            | Exit::Passphrase
            | Exit::Busy
            | Exit::Interrupted,
        ) => failure.now("nothing was changed"),
    }
}

/// Help and version are results; anything else is a usage failure in the form of all failures.
fn refuse(command: &str, error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let end = output::result(&error.render().to_string()).map(|()| Exit::Done);
        return output::finish(command, Format::Text, end.map_err(unchanged));
    }
    output::finish(
        command,
        format_asked_for(std::env::args_os()),
        Err(unchanged(usage(command, &error.to_string()))),
    )
}

/// What was given where the number of a secret's descriptor belongs may be the secret itself.
fn without_secrets(mut error: clap::Error) -> clap::Error {
    let flag = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    if flag.contains("passphrase-fd") && error.get(ContextKind::InvalidValue).is_some() {
        let hidden = ContextValue::String("(not shown)".to_owned());
        error.insert(ContextKind::InvalidValue, hidden);
    }
    error
}

/// Turns clap's text (`error: …`, a blank line, `  tip: …`, `Usage: …`) into a failure.
fn usage(command: &str, text: &str) -> Failure {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let mut what = first.strip_prefix("error: ").unwrap_or(first).to_owned();
    let mut failure = Failure::new(Exit::Usage, "");
    for line in lines {
        if line.starts_with("Usage:") || line.starts_with("For more information") {
            break;
        }
        match line.strip_prefix("tip: ") {
            Some(tip) => failure = failure.hint(tip),
            None => what = format!("{what} {line}"),
        }
    }
    failure.what = what;
    failure.hint(format!("{command} --help explains every flag"))
}

/// Whether the refused command line asked for JSON.
fn format_asked_for(arguments: impl Iterator<Item = std::ffi::OsString>) -> Format {
    let arguments: Vec<_> = arguments.collect();
    let apart = arguments.windows(2).any(|pair| matches!(pair, [a, b] if a == "--format" && b == "json"));
    if apart || arguments.iter().any(|argument| argument == "--format=json") {
        Format::Json
    } else {
        Format::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_flag_reads_like_every_other_failure() {
        let text = "error: unexpected argument '--strore' found\n\n  tip: a similar argument exists: '--store'\n\nUsage: get_csrs --store <DIR>\n\nFor more information, try '--help'.\n";
        assert_eq!(
            usage("get_csrs", text).render("get_csrs"),
            "get_csrs: error: unexpected argument '--strore' found\n\
             hint: a similar argument exists: '--store'\n\
             hint: get_csrs --help explains every flag\n"
        );
    }

    #[test]
    fn a_refusal_says_what_is_true_now_unless_it_is_said_or_nobody_knows() {
        let now = |failure: Failure| unchanged(failure).now;
        for exit in [Exit::Unexpected, Exit::Usage, Exit::Store, Exit::Interrupted] {
            assert_eq!(now(Failure::new(exit, "x")).as_deref(), Some("nothing was changed"));
        }
        assert_eq!(now(Failure::new(Exit::Store, "x").now("y")).as_deref(), Some("y"));
        assert_eq!(now(Failure::new(Exit::Uncertain, "x")), None);
    }

    #[test]
    fn json_is_recognised_on_a_command_line_that_does_not_parse() {
        for (line, format) in [
            ("get_csrs --x --format json", Format::Json),
            ("get_csrs --format=json --x", Format::Json),
            ("get_csrs --format text --x", Format::Text),
            ("get_csrs json", Format::Text),
        ] {
            let arguments = line.split(' ').map(std::ffi::OsString::from);
            assert_eq!(format_asked_for(arguments), format, "{line}");
        }
    }
}

//! `check_csrs`: judges requests, one or a hundred thousand, completely.

mod command;
mod feed;
mod flags;
mod history;
mod job;
mod split;
mod view;

use crate::desk::{Header, Printer};
use cli::progress::Progress;
use cli::{Exit, Failure, clock, entry, output};
use command::{Check, Command};
use flags::Flags;
use history::{History, HistoryError};
use job::{Judged, Manner};
use pki::rules::{Policy, Profile, errors_first};
use std::process::ExitCode;

const COMMAND: &str = "check_csrs";

/// The command `check_csrs`.
pub fn main() -> ExitCode {
    entry::run(COMMAND, Flags::parse, run)
}

fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Print(text) => output::result(&text).map(|()| Exit::Done),
        Command::Check(wanted) => check(*wanted),
    }
}

fn check(wanted: Check) -> Result<Exit, Failure> {
    let Check { inputs, pair, profile, history, threads, settings } = wanted;
    let policy = settings.policy(profile, Profile::Private)?;
    let mut history = history.map(|path| History::open(&path, clock::now())).transpose();
    let history = history.as_mut().map_err(|error| unusable(error))?;
    let header = Header { command: COMMAND, document: "request", profile: policy.profile().word() };
    let mut printer = Printer::begin(header, &settings)?;
    let mut progress = Progress::start();
    let manner = Manner { policy: &policy, view: settings.wants_views(), history: history.is_some() };
    let first = pair.map(job::Job::Pair).into_iter().collect();
    feed::run(&inputs, first, threads, manner, |judged, done, known| {
        for mut one in judged {
            remember(&mut one, history.as_mut(), &policy)?;
            printer.entry(&one.entry)?;
        }
        progress.at(done, known);
        printer.flush(&progress)
    })?;
    drop(progress);
    if let Some(history) = history.take() {
        history.close().map_err(|error| unwritten(&error))?;
    }
    printer.end()
}

/// Adds what the history says.
fn remember(judged: &mut Judged, history: Option<&mut History>, policy: &Policy) -> Result<(), Failure> {
    let (Some(history), Some(known)) = (history, &judged.known) else { return Ok(()) };
    let found = history.judge(known, policy).map_err(|error| unwritten(&error))?;
    if !found.is_empty() {
        judged.entry.findings.extend(found);
        judged.entry.findings = errors_first(std::mem::take(&mut judged.entry.findings));
    }
    Ok(())
}

fn unusable(error: &HistoryError) -> Failure {
    let exit = if error.is_busy() { Exit::Busy } else { Exit::Usage };
    let cause = std::error::Error::source(error);
    let failure = Failure::new(exit, error.to_string());
    let failure = match cause {
        Some(cause) => failure.because(cause),
        None => failure,
    };
    failure.hint(match error.is_busy() {
        true => "wait until the other check_csrs has ended, then run this one again",
        false => "give --history a file that this command made, or one that does not exist",
    })
}

fn unwritten(error: &redb::Error) -> Failure {
    Failure::new(Exit::Unexpected, "cannot write the history").because(error)
}

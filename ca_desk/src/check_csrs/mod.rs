//! `check_csrs`: judges requests, one or a hundred thousand, completely.

mod cli;
mod feed;
mod history;
mod job;
mod split;
mod view;
mod walk;

use self::cli::{Cli, Command};
use crate::desk::{Format, Header, Printer, no_rule};
use ::cli::progress::Progress;
use ::cli::{Exit, Failure, clock, entry, output};
use common::Pair;
use history::{History, HistoryError};
use job::{Judged, Manner};
use pki::rules::{Policy, Profile, errors_first};
use std::process::ExitCode;

const COMMAND: &str = "check_csrs";

/// The command `check_csrs`.
pub fn main() -> ExitCode {
    entry::run(COMMAND, |cli: Cli| (cli.format().of_failure(), cli.command()), run)
}

fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Check(job) => check(&job),
        Command::Print(text) => output::result(&text).map(|()| Exit::Done),
        Command::NoRule(id) => Err(no_rule(&id)),
    }
}

fn check(job: &cli::Job) -> Result<Exit, Failure> {
    let policy = job.desk.policy(job.profile, Profile::Private)?;
    let mut history = job.history.as_deref().map(|path| History::open(path, clock::now())).transpose();
    let history = history.as_mut().map_err(|error| unusable(error))?;
    let (show, format) = (job.desk.show(), job.desk.format());
    let header = Header { command: COMMAND, document: "request", profile: policy.profile().word() };
    let mut printer = Printer::begin(header, format, show, job.desk.strict())?;
    let mut progress = Progress::start();
    let manner = Manner {
        policy: &policy,
        view: show || matches!(format, Format::Json | Format::Ndjson),
        history: history.is_some(),
    };
    feed::run(&job.inputs, pair(job), job.threads, manner, |judged, done, known| {
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

/// The job of `--pair`.
fn pair(job: &cli::Job) -> Vec<job::Job> {
    match job.pair.as_deref() {
        Some([main, assets]) => vec![job::Job::Pair(Pair { main: main.clone(), assets: assets.clone() })],
        Some(_) | None => Vec::new(),
    }
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

//! `get_csrs`: makes both private keys and both certificate requests, seals the keys, stages
//! everything in one commit and prints the requests.
//!
//! The flow: flags and answers file (`answers`) are merged and parsed (`gather`); what is
//! missing is asked (`interview`) while the keys are made in the background; the `summary` is
//! confirmed; [`flow::request`] makes and stages everything (`staging`); only then is anything
//! printed (`report`).

mod answers;
mod cli;
mod gather;
mod interview;
mod out;
mod report;
mod show;
mod staging;
mod summary;

use crate::cli::Flags;
use ::cli::log::Log;
use ::cli::output::{self, Format};
use ::cli::{Exit, Failure, entry, generate, place};
use answers::Answers;
use clap::CommandFactory;
use serde_json::json;
use std::process::ExitCode;
use store::Store;

/// The name of the command, in messages, documents and the log.
const NAME: &str = "get_csrs";

/// The command.
pub fn main() -> ExitCode {
    entry::run(NAME, prepare, run)
}

/// Whether a text is an answers file, without doing anything it asks for.
///
/// # Errors
/// Every mistake in it, one line each, none quoting its values.
pub fn check_answers(text: &str) -> Result<(), Vec<String>> {
    Answers::parse(text).map(drop)
}

/// What is to be done.
enum Job {
    Generate(generate::Generate),
    Show(Box<Answers>),
    Stage(Box<staging::Asked>),
}

/// Reads the answers file, because it may choose the format in which even its own faults are told.
fn prepare(flags: Flags) -> (Format, Result<Job, Failure>) {
    if let Some(what) = flags.generate {
        return (Format::Text, Ok(Job::Generate(what)));
    }
    let (show, file) = (flags.show, flags.answers.clone());
    let flags = flags.into_answers();
    let from_file = match file.as_deref().map(Answers::read).transpose() {
        Ok(answers) => answers.unwrap_or_default(),
        Err(failure) => return (flags.format.unwrap_or_default(), Err(failure)),
    };
    let merged = flags.clone().or(from_file);
    let format = merged.format.unwrap_or_default();
    let job = if show {
        Job::Show(Box::new(merged))
    } else {
        Job::Stage(Box::new(staging::Asked { flags, answers: merged }))
    };
    (format, Ok(job))
}

fn run(job: Job) -> Result<Exit, Failure> {
    match job {
        Job::Generate(what) => {
            output::result(&generate::generate(Flags::command(), what)).map(|()| Exit::Done)
        }
        Job::Show(answers) => logged(&answers, "show", |store, _| show::run(store, &answers)),
        Job::Stage(asked) => logged(&asked.answers, "stage", |store, log| staging::run(store, &asked, log)),
    }
}

/// Opens log and store, and puts the beginning and the end of the work into the log.
fn logged(
    answers: &Answers,
    action: &str,
    work: impl FnOnce(&Store, &mut Log) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let mut log = Log::open(NAME, answers.log_file.as_deref());
    let store = Store::on_disk(place::store(answers.store.clone()));
    log.event(
        "begin",
        json!({
            "action": action,
            "store": store.place(),
            "rotate": answers.rotates(),
            "replace_staged": answers.replaces_staged(),
            "dry_run": answers.is_dry_run(),
        }),
    );
    let end = work(&store, &mut log);
    match &end {
        Ok(exit) => log.event("end", json!({ "exit": exit.code() })),
        Err(failure) => log.event(
            "end",
            json!({
                "exit": failure.exit.code(),
                "error": failure.what,
                "causes": failure.causes,
                "now": failure.now,
            }),
        ),
    }
    end
}

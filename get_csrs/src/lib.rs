//! `get_csrs`: makes both private keys and both certificate requests, seals the keys, stages
//! everything in one commit and prints the requests.
//!
//! Flags (`flags`) and answers file (`answers`) become a command (`command`). Its words are parsed
//! beside what the store holds (`gather`); what is missing is asked (`interview`) while the keys are
//! made in the background; the `summary` is confirmed; [`flow::request`] makes and stages everything
//! (`staging`); only then is anything printed (`report`).

mod answers;
mod command;
mod dry_run;
mod flags;
mod gather;
mod interview;
mod out;
mod report;
mod show;
mod staging;
mod summary;

use answers::Answers;
use cli::log::Log;
use cli::{Exit, Failure, entry, output};
use command::{Command, Task, Work};
use flags::Flags;
use serde_json::{Value, json};
use std::process::ExitCode;
use store::Store;
use store::rotation::Mode;

/// The name of the command, in messages, documents and the log.
const NAME: &str = "get_csrs";

/// The command.
pub fn main() -> ExitCode {
    entry::run(NAME, Flags::parse, run)
}

/// Whether a text is an answers file, without doing anything it asks for.
///
/// # Errors
/// Every mistake in it, one line each, none quoting its values.
pub fn check_answers(text: &str) -> Result<(), Vec<String>> {
    Answers::parse(text).map(drop)
}

fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Print(text) => output::result(&text).map(|()| Exit::Done),
        Command::Work(work) => logged(&work),
    }
}

/// Does the work, with its beginning and its end in the log.
fn logged(work: &Work) -> Result<Exit, Failure> {
    let mut log = Log::open(NAME, work.log_file.as_deref());
    let store = Store::on_disk(work.store.clone());
    log.event("begin", beginning(&work.task, &store));
    let end = match &work.task {
        Task::Show => show::run(&store, work),
        Task::Stage(stage) => staging::run(&store, work, stage, &mut log),
    };
    log.end(&end);
    end
}

fn beginning(task: &Task, store: &Store) -> Value {
    let (action, rotate, replace_staged, dry_run) = match task {
        Task::Show => ("show", false, false, false),
        Task::Stage(stage) => ("stage", stage.mode == Mode::Rotate, stage.replace_staged, stage.dry_run),
    };
    json!({
        "action": action,
        "store": store.place(),
        "rotate": rotate,
        "replace_staged": replace_staged,
        "dry_run": dry_run,
    })
}

//! `install_certs`: takes both signed chains, judges them, and switches both certificates in one step.
//!
//! The flags (`flags`) become a command (`command`). An installation reads or asks for the chains
//! (`chains`), has [`flow::plan_install`] judge them and open the keys, shows what would change
//! (`report`), asks, commits (`change`), and does what follows (`afterwards`).

mod afterwards;
mod chains;
mod change;
mod command;
mod duration;
mod flags;
mod install;
mod paste;
mod publishing;
mod report;
mod rollback;
mod session;
mod status;
mod text;

use ::cli::{Exit, Failure, entry, output};
use command::{Command, Task, Work};
use flags::Flags;
use session::Session;
use std::process::ExitCode;

/// The name in front of every message.
const COMMAND: &str = "install_certs";

/// The command.
pub fn main() -> ExitCode {
    entry::run(COMMAND, Flags::parse, run)
}

fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Print(text) => output::result(&text).map(|()| Exit::Done),
        Command::Work(work) => logged(&work),
    }
}

/// Does the work, with its beginning and its end in the log.
fn logged(work: &Work) -> Result<Exit, Failure> {
    let mut session = Session::open(work);
    session.log_begin();
    let end = match &work.task {
        Task::Status { limits, publish } => status::run(&session, *limits, publish.as_deref()),
        Task::Install(install) => install::run(&mut session, install),
        Task::RollBack { consent, afterwards } => rollback::run(&mut session, *consent, afterwards),
        Task::Republish(afterwards) => afterwards::republish(&mut session, afterwards),
    };
    session.log_end(&end);
    end
}

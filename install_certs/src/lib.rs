//! `install_certs`: takes both signed chains, judges them, and switches both certificates in one step.
//!
//! One module per question: which chains (`chains`), may they be served (`judge`), do the keys fit
//! (`unlock`), what changes (`plan`), what follows the commit (`afterwards`), what is said
//! (`report`). The moves themselves are the library's.

mod afterwards;
mod chains;
mod cli;
mod duration;
mod hook;
mod install;
mod judge;
mod paste;
mod plan;
mod publish;
mod report;
mod rollback;
mod session;
mod status;
mod unlock;
mod view;

use crate::cli::Args;
use ::cli::generate::generate;
use ::cli::{Exit, Failure, entry, output};
use clap::CommandFactory;
use session::Session;
use std::process::ExitCode;

/// The name in front of every message.
const COMMAND: &str = "install_certs";

/// The command.
pub fn main() -> ExitCode {
    entry::run(COMMAND, |args: Args| (args.format, Ok(args)), |args| run(&args))
}

fn run(args: &Args) -> Result<Exit, Failure> {
    if let Some(what) = args.generate {
        return output::result(&generate(Args::command(), what)).map(|()| Exit::Done);
    }
    let mut session = Session::open(args);
    session.log_begin();
    let end = if args.status {
        status::run(&session)
    } else if args.rollback {
        rollback::run(&mut session)
    } else if args.republish {
        afterwards::republish(&mut session)
    } else {
        install::run(&mut session)
    };
    session.log_end(&end);
    end
}

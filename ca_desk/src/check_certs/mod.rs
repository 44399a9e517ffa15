//! `check_certs`: judges chains by the catalogue and the verifier of `install_certs`, without a store.

mod command;
mod flags;
mod inputs;
mod key;
mod measure;
mod view;

use crate::desk::{Entry, Header, Printer, Source, Walk};
use cli::progress::Progress;
use cli::{Exit, Failure, entry, output};
use command::{Check, Command};
use flags::Flags;
use measure::Measure;
use pki::Chain;
use pki::pem::Remark;
use std::process::ExitCode;

const COMMAND: &str = "check_certs";

/// The command `check_certs`.
pub fn main() -> ExitCode {
    entry::run(COMMAND, Flags::parse, run)
}

fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Print(text) => output::result(&text).map(|()| Exit::Done),
        Command::Check(wanted) => check(&wanted),
    }
}

fn check(wanted: &Check) -> Result<Exit, Failure> {
    let measure = Measure::read(wanted)?;
    let header = Header { command: COMMAND, document: "chain", profile: measure.profile().word() };
    let mut printer = Printer::begin(header, &wanted.settings)?;
    let mut progress = Progress::start();
    let views = wanted.settings.wants_views();
    if let Some((path, held)) = measure.key().filter(|_| wanted.chains.is_empty()) {
        let view = Some(view::view_of_key(held)).filter(|_| views);
        let (source, title) = (Source::file(path), view::title_of_key(held));
        printer.entry(&Entry {
            source,
            is_pair: false,
            title,
            view,
            findings: Vec::new(),
            remarks: Vec::new(),
            trouble: None,
        })?;
    }
    let mut walk = Walk::new(&wanted.chains);
    let mut done = 0;
    while let Some(found) = walk.next() {
        let (source, chain) = inputs::chain_in(found);
        printer.entry(&judged(&measure, source, chain, views)?)?;
        done += 1;
        progress.at(done, done + walk.known() as u64);
        printer.flush(&progress)?;
    }
    drop(progress);
    printer.end()
}

fn judged(
    measure: &Measure<'_>,
    source: Source,
    chain: Result<(Chain, Vec<Remark>), Failure>,
    views: bool,
) -> Result<Entry, Failure> {
    let (chain, remarks) = match chain {
        Ok(read) => read,
        Err(failure) => return Ok(Entry::trouble(source, inputs::trouble(failure)?)),
    };
    let examination = measure.judge(&chain);
    Ok(Entry {
        source,
        is_pair: false,
        title: view::title(&examination),
        view: Some(view::view(&examination)).filter(|_| views),
        findings: examination.findings,
        remarks: remarks.iter().map(ToString::to_string).collect(),
        trouble: None,
    })
}

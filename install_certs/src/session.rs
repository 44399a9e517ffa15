//! One run of the command: what was asked, where, and by whom.

use crate::COMMAND;
use crate::cli::Args;
use cli::log::Log;
use cli::{Exit, Failure, clock, place, prompt, terminal};
use common::Timestamp;
use serde_json::{Value, json};
use std::path::PathBuf;
use store::{Operation, Snapshot, Store};

/// The world around one run.
pub(crate) struct Session<'a> {
    pub(crate) args: &'a Args,
    pub(crate) store: Store,
    /// Where the store is, for other programs.
    pub(crate) path: PathBuf,
    /// When the command began.
    pub(crate) now: Timestamp,
    /// Whether somebody can be asked.
    pub(crate) person: bool,
    log: Option<Log>,
}

impl<'a> Session<'a> {
    pub(crate) fn open(args: &'a Args) -> Self {
        // Asking for the status leaves nothing behind, not even a line in a log.
        let log = (!args.status).then(|| Log::open(COMMAND, args.log_file.as_deref()));
        let path = place::store(args.store.clone());
        Self {
            args,
            store: Store::on_disk(&path),
            path,
            now: clock::now(),
            person: terminal::interactive(),
            log,
        }
    }

    /// What the store holds.
    ///
    /// # Errors
    /// When there is no store, or it cannot be read.
    pub(crate) fn snapshot(&self) -> Result<Snapshot, Failure> {
        self.store.read().map_err(Failure::store)?.ok_or_else(|| {
            Failure::new(Exit::Store, format!("there is no store in {}", self.store.place()))
                .hint("make keys and requests with get_csrs first, or name the store with --store")
        })
    }

    /// Goes on after a yes, given with `--yes` or now.
    ///
    /// # Errors
    /// After a no, with the exit code of an interruption: nothing has changed.
    pub(crate) fn confirm(&self, question: &str) -> Result<(), Failure> {
        if self.args.yes || prompt::confirm(question, false)? {
            return Ok(());
        }
        Err(Failure::new(Exit::Interrupted, "stopped, because the answer was no"))
    }

    /// Who changes the store, and with which words: never the hook, it may hold a secret.
    pub(crate) fn operation(&self) -> Operation {
        place::operation(&self.words())
    }

    fn words(&self) -> String {
        let flags = [
            (self.args.rotate, "--rotate"),
            (self.args.keep_previous, "--keep-previous"),
            (self.args.rollback, "--rollback"),
            (self.args.republish, "--republish"),
            (self.args.dry_run, "--dry-run"),
        ];
        let given = flags.iter().filter(|(given, _)| *given).map(|(_, flag)| *flag);
        std::iter::once(COMMAND).chain(given).collect::<Vec<_>>().join(" ")
    }

    /// Appends an event to the log.
    pub(crate) fn event(&mut self, event: &str, fields: Value) {
        if let Some(log) = &mut self.log {
            log.event(event, fields);
        }
    }

    /// Appends that the command begins.
    pub(crate) fn log_begin(&mut self) {
        let store = self.store.place();
        self.event("begin", json!({"operation": self.words(), "store": store}));
    }

    /// Appends how the command ended.
    pub(crate) fn log_end(&mut self, end: &Result<Exit, Failure>) {
        let fields = match end {
            Ok(exit) => json!({"exit": exit.code()}),
            Err(failure) => {
                let rules: Vec<_> = failure.findings.iter().map(|finding| finding.rule).collect();
                json!({
                    "exit": failure.exit.code(), "error": failure.what, "causes": failure.causes,
                    "rules": rules, "now": failure.now,
                })
            }
        };
        self.event("end", fields);
    }
}

/// What stays true when nothing is changed.
pub(crate) fn standing(snapshot: &Snapshot) -> String {
    match (&snapshot.state.current, &snapshot.state.staged) {
        (Some(current), _) => format!("nothing was installed; generation {} stays current", current.number),
        (None, Some(staged)) => {
            format!("nothing is installed yet; generation {} stays staged", staged.number)
        }
        (None, None) => "nothing is installed yet".to_owned(),
    }
}

/// Says what is true now, unless the failure says so already.
pub(crate) fn unchanged(failure: Failure, standing: &str) -> Failure {
    match (&failure.now, failure.exit) {
        (Some(_), _) => failure,
        (None, Exit::Uncertain) => failure.now("whether the pair was switched is not known"),
        (None, _) => failure.now(standing),
    }
}

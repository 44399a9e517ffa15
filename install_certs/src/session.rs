//! One run of the command: where, when, and by whom.

use crate::COMMAND;
use crate::command::{Consent, Task, Work};
use cli::log::Log;
use cli::output::Format;
use cli::{Exit, Failure, clock, place, prompt, terminal};
use common::Timestamp;
use serde_json::{Value, json};
use std::path::PathBuf;
use store::{Operation, Snapshot, Store};

/// The world around one run.
pub(crate) struct Session {
    pub(crate) store: Store,
    /// The directory of the store.
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
    /// When the command began.
    pub(crate) now: Timestamp,
    /// Whether somebody can be asked.
    pub(crate) person: bool,
    /// The command as it is recorded.
    words: String,
    log: Option<Log>,
}

impl Session {
    pub(crate) fn open(work: &Work) -> Self {
        let log = match &work.task {
            // Asking for the status leaves nothing behind, not even a line in a log.
            Task::Status { .. } => None,
            Task::Install(_) | Task::RollBack { .. } | Task::Republish(_) => {
                Some(Log::open(COMMAND, work.log_file.as_deref()))
            }
        };
        Self {
            store: Store::on_disk(work.store.clone()),
            path: work.store.clone(),
            format: work.format,
            now: clock::now(),
            person: terminal::interactive(),
            words: work.words.clone(),
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
    pub(crate) fn confirm(&self, consent: Consent, question: &str) -> Result<(), Failure> {
        match consent {
            Consent::Given | Consent::DryRun => Ok(()),
            Consent::Ask if prompt::confirm(question, false)? => Ok(()),
            Consent::Ask => Err(Failure::declined()),
        }
    }

    /// Who acts, and now.
    pub(crate) fn operation(&self) -> Operation {
        place::operation(&self.words)
    }

    /// Appends an event to the log.
    pub(crate) fn event(&mut self, event: &str, fields: Value) {
        if let Some(log) = &mut self.log {
            log.event(event, fields);
        }
    }

    /// Appends that the command begins.
    pub(crate) fn log_begin(&mut self) {
        let fields = json!({"operation": self.words, "store": self.store.place()});
        self.event("begin", fields);
    }

    /// Appends how the command ended.
    pub(crate) fn log_end(&mut self, end: &Result<Exit, Failure>) {
        if let Some(log) = &mut self.log {
            log.end(end);
        }
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
    failure.leaving(standing, "whether the pair was switched is not known")
}

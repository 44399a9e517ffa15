//! `--publish DIR`: the lock, the copies, and what they are against what the store holds.

use crate::COMMAND;
use crate::report::Report;
use crate::session::Session;
use cli::{Exit, Failure, LockedDirectory, PublishDirectory, PublishError, output};
use flow::{Action, Copies, PublishedFile};
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use store::{Installed, Snapshot};

/// How long another command that publishes to the same directory is waited for: its deploy hook may take as long as
/// hooks may by default, and half as long again.
const PATIENCE: Duration = Duration::from_secs(900);
/// What to do when something after the commit failed.
pub(crate) const AGAIN: &str =
    "repair the cause, then run install_certs --republish with the same --publish and --deploy-hook";

/// Takes the lock of a directory. Its holder publishes, or runs its deploy hook.
///
/// # Errors
/// [`Exit::HookFailed`] after a change; [`Exit::Busy`] and [`Exit::Interrupted`] where nothing was done before.
pub(crate) fn lock(directory: &PublishDirectory, action: Action) -> Result<LockedDirectory<'_>, Failure> {
    let path = directory.path().display();
    let waits = || output::say(&format!("waiting for another command that publishes to {path}"));
    directory.lock(PATIENCE, waits).map_err(|error| {
        let exit = match (&error, action) {
            (PublishError::Busy { .. }, Action::Republish) => Exit::Busy,
            (PublishError::Interrupted { .. }, Action::Republish) => Exit::Interrupted,
            _ => Exit::HookFailed,
        };
        refused(exit, directory, &error)
    })
}

/// Publishes what is current, unless it is published already.
///
/// # Errors
/// [`Exit::HookFailed`].
pub(crate) fn publish(
    session: &mut Session,
    report: &mut Report,
    directory: &LockedDirectory<'_>,
    current: &Installed,
) -> Result<(), Failure> {
    let generation = current.manifest.generation;
    let published = directory.publish(generation, &PublishedFile::all(current));
    let path = directory.directory().path().display().to_string();
    session.event(
        "published",
        json!({"directory": path, "generation": generation, "succeeded": published.is_ok()}),
    );
    let done = published.map_err(|error| refused(Exit::HookFailed, directory.directory(), &error))?;
    for warning in &done.warnings {
        output::warn(COMMAND, warning);
    }
    let already = if done.unchanged { ", as it was already" } else { "" };
    output::say(&format!("generation {generation} is published to {path}{already}"));
    report.warnings.extend(done.warnings);
    report.published = Some(path);
    report.published_generation = Some(generation);
    Ok(())
}

fn refused(exit: Exit, directory: &PublishDirectory, error: &PublishError) -> Failure {
    let path = directory.path().display();
    let failure = Failure::new(exit, format!("cannot publish to {path}")).because(error).hint(AGAIN);
    match error {
        PublishError::NotDurable(_) => failure,
        PublishError::File(_)
        | PublishError::WritableByOthers { .. }
        | PublishError::ForeignOwner { .. }
        | PublishError::Busy { .. }
        | PublishError::Interrupted { .. } => {
            failure.now(format!("what is published in {path} is as it was"))
        }
    }
}

/// What readers find in a directory, against what the store holds.
///
/// # Errors
/// [`Exit::Usage`] when the directory cannot be read.
pub(crate) fn compare(directory: &Path, snapshot: &Snapshot) -> Result<Copies, Failure> {
    let found = cli::published(directory).map_err(|error| {
        Failure::new(Exit::Usage, format!("cannot see what is published in {}", directory.display()))
            .because(&error)
            .hint("give --publish the directory the pair is published to, as the user who publishes")
    })?;
    Ok(Copies::of(snapshot, &found))
}

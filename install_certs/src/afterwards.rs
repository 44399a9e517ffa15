//! What follows the commit: copies for other servers, and the deploy hook. The commit stands,
//! whatever happens here; what fails is exit code 8.

use crate::COMMAND;
use crate::command::{Afterwards, Hook};
use crate::report::Report;
use crate::session::Session;
use cli::output::{self, Format};
use cli::{DeployHook, Exit, Failure, HookRun, PublishDirectory};
use flow::{Action, Effect, Facts, PublishedFile};
use serde_json::json;
use std::path::Path;
use store::Installed;

/// What is to follow a change: opened before it, so that a wrong directory is refused before anything changes.
pub(crate) struct Followers {
    directory: Option<PublishDirectory>,
    hook: Option<Hook>,
}

impl Followers {
    /// Opens the directory of `--publish`.
    ///
    /// # Errors
    /// [`Exit::Usage`].
    pub(crate) fn of(afterwards: &Afterwards) -> Result<Self, Failure> {
        let open = |path: &Path| {
            PublishDirectory::open(path).map_err(|error| {
                Failure::new(Exit::Usage, format!("cannot publish to {}", path.display()))
                    .because(&error)
                    .hint("give --publish an existing directory that only its owner can write to")
            })
        };
        let directory = afterwards.publish.as_deref().map(open).transpose()?;
        Ok(Self { directory, hook: afterwards.hook.clone() })
    }
}

/// Publishes, runs the hook, and says what was done.
///
/// # Errors
/// [`Exit::HookFailed`] when either failed; else whatever kept the result from being printed.
pub(crate) fn conclude(
    session: &mut Session,
    mut report: Report,
    current: &Installed,
    facts: &Facts,
    followers: &Followers,
) -> Result<Exit, Failure> {
    let now = format!("the pair is installed; generation {} is current", current.manifest.generation);
    // The person should not wait for the hook to learn that the pair is installed.
    let shown = match session.format {
        Format::Text => output::result(&report.text(session.now)),
        Format::Json => Ok(()),
    };
    let followed = follow(session, &mut report, current, facts, followers);
    let failed = followed.err().map(|failure| failure.now(now.as_str()));
    match session.format {
        Format::Text => failed.map_or(shown, Err).map(|()| Exit::Done),
        Format::Json => print_document(&report, failed.as_ref()),
    }
    .map_err(|failure| failure.now(now))
}

/// Prints the one document, which holds the failure too; standard error has it as everybody knows it.
fn print_document(report: &Report, failed: Option<&Failure>) -> Result<Exit, Failure> {
    if let Some(failure) = failed {
        output::say(failure.render(COMMAND).trim_end());
    }
    output::result(&report.document(failed))?;
    Ok(failed.map_or(Exit::Done, |failure| failure.exit))
}

fn follow(
    session: &mut Session,
    report: &mut Report,
    current: &Installed,
    facts: &Facts,
    followers: &Followers,
) -> Result<(), Failure> {
    if let Some(directory) = &followers.directory {
        publish(session, directory, current)?;
        report.published = Some(directory.path().display().to_string());
    }
    let Some(Hook { command, limit }) = &followers.hook else { return Ok(()) };
    let published = followers.directory.as_ref().map(PublishDirectory::path);
    let store = session.path.clone();
    let ran = run_hook(session, &DeployHook { command, facts, store: &store, published, limit: *limit })?;
    let failed = (!ran.succeeded()).then(|| hook_failed(&ran));
    report.hook = Some(ran);
    failed.map_or(Ok(()), Err)
}

fn publish(session: &mut Session, directory: &PublishDirectory, current: &Installed) -> Result<(), Failure> {
    let published = directory.publish(&PublishedFile::all(current));
    let path = directory.path().display().to_string();
    session.event("published", json!({"directory": path, "succeeded": published.is_ok()}));
    published.map_err(|error| {
        Failure::new(Exit::HookFailed, format!("cannot publish to {path}")).because(&error).hint(
            "repair the cause, then run install_certs --republish with the same --publish and --deploy-hook",
        )
    })?;
    output::say(&format!("published to {path}"));
    Ok(())
}

fn run_hook(session: &mut Session, hook: &DeployHook<'_>) -> Result<HookRun, Failure> {
    let ran = hook.run().map_err(|error| {
        Failure::new(Exit::HookFailed, "the deploy hook cannot be started").because(&error)
    })?;
    let (exit_status, signal, timed_out) = (ran.exit_status, ran.signal, ran.timed_out);
    session.event("hook", json!({"exit_status": exit_status, "signal": signal, "timed_out": timed_out}));
    for line in &ran.output {
        output::say(&format!("hook: {line}"));
    }
    if ran.truncated {
        output::say("hook: (more output was left out)");
    }
    Ok(ran)
}

fn hook_failed(ran: &HookRun) -> Failure {
    let failure = Failure::new(Exit::HookFailed, format!("the deploy hook {}", ran.ending()));
    let longer = ran.timed_out.is_some().then_some("give it longer with --hook-timeout SECONDS");
    longer.into_iter().fold(failure, Failure::hint)
        .hint("repair the cause, then run the hook again by hand, or with install_certs --republish --deploy-hook CMD")
}

/// Runs `--republish`: the installed pair again, nothing in the store changes.
///
/// # Errors
/// When nothing is installed, or [`Exit::HookFailed`].
pub(crate) fn republish(session: &mut Session, afterwards: &Afterwards) -> Result<Exit, Failure> {
    let followers = Followers::of(afterwards)?;
    let snapshot = session.snapshot()?;
    let Some(current) = &snapshot.current else {
        return Err(Failure::new(Exit::Store, "no pair is installed, there is nothing to publish")
            .hint("install a pair with install_certs first"));
    };
    let report = Report::of(Effect::none(current, session.now), session.store.place());
    let facts = Facts::of(Action::Republish, current, None);
    conclude(session, report, current, &facts, &followers)
}

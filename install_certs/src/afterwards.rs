//! What follows the commit: copies for other servers, and the deploy hook. The commit stands,
//! whatever happens here; what fails is exit code 8.

use crate::COMMAND;
use crate::command::{Afterwards, Hook};
use crate::publishing::{self, AGAIN};
use crate::report::Report;
use crate::session::Session;
use cli::output::{self, Format};
use cli::{DeployHook, Exit, Failure, HookRun, PublishDirectory};
use flow::{Action, Effect, Facts};
use serde_json::json;
use std::path::Path;
use store::{GenerationRef, Installed};

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
/// What follows is ordered by the lock of the directory that is published to, and made of what is current under that
/// lock: another command may have changed the pair since `facts` were true of it, and `committed` was current.
///
/// # Errors
/// [`Exit::HookFailed`] when either failed; else whatever kept the result from being printed.
pub(crate) fn conclude(
    session: &mut Session,
    mut report: Report,
    facts: Facts,
    committed: Option<&GenerationRef>,
    followers: &Followers,
) -> Result<Exit, Failure> {
    // The person should not wait for the hook to learn that the pair is installed.
    let shown = match session.format {
        Format::Text => output::result(&report.text(session.now)),
        Format::Json => Ok(()),
    };
    let installed = facts.generation;
    let followed = follow(session, &mut report, facts, committed, followers);
    let now = match report.overtaken_by {
        None => format!("the pair is installed; generation {installed} is current"),
        Some(current) => {
            format!("the pair was installed as generation {installed}; generation {current} is current")
        }
    };
    let failed = followed.err().map(|failure| {
        let now = failure.now.as_ref().map_or_else(|| now.clone(), |also| format!("{now}; {also}"));
        failure.now(now)
    });
    match session.format {
        Format::Text => failed.map_or(shown, Err).map(|()| Exit::Done),
        Format::Json => print_document(&report, failed.as_ref()),
    }
    .map_err(|failure| failure.leaving(now.as_str(), &now))
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
    facts: Facts,
    committed: Option<&GenerationRef>,
    followers: &Followers,
) -> Result<(), Failure> {
    if followers.directory.is_none() && followers.hook.is_none() {
        return Ok(());
    }
    let directory = followers.directory.as_ref();
    let locked = directory.map(|directory| publishing::lock(directory, facts.action)).transpose()?;
    let (now_current, current) = what_is_current(session)?;
    let facts = if committed == now_current.as_ref() {
        facts
    } else {
        report.overtaken_by = Some(current.manifest.generation);
        overtaken(session, facts.generation, current.manifest.generation);
        Facts::of(Action::Republish, &current, None)
    };
    if let Some(locked) = &locked {
        publishing::publish(session, report, locked, &current)?;
    }
    let Some(Hook { command, limit }) = &followers.hook else { return Ok(()) };
    let published = directory.map(PublishDirectory::path);
    let store = session.path.clone();
    let hook = DeployHook { command, facts: &facts, store: &store, published, limit: *limit };
    let ran = run_hook(session, &hook)?;
    let failed = (!ran.succeeded()).then(|| hook_failed(&ran));
    report.hook = Some(ran);
    failed.map_or(Ok(()), Err)
}

/// The installed pair, and how the record names it.
fn what_is_current(session: &Session) -> Result<(Option<GenerationRef>, Installed), Failure> {
    let what = "cannot read which pair is current";
    let failed = |why: Failure| Failure { exit: Exit::HookFailed, ..why }.hint(AGAIN);
    let read = session.store.read_current().map_err(|error| failed(Failure::store(error)))?;
    let pair = read.and_then(|serving| Some((serving.state.current, serving.current?)));
    pair.ok_or_else(|| {
        failed(Failure::new(Exit::HookFailed, what).caused_by("no pair is installed any more"))
    })
}

fn overtaken(session: &mut Session, ours: u64, current: u64) {
    session.event("overtaken", json!({"generation": ours, "current": current}));
    output::warn(
        COMMAND,
        &format!(
            "another command has made generation {current} current meanwhile: what follows is about that one, not \
             about generation {ours}"
        ),
    );
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
    conclude(session, report, facts, snapshot.state.current.as_ref(), &followers)
}

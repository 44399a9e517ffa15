//! What follows the commit: copies for other servers, and the deploy hook. The commit stands,
//! whatever happens here; what fails is exit code 8.

use crate::COMMAND;
use crate::hook::{self, Facts, Ran};
use crate::publish::Directory;
use crate::report::Report;
use crate::session::Session;
use crate::view::primary_name;
use cli::output::{self, Format};
use cli::{Exit, Failure};
use common::{Pair, Role};
use serde_json::json;
use std::path::Path;
use store::Installed;

/// Opens the directory of `--publish`, so that a wrong one is refused before anything changes.
///
/// # Errors
/// [`Exit::Usage`].
pub(crate) fn directory(session: &Session<'_>) -> Result<Option<Directory>, Failure> {
    let Some(path) = session.args.publish.as_deref() else { return Ok(None) };
    Directory::open(path).map(Some).map_err(|error| {
        Failure::new(Exit::Usage, format!("cannot publish to {}", path.display()))
            .because(&error)
            .hint("give --publish an existing directory that only its owner can write to")
    })
}

/// Publishes, runs the hook, and says what was done.
///
/// # Errors
/// [`Exit::HookFailed`] when either failed; else whatever kept the result from being printed.
pub(crate) fn conclude(
    session: &mut Session<'_>,
    mut report: Report,
    pair: &Installed,
    directory: Option<&Directory>,
) -> Result<Exit, Failure> {
    let now = format!("the pair is installed; generation {} is current", pair.manifest.generation);
    // The person should not wait for the hook to learn that the pair is installed.
    let shown = match session.args.format {
        Format::Text => output::result(&report.text(session.now)),
        Format::Json => Ok(()),
    };
    let failed = follow(session, &mut report, pair, directory).err().map(|failure| failure.now(now.as_str()));
    match session.args.format {
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
    output::result(&crate::report::document(report, failed))?;
    Ok(failed.map_or(Exit::Done, |failure| failure.exit))
}

fn follow(
    session: &mut Session<'_>,
    report: &mut Report,
    pair: &Installed,
    directory: Option<&Directory>,
) -> Result<(), Failure> {
    if let Some(directory) = directory {
        let published = directory.publish(pair);
        let path = directory.path().display().to_string();
        session.event("published", json!({"directory": path, "succeeded": published.is_ok()}));
        published.map_err(|error| {
            Failure::new(Exit::HookFailed, format!("cannot publish to {path}"))
                .because(&error)
                .hint("repair the cause, then run install_certs --republish with the same --publish and --deploy-hook")
        })?;
        output::say(&format!("published to {path}"));
        report.published = Some(path);
    }
    let Some(command) = session.args.deploy_hook.as_deref() else { return Ok(()) };
    let ran = run_hook(session, command, report, pair)?;
    let failed = (!ran.succeeded()).then(|| hook_failed(&ran));
    report.hook = Some(ran);
    failed.map_or(Ok(()), Err)
}

fn run_hook(
    session: &mut Session<'_>,
    command: &str,
    report: &Report,
    pair: &Installed,
) -> Result<Ran, Failure> {
    let end = |role: Role| {
        let end_entity = pair.chains.of(role).certificates().first();
        end_entity.map_or(session.now, pki::Certificate::not_after)
    };
    let facts = Facts {
        action: report.action,
        store: &session.path,
        generation: pair.manifest.generation,
        previous_generation: report.replaced_generation,
        published: report.published.as_deref().map(Path::new),
        names: pair.requests.as_ref().map(primary_name),
        not_after: Pair::from_fn(end),
    };
    let ran = hook::run(command, &facts).map_err(|error| {
        Failure::new(Exit::HookFailed, "the deploy hook cannot be started").because(&error)
    })?;
    session.event("hook", json!({"exit_status": ran.exit_status, "signal": ran.signal}));
    for line in &ran.output {
        output::say(&format!("hook: {line}"));
    }
    if ran.truncated {
        output::say("hook: (more output was left out)");
    }
    Ok(ran)
}

fn hook_failed(ran: &Ran) -> Failure {
    Failure::new(Exit::HookFailed, format!("the deploy hook {}", ran.ending()))
        .hint("repair the cause, then run the hook again by hand, or with install_certs --republish --deploy-hook CMD")
}

/// Runs `--republish`: the installed pair again, nothing in the store changes.
///
/// # Errors
/// When nothing is installed, or [`Exit::HookFailed`].
pub(crate) fn republish(session: &mut Session<'_>) -> Result<Exit, Failure> {
    let directory = directory(session)?;
    let snapshot = session.snapshot()?;
    let Some(pair) = &snapshot.current else {
        return Err(Failure::new(Exit::Store, "no pair is installed, there is nothing to publish")
            .hint("install a pair with install_certs first"));
    };
    let report = Report::unchanged(session, "republish", pair.into())?;
    conclude(session, report, pair, directory.as_ref())
}

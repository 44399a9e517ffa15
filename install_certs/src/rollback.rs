//! `--rollback`: the pair kept by `--keep-previous` becomes current again, in one step.

use crate::afterwards;
use crate::report::{self, Report};
use crate::session::{Session, standing, unchanged};
use cli::output::{self, Format};
use cli::{Exit, Failure, clock, terminal};
use store::rotation;
use store::{Commit, PlanError};
use store::{Snapshot, Store};

/// Runs `--rollback`.
///
/// # Errors
/// Whatever was found; unless it says otherwise, nothing has changed.
pub(crate) fn run(session: &mut Session<'_>) -> Result<Exit, Failure> {
    if !session.person && !session.args.yes && !session.args.dry_run {
        return Err(Failure::new(Exit::Usage, "there is no terminal to ask at")
            .hint("give --yes to roll back without a question, or --dry-run to look"));
    }
    let snapshot = session.snapshot()?;
    let standing = standing(&snapshot);
    let directory = afterwards::directory(session).map_err(|failure| unchanged(failure, &standing))?;
    let (commit, mut report) =
        prepare(session, &snapshot).map_err(|failure| unchanged(failure, &standing))?;
    if session.args.dry_run {
        output::result(&match session.args.format {
            Format::Text => format!("{}{standing}\n", report.text(session.now)),
            Format::Json => report::document(&report, None),
        })?;
        return Ok(Exit::Done);
    }
    let applied =
        session.store.apply(&commit).map_err(|error| unchanged(Failure::store(error), &standing))?;
    let pair = report::committed(session, &mut report, applied)?;
    afterwards::conclude(session, report, &pair, directory.as_ref())
}

fn prepare(session: &Session<'_>, snapshot: &Snapshot) -> Result<(Commit, Report), Failure> {
    let refused = |error: PlanError| Failure::plan(&error);
    let commit = rotation::roll_back(snapshot, clock::now(), session.operation()).map_err(refused)?;
    let previous = snapshot.previous.as_ref().ok_or_else(|| refused(PlanError::NoPrevious))?;
    let replaced = snapshot.current.as_ref();
    let report = Report {
        dry_run: session.args.dry_run,
        replaced_generation: replaced.map(|pair| pair.manifest.generation),
        changes: report::changes(previous.into(), replaced, session.now)?,
        ..Report::unchanged(session, "rollback", previous.into())?
    };
    session.store.check_writable(Store::ROOM_FOR_A_RECORD).map_err(Failure::store)?;
    if session.args.dry_run {
        return Ok((commit, report));
    }
    if session.person {
        output::say(report.plan(session.now).trim_end());
    }
    session.confirm(&format!(
        "Return to generation {}, both certificates in one step?",
        previous.manifest.generation
    ))?;
    terminal::check_interrupted()?;
    Ok((commit, report))
}

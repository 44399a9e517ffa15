//! `--rollback`: the pair kept by `--keep-previous` becomes current again, in one step.

use crate::afterwards::Followers;
use crate::change;
use crate::command::{Afterwards, Consent};
use crate::session::{Session, standing, unchanged};
use cli::{Exit, Failure};
use flow::{Plan, plan_rollback};
use store::{Snapshot, Store};

/// Runs `--rollback`.
///
/// # Errors
/// Whatever was found; unless it says otherwise, nothing has changed.
pub(crate) fn run(session: &mut Session, consent: Consent, afterwards: &Afterwards) -> Result<Exit, Failure> {
    if !session.person && consent == Consent::Ask {
        return Err(Failure::new(Exit::Usage, "there is no terminal to ask at")
            .hint("give --yes to roll back without a question, or --dry-run to look"));
    }
    let snapshot = session.snapshot()?;
    let standing = standing(&snapshot);
    let kept = |failure| unchanged(failure, &standing);
    let followers = Followers::of(afterwards).map_err(kept)?;
    let plan = plan(session, &snapshot).map_err(kept)?;
    confirm(session, consent, &plan).map_err(kept)?;
    change::carry_out(session, plan, consent, &standing, &followers)
}

fn plan(session: &Session, snapshot: &Snapshot) -> Result<Plan, Failure> {
    let plan = plan_rollback(snapshot, session.operation()).map_err(|error| Failure::plan(&error))?;
    session.store.check_writable(Store::ROOM_FOR_A_RECORD).map_err(Failure::store)?;
    Ok(plan)
}

fn confirm(session: &Session, consent: Consent, plan: &Plan) -> Result<(), Failure> {
    let previous = plan.effect.generation.unwrap_or_default();
    let question = format!("Return to generation {previous}, both certificates in one step?");
    change::confirm(session, &change::text(session, plan), consent, &question)
}

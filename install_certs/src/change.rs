//! A planned change of the installed pair: shown, confirmed, made, and followed by what follows it.

use crate::COMMAND;
use crate::afterwards::{self, Followers};
use crate::command::Consent;
use crate::report::{self, Report};
use crate::session::{Session, unchanged};
use cli::output::{self, Format};
use cli::{Exit, Failure, terminal};
use flow::{Done, Facts, Plan};
use serde_json::json;

/// Carries out a plan, or shows it when nothing is to change.
///
/// # Errors
/// A failure before the commit says what stays (`standing`); [`Exit::HookFailed`] comes after it.
pub(crate) fn carry_out(
    session: &mut Session,
    plan: Plan,
    consent: Consent,
    standing: &str,
    followers: &Followers,
) -> Result<Exit, Failure> {
    if consent == Consent::DryRun {
        return show(session, plan, standing).map(|()| Exit::Done);
    }
    let made = plan.commit(&session.store).map_err(Failure::commit);
    let done = made.map_err(|failure| unchanged(failure, standing))?;
    record(session, &done);
    for warning in &done.warnings {
        output::warn(COMMAND, warning);
    }
    let report = Report::of_done(&done, session.store.place());
    let facts = Facts::of(done.effect.action, &done.current, done.effect.replaced);
    afterwards::conclude(session, report, facts, done.state.current.as_ref(), followers)
}

/// Shows the plan to a person, and goes on after a yes.
///
/// # Errors
/// After a no, or an interruption: nothing has changed.
pub(crate) fn confirm(
    session: &Session,
    shown: &str,
    consent: Consent,
    question: &str,
) -> Result<(), Failure> {
    if consent == Consent::DryRun {
        return Ok(());
    }
    if session.person {
        output::say(shown);
    }
    session.confirm(consent, question)?;
    terminal::check_interrupted()
}

/// The result of a dry run.
fn show(session: &Session, plan: Plan, standing: &str) -> Result<(), Failure> {
    let report = Report::of_plan(plan.effect, session.store.place());
    output::result(&match session.format {
        Format::Text => format!("{}{standing}\n", report.text(session.now)),
        Format::Json => report.document(None),
    })
}

/// The text of a plan.
pub(crate) fn text(session: &Session, plan: &Plan) -> String {
    report::plan(&plan.effect, session.now).trim_end().to_owned()
}

fn record(session: &mut Session, done: &Done) {
    let (state, effect) = (&done.state, &done.effect);
    session.event(
        "committed",
        json!({
            "action": effect.action.word(), "sequence": state.sequence, "generation": effect.generation,
            "previous_generation": state.previous.as_ref().map(|previous| previous.number),
            "operation": state.written_by.id,
            "serials": effect.changes.as_ref().map(|change| change.new.serial.clone()),
        }),
    );
}

//! Back to the pair that was kept.

use crate::change::Change;
use crate::plan::{Action, Effect, Plan};
use store::{Operation, PlanError, Snapshot, rotation};

/// Plans the one commit that makes the previous pair current again. `operation` says who acts, and when.
///
/// # Errors
/// [`PlanError::NoPrevious`], [`PlanError::PreviousExpired`].
pub fn plan_rollback(snapshot: &Snapshot, operation: Operation) -> Result<Plan, PlanError> {
    let now = operation.at;
    let commit = rotation::roll_back(snapshot, now, operation)?;
    let previous = snapshot.previous.as_ref().ok_or(PlanError::NoPrevious)?;
    let replaced = snapshot.current.as_ref();
    let old = replaced.map(|pair| &pair.chains);
    let effect = Effect {
        action: Action::RollBack,
        replaced: replaced.map(|pair| pair.manifest.generation),
        changes: Change::of_both(previous.chains.as_ref(), old, previous.requests.as_ref(), now),
        ..Effect::none(previous, now)
    };
    Ok(Plan { effect, commit })
}

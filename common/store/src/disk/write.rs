//! Applies a plan. The order of the steps is the promise of the store: see `docs/store-format.md`,
//! which gives the reason for each.

use super::audit::{Audit, Outcome};
use super::dir::Dir;
use super::place::Place;
use super::{Applied, StoreError, lock, prune, read};
use crate::layout::{self, ACCOUNTS, GENERATIONS, STATE};
use crate::rotation::{NewAccount, NewGeneration, Plan};
use crate::state::State;
use data_encoding::HEXLOWER;
use std::io::ErrorKind;

/// Locks the store, applies the plan, gives the lock back.
pub(super) fn apply(place: &Place<'_>, plan: &Plan) -> Result<Applied, StoreError> {
    let existing = place.open()?;
    let made = existing.is_none();
    let root = match existing {
        Some(root) => root,
        None if plan.create => place.open_or_make()?,
        None => return Err(StoreError::damaged(place.path(), "missing, it was there a moment ago")),
    };
    lock::exclusive(&root)?;
    apply_locked(place, &root, plan).inspect_err(|error| {
        if made && can_be_undone(error) {
            // Succeeds only while it is empty.
            let _ = place.remove();
        }
    })
}

fn apply_locked(place: &Place<'_>, root: &Dir, plan: &Plan) -> Result<Applied, StoreError> {
    // A writer may have been killed between its rename and its fsync: what STATE says now must
    // hold before anything it does not name is removed.
    root.sync()?;
    let (state, fresh) = match read::state(root)? {
        Some(state) => (state, false),
        None if plan.create => (initialise(place, root, plan).inspect_err(|_| unmake(root))?, true),
        None => return Err(StoreError::damaged(root.path(), "emptied, it was not a moment ago")),
    };
    if state.sequence != plan.expected_sequence {
        return Err(StoreError::Conflict { expected: plan.expected_sequence, found: state.sequence });
    }
    let written = prune::sweep(root, &state).and_then(|warnings| write_and_commit(root, plan, warnings));
    let mut applied = written.inspect_err(|error| {
        if can_be_undone(error) {
            undo(root, &state);
            if fresh {
                unmake(root);
            }
        }
    })?;
    prune::retire(root, &plan.prune, &mut applied.warnings);
    Ok(applied)
}

/// Whether the commit point was certainly not passed.
const fn can_be_undone(error: &StoreError) -> bool {
    !matches!(error, StoreError::Uncertain { .. })
}

/// Writes the first record, in which nothing is staged: from here on a directory without STATE
/// is a damaged store, not a fresh one.
fn initialise(place: &Place<'_>, root: &Dir, plan: &Plan) -> Result<State, StoreError> {
    place.sync_parent()?;
    let state = State::initial(plan.next.written_by.clone());
    let temporary = prepare(root, &state)?;
    root.rename_over(&temporary, STATE)?;
    root.sync()?;
    Ok(state)
}

/// Everything up to the commit can be undone; nothing after it fails the command.
fn write_and_commit(root: &Dir, plan: &Plan, mut warnings: Vec<String>) -> Result<Applied, StoreError> {
    if let Some(generation) = &plan.generation {
        write_generation(root, generation)?;
    }
    if let Some(account) = &plan.account {
        write_account(root, account)?;
    }
    // What is committed is what a reader has read: hashes, keys, requests, chains, all of it.
    let snapshot = read::view(root, plan.next.clone())?;
    let temporary = prepare(root, &plan.next)?;
    let audit = Audit::open(root)?;
    audit.intent(root, plan)?;
    let outcome = commit(root, &temporary, plan);
    let word = match &outcome {
        Ok(()) => Outcome::Committed,
        Err(StoreError::Uncertain { .. }) => Outcome::Uncertain,
        Err(_) => Outcome::Failed,
    };
    prune::note(audit.outcome(plan, word), &mut warnings);
    outcome.map(|()| Applied { snapshot, warnings })
}

/// Writes the record beside the one in force.
fn prepare(root: &Dir, state: &State) -> Result<String, StoreError> {
    let bytes = state.encode();
    // Whatever was asked for, no record is put in force that a reader would refuse.
    State::decode(&bytes).map_err(|error| StoreError::damaged(&root.path_of(STATE), error))?;
    let temporary = layout::temporary(STATE, &random(root)?);
    root.create(&temporary, &bytes)?;
    // The one record is read back like everything it names: a disk can lose bytes without a word.
    match root.read(&temporary, layout::MAX_STATE)? {
        Some(written) if written == bytes => Ok(temporary),
        Some(_) | None => {
            Err(StoreError::damaged(&root.path_of(&temporary), "it does not read as it was written"))
        }
    }
}

/// The one commit point.
fn commit(root: &Dir, temporary: &str, plan: &Plan) -> Result<(), StoreError> {
    if let Err(error) = root.rename_over(temporary, STATE) {
        // An error from the device does not say whether the rename took place; STATE does.
        return match read::state(root) {
            Ok(Some(state)) if state.sequence == plan.expected_sequence => Err(error),
            Ok(_) | Err(_) => Err(uncertain(error)),
        };
    }
    root.sync().map_err(uncertain)
}

fn uncertain(error: StoreError) -> StoreError {
    match error {
        StoreError::Io { action, path, source } => {
            StoreError::Uncertain { what: format!("cannot {action} {}", path.display()), source }
        }
        error @ (StoreError::Damaged { .. }
        | StoreError::Untrusted { .. }
        | StoreError::Busy { .. }
        | StoreError::Conflict { .. }
        | StoreError::Uncertain { .. }) => error,
    }
}

fn write_generation(root: &Dir, generation: &NewGeneration) -> Result<(), StoreError> {
    let parent = ensure(root, GENERATIONS)?;
    let name = layout::generation(generation.number);
    let temporary = layout::temporary(&name, &random(root)?);
    let directory = parent.make_subdirectory(&temporary)?;
    for (name, bytes) in &generation.files {
        directory.create(name, bytes)?;
    }
    directory.sync()?;
    parent.rename_new(&temporary, &name)?;
    parent.sync()
}

fn write_account(root: &Dir, account: &NewAccount) -> Result<(), StoreError> {
    let parent = ensure(root, ACCOUNTS)?;
    let name = layout::account(account.number);
    let temporary = layout::temporary(&name, &random(root)?);
    parent.create(&temporary, &account.bytes)?;
    parent.rename_new(&temporary, &name)?;
    parent.sync()
}

/// Opens a directory of the store, made first, durably, when it is not there.
fn ensure(root: &Dir, name: &str) -> Result<Dir, StoreError> {
    if let Some(directory) = root.subdirectory(name)? {
        return Ok(directory);
    }
    let directory = root.make_subdirectory(name)?;
    root.sync()?;
    Ok(directory)
}

/// Puts the store back as it was, as far as it lets itself be put: the error that led here is
/// the one to report, and the next writer sweeps what is left. No fsync: one may just have failed.
fn undo(root: &Dir, state: &State) {
    let _ = prune::sweep(root, state);
}

/// Takes back the record of a store that never held anything, as far as it lets itself be taken.
fn unmake(root: &Dir) {
    let _ = prune::empty(root);
}

/// Sixteen hex digits, so that no leftover is in the way of a temporary name.
fn random(root: &Dir) -> Result<String, StoreError> {
    let mut bytes = [0; 8];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Ok(HEXLOWER.encode(&bytes)),
        Err(_) => Err(StoreError::io("get random bytes for", root.path(), ErrorKind::Other)),
    }
}

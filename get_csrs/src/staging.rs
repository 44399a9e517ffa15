//! The flow from what was asked for to what is staged and printed.

use crate::command::{Stage, Work};
use crate::gather::{self, Complete, Given, Known};
use crate::{NAME, dry_run, interview, out, report, summary};
use cli::log::Log;
use cli::output;
use cli::{Exit, Failure, Operator, place, prompt, terminal};
use flow::{PendingKeys, RequestOrder, Requested};
use pki::rules::{Finding, Severity};
use pki::{ClusterSpec, RequestSpec};
use serde_json::json;
use std::path::Path;
use store::rotation::{self, Mode};
use store::{Applied, Manifest, PlanError, Snapshot, Store};

/// Stages a pair of keys and requests, and prints the requests.
pub(crate) fn run(store: &Store, work: &Work, stage: &Stage, log: &mut Log) -> Result<Exit, Failure> {
    let snapshot =
        store.read().map_err(Failure::store).map_err(|failure| failure.now("nothing was staged"))?;
    let snapshot = snapshot.as_ref();
    let kept = |failure| unchanged(failure, snapshot);
    let given = begin(store, snapshot, stage, work.out.as_deref()).map_err(kept)?;
    if stage.dry_run {
        return dry_run::run(store, given, stage, work.format).map_err(kept).map(|()| Exit::Done);
    }
    let requested = request(store, snapshot, given, stage, log).map_err(kept)?;
    report::staged(store, work, stage.mode, &requested)
}

/// Refuses what can be refused before a person or a slow step is bothered, and parses what was given.
fn begin(
    store: &Store,
    snapshot: Option<&Snapshot>,
    stage: &Stage,
    out: Option<&Path>,
) -> Result<Given, Failure> {
    rotation::may_stage(snapshot, stage.mode, stage.replace_staged)
        .map_err(|error| refused(&error, store, snapshot))?;
    store.check_writable(Store::ROOM_FOR_A_GENERATION).map_err(Failure::store)?;
    out.map_or(Ok(()), out::check)?;
    let current = snapshot.and_then(|snapshot| snapshot.current.as_ref());
    let known = Known {
        installed: current.filter(|_| stage.mode == Mode::Rotate),
        accounts: snapshot.map(|snapshot| &snapshot.accounts),
    };
    gather::gather(&stage.wish, &known)
}

/// Everything from the questions to the commit.
fn request(
    store: &Store,
    snapshot: Option<&Snapshot>,
    given: Given,
    stage: &Stage,
    log: &mut Log,
) -> Result<Requested, Failure> {
    let Wanted { complete, keys, findings } = want(given, stage)?;
    let Complete { spec, sysadmin, passphrase } = complete;
    let email = sysadmin.as_ref().map(|sysadmin| sysadmin.email.as_str());
    output::say(summary::text(&spec, email, store.place(), &findings).trim_end());
    confirm(stage, &findings)?;
    let Stage { mode, replace_staged, .. } = *stage;
    let order = RequestOrder { spec: spec.clone(), keys, passphrase, sysadmin, mode, replace_staged };
    let requested = flow::request(store, snapshot, order, operation(stage), &mut Operator::of(NAME))
        .map_err(Failure::request)?;
    record(log, &spec, &requested.applied);
    Ok(requested)
}

/// Where there is no store, says where it was looked for.
fn refused(error: &PlanError, store: &Store, snapshot: Option<&Snapshot>) -> Failure {
    let mut failure = Failure::plan(error);
    if snapshot.is_none() {
        failure.causes.push(format!("there is no store in {}", store.place()));
    }
    failure
}

/// What is wanted, complete and free of errors, and the keys already in the making.
struct Wanted {
    complete: Complete,
    keys: PendingKeys,
    /// Warnings.
    findings: Vec<Finding>,
}

/// Asks what is missing, at a terminal; the keys are begun as soon as their types are known.
fn want(mut given: Given, stage: &Stage) -> Result<Wanted, Failure> {
    let ask = terminal::interactive();
    if ask {
        interview::requests(&mut given, stage)?;
    } else {
        given.check_complete(stage.confirmed)?;
    }
    let (requests, findings) = given.requests()?;
    let keys = PendingKeys::start(requests.as_ref().map(RequestSpec::key_algorithm));
    if ask {
        interview::cluster(&mut given)?;
        interview::secrets(&mut given)?;
    }
    Ok(Wanted { complete: given.complete(requests)?, keys, findings })
}

/// Has a person confirm the summary; a warning makes `no` the answer of a bare Enter.
fn confirm(stage: &Stage, findings: &[Finding]) -> Result<(), Failure> {
    if stage.confirmed {
        return Ok(());
    }
    let warned = findings.iter().any(|finding| finding.severity == Severity::Warning);
    let question = if warned {
        "Request both in spite of the warnings?"
    } else {
        "Make both keys and request both certificates?"
    };
    if prompt::confirm(question, !warned)? { Ok(()) } else { Err(Failure::declined()) }
}

/// The command as the store records it.
fn operation(stage: &Stage) -> store::Operation {
    let rotate = if stage.mode == Mode::Rotate { " --rotate" } else { "" };
    let replace = if stage.replace_staged { " --replace-staged" } else { "" };
    place::operation(&format!("{NAME}{rotate}{replace}"))
}

fn record(log: &mut Log, spec: &ClusterSpec, applied: &Applied) {
    let generation = applied.snapshot.staged.as_ref().map(|staged| staged.manifest.generation);
    let requests = applied.snapshot.staged.as_ref().map(|staged| {
        staged.requests.as_ref().map(
            |request| json!({ "spki_sha256": request.spki().sha256(), "request_sha256": request.sha256() }),
        )
    });
    log.event(
        "staged",
        json!({
            "generation": generation,
            "operation": applied.snapshot.state.written_by.id,
            "cluster_name": spec.cluster_name.as_str(),
            "requested": summary::json(spec),
            "requests": requests,
            "warnings": applied.warnings,
        }),
    );
}

/// Adds to a failure before the commit what it left as it was.
fn unchanged(failure: Failure, snapshot: Option<&Snapshot>) -> Failure {
    let stays = |manifest: Option<&Manifest>, how: &str| {
        manifest.map(|manifest| format!("; generation {} stays {how}", manifest.generation))
    };
    let staged = snapshot.and_then(|snapshot| snapshot.staged.as_ref()).map(|staged| &staged.manifest);
    let current = snapshot.and_then(|snapshot| snapshot.current.as_ref()).map(|current| &current.manifest);
    let (staged, current) = (stays(staged, "staged"), stays(current, "current"));
    let stands = format!("nothing was staged{}{}", staged.unwrap_or_default(), current.unwrap_or_default());
    failure.leaving(stands, "whether the pair is staged is not known")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Wish;

    #[test]
    fn a_failure_before_the_commit_says_that_nothing_was_staged_unless_nobody_knows() {
        let now = |exit| unchanged(Failure::new(exit, "x"), None).now;
        assert_eq!(now(Exit::Usage).as_deref(), Some("nothing was staged"));
        assert_eq!(now(Exit::Interrupted).as_deref(), Some("nothing was staged"));
        assert_eq!(now(Exit::Uncertain).as_deref(), Some("whether the pair is staged is not known"));
        let told = Failure::new(Exit::Store, "x").now("told");
        assert_eq!(unchanged(told, None).now.as_deref(), Some("told"));
    }

    #[test]
    fn the_store_records_the_command_without_its_values() {
        let wish = Wish { cluster_name: Some("secret".into()), ..Wish::default() };
        let (mode, confirmed, dry_run) = (Mode::Rotate, true, false);
        let stage = Stage { wish, mode, replace_staged: true, confirmed, dry_run };
        assert_eq!(operation(&stage).command, "get_csrs --rotate --replace-staged");
    }
}

//! The flow from what was asked for to what is staged and printed.

use crate::answers::Answers;
use crate::gather::{self, Complete, Given, Known};
use crate::report::{Report, staged_anyway};
use crate::{NAME, interview, out, summary};
use cli::log::Log;
use cli::output::{self, Format};
use cli::person::Operator;
use cli::{Exit, Failure, place, prompt, terminal};
use flow::{PendingKeys, RequestOrder, Requested};
use pki::rules::{Finding, Severity};
use pki::{ClusterSpec, Email, RequestSpec};
use serde_json::json;
use store::Applied;
use store::PlanError;
use store::rotation::{self, Mode};
use store::{Manifest, Snapshot, Store};

/// What was asked for.
pub(crate) struct Asked {
    /// By flags alone: a flag that would change nothing is a mistake, the same in an answers file is not.
    pub(crate) flags: Answers,
    /// By flags and answers file.
    pub(crate) answers: Answers,
}

/// Stages a pair of keys and requests, and prints the requests.
pub(crate) fn run(store: &Store, asked: &Asked, log: &mut Log) -> Result<Exit, Failure> {
    let snapshot =
        store.read().map_err(Failure::store).map_err(|failure| failure.now("nothing was staged"))?;
    let snapshot = snapshot.as_ref();
    let staged = stage(store, snapshot, asked, log);
    let Some(Requested { applied, findings }) = staged.map_err(|failure| unchanged(failure, snapshot))?
    else {
        return Ok(Exit::Done);
    };
    present(store, &asked.answers, &applied, &findings)
}

/// Everything up to and including the commit; `None` after a dry run.
fn stage(
    store: &Store,
    snapshot: Option<&Snapshot>,
    asked: &Asked,
    log: &mut Log,
) -> Result<Option<Requested>, Failure> {
    let answers = &asked.answers;
    let mode = if answers.rotates() { Mode::Rotate } else { Mode::First };
    may_begin(store, snapshot, mode, answers)?;
    let known = Known {
        installed: snapshot.and_then(|snapshot| snapshot.current.as_ref()).filter(|_| mode == Mode::Rotate),
        accounts: snapshot.map(|snapshot| &snapshot.accounts),
    };
    let given = gather::gather(&asked.flags, answers, &known)?;
    if answers.is_dry_run() {
        return dry_run(store, given, answers).map(|()| None);
    }
    let Wanted { complete, keys, findings } = want(given, answers)?;
    let Complete { spec, sysadmin, passphrase } = complete;
    let email = sysadmin.as_ref().map(|sysadmin| sysadmin.email.as_str());
    output::say(summary::text(&spec, email, store.place(), &findings).trim_end());
    confirm(answers, &findings)?;
    let replace_staged = answers.replaces_staged();
    let order = RequestOrder { spec: spec.clone(), keys, passphrase, sysadmin, mode, replace_staged };
    let requested = flow::request(store, snapshot, order, operation(answers), &mut Operator::of(NAME))
        .map_err(Failure::request)?;
    record(log, &spec, &requested.applied);
    Ok(Some(requested))
}

/// What can be refused before a person or a slow step is bothered.
fn may_begin(
    store: &Store,
    snapshot: Option<&Snapshot>,
    mode: Mode,
    answers: &Answers,
) -> Result<(), Failure> {
    rotation::may_stage(snapshot, mode, answers.replaces_staged())
        .map_err(|error| refused(&error, store, snapshot))?;
    store.check_writable(Store::ROOM_FOR_A_GENERATION).map_err(Failure::store)?;
    answers.out.as_deref().map_or(Ok(()), out::check)
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
fn want(mut given: Given, answers: &Answers) -> Result<Wanted, Failure> {
    let ask = terminal::interactive();
    if ask {
        interview::requests(&mut given, answers)?;
    } else {
        given.check_complete(answers.confirmed())?;
    }
    let (requests, findings) = given.requests()?;
    let keys = PendingKeys::start(requests.as_ref().map(RequestSpec::key_algorithm));
    if ask {
        interview::cluster(&mut given)?;
        interview::secrets(&mut given)?;
    }
    Ok(Wanted { complete: given.complete(requests)?, keys, findings })
}

/// Shows what would be requested; no secret is asked for, because none would be used.
fn dry_run(store: &Store, mut given: Given, answers: &Answers) -> Result<(), Failure> {
    if terminal::interactive() {
        interview::requests(&mut given, answers)?;
        interview::cluster(&mut given)?;
    } else {
        given.check_complete(true)?;
    }
    let (requests, findings) = given.requests()?;
    let Some(cluster_name) = given.cluster_name.clone() else { return given.check_complete(true) };
    let spec = ClusterSpec { cluster_name, requests };
    let email = given.email.as_ref().map(Email::as_str);
    match answers.format.unwrap_or_default() {
        Format::Text => {
            let text = summary::text(&spec, email, store.place(), &findings);
            output::result(&format!("{text}dry run: nothing was written\n"))
        }
        Format::Json => output::result(&output::document(
            NAME,
            Exit::Done,
            json!({
                "dry_run": true,
                "cluster_name": spec.cluster_name.as_str(),
                "store": store.place(),
                "requests": summary::json(&spec),
                "findings": output::findings_json(&findings),
                "now": "nothing was written",
            }),
        )),
    }
}

/// Has a person confirm the summary; a warning makes `no` the answer of a bare Enter.
fn confirm(answers: &Answers, findings: &[Finding]) -> Result<(), Failure> {
    if answers.confirmed() {
        return Ok(());
    }
    let warned = findings.iter().any(|finding| finding.severity == Severity::Warning);
    let question = if warned {
        "Request both in spite of the warnings?"
    } else {
        "Make both keys and request both certificates?"
    };
    if prompt::confirm(question, !warned)? {
        Ok(())
    } else {
        Err(Failure::new(Exit::Interrupted, "stopped, because the answer was no"))
    }
}

/// The command as the store records it.
fn operation(answers: &Answers) -> store::Operation {
    let mut words = NAME.to_owned();
    for (set, flag) in [(answers.rotates(), " --rotate"), (answers.replaces_staged(), " --replace-staged")] {
        if set {
            words.push_str(flag);
        }
    }
    place::operation(&words)
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

/// Prints what was staged. From here on the work is done, whatever happens to the output.
fn present(
    store: &Store,
    answers: &Answers,
    applied: &Applied,
    findings: &[Finding],
) -> Result<Exit, Failure> {
    for warning in &applied.warnings {
        output::warn(NAME, warning);
    }
    let Some(generation) = &applied.snapshot.staged else {
        return Err(Failure::new(Exit::Uncertain, "the store does not show what was staged in it")
            .hint("look with install_certs --status before you run anything else")
            .now("whether the pair is staged is not known"));
    };
    let files = answers.out.as_deref().map(|directory| out::write(directory, generation.requests.as_ref()));
    let (files, unwritten) = match files.transpose() {
        Ok(files) => (files, None),
        Err(failure) => (None, Some(staged_anyway(failure, generation, "get_csrs --show --out DIR"))),
    };
    let format = answers.format.unwrap_or_default();
    let report = Report { generation, store: store.place(), findings, warnings: &applied.warnings, files };
    // With --format json there is one document, and a failure is the more important one.
    if format == Format::Text || unwritten.is_none() {
        report.print(format).map_err(|failure| staged_anyway(failure, generation, "get_csrs --show"))?;
    }
    if let Some(failure) = unwritten {
        return Err(failure);
    }
    let rotate = if answers.rotates() { " --rotate" } else { "" };
    output::say(&format!(
        "generation {} is staged; send both requests to your CA, then run install_certs{rotate} with the signed chains",
        generation.manifest.generation,
    ));
    Ok(Exit::Done)
}

/// Adds to a failure before the commit what it left as it was.
fn unchanged(failure: Failure, snapshot: Option<&Snapshot>) -> Failure {
    if failure.now.is_some() {
        return failure;
    }
    if failure.exit == Exit::Uncertain {
        return failure.now("whether the pair is staged is not known");
    }
    let stays = |manifest: Option<&Manifest>, how: &str| {
        manifest.map(|manifest| format!("; generation {} stays {how}", manifest.generation))
    };
    let staged = snapshot.and_then(|snapshot| snapshot.staged.as_ref()).map(|staged| &staged.manifest);
    let current = snapshot.and_then(|snapshot| snapshot.current.as_ref()).map(|current| &current.manifest);
    let (staged, current) = (stays(staged, "staged"), stays(current, "current"));
    let now = format!("nothing was staged{}{}", staged.unwrap_or_default(), current.unwrap_or_default());
    failure.now(now)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let asked = Answers { rotate: Some(true), main: Some("secret".into()), ..Answers::default() };
        assert_eq!(operation(&asked).command, "get_csrs --rotate");
    }
}

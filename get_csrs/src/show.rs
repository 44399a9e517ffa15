//! `--show`: the staged requests again; no secret is needed and nothing changes.

use crate::command::Work;
use crate::out;
use crate::report::{Report, staged_anyway};
use cli::{Exit, Failure};
use store::PlanError;
use store::Store;

/// Prints what is staged.
pub(crate) fn run(store: &Store, work: &Work) -> Result<Exit, Failure> {
    let snapshot = store.read().map_err(Failure::store)?;
    let staged = snapshot.and_then(|snapshot| snapshot.staged);
    let Some(generation) = staged else { return Err(Failure::plan(&PlanError::NothingStaged)) };
    let requests = generation.requests.as_ref();
    let files = work.out.as_deref().map(|directory| out::write(directory, requests)).transpose();
    let again = "get_csrs --show";
    let report = Report {
        generation: &generation,
        store: store.place(),
        findings: &[],
        warnings: &[],
        files: files.map_err(|failure| staged_anyway(failure, &generation, &format!("{again} --out DIR")))?,
    };
    report.print(work.format).map_err(|failure| staged_anyway(failure, &generation, again))?;
    Ok(Exit::Done)
}

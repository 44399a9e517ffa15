//! `--dry-run`: what would be requested; no key is made and nothing is written.

use crate::command::Stage;
use crate::gather::Given;
use crate::{NAME, interview, summary};
use cli::output::{self, Format};
use cli::{Exit, Failure, terminal};
use pki::{ClusterSpec, Email};
use serde_json::json;
use store::Store;

/// Shows what would be requested; no secret is asked for, because none would be used.
pub(crate) fn run(store: &Store, mut given: Given, stage: &Stage, format: Format) -> Result<(), Failure> {
    if terminal::interactive() {
        interview::requests(&mut given, stage)?;
        interview::cluster(&mut given)?;
    } else {
        given.check_complete(true)?;
    }
    let (requests, findings) = given.requests()?;
    let Some(cluster_name) = given.cluster_name.clone() else { return given.check_complete(true) };
    let spec = ClusterSpec { cluster_name, requests };
    let email = given.email.as_ref().map(Email::as_str);
    match format {
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

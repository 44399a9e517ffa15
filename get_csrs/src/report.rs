//! The result: both staged requests, with the digests both sides compare over another channel.

use crate::command::Work;
use crate::{NAME, out};
use cli::output::{self, Format};
use cli::{Exit, Failure};
use common::{Pair, Role};
use flow::Requested;
use pki::rules::Finding;
use serde_json::{Value, json};
use std::path::PathBuf;
use store::rotation::Mode;
use store::{Staged, Store};

/// What is printed.
pub(crate) struct Report<'a> {
    pub(crate) generation: &'a Staged,
    pub(crate) store: &'a str,
    pub(crate) findings: &'a [Finding],
    /// What could not be tidied up.
    pub(crate) warnings: &'a [String],
    /// Where the requests were written to.
    pub(crate) files: Option<Pair<PathBuf>>,
}

impl Report<'_> {
    /// Prints the result.
    ///
    /// # Errors
    /// [`Exit::Unexpected`] when stdout is closed or full; the requests are staged all the same.
    pub(crate) fn print(&self, format: Format) -> Result<(), Failure> {
        match format {
            Format::Text => output::result(&self.text()),
            Format::Json => output::result(&output::document(NAME, Exit::Done, self.json())),
        }
    }

    fn text(&self) -> String {
        let one = |role: Role| {
            let request = self.generation.requests.of(role);
            format!(
                "{}\nSPKI sha256     {}\nrequest sha256  {}\n{}",
                role.request_heading(),
                request.spki().sha256(),
                request.sha256(),
                request.to_pem(),
            )
        };
        format!("{}\n{}", one(Role::Main), one(Role::Assets))
    }

    fn json(&self) -> Value {
        let manifest = &self.generation.manifest;
        let one = |role: Role| {
            let (request, entry) = (self.generation.requests.of(role), manifest.roles.of(role));
            json!({
                "heading": role.request_heading(),
                "subject": request.subject().to_string(),
                "sans": entry.sans,
                "key_type": entry.key_algorithm,
                "spki_sha256": request.spki().sha256(),
                "request_sha256": request.sha256(),
                "pem": request.to_pem(),
                "file": self.files.as_ref().map(|files| files.of(role).display().to_string()),
            })
        };
        json!({
            "generation": manifest.generation,
            "purpose": manifest.purpose,
            "cluster_name": manifest.cluster_name,
            "staged_at": manifest.staged_by.at,
            "store": self.store,
            "requests": { "main": one(Role::Main), "assets": one(Role::Assets) },
            "findings": output::findings_json(self.findings),
            "warnings": self.warnings,
        })
    }
}

/// Prints what was staged. From here on the work is done, whatever happens to the output.
pub(crate) fn staged(store: &Store, work: &Work, mode: Mode, requested: &Requested) -> Result<Exit, Failure> {
    let Requested { applied, findings } = requested;
    for warning in &applied.warnings {
        output::warn(NAME, warning);
    }
    let Some(generation) = &applied.snapshot.staged else {
        return Err(Failure::new(Exit::Uncertain, "the store does not show what was staged in it")
            .hint("look with install_certs --status before you run anything else")
            .now("whether the pair is staged is not known"));
    };
    let files = work.out.as_deref().map(|directory| out::write(directory, generation.requests.as_ref()));
    let (files, unwritten) = match files.transpose() {
        Ok(files) => (files, None),
        Err(failure) => (None, Some(staged_anyway(failure, generation, "get_csrs --show --out DIR"))),
    };
    let format = work.format;
    let report = Report { generation, store: store.place(), findings, warnings: &applied.warnings, files };
    // With --format json there is one document, and a failure is the more important one.
    if format == Format::Text || unwritten.is_none() {
        report.print(format).map_err(|failure| staged_anyway(failure, generation, "get_csrs --show"))?;
    }
    if let Some(failure) = unwritten {
        return Err(failure);
    }
    let rotate = match mode {
        Mode::First => "",
        Mode::Rotate => " --rotate",
    };
    output::say(&format!(
        "generation {} is staged; send both requests to your CA, then run install_certs{rotate} with the signed chains",
        generation.manifest.generation,
    ));
    Ok(Exit::Done)
}

/// What is true when the requests are staged but could not be shown or written.
pub(crate) fn staged_anyway(failure: Failure, generation: &Staged, again: &str) -> Failure {
    failure
        .hint(format!("{again} tries again"))
        .now(format!("generation {} is staged; its requests are safe", generation.manifest.generation))
}

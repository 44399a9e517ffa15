//! The result: both staged requests, with the digests both sides compare over another channel.

use crate::NAME;
use cli::output::{self, Format};
use cli::{Exit, Failure};
use common::{Pair, Role};
use pki::rules::Finding;
use serde_json::{Value, json};
use std::path::PathBuf;
use store::Staged;

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

/// What is true when the requests are staged but could not be shown or written.
pub(crate) fn staged_anyway(failure: Failure, generation: &Staged, again: &str) -> Failure {
    failure
        .hint(format!("{again} tries again"))
        .now(format!("generation {} is staged; its requests are safe", generation.manifest.generation))
}

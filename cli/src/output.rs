//! stdout and stderr: the result goes to stdout, everything else to stderr; closed or full is an error, not a panic.
use crate::{Exit, Failure};
use std::process::ExitCode;

/// `--format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Format {
    #[default]
    Text,
    Json,
}

/// Writes the result.
/// # Errors
/// [`Failure`] with [`Exit::Unexpected`]… see owner's docs: says that the work itself is done.
pub fn result(text: &str) -> Result<(), Failure> {
    todo!("{text}")
}
/// Writes one line of progress or explanation to stderr; failures to write are ignored.
pub fn say(text: &str) {
    todo!("{text}")
}
/// Writes a `command: warning: …` line to stderr.
pub fn warn(command: &str, text: &str) {
    todo!("{command} {text}")
}
/// Turns the end of a command into its exit code: prints the failure to stderr, and with
/// `Format::Json` one JSON document (schema `{command}/1`) to stdout, failures included.
pub fn finish(command: &str, format: Format, end: Result<Exit, Failure>) -> ExitCode {
    let _ = (format, end);
    todo!("{command}")
}
/// Findings as JSON, the one schema of all commands: rule, severity, role, certificate, evidence, detail, citation, fix.
pub fn findings_json(findings: &[common::pki::rules::Finding]) -> serde_json::Value {
    todo!("{}", findings.len())
}
/// Findings as the indented lines of a refusal or warning.
pub fn findings_text(findings: &[common::pki::rules::Finding]) -> String {
    todo!("{}", findings.len())
}

//! The one error value at the edge, and its one printer.

use crate::Exit;
use common::pki::rules::Finding;
use common::store::StoreError;
use common::store::rotation::PlanError;

/// Why a command failed, for the person who must act.
#[derive(Debug)]
pub struct Failure {
    /// Who must act.
    pub exit: Exit,
    /// What failed: lower case, no full stop, role and file named.
    pub what: String,
    /// What the documents broke.
    pub findings: Vec<Finding>,
    /// Why, outermost cause first.
    pub causes: Vec<String>,
    /// What to do, imperative, naming real flags.
    pub hints: Vec<String>,
    /// What is true now (`nothing was installed; generation 6 stays current`).
    pub now: Option<String>,
}

impl Failure {
    /// A failure without cause or hint yet.
    pub fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), findings: vec![], causes: vec![], hints: vec![], now: None }
    }
    /// Adds an error and its whole source chain as causes.
    #[must_use]
    pub fn because(mut self, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut next = Some(error);
        while let Some(cause) = next {
            self.causes.push(cause.to_string());
            next = cause.source();
        }
        self
    }
    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
    /// Adds findings.
    #[must_use]
    pub fn with_findings(mut self, findings: Vec<Finding>) -> Self {
        self.findings = findings;
        self
    }
    /// Says what is true now.
    #[must_use]
    pub fn now(mut self, now: impl Into<String>) -> Self {
        self.now = Some(now.into());
        self
    }
    /// Store errors, with exit code and hints. (Owner: exhaustive, no `_`.)
    pub fn store(error: StoreError) -> Self {
        todo!("{error}")
    }
    /// Refused moves, with exit code and the right command as hint. (Owner: exhaustive, no `_`.)
    pub fn plan(error: &PlanError) -> Self {
        todo!("{error}")
    }
    /// The text for stderr: `{command}: error: …` as in the design.
    pub fn render(&self, command: &str) -> String {
        todo!("{command}")
    }
}

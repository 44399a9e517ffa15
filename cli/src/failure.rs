//! The one error value at the edge, and its one printer.

mod flows;

use crate::plain::line as one_line;
use crate::{Exit, advice, output};
use pki::rules::{Finding, Severity};
use std::borrow::Cow;
use store::{PlanError, Remedy, StoreError};

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
    /// Adds a cause in words.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
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
    /// Says what is true now, unless that is said already: `stands`, or `unknown` when the outcome is uncertain.
    #[must_use]
    pub fn leaving(self, stands: impl Into<String>, unknown: &str) -> Self {
        match (&self.now, self.exit) {
            (Some(_), _) => self,
            (None, Exit::Uncertain) => self.now(unknown),
            (None, _) => self.now(stands),
        }
    }
    /// Several failures found at once, as one: what each says becomes a cause. One alone stays as
    /// it is, and so does one that was found twice.
    pub fn several(what: impl FnOnce(usize) -> String, mut failures: Vec<Self>) -> Option<Self> {
        let said = |failure: &Self| (failure.what.clone(), failure.causes.clone());
        failures.dedup_by_key(|failure| said(failure));
        if failures.len() < 2 {
            return failures.pop();
        }
        let mut all = Self::joined(failures);
        all.what = what(all.causes.len());
        Some(all)
    }

    /// The failures of both roles as one.
    #[must_use]
    pub fn both(what: &str, main: Self, assets: Self) -> Self {
        Self { what: what.to_owned(), ..Self::joined(vec![main, assets]) }
    }

    /// What each says becomes a cause; a usage failure must be mended first.
    fn joined(failures: Vec<Self>) -> Self {
        let usage = failures.iter().any(|failure| failure.exit == Exit::Usage);
        let first = failures.first().map_or(Exit::Usage, |failure| failure.exit);
        let mut all = Self::new(if usage { Exit::Usage } else { first }, "");
        for failure in failures {
            let cause = [vec![failure.what], failure.causes].concat().join(": ");
            if !all.causes.contains(&cause) {
                all.causes.push(cause);
            }
            all.findings.extend(failure.findings);
            all.hints.extend(failure.hints);
        }
        all
    }

    /// Store errors, with exit code and hints.
    pub fn store(error: StoreError) -> Self {
        let (exit, hint) = who_must_act(&error);
        let mut failure = Self::new(exit, error.to_string());
        if let Some(source) = std::error::Error::source(&error) {
            failure = failure.because(source);
        }
        failure.hints.extend(hint.map(Cow::into_owned));
        if matches!(error, StoreError::Conflict { .. }) {
            // What was true when the command began is not true any more.
            failure = failure.now("nothing was changed by this command; what the other one changed stands");
        }
        failure
    }

    /// Refused moves, with exit code and the right command as hint.
    pub fn plan(error: &PlanError) -> Self {
        let failure = Self::new(Exit::Store, error.to_string());
        match error {
            PlanError::AlreadyStaged { .. } => failure
                .hint("get_csrs --show prints the staged requests again")
                .hint("install_certs (install_certs --rotate when a pair is installed) installs their certificates")
                .hint("get_csrs --replace-staged (and --rotate when a pair is installed) throws the staged keys and requests away; certificates already issued for them become useless"),
            PlanError::NothingStaged => failure.hint("make keys and requests first: get_csrs (get_csrs --rotate when a pair is installed)"),
            PlanError::NothingInstalled => failure.hint("leave out --rotate: there is no installed pair to rotate"),
            PlanError::AlreadyInstalled { .. } => {
                failure.hint("get_csrs --rotate requests new certificates and leaves the installed pair in service")
            }
            PlanError::IsRotation { .. } => failure.hint("install_certs --rotate replaces the installed pair"),
            PlanError::IsFirst { .. } => failure.hint("leave out --rotate: install_certs installs the first pair"),
            PlanError::NoPrevious => failure.hint("install_certs --rotate --keep-previous keeps the pair it replaces, for the next time"),
            PlanError::PreviousExpired { .. } => failure.hint("get_csrs --rotate requests new certificates"),
            PlanError::AccountMissing => failure
                .hint("name the first sysadmin: get_csrs --sysadmin-email EMAIL --sysadmin-password-file FILE"),
            PlanError::AccountExists => {
                failure.hint("leave out --sysadmin-email and --sysadmin-password-file: the account is never replaced")
            }
            PlanError::TooLarge { .. } => failure.hint("request fewer names, or a shorter chain from the CA"),
            // The verifier refuses such a chain long before; reaching this is a fault of ours.
            PlanError::ForeignChain { .. } => Self { exit: Exit::Unexpected, ..failure },
        }
    }

    /// The text for stderr: `{command}: error: …` as in the design.
    pub fn render(&self, command: &str) -> String {
        let mut text = format!("{command}: error: {}\n", one_line(&self.what));
        text.push_str(&output::findings_text(&self.findings));
        for cause in &self.causes {
            text.push_str(&format!("caused by: {}\n", one_line(cause)));
        }
        for hint in self.all_hints() {
            text.push_str(&format!("hint: {}\n", one_line(&hint)));
        }
        if let Some(now) = &self.now {
            text.push_str(&format!("{}\n", one_line(now)));
        }
        text
    }

    /// The same for programs: `error`, `findings`, `causes`, `hints`, `now`.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "error": self.what,
            "findings": output::findings_json(&self.findings),
            "causes": self.causes,
            "hints": self.all_hints(),
            "now": self.now,
        })
    }

    /// The hints, then what mends each broken rule, each once.
    fn all_hints(&self) -> Vec<String> {
        let fixes = self.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let fixes = fixes.map(|finding| advice::fix(finding.rule, finding.fix).to_owned());
        let mut hints: Vec<String> = vec![];
        for hint in self.hints.iter().cloned().chain(fixes) {
            if !hint.is_empty() && !hints.contains(&hint) {
                hints.push(hint);
            }
        }
        hints
    }
}

/// An error and its causes in one line, for the place where a question is asked again.
pub fn sentence(error: &(dyn std::error::Error + 'static)) -> String {
    Failure::new(Exit::Usage, "").because(error).causes.join(": ")
}

/// Who must act on a store error, and how.
fn who_must_act(error: &StoreError) -> (Exit, Option<Cow<'static, str>>) {
    match error {
        StoreError::Io { source, .. } => (Exit::Store, io_advice(source.kind()).map(Cow::from)),
        StoreError::Damaged { .. } => (
            Exit::Store,
            Some(
                "restore the whole store directory from a backup; nothing in it is repaired by hand or replaced by this command".into(),
            ),
        ),
        StoreError::Untrusted { remedy, .. } => (Exit::Store, Some(told(remedy))),
        StoreError::Busy { .. } => {
            (Exit::Busy, Some("wait until the other command has ended, then run this one again".into()))
        }
        StoreError::Conflict { .. } => {
            (Exit::Busy, Some("look with install_certs --status, then run this command again".into()))
        }
        StoreError::Uncertain { .. } => {
            (Exit::Uncertain, Some("look with install_certs --status before you run anything else".into()))
        }
    }
}

/// A remedy with the flag that names another place.
fn told(remedy: &Remedy) -> Cow<'static, str> {
    match remedy {
        Remedy::Act(act) => act.clone().into(),
        Remedy::Elsewhere => "name another directory with --store".into(),
        Remedy::ActOrElsewhere(act) => format!("{act}, or choose another place with --store").into(),
    }
}

fn io_advice(kind: std::io::ErrorKind) -> Option<&'static str> {
    use std::io::ErrorKind;
    if kind == ErrorKind::PermissionDenied {
        Some("run as the owner of the store, or choose another with --store DIR")
    } else if kind == ErrorKind::StorageFull || kind == ErrorKind::QuotaExceeded {
        Some("make room on the file system of the store, then run this command again")
    } else if kind == ErrorKind::FileTooLarge {
        Some("raise the limit on file sizes (ulimit -f), then run this command again")
    } else if kind == ErrorKind::ReadOnlyFilesystem {
        Some("mount the file system of the store for writing, or choose another with --store DIR")
    } else if matches!(kind, ErrorKind::NotADirectory | ErrorKind::NotFound | ErrorKind::InvalidInput) {
        Some("name the directory of the store with --store DIR")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::Role;
    use pki::rules::Evidence;
    use store::{Fault, Part};

    fn finding(severity: Severity) -> Finding {
        Finding {
            rule: "spki.mismatch",
            severity,
            role: None,
            evidence: Evidence {
                certificate: None,
                text: "certificate 9c41, staged generation 7 has 1be0".into(),
                detail: vec!["it is the certificate for Assets of generation 7".into()],
            },
            citation: "RFC 5280 §4.1.2.7",
            fix: "the catalogue's words, which name no flag",
            turns_clients_away: false,
        }
    }

    #[test]
    fn a_refusal_reads_as_the_design_shows_it() {
        let failure = Failure::new(Exit::Rejected, "Main: certificate does not belong to the staged key")
            .with_findings(vec![finding(Severity::Error)])
            .now("nothing was installed; generation 6 stays current");
        assert_eq!(
            failure.render("install_certs"),
            "install_certs: error: Main: certificate does not belong to the staged key\n\
             \x20 spki.mismatch     certificate 9c41, staged generation 7 has 1be0 (RFC 5280 §4.1.2.7)\n\
             \x20                   it is the certificate for Assets of generation 7\n\
             hint: paste the chain that answers the staged request of this role (get_csrs --show prints it)\n\
             nothing was installed; generation 6 stays current\n"
        );
    }

    #[test]
    fn causes_come_outermost_first_and_each_hint_once() {
        let inner = std::io::Error::other("disk on fire");
        let failure = Failure::store(StoreError::Io { action: "write", place: "/x".into(), source: inner })
            .hint("buy another")
            .hint("buy another");
        assert_eq!(
            failure.render("get_csrs"),
            "get_csrs: error: cannot write /x\ncaused by: disk on fire\nhint: buy another\n"
        );
    }

    #[test]
    fn failures_found_together_are_told_together() {
        let usage = || Failure::new(Exit::Usage, "--main: empty").hint("a");
        let passphrase = || Failure::new(Exit::Passphrase, "passphrase: short");
        let several = |failures| Failure::several(|count| format!("{count} faults"), failures);
        assert!(several(vec![]).is_none());
        assert_eq!(several(vec![passphrase()]).unwrap().exit, Exit::Passphrase);
        assert_eq!(several(vec![usage(), usage()]).unwrap().what, "--main: empty");
        let both = several(vec![passphrase(), usage()]).unwrap();
        assert_eq!(
            both.render("c"),
            "c: error: 2 faults\ncaused by: passphrase: short\ncaused by: --main: empty\nhint: a\n"
        );
        assert_eq!(both.exit, Exit::Usage);
    }

    #[test]
    fn after_a_conflict_nobody_says_what_was_true_before_it() {
        let conflict = Failure::store(StoreError::Conflict { expected: Some(1), found: Some(2) });
        assert!(conflict.now.is_some_and(|now| now.starts_with("nothing was changed by this command;")));
        let (part, fault) = (Part::Record, Fault::Missing);
        assert_eq!(Failure::store(StoreError::Damaged { place: "x".into(), part, fault }).now, None);
    }

    #[test]
    fn no_line_can_be_forged() {
        let failure = Failure::new(Exit::Usage, "a\r\nverified: OK").hint("\u{1b}[31mred").now("\u{9b}x");
        assert_eq!(
            failure.render("get_csrs"),
            "get_csrs: error: a\\u{d}\\u{a}verified: OK\nhint: \\u{1b}[31mred\n\\u{9b}x\n"
        );
    }

    #[test]
    fn every_kind_of_store_error_has_its_exit_code() {
        let io = || std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        for (error, exit) in [
            (StoreError::Io { action: "open", place: "/x".into(), source: io() }, Exit::Store),
            (
                StoreError::Damaged { place: "/x".into(), part: Part::Record, fault: Fault::Missing },
                Exit::Store,
            ),
            (
                StoreError::Untrusted { what: "x".into(), remedy: Remedy::Act("chmod 0700 /x".into()) },
                Exit::Store,
            ),
            (StoreError::Busy { holder: "x".into() }, Exit::Busy),
            (StoreError::Conflict { expected: Some(1), found: Some(2) }, Exit::Busy),
            (StoreError::Uncertain { what: "x".into(), source: io() }, Exit::Uncertain),
        ] {
            let failure = Failure::store(error);
            assert_eq!((failure.exit, failure.hints.len()), (exit, 1), "{}", failure.what);
        }
    }

    #[test]
    fn a_role_is_named_and_a_warning_says_that_it_is_one() {
        let warning = Finding { role: Some(Role::Assets), ..finding(Severity::Warning) };
        let text = Failure::new(Exit::Rejected, "x").with_findings(vec![warning]).render("c");
        assert!(text.contains("  spki.mismatch     warning: Assets: certificate 9c41"), "{text}");
        assert!(!text.contains("hint:"), "{text}");
    }
}

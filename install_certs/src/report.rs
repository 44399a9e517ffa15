//! What is said about a change that was made, or would be made.

use crate::plan::{self, Change};
use crate::session::Session;
use crate::view::{CertificateView, moment};
use crate::{COMMAND, hook};
use cli::output::{self, findings_json};
use cli::{Exit, Failure};
use common::{Pair, Role, Timestamp};
use pki::rules::Finding;
use pki::{Chain, Csr};
use serde_json::{Value, json};
use store::{Applied, Installed};
use tls::rehearsal::Handshake;

/// One change of the installed pair; fields of the JSON document in `docs/json.md`.
#[derive(Debug)]
pub(crate) struct Report {
    /// `install`, `rotate`, `rollback` or `republish`.
    pub(crate) action: &'static str,
    pub(crate) dry_run: bool,
    pub(crate) store: String,
    /// The sequence number of the store after the change.
    pub(crate) sequence: Option<u64>,
    /// The generation that is current after the change; unknown before it.
    pub(crate) generation: Option<u64>,
    /// The generation that was current before.
    pub(crate) replaced_generation: Option<u64>,
    /// The generation kept for `--rollback`.
    pub(crate) previous_generation: Option<u64>,
    /// The installed generations that are no more, oldest first.
    pub(crate) removed_generations: Vec<u64>,
    pub(crate) changes: Pair<Change>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) handshakes: Option<Pair<[Handshake; 2]>>,
    /// What could not be tidied up.
    pub(crate) warnings: Vec<String>,
    pub(crate) published: Option<String>,
    pub(crate) hook: Option<hook::Ran>,
}

impl Report {
    /// The report of an action that leaves the installed pair as it is.
    ///
    /// # Errors
    /// [`Exit::Store`] when a chain is empty.
    pub(crate) fn unchanged(
        session: &Session<'_>,
        action: &'static str,
        pair: Coming<'_>,
    ) -> Result<Self, Failure> {
        let number = pair.generation;
        Ok(Self {
            action,
            dry_run: false,
            store: session.store.place().to_owned(),
            sequence: None,
            generation: Some(number),
            replaced_generation: None,
            previous_generation: None,
            removed_generations: vec![],
            changes: changes(pair, None, session.now)?,
            findings: vec![],
            handshakes: None,
            warnings: vec![],
            published: None,
            hook: None,
        })
    }

    /// One line that says what is true now.
    pub(crate) fn headline(&self) -> String {
        let generation = self.generation.map_or_else(String::new, |number| format!("generation {number}"));
        if self.dry_run {
            return "every check passed; nothing was written (--dry-run)".to_owned();
        }
        let done = match self.action {
            "republish" => return format!("{generation} is current; nothing in the store was changed"),
            "rollback" => format!("rolled back: {generation} is current"),
            _ => format!("installed {generation}: both certificates in one step"),
        };
        let kept = self.previous_generation.map(|kept| format!("; generation {kept} is kept for --rollback"));
        let removed = self.removed_generations.iter().map(|old| format!("; generation {old} was removed"));
        std::iter::once(done).chain(kept).chain(removed).collect()
    }

    /// What would change, before it is confirmed.
    pub(crate) fn plan(&self, now: Timestamp) -> String {
        let text = plan::text(&self.changes, now);
        let fate = self.replaced_generation.map(|current| fate(current, &self.removed_generations));
        text + &fate.unwrap_or_default()
    }

    /// The result as text.
    pub(crate) fn text(&self, now: Timestamp) -> String {
        let mut text = format!("{}\n", self.headline());
        if self.dry_run {
            text.push_str(&self.plan(now));
        } else {
            for (role, change) in self.changes.iter() {
                text.push_str(&lines(role, &change.new, now));
            }
        }
        if let Some(handshakes) = &self.handshakes {
            text.push_str("handshakes completed in memory\n");
            for (role, done) in handshakes.iter() {
                for (index, suite) in suites(done).iter().enumerate() {
                    let role = if index == 0 { role.title() } else { "" };
                    text.push_str(&format!("  {role:<14}  {suite}\n"));
                }
            }
        }
        text
    }

    /// The result as the fields of the JSON document.
    pub(crate) fn json(&self) -> Value {
        json!({
            "action": self.action,
            "dry_run": self.dry_run,
            "store": self.store,
            "sequence": self.sequence,
            "generation": self.generation,
            "replaced_generation": self.replaced_generation,
            "previous_generation": self.previous_generation,
            "removed_generations": self.removed_generations,
            "roles": self.changes,
            "findings": findings_json(&self.findings),
            "handshakes": self.handshakes.as_ref().map(|pair| pair.as_ref().map(suites)),
            "warnings": self.warnings,
            "published": self.published,
            "hook": self.hook,
        })
    }
}

/// The document of a command that succeeded, or of one that did its work and then failed.
pub(crate) fn document(report: &Report, failed: Option<&Failure>) -> String {
    let mut fields = report.json();
    let mut exit = Exit::Done;
    if let (true, Value::Object(object)) = (report.dry_run, &mut fields) {
        object.insert("now".into(), "nothing was written".into());
    }
    if let (Some(failure), Value::Object(object)) = (failed, &mut fields) {
        exit = failure.exit;
        object.insert("error".into(), failure.what.clone().into());
        object.insert("causes".into(), failure.causes.clone().into());
        object.insert("hints".into(), failure.hints.clone().into());
        object.insert("now".into(), failure.now.clone().into());
    }
    output::document(COMMAND, exit, fields)
}

/// A pair that is current, or will be.
#[derive(Clone, Copy)]
pub(crate) struct Coming<'a> {
    pub(crate) generation: u64,
    pub(crate) requests: &'a Pair<Csr>,
    pub(crate) chains: &'a Pair<Chain>,
}

impl<'a> From<&'a Installed> for Coming<'a> {
    fn from(pair: &'a Installed) -> Self {
        Self { generation: pair.manifest.generation, requests: &pair.requests, chains: &pair.chains }
    }
}

/// What changes for both roles when a pair takes the place of another.
///
/// # Errors
/// [`Exit::Store`] when a chain is empty.
pub(crate) fn changes(
    new: Coming<'_>,
    old: Option<&Installed>,
    now: Timestamp,
) -> Result<Pair<Change>, Failure> {
    Pair::try_from_fn(|role| {
        let old = old.map(|pair| pair.chains.of(role));
        Change::between(new.chains.of(role), old, new.requests.of(role), now).ok_or_else(|| {
            Failure::new(Exit::Store, format!("generation {} has an empty chain", new.generation))
        })
    })
}

/// What becomes of the installed generations.
fn fate(current: u64, removed: &[u64]) -> String {
    let kept = (!removed.contains(&current)).then(|| format!("generation {current} is kept for --rollback"));
    let removed = removed.iter().map(|old| format!("generation {old} is removed"));
    format!("afterwards {}\n", kept.into_iter().chain(removed).collect::<Vec<_>>().join(", "))
}

fn lines(role: Role, certificate: &CertificateView, now: Timestamp) -> String {
    format!(
        "{}\n  issuer      {}\n  serial      {}\n  not_after   {}\n",
        role.title(),
        certificate.issuer,
        certificate.serial,
        moment(certificate.not_after, now)
    )
}

/// `TLSv1.3 TLS13_AES_256_GCM_SHA384`
fn suites(handshakes: &[Handshake; 2]) -> Vec<String> {
    handshakes.iter().map(|done| format!("{} {}", done.version, done.cipher_suite)).collect()
}

/// Completes a report with what a commit did, logs it, and returns the pair that is now current.
///
/// # Errors
/// [`Exit::Uncertain`] when the store does not show a current pair after the commit.
pub(crate) fn committed(
    session: &mut Session<'_>,
    report: &mut Report,
    applied: Applied,
) -> Result<Installed, Failure> {
    let state = &applied.snapshot.state;
    report.sequence = Some(state.sequence);
    report.generation = state.current.as_ref().map(|current| current.number);
    report.previous_generation = state.previous.as_ref().map(|previous| previous.number);
    session.event(
        "committed",
        json!({
            "action": report.action, "sequence": state.sequence, "generation": report.generation,
            "previous_generation": report.previous_generation, "operation": state.written_by.id,
            "serials": report.changes.as_ref().map(|change| change.new.serial.clone()),
        }),
    );
    for warning in &applied.warnings {
        output::warn(COMMAND, warning);
    }
    report.warnings = applied.warnings;
    applied.snapshot.current.ok_or_else(|| {
        Failure::new(Exit::Uncertain, "the store names no current pair after the commit")
            .hint("look with install_certs --status before you run anything else")
            .now("whether the pair was switched is not known")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_each_installed_generation_is_said() {
        for (current, removed, expected) in [
            (4, &[4][..], "afterwards generation 4 is removed\n"),
            (4, &[], "afterwards generation 4 is kept for --rollback\n"),
            (4, &[2], "afterwards generation 4 is kept for --rollback, generation 2 is removed\n"),
            (4, &[2, 4], "afterwards generation 2 is removed, generation 4 is removed\n"),
        ] {
            assert_eq!(fate(current, removed), expected);
        }
    }
}

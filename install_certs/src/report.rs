//! What is said about a change that was made, or would be made.

use crate::COMMAND;
use crate::text::{changes, moment};
use cli::output::{self, findings_json};
use cli::{Exit, Failure, HookRun};
use common::{Role, Timestamp};
use flow::{Action, CertificateView, Done, Effect};
use serde_json::{Value, json};
use tls::Handshake;

/// One change of the installed pair; fields of the JSON document in `docs/json.md`.
#[derive(Debug)]
pub(crate) struct Report {
    dry_run: bool,
    store: String,
    effect: Effect,
    /// The sequence number of the store after the change.
    sequence: Option<u64>,
    /// The generation kept for `--rollback`.
    previous: Option<u64>,
    /// What could not be tidied up.
    pub(crate) warnings: Vec<String>,
    /// The directory copies are in, and the generation they are of.
    pub(crate) published: Option<String>,
    pub(crate) published_generation: Option<u64>,
    /// The generation another command made current before what follows began.
    pub(crate) overtaken_by: Option<u64>,
    pub(crate) hook: Option<HookRun>,
}

impl Report {
    /// The report of a dry run: what a change would come to.
    pub(crate) fn of_plan(effect: Effect, store: &str) -> Self {
        Self { dry_run: true, ..Self::of(effect, store) }
    }

    /// The report of what there is already.
    pub(crate) fn of(effect: Effect, store: &str) -> Self {
        Self {
            dry_run: false,
            store: store.to_owned(),
            effect,
            sequence: None,
            previous: None,
            warnings: vec![],
            published: None,
            published_generation: None,
            overtaken_by: None,
            hook: None,
        }
    }

    /// The report of a change that was made.
    pub(crate) fn of_done(done: &Done, store: &str) -> Self {
        Self {
            sequence: Some(done.state.sequence),
            previous: done.state.previous.as_ref().map(|previous| previous.number),
            warnings: done.warnings.clone(),
            ..Self::of(done.effect.clone(), store)
        }
    }

    /// One line that says what is true now.
    fn headline(&self) -> String {
        if self.dry_run {
            return "every check passed; nothing was written (--dry-run)".to_owned();
        }
        let generation =
            self.effect.generation.map_or_else(String::new, |number| format!("generation {number}"));
        let done = match self.effect.action {
            Action::Republish => {
                return format!("{generation} is current; nothing in the store was changed");
            }
            Action::RollBack => format!("rolled back: {generation} is current"),
            Action::Install | Action::Rotate => {
                format!("installed {generation}: both certificates in one step")
            }
        };
        let kept = self.previous.map(|kept| format!("; generation {kept} is kept for --rollback"));
        let removed = self.effect.removed.iter().map(|old| format!("; generation {old} was removed"));
        std::iter::once(done).chain(kept).chain(removed).collect()
    }

    /// The result as text.
    pub(crate) fn text(&self, now: Timestamp) -> String {
        let mut text = format!("{}\n", self.headline());
        if self.dry_run {
            text.push_str(&plan(&self.effect, now));
        } else {
            for (role, change) in self.effect.changes.iter() {
                text.push_str(&lines(role, &change.new, now));
            }
        }
        if let Some(handshakes) = &self.effect.handshakes {
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
    fn json(&self) -> Value {
        let effect = &self.effect;
        json!({
            "action": effect.action.word(),
            "dry_run": self.dry_run,
            "store": self.store,
            "sequence": self.sequence,
            "generation": effect.generation,
            "replaced_generation": effect.replaced,
            "previous_generation": self.previous,
            "removed_generations": effect.removed,
            "roles": effect.changes,
            "findings": findings_json(&effect.findings),
            "handshakes": effect.handshakes.as_ref().map(|pair| pair.as_ref().map(suites)),
            "warnings": self.warnings,
            "published": self.published,
            "published_generation": self.published_generation,
            "overtaken_by": self.overtaken_by,
            "hook": self.hook,
        })
    }

    /// The document of a command that succeeded, or of one that did its work and then failed.
    pub(crate) fn document(&self, failed: Option<&Failure>) -> String {
        let mut fields = self.json();
        let mut exit = Exit::Done;
        if let (true, Value::Object(object)) = (self.dry_run, &mut fields) {
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
}

/// What would change, before it is confirmed.
pub(crate) fn plan(effect: &Effect, now: Timestamp) -> String {
    let fate = effect.replaced.map(|current| fate(current, &effect.removed));
    changes(&effect.changes, now) + &fate.unwrap_or_default()
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

/// `TLSv1.3 TLS_AES_256_GCM_SHA384`
fn suites(handshakes: &[Handshake; 2]) -> Vec<String> {
    handshakes.iter().map(|done| format!("{} {}", done.version, done.cipher_suite)).collect()
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

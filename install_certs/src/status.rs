//! `--status`: what is staged, current and previous, and whether something is due. Reads only.

use crate::COMMAND;
use crate::session::Session;
use crate::text::{self, moment};
use cli::output::{self, Format};
use cli::{Exit, Failure};
use common::{Role, Timestamp, Untrusted};
use flow::{Due, InstalledView, Limits, StagedView, Status};
use serde::Serialize;
use std::fmt::{self, Write};
use store::{Operation, Purpose};

/// The JSON document of `--status`.
#[derive(Serialize)]
struct Document<'a> {
    action: &'static str,
    store: &'a str,
    #[serde(flatten)]
    status: &'a Status,
    /// One sentence per thing that is due; the exit code is 10 when there is any.
    due: Vec<String>,
}

/// Runs `--status`.
///
/// # Errors
/// When there is no store, or it cannot be read.
pub(crate) fn run(session: &Session, limits: Limits) -> Result<Exit, Failure> {
    let now = session.now;
    let status = Status::of(&session.snapshot()?, now);
    let due: Vec<_> = status.due(limits, now).into_iter().map(|due| sentence(due, now)).collect();
    let exit = if due.is_empty() { Exit::Done } else { Exit::Due };
    let document = Document { action: "status", store: session.store.place(), status: &status, due };
    output::result(&match session.format {
        Format::Text => document.text(now),
        Format::Json => document.json(exit)?,
    })?;
    Ok(exit)
}

/// Why something is due.
fn sentence(due: Due, now: Timestamp) -> String {
    match due {
        Due::Ending { generation, ends } => {
            let verb = if ends < now { "ended" } else { "ends" };
            format!("current generation {generation} {verb} {}", moment(ends, now))
        }
        Due::Waiting { generation, since } => {
            format!("generation {generation} has been staged since {}", moment(since, now))
        }
    }
}

impl Document<'_> {
    fn json(&self, exit: Exit) -> Result<String, Failure> {
        serde_json::to_value(self).map(|fields| output::document(COMMAND, exit, fields)).map_err(|error| {
            Failure::new(Exit::Unexpected, "cannot print the status as JSON").because(&error)
        })
    }

    fn text(&self, now: Timestamp) -> String {
        let mut text = String::new();
        // Writing to a String does not fail.
        self.write(now, &mut text).ok();
        text
    }

    fn write(&self, now: Timestamp, text: &mut String) -> fmt::Result {
        let status = self.status;
        writeln!(text, "store {}, sequence {}", self.store, status.sequence)?;
        writeln!(text, "  written {}", by(&status.written_by, now))?;
        match &status.staged {
            Some(staged) => write_staged(staged, now, text)?,
            None => writeln!(text, "staged: nothing")?,
        }
        for (what, pair) in [("current", &status.current), ("previous", &status.previous)] {
            match pair {
                Some(pair) => write_installed(what, pair, now, text)?,
                None => writeln!(text, "{what}: nothing")?,
            }
        }
        self.due.iter().try_for_each(|due| writeln!(text, "due: {due}"))
    }
}

fn write_staged(staged: &StagedView, now: Timestamp, text: &mut String) -> fmt::Result {
    let purpose = match staged.purpose {
        Purpose::First => "first installation",
        Purpose::Rotation => "rotation",
    };
    writeln!(text, "staged: generation {}, {purpose} of {}", staged.generation, staged.cluster_name)?;
    writeln!(text, "  requested {}", by(&staged.staged_by, now))?;
    staged.roles.iter().try_for_each(|(role, request)| write_role(role, text::request(request), text))
}

fn write_installed(what: &str, pair: &InstalledView, now: Timestamp, text: &mut String) -> fmt::Result {
    let (generation, cluster) = (pair.generation, &pair.cluster_name);
    writeln!(text, "{what}: generation {generation} of {cluster}, ends {}", moment(pair.ends, now))?;
    if let Some(operation) = &pair.installed_by {
        writeln!(text, "  installed {}", by(operation, now))?;
    }
    let mut roles = pair.roles.iter();
    roles.try_for_each(|(role, certificate)| write_role(role, text::certificate(certificate, now), text))
}

fn write_role(role: Role, lines: Vec<String>, text: &mut String) -> fmt::Result {
    writeln!(text, "  {}", role.title())?;
    lines.iter().try_for_each(|line| writeln!(text, "  {line}"))
}

/// `2026-11-22T08:00:00Z (3 days ago) by root@node1 (pid 42): install_certs --rotate`
fn by(operation: &Operation, now: Timestamp) -> String {
    let (who, command) = (Untrusted::new(&*operation.by), Untrusted::new(&*operation.command));
    format!("{} by {who}: {command}", moment(operation.at, now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::DAY;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

    #[test]
    fn the_reason_says_whether_the_pair_has_already_ended() {
        let reason = |ends| sentence(Due::Ending { generation: 7, ends }, NOW);
        let soon = NOW.plus_seconds(3 * DAY);
        assert_eq!(reason(soon), format!("current generation 7 ends {soon} (in 3 days)"));
        assert_eq!(reason(NOW), format!("current generation 7 ends {NOW} (now)"));
        assert!(reason(NOW.plus_seconds(-DAY)).starts_with("current generation 7 ended "));
    }

    #[test]
    fn who_wrote_is_escaped() {
        let operation = Operation {
            id: "0".repeat(32),
            command: "install_certs\n--evil".into(),
            by: "root@\u{1b}[2J (pid 1)".into(),
            at: NOW,
        };
        assert_eq!(
            by(&operation, NOW),
            format!("{NOW} (now) by root@\\u{{1b}}[2J (pid 1): install_certs\\u{{a}}--evil")
        );
    }
}

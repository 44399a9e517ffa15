//! `--status`: what is staged, current and previous, and whether something is due. Reads only.

use crate::COMMAND;
use crate::publishing;
use crate::session::Session;
use crate::text::{self, moment};
use cli::output::{self, Format};
use cli::{Exit, Failure};
use common::{Role, Timestamp, Untrusted};
use flow::{Copies, Due, InstalledView, Limits, Origin, StagedView, Status};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::{self, Write};
use std::path::Path;
use store::{Operation, Purpose, Snapshot};

/// The JSON document of `--status`.
#[derive(Serialize)]
struct Document<'a> {
    action: &'static str,
    store: &'a str,
    #[serde(flatten)]
    status: &'a Status,
    /// What is published in the directory of `--publish`.
    published: Option<Published<'a>>,
    /// One sentence per thing that is due; the exit code is 10 when there is any.
    due: Vec<String>,
}

/// A directory that is published to, and what is in it.
#[derive(Serialize)]
struct Published<'a> {
    directory: Cow<'a, str>,
    #[serde(flatten)]
    copies: Copies,
}

/// Runs `--status`.
///
/// # Errors
/// When there is no store, or it or the directory of `--publish` cannot be read.
pub(crate) fn run(session: &Session, limits: Limits, publish: Option<&Path>) -> Result<Exit, Failure> {
    let now = session.now;
    let (snapshot, published) = look(session, publish)?;
    let status = Status::of(&snapshot, now);
    let due = status.due(limits, now).into_iter().map(|due| sentence(due, now));
    let lags = published.as_ref().filter(|published| !published.copies.up_to_date);
    let due: Vec<_> = due.chain(lags.map(Published::lag)).collect();
    let exit = if due.is_empty() { Exit::Done } else { Exit::Due };
    let document =
        Document { action: "status", store: session.store.place(), status: &status, published, due };
    output::result(&match session.format {
        Format::Text => document.text(now),
        Format::Json => document.json(exit)?,
    })?;
    Ok(exit)
}

/// What the store holds, and what is published. What does not agree is looked at once more: a command may have been
/// between the two.
fn look<'a>(
    session: &Session,
    publish: Option<&'a Path>,
) -> Result<(Snapshot, Option<Published<'a>>), Failure> {
    let once = || {
        let snapshot = session.snapshot()?;
        let copies = publish.map(|directory| {
            let copies = publishing::compare(directory, &snapshot)?;
            Ok(Published { directory: directory.to_string_lossy(), copies })
        });
        Ok((snapshot, copies.transpose()?))
    };
    let (snapshot, published) = once()?;
    let agree = published.as_ref().is_none_or(|published| published.copies.up_to_date);
    if agree { Ok((snapshot, published)) } else { once() }
}

impl Published<'_> {
    /// `generation 2, the current pair`
    fn pair(&self) -> String {
        let all = |origin| self.copies.files.values().all(|file| *file == origin);
        match self.copies.generation {
            _ if all(Origin::Missing) => "nothing".to_owned(),
            Some(generation) if all(Origin::Current) => format!("generation {generation}, the current pair"),
            Some(generation) => format!("generation {generation}, the previous pair"),
            None => {
                let file = |(name, origin): (&&str, &Origin)| format!("{name} {}", word(*origin));
                let files: Vec<_> = self.copies.files.iter().map(file).collect();
                format!("no pair of this store ({})", files.join(", "))
            }
        }
    }

    fn lag(&self) -> String {
        let (directory, pair) = (&self.directory, self.pair());
        format!(
            "{directory} holds {pair}: install_certs --republish --publish {} publishes the current one",
            quoted(directory)
        )
    }
}

/// A word of a command line that hints print.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

const fn word(origin: Origin) -> &'static str {
    match origin {
        Origin::Current => "current",
        Origin::Previous => "previous",
        Origin::Other => "other",
        Origin::Missing => "missing",
    }
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
        if let Some(published) = &self.published {
            writeln!(text, "published in {}: {}", published.directory, published.pair())?;
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

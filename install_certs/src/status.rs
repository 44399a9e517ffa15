//! `--status`: what is staged, current and previous, and whether something is due. Reads only.

use crate::COMMAND;
use crate::duration::Duration;
use crate::session::Session;
use crate::view::{CertificateView, RequestView, days_left, moment};
use cli::output::{self, Format};
use cli::{Exit, Failure};
use common::{Pair, Role, Timestamp, Untrusted};
use serde::Serialize;
use std::fmt::Write;
use store::{Operation, Purpose, Snapshot};

/// When `--within` is not given.
const WITHIN: Duration = Duration::days(30);

/// Everything `--status` shows; the JSON document is this structure.
#[derive(Debug, Serialize)]
struct Status {
    action: &'static str,
    store: String,
    sequence: u64,
    written_by: Operation,
    staged: Option<Staged>,
    current: Option<Installed>,
    previous: Option<Installed>,
    /// One sentence per thing that is due; the exit code is 10 when there is any.
    due: Vec<String>,
}

/// Keys and requests that wait for their certificates.
#[derive(Debug, Serialize)]
struct Staged {
    generation: u64,
    cluster_name: Untrusted,
    purpose: Purpose,
    staged_at: Timestamp,
    age_seconds: i64,
    staged_by: Operation,
    roles: Pair<RequestView>,
}

/// An installed pair.
#[derive(Debug, Serialize)]
struct Installed {
    generation: u64,
    cluster_name: Untrusted,
    installed_at: Option<Timestamp>,
    age_seconds: Option<i64>,
    installed_by: Option<Operation>,
    /// The earliest end of all certificates of both chains.
    ends: Timestamp,
    days_left: i64,
    roles: Pair<CertificateView>,
}

impl Staged {
    fn of(generation: &store::Staged, now: Timestamp) -> Self {
        let manifest = &generation.manifest;
        Self {
            generation: manifest.generation,
            cluster_name: Untrusted::new(&*manifest.cluster_name),
            purpose: manifest.purpose,
            staged_at: manifest.staged_by.at,
            age_seconds: now.seconds_since(manifest.staged_by.at),
            staged_by: manifest.staged_by.clone(),
            roles: generation.requests.as_ref().map(RequestView::of),
        }
    }

    fn write(&self, now: Timestamp, text: &mut String) -> std::fmt::Result {
        let purpose = match self.purpose {
            Purpose::First => "first installation",
            Purpose::Rotation => "rotation",
        };
        writeln!(text, "staged: generation {}, {purpose} of {}", self.generation, self.cluster_name)?;
        writeln!(text, "  requested {}", by(&self.staged_by, now))?;
        for (role, request) in self.roles.iter() {
            write_role(role, request.lines(), text)?;
        }
        Ok(())
    }
}

impl Installed {
    fn of(generation: &store::Installed, now: Timestamp) -> Option<Self> {
        let chains = &generation.chains;
        let ends = generation.ends();
        let view = |role| CertificateView::of(chains.of(role), now);
        let manifest = &generation.manifest;
        let installed_at = manifest.installed_by.as_ref().map(|operation| operation.at);
        Some(Self {
            generation: manifest.generation,
            cluster_name: Untrusted::new(&*manifest.cluster_name),
            installed_at,
            age_seconds: installed_at.map(|at| now.seconds_since(at)),
            installed_by: manifest.installed_by.clone(),
            ends,
            days_left: days_left(ends, now),
            roles: Pair { main: view(Role::Main)?, assets: view(Role::Assets)? },
        })
    }

    fn write(&self, what: &str, now: Timestamp, text: &mut String) -> std::fmt::Result {
        let (generation, cluster) = (self.generation, &self.cluster_name);
        writeln!(text, "{what}: generation {generation} of {cluster}, ends {}", moment(self.ends, now))?;
        if let Some(operation) = &self.installed_by {
            writeln!(text, "  installed {}", by(operation, now))?;
        }
        for (role, certificate) in self.roles.iter() {
            write_role(role, certificate.lines(now), text)?;
        }
        Ok(())
    }
}

/// `2026-11-22T08:00:00Z (3 days ago) by root@node1 (pid 42): install_certs --rotate`
fn by(operation: &Operation, now: Timestamp) -> String {
    let (who, command) = (Untrusted::new(&*operation.by), Untrusted::new(&*operation.command));
    format!("{} by {who}: {command}", moment(operation.at, now))
}

fn write_role(role: Role, lines: Vec<String>, text: &mut String) -> std::fmt::Result {
    writeln!(text, "  {}", role.title())?;
    lines.iter().try_for_each(|line| writeln!(text, "  {line}"))
}

/// The limits of the question "is something due?".
#[derive(Clone, Copy, Debug)]
struct Limits {
    within: Duration,
    staged_longer_than: Option<Duration>,
}

impl Limits {
    /// Why the current pair is due, if it is.
    fn ending(self, generation: u64, ends: Timestamp, now: Timestamp) -> Option<String> {
        let left = ends.seconds_since(now);
        (left <= self.within.seconds()).then(|| {
            let verb = if left < 0 { "ended" } else { "ends" };
            format!("current generation {generation} {verb} {}", moment(ends, now))
        })
    }

    /// Why the staged requests are due, if they are.
    fn waiting(self, generation: u64, since: Timestamp, now: Timestamp) -> Option<String> {
        let limit = self.staged_longer_than?;
        (now.seconds_since(since) > limit.seconds())
            .then(|| format!("generation {generation} has been staged since {}", moment(since, now)))
    }
}

fn status(snapshot: &Snapshot, store: String, limits: Limits, now: Timestamp) -> Status {
    let staged = snapshot.staged.as_ref().map(|generation| Staged::of(generation, now));
    let installed =
        |generation: &Option<store::Installed>| generation.as_ref().and_then(|g| Installed::of(g, now));
    let (current, previous) = (installed(&snapshot.current), installed(&snapshot.previous));
    let ending = current.as_ref().and_then(|pair| limits.ending(pair.generation, pair.ends, now));
    let waiting = staged.as_ref().and_then(|s| limits.waiting(s.generation, s.staged_at, now));
    let due: Vec<_> = ending.into_iter().chain(waiting).collect();
    Status {
        action: "status",
        store,
        sequence: snapshot.state.sequence,
        written_by: snapshot.state.written_by.clone(),
        staged,
        current,
        previous,
        due,
    }
}

fn text(status: &Status, now: Timestamp) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    write(status, now, &mut text).ok();
    text
}

fn write(status: &Status, now: Timestamp, text: &mut String) -> std::fmt::Result {
    writeln!(text, "store {}, sequence {}", status.store, status.sequence)?;
    writeln!(text, "  written {}", by(&status.written_by, now))?;
    match &status.staged {
        Some(staged) => staged.write(now, text)?,
        None => writeln!(text, "staged: nothing")?,
    }
    for (what, pair) in [("current", &status.current), ("previous", &status.previous)] {
        match pair {
            Some(pair) => pair.write(what, now, text)?,
            None => writeln!(text, "{what}: nothing")?,
        }
    }
    status.due.iter().try_for_each(|due| writeln!(text, "due: {due}"))
}

fn document(exit: Exit, status: &Status) -> Result<String, Failure> {
    serde_json::to_value(status)
        .map(|fields| output::document(COMMAND, exit, fields))
        .map_err(|error| Failure::new(Exit::Unexpected, "cannot print the status as JSON").because(&error))
}

/// Runs `--status`.
///
/// # Errors
/// When there is no store, or it cannot be read.
pub(crate) fn run(session: &Session<'_>) -> Result<Exit, Failure> {
    let limits = Limits {
        within: session.args.within.unwrap_or(WITHIN),
        staged_longer_than: session.args.staged_longer_than,
    };
    let snapshot = session.snapshot()?;
    let status = status(&snapshot, session.store.place().to_owned(), limits, session.now);
    let exit = if status.due.is_empty() { Exit::Done } else { Exit::Due };
    output::result(&match session.args.format {
        Format::Text => text(&status, session.now),
        Format::Json => document(exit, &status)?,
    })?;
    Ok(exit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::timestamp::DAY;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

    fn limits(within: i64, staged: Option<i64>) -> Limits {
        Limits { within: Duration::days(within), staged_longer_than: staged.map(Duration::days) }
    }

    #[test]
    fn the_current_pair_is_due_from_the_last_second_of_the_limit_on() {
        for (seconds, due) in [(30 * DAY + 1, false), (30 * DAY, true), (1, true), (0, true), (-1, true)] {
            let reason = limits(30, None).ending(7, NOW.plus_seconds(seconds), NOW);
            assert_eq!(reason.is_some(), due, "{seconds}");
        }
    }

    #[test]
    fn the_reason_says_whether_the_pair_has_already_ended() {
        let reason = |seconds| limits(30, None).ending(7, NOW.plus_seconds(seconds), NOW).unwrap();
        assert_eq!(
            reason(3 * DAY),
            format!("current generation 7 ends {} (in 3 days)", NOW.plus_seconds(3 * DAY))
        );
        assert!(reason(-DAY).starts_with("current generation 7 ended "));
    }

    #[test]
    fn requests_are_due_only_when_asked_and_only_after_the_limit() {
        for (limit, age, due) in [
            (None, 10_000 * DAY, false),
            (Some(14), 14 * DAY, false),
            (Some(14), 14 * DAY + 1, true),
            (Some(0), 1, true),
        ] {
            let reason = limits(30, limit).waiting(8, NOW.plus_seconds(-age), NOW);
            assert_eq!(reason.is_some(), due, "{limit:?} {age}");
        }
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

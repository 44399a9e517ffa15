//! What a store holds, and what of it is due.

use crate::view::{InstalledView, StagedView};
use common::Timestamp;
use serde::Serialize;
use store::{Operation, Snapshot};

/// What a store holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Status {
    /// The number of changes so far.
    pub sequence: u64,
    pub written_by: Operation,
    pub staged: Option<StagedView>,
    pub current: Option<InstalledView>,
    pub previous: Option<InstalledView>,
}

/// When something is due, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The current pair is due when it ends within this time.
    pub ends_within: i64,
    /// Staged requests are due when they have waited for longer than this.
    pub staged_longer_than: Option<i64>,
}

/// Something that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The current pair ends soon, or has ended.
    Ending {
        /// The current generation.
        generation: u64,
        /// The earliest end of its certificates.
        ends: Timestamp,
    },
    /// Requests have waited for long.
    Waiting {
        /// The staged generation.
        generation: u64,
        /// When it was staged.
        since: Timestamp,
    },
}

impl Status {
    /// The status of a store.
    pub fn of(snapshot: &Snapshot, now: Timestamp) -> Self {
        let installed = |installed| InstalledView::of(installed, now);
        Self {
            sequence: snapshot.state.sequence,
            written_by: snapshot.state.written_by.clone(),
            staged: snapshot.staged.as_ref().map(|staged| StagedView::of(staged, now)),
            current: snapshot.current.as_ref().map(installed),
            previous: snapshot.previous.as_ref().map(installed),
        }
    }

    /// What is due.
    pub fn due(&self, limits: Limits, now: Timestamp) -> Vec<Due> {
        let ending = self.current.as_ref().and_then(|pair| limits.ending(pair.generation, pair.ends, now));
        let staged = self.staged.as_ref();
        let waiting = staged.and_then(|pair| limits.waiting(pair.generation, pair.staged_at, now));
        ending.into_iter().chain(waiting).collect()
    }
}

impl Limits {
    fn ending(self, generation: u64, ends: Timestamp, now: Timestamp) -> Option<Due> {
        (ends.seconds_since(now) <= self.ends_within).then_some(Due::Ending { generation, ends })
    }

    fn waiting(self, generation: u64, since: Timestamp, now: Timestamp) -> Option<Due> {
        let limit = self.staged_longer_than?;
        (now.seconds_since(since) > limit).then_some(Due::Waiting { generation, since })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::DAY;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

    #[test]
    fn the_current_pair_is_due_from_the_last_second_of_the_limit_on() {
        let limits = Limits { ends_within: 30 * DAY, staged_longer_than: None };
        for (seconds, due) in [(30 * DAY + 1, false), (30 * DAY, true), (1, true), (0, true), (-1, true)] {
            let ends = NOW.plus_seconds(seconds);
            let expected = due.then_some(Due::Ending { generation: 7, ends });
            assert_eq!(limits.ending(7, ends, NOW), expected, "{seconds}");
        }
    }

    #[test]
    fn requests_are_due_only_when_asked_and_only_after_the_limit() {
        for (limit, age, due) in [
            (None, 10_000 * DAY, false),
            (Some(14 * DAY), 14 * DAY, false),
            (Some(14 * DAY), 14 * DAY + 1, true),
            (Some(0), 1, true),
        ] {
            let limits = Limits { ends_within: 0, staged_longer_than: limit };
            let since = NOW.plus_seconds(-age);
            let expected = due.then_some(Due::Waiting { generation: 8, since });
            assert_eq!(limits.waiting(8, since, NOW), expected, "{limit:?} {age}");
        }
    }
}

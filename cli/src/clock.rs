//! The wall clock.
use common::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// Now.
pub fn now() -> Timestamp {
    let seconds = |distance: std::time::Duration| i64::try_from(distance.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_unix(match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => seconds(since),
        Err(before) => -seconds(before.duration()),
    })
}

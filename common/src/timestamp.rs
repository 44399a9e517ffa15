//! Moments, as the store and the rules know them.

use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment in UTC with a resolution of one second, between the years 0 and 9999; printed and
/// serialised per [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339) (`2026-11-22T08:00:00Z`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Seconds in a day, for the distances rules and messages speak of.
pub const DAY: i64 = 86_400;

impl Timestamp {
    const EARLIEST: i64 = -62_167_219_200; // 0000-01-01T00:00:00Z
    const LATEST: i64 = 253_402_300_799; // 9999-12-31T23:59:59Z

    /// A moment as seconds since 1970-01-01T00:00:00Z, clamped to the years 0 to 9999.
    pub const fn from_unix(seconds: i64) -> Self {
        if seconds < Self::EARLIEST {
            Self(Self::EARLIEST)
        } else if seconds > Self::LATEST {
            Self(Self::LATEST)
        } else {
            Self(seconds)
        }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// The moment this many seconds later (or, negative, earlier).
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_unix(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to this moment; negative when it comes before.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The distance to `now` in the largest fitting unit: `in 3 days`, `2 hours ago`, `now`.
    pub fn relative_to(self, now: Self) -> String {
        let seconds = self.seconds_since(now);
        let distance = seconds.unsigned_abs();
        let (count, unit) = match distance {
            0..=59 => return "now".to_owned(),
            60..=3_599 => (distance / 60, "minute"),
            3_600..=172_799 => (distance / 3_600, "hour"),
            _ => (distance / DAY.unsigned_abs(), "day"),
        };
        let plural = if count == 1 { "" } else { "s" };
        if seconds > 0 { format!("in {count} {unit}{plural}") } else { format!("{count} {unit}{plural} ago") }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = OffsetDateTime::from_unix_timestamp(self.0)
            .ok()
            .and_then(|moment| moment.format(&Rfc3339).ok())
            .ok_or(fmt::Error)?;
        f.write_str(&text)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Not a moment as [`Timestamp`] reads it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a time like 2026-11-22T08:00:00Z")]
pub struct TimestampError;

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match OffsetDateTime::parse(text, &Rfc3339) {
            Ok(moment) => Ok(Self::from_unix(moment.unix_timestamp())),
            Err(_) => Err(TimestampError),
        }
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_and_reads_rfc_3339() {
        for text in
            ["1970-01-01T00:00:00Z", "2026-11-22T08:00:00Z", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z"]
        {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
        }
        assert_eq!(
            "2026-11-22T09:00:00+01:00".parse::<Timestamp>().unwrap().to_string(),
            "2026-11-22T08:00:00Z"
        );
        assert!("2026-11-22".parse::<Timestamp>().is_err());
    }

    #[test]
    fn clamps_to_four_digit_years() {
        assert_eq!(Timestamp::from_unix(i64::MAX).to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(Timestamp::from_unix(i64::MIN).to_string(), "0000-01-01T00:00:00Z");
    }

    #[test]
    fn says_distances_as_people_do() {
        let now = Timestamp::from_unix(1_000_000);
        for (seconds, words) in [
            (0, "now"),
            (-59, "now"),
            (60, "in 1 minute"),
            (-3_600, "1 hour ago"),
            (172_799, "in 47 hours"),
            (2 * DAY, "in 2 days"),
            (-30 * DAY, "30 days ago"),
        ] {
            assert_eq!(now.plus_seconds(seconds).relative_to(now), words);
        }
    }
}

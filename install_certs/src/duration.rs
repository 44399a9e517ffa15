//! Lengths of time as flags spell them.

use common::DAY;
use std::str::FromStr;

/// A length of time in whole seconds: `30` and `30d` are days, `12h` hours, `4w` weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Duration(i64);

impl Duration {
    pub(crate) const fn days(days: i64) -> Self {
        Self(days.saturating_mul(DAY))
    }
    pub(crate) const fn seconds(self) -> i64 {
        self.0
    }
}

/// Not a length of time as [`Duration`] reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a number of days, or a number with h, d, or w: 30, 36h, 30d, 4w")]
pub(crate) struct DurationError;

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        let (digits, unit) = match text.char_indices().next_back() {
            Some((at, 'h')) => (text.split_at(at).0, 3_600),
            Some((at, 'd')) => (text.split_at(at).0, DAY),
            Some((at, 'w')) => (text.split_at(at).0, 7 * DAY),
            Some(_) | None => (text, DAY),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(DurationError);
        }
        let count: i64 = digits.parse().map_err(|_overflow| DurationError)?;
        count.checked_mul(unit).map(Self).ok_or(DurationError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_days_and_units_are_understood() {
        for (text, seconds) in
            [("30", 30 * DAY), ("30d", 30 * DAY), ("36h", 129_600), ("4w", 28 * DAY), ("0", 0)]
        {
            assert_eq!(text.parse(), Ok(Duration(seconds)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "d", "-1", "+1", "1.5d", "30 d", "30m", "1y", "d30", "9223372036854775807w", "٣"] {
            assert_eq!(text.parse::<Duration>(), Err(DurationError), "{text}");
        }
    }
}

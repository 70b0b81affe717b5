//! Time as the domain speaks of it: instants in UTC milliseconds, spans, weekdays, minutes of a day.
//!
//! Deliberately absent: any way to ask what time it is.

use serde::{Deserialize, Serialize};

use crate::error::Reason;
use crate::macros::{bounded_number, closed_set};

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct UtcMs(pub i64);

impl UtcMs {
    /// This instant moved by a number of milliseconds; stays at the ends of time instead of wrapping.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant.
    pub const fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// One minute, in milliseconds.
pub const MINUTE_MS: i64 = 60_000;
/// One hour, in milliseconds.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// 24 hours, in milliseconds. Not "a day": days have 23 to 25 hours.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// A stretch of time; its end is after its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "RawSpan", into = "RawSpan")]
pub struct TimeSpan {
    start: UtcMs,
    end: UtcMs,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSpan {
    start: UtcMs,
    end: UtcMs,
}

impl TimeSpan {
    /// From `start` to `end`, which must be later.
    pub fn new(start: UtcMs, end: UtcMs) -> Result<Self, Reason> {
        if end > start {
            Ok(Self { start, end })
        } else {
            Err(Reason::EndsBeforeStart)
        }
    }

    /// The first instant of it.
    pub const fn start(self) -> UtcMs {
        self.start
    }

    /// The first instant after it.
    pub const fn end(self) -> UtcMs {
        self.end
    }

    /// Its length in milliseconds.
    pub const fn length_ms(self) -> i64 {
        self.end.since_ms(self.start)
    }

    /// Whether the two share any time.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// What the two share.
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end)).ok()
    }
}

impl TryFrom<RawSpan> for TimeSpan {
    type Error = Reason;
    fn try_from(raw: RawSpan) -> Result<Self, Reason> {
        Self::new(raw.start, raw.end)
    }
}

impl From<TimeSpan> for RawSpan {
    fn from(span: TimeSpan) -> Self {
        Self {
            start: span.start,
            end: span.end,
        }
    }
}

bounded_number! {
    /// A minute of a local day, 0 (midnight) to 1440 (midnight at its end).
    Minute(u16) in 0 ..= 1440
}

closed_set! {
    /// A day of the week.
    Weekday {
        /// Monday.
        Monday = "mon",
        /// Tuesday.
        Tuesday = "tue",
        /// Wednesday.
        Wednesday = "wed",
        /// Thursday.
        Thursday = "thu",
        /// Friday.
        Friday = "fri",
        /// Saturday.
        Saturday = "sat",
        /// Sunday.
        Sunday = "sun",
    }
}

impl From<jiff::civil::Weekday> for Weekday {
    fn from(day: jiff::civil::Weekday) -> Self {
        match day {
            jiff::civil::Weekday::Monday => Self::Monday,
            jiff::civil::Weekday::Tuesday => Self::Tuesday,
            jiff::civil::Weekday::Wednesday => Self::Wednesday,
            jiff::civil::Weekday::Thursday => Self::Thursday,
            jiff::civil::Weekday::Friday => Self::Friday,
            jiff::civil::Weekday::Saturday => Self::Saturday,
            jiff::civil::Weekday::Sunday => Self::Sunday,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_that_ends_before_it_starts_cannot_be_read() {
        assert!(serde_json::from_str::<TimeSpan>(r#"{"start":2,"end":2}"#).is_err());
        assert!(serde_json::from_str::<TimeSpan>(r#"{"start":2,"end":1}"#).is_err());
        assert!(serde_json::from_str::<TimeSpan>(r#"{"start":1,"end":2}"#).is_ok());
    }

    #[test]
    fn spans_that_touch_do_not_overlap() {
        let span = |a, b| TimeSpan::new(UtcMs(a), UtcMs(b)).unwrap();
        assert!(!span(0, 5).overlaps(span(5, 9)));
        assert_eq!(span(0, 5).intersection(span(3, 9)), Some(span(3, 5)));
    }
}

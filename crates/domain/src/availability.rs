//! When a family is free: weekly hours in the household's zone, and dates on which they do not hold.
//!
//! Overlapping hours are allowed and merged when read. Expanding them to instants, with daylight saving, is
//! `romp_matching::week`.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::Reason;
use crate::time::{Minute, Weekday};

/// Hours of one weekday, local time; they end after they start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawHours", into = "RawHours")]
pub struct WeeklyHours {
    weekday: Weekday,
    start: Minute,
    end: Minute,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHours {
    weekday: Weekday,
    start: Minute,
    end: Minute,
}

impl WeeklyHours {
    /// From `start` to `end` on each `weekday`.
    pub fn new(weekday: Weekday, start: Minute, end: Minute) -> Result<Self, Reason> {
        if end > start {
            Ok(Self { weekday, start, end })
        } else {
            Err(Reason::EndsBeforeStart)
        }
    }

    /// The day.
    pub const fn weekday(self) -> Weekday {
        self.weekday
    }

    /// The first minute.
    pub const fn start(self) -> Minute {
        self.start
    }

    /// The first minute after.
    pub const fn end(self) -> Minute {
        self.end
    }
}

impl TryFrom<RawHours> for WeeklyHours {
    type Error = Reason;
    fn try_from(raw: RawHours) -> Result<Self, Reason> {
        Self::new(raw.weekday, raw.start, raw.end)
    }
}

impl From<WeeklyHours> for RawHours {
    fn from(hours: WeeklyHours) -> Self {
        Self {
            weekday: hours.weekday,
            start: hours.start,
            end: hours.end,
        }
    }
}

/// One row of free hours. The hours are one field: two devices cannot merge into hours nobody entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeeklySlot {
    /// When.
    pub hours: WeeklyHours,
}

/// What holds on a date instead of the weekly hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case", deny_unknown_fields)]
pub enum ExceptionChange {
    /// Not free at all.
    Closed,
    /// Free at these hours, on top of the weekly ones.
    Open {
        /// First minute.
        start: Minute,
        /// First minute after.
        end: Minute,
    },
}

/// A date that differs from the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DateException {
    /// The date, in the household's zone.
    pub day: Date,
    /// What holds then.
    pub change: ExceptionChange,
}

impl DateException {
    /// The rules that no single field can break.
    pub(crate) fn check(&self) -> Result<(), crate::error::Invalid> {
        match self.change {
            ExceptionChange::Open { start, end } if end <= start => {
                Err(crate::error::Invalid::new("change", Reason::EndsBeforeStart))
            }
            _ => Ok(()),
        }
    }
}

//! Which switch is in force, and until when: the one rule of server and device.
//!
//! Quiet hours hold **at exactly those instants at which the family's clock shows a time inside them**, as free hours
//! do: what begins in the hour that is left out in spring begins at the jump, and an hour that comes twice in autumn
//! counts both times.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::{QuietHours, Subject, Switch};
use crate::error::{ErrorCode, Problem};
use crate::id::SwitchId;
use crate::policy::Operation;
use crate::text::Remark;
use crate::time::{UtcMs, Weekday};
use crate::zone::ZoneName;

/// How long something is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Until {
    /// It is on again from this instant.
    At(UtcMs),
    /// Nobody knows: until it is lifted.
    Lifted,
}

impl Until {
    /// The instant, if it is known.
    pub const fn instant(self) -> Option<UtcMs> {
        match self {
            Self::At(at) => Some(at),
            Self::Lifted => None,
        }
    }
}

/// What is said to somebody who meets a switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The switch that lasts longest of those that are in force.
    pub switch: SwitchId,
    /// Its comment.
    pub comment: Remark,
    /// When the operation is on again, whichever switches follow each other until then.
    pub until: Until,
}

impl Word {
    /// As the refusal of what was tried at `now`.
    pub fn problem(&self, now: UtcMs) -> Problem {
        refusal(self.comment.as_str(), self.until, now)
    }
}

/// `switched_off`, with the comment, and with the seconds until it is worth another try if they are known.
pub(super) fn refusal(comment: &str, until: Until, now: UtcMs) -> Problem {
    let problem = Problem::saying(ErrorCode::SwitchedOff, comment);
    match until {
        Until::Lifted => problem,
        Until::At(end) => {
            let seconds = end.since_ms(now).saturating_add(999) / 1_000;
            problem.after(u32::try_from(seconds.max(1)).unwrap_or(u32::MAX))
        }
    }
}

/// Switches that follow each other without a gap are looked at so far ahead, and no further.
const MOST_IN_A_ROW: usize = 32;

/// What turns `operation` off for `subject` at `at`, if anything does. `zone` is the family's.
pub fn word_on(
    switches: &[(SwitchId, Switch)],
    subject: &Subject<'_>,
    operation: Operation,
    zone: &ZoneName,
    at: UtcMs,
) -> Option<Word> {
    let concerned: Vec<_> = switches
        .iter()
        .filter(|(_, switch)| switch.operations.contains(&operation) && switch.scope.concerns(subject))
        .collect();
    let longest = |at| {
        let in_force = concerned
            .iter()
            .filter_map(|(id, switch)| Some((switch.force(zone, at)?, *id, &switch.comment)));
        in_force.max_by_key(|(until, id, _)| (*until, *id))
    };
    let (mut until, switch, comment) = longest(at)?;
    for _ in 0..MOST_IN_A_ROW {
        match until {
            Until::Lifted => break,
            Until::At(end) => match longest(end) {
                Some((later, ..)) => until = later,
                None => break,
            },
        }
    }
    Some(Word {
        switch,
        comment: comment.clone(),
        until,
    })
}

impl Switch {
    /// Until when it holds, if it is in force at `at`.
    pub fn force(&self, zone: &ZoneName, at: UtcMs) -> Option<Until> {
        if !self.on || at < self.starts_at || self.ends_at.is_some_and(|end| end <= at) {
            return None;
        }
        let by_hours = match &self.hours {
            None => Until::Lifted,
            Some(hours) => hours.until(self.zone.as_ref().unwrap_or(zone), at)?,
        };
        Some(by_hours.min(self.ends_at.map_or(Until::Lifted, Until::At)))
    }
}

/// Ends of quiet hours and changes of the zone's offset that are looked at: hours that touch each other all week long
/// have no end.
const MOST_STEPS: usize = 64;

impl QuietHours {
    /// The first instant after `at` at which the clock of `zone` shows none of these hours, if it shows one at `at`.
    pub fn until(&self, zone: &ZoneName, at: UtcMs) -> Option<Until> {
        let rules = zone.rules();
        let begin = Timestamp::from_millisecond(at.0).ok()?;
        let mut reached = begin;
        for _ in 0..MOST_STEPS {
            let offset = rules.to_offset(reached);
            let Some(ends) = self.ends(offset.to_datetime(reached)) else {
                return (reached > begin).then(|| Until::At(UtcMs(reached.as_millisecond())));
            };
            let end = offset.to_timestamp(ends).ok()?;
            let change = rules.following(reached).next().map(|change| change.timestamp());
            reached = change.map_or(end, |change| change.min(end));
        }
        Some(Until::Lifted)
    }

    /// When the hours that hold at a local time end, by the same clock; none when none hold.
    fn ends(&self, local: DateTime) -> Option<DateTime> {
        let (day, minute) = (
            local.date(),
            i64::from(local.hour()) * 60 + i64::from(local.minute()),
        );
        let begins_on = |day: jiff::civil::Date| self.weekdays().contains(&Weekday::from(day.weekday()));
        let (start, end) = (i64::from(self.start()), i64::from(self.end()));
        let at = |day: jiff::civil::Date| {
            let midnight = day.at(0, 0, 0, 0);
            midnight.checked_add(jiff::Span::new().minutes(end)).ok()
        };
        let passes_midnight = end < start;
        if begins_on(day) && start <= minute && (passes_midnight || minute < end) {
            return if passes_midnight {
                at(day.tomorrow().ok()?)
            } else {
                at(day)
            };
        }
        let goes_on = passes_midnight && minute < end && begins_on(day.yesterday().ok()?);
        if goes_on { at(day) } else { None }
    }
}

#[cfg(test)]
mod tests;

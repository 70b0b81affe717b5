//! Free time: weekly hours as instants, and what two families share of it.
//!
//! The one rule of daylight saving: **a family is free at exactly those instants at which its clock shows a time
//! inside its hours.** So when clocks jump forward the missing hour is nobody's, and hours that begin in it begin
//! at the jump; when clocks go back, the repeated hour is free both times. Within a stretch of constant offset
//! local time is UTC plus a constant, so hours are expanded stretch by stretch and nothing is ever ambiguous.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use romp_domain::time::MINUTE_MS;
use romp_domain::{DateException, ExceptionChange, Minute, TimeSpan, UtcMs, Weekday, WeeklyHours, ZoneName};

/// Stretches of time: in order, none of them touching another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FreeTime(Vec<TimeSpan>);

impl FreeTime {
    /// No time at all.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// The instants that lie in any of `spans`, which may overlap and come in any order.
    pub fn of(spans: impl IntoIterator<Item = TimeSpan>) -> Self {
        let mut sorted: Vec<TimeSpan> = spans.into_iter().collect();
        sorted.sort_unstable();
        let mut merged: Vec<TimeSpan> = Vec::with_capacity(sorted.len());
        for span in sorted {
            match merged.last_mut() {
                Some(last) if span.start() <= last.end() => {
                    if let Ok(longer) = TimeSpan::new(last.start(), last.end().max(span.end())) {
                        *last = longer;
                    }
                }
                _ => merged.push(span),
            }
        }
        Self(merged)
    }

    /// The instants from `from` up to `until` at which the clock of `zone` shows one of the `weekly` hours or an
    /// hour opened by an exception. A day closed by an exception is not free at all, whatever else is said of it.
    /// Instants outside the years that calendars here know (-9999 to 9999) are never free.
    pub fn expand(
        zone: &ZoneName,
        weekly: &[WeeklyHours],
        exceptions: &[DateException],
        from: UtcMs,
        until: UtcMs,
    ) -> Self {
        let (Ok(mut at), Ok(last)) = (
            Timestamp::from_millisecond(from.0),
            Timestamp::from_millisecond(until.0),
        ) else {
            return Self::none();
        };
        let week = Week::of(weekly, exceptions);
        let rules = zone.rules();
        let mut spans = Vec::new();
        while at < last {
            let offset = rules.to_offset(at);
            let change = rules.following(at).next().map(|change| change.timestamp());
            let stretch_end = change.map_or(last, |change| change.min(last));
            week.expand_stretch(offset, at, stretch_end, &mut spans);
            at = stretch_end;
        }
        Self::of(spans)
    }

    /// The stretches, in order.
    pub fn spans(&self) -> &[TimeSpan] {
        &self.0
    }

    /// The longest stretch, in milliseconds; 0 when there is none.
    pub fn longest_ms(&self) -> i64 {
        self.0.iter().map(|span| span.length_ms()).max().unwrap_or(0)
    }

    /// What lies in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.shared_spans(other).collect())
    }

    /// Whether the two share a stretch of at least `least_ms` milliseconds. Allocates nothing.
    pub fn shares(&self, other: &Self, least_ms: i64) -> bool {
        self.shared_spans(other).any(|span| span.length_ms() >= least_ms)
    }

    /// What is left without the `busy` spans, which may overlap and come in any order.
    #[must_use]
    pub fn minus(&self, busy: &[TimeSpan]) -> Self {
        let busy = Self::of(busy.iter().copied());
        let mut left = Vec::with_capacity(self.0.len());
        for span in &self.0 {
            let mut start = span.start();
            for taken in busy.0.iter().filter(|taken| taken.overlaps(*span)) {
                left.extend(TimeSpan::new(start, taken.start()));
                start = taken.end();
            }
            left.extend(TimeSpan::new(start, span.end()));
        }
        Self(left)
    }

    /// The weekdays, in `zone`, that hold a stretch of at least `least_ms` milliseconds: the day with most time
    /// first, earlier in the week first among equals.
    pub fn weekdays(&self, zone: &ZoneName, least_ms: i64) -> Vec<Weekday> {
        let rules = zone.rules();
        let mut by_day: BTreeMap<Weekday, i64> = BTreeMap::new();
        for span in &self.0 {
            let mut start = span.start();
            while start < span.end() {
                let Ok(at) = Timestamp::from_millisecond(start.0) else {
                    break;
                };
                let day = at.to_zoned(rules.clone()).date();
                let end = day
                    .tomorrow()
                    .and_then(|next| next.to_zoned(rules.clone()))
                    .map_or(span.end(), |midnight| {
                        UtcMs(midnight.timestamp().as_millisecond()).min(span.end())
                    });
                if end <= start {
                    break;
                }
                if end.since_ms(start) >= least_ms {
                    *by_day.entry(weekday_of(day)).or_default() += end.since_ms(start);
                }
                start = end;
            }
        }
        let mut days: Vec<(Weekday, i64)> = by_day.into_iter().collect();
        days.sort_by_key(|(day, ms)| (std::cmp::Reverse(*ms), *day));
        days.into_iter().map(|(day, _)| day).collect()
    }

    /// Both lists are in order, so one walk along both is enough.
    fn shared_spans<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = TimeSpan> + 'a {
        let (mut mine, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        std::iter::from_fn(move || {
            loop {
                let (one, two) = (mine.peek()?, theirs.peek()?);
                let shared = one.intersection(**two);
                if one.end() <= two.end() {
                    mine.next();
                } else {
                    theirs.next();
                }
                if shared.is_some() {
                    return shared;
                }
            }
        })
    }
}

/// The weekdays on which `one` and `other` share at least `least_ms` milliseconds, read in `zone`; most first.
pub fn weekdays_shared(one: &FreeTime, other: &FreeTime, zone: &ZoneName, least_ms: i64) -> Vec<Weekday> {
    one.intersection(other).weekdays(zone, least_ms)
}

/// The weekday of a date.
pub(crate) fn weekday_of(day: Date) -> Weekday {
    match day.weekday() {
        jiff::civil::Weekday::Monday => Weekday::Monday,
        jiff::civil::Weekday::Tuesday => Weekday::Tuesday,
        jiff::civil::Weekday::Wednesday => Weekday::Wednesday,
        jiff::civil::Weekday::Thursday => Weekday::Thursday,
        jiff::civil::Weekday::Friday => Weekday::Friday,
        jiff::civil::Weekday::Saturday => Weekday::Saturday,
        jiff::civil::Weekday::Sunday => Weekday::Sunday,
    }
}

/// Weekly hours and exceptions, sorted by the day they are asked for.
struct Week {
    weekly: BTreeMap<Weekday, Vec<(Minute, Minute)>>,
    closed: BTreeSet<Date>,
    opened: BTreeMap<Date, Vec<(Minute, Minute)>>,
}

impl Week {
    fn of(weekly: &[WeeklyHours], exceptions: &[DateException]) -> Self {
        let mut week = Self {
            weekly: BTreeMap::new(),
            closed: BTreeSet::new(),
            opened: BTreeMap::new(),
        };
        for hours in weekly {
            let day = week.weekly.entry(hours.weekday()).or_default();
            day.push((hours.start(), hours.end()));
        }
        for exception in exceptions {
            match exception.change {
                ExceptionChange::Closed => {
                    week.closed.insert(exception.day);
                }
                ExceptionChange::Open { start, end } => {
                    week.opened.entry(exception.day).or_default().push((start, end));
                }
            }
        }
        week
    }

    /// The hours of one local day, in minutes from its midnight.
    fn hours_on(&self, day: Date) -> impl Iterator<Item = (Minute, Minute)> + '_ {
        let open = !self.closed.contains(&day);
        let weekly = self.weekly.get(&weekday_of(day)).into_iter().flatten();
        let opened = self.opened.get(&day).into_iter().flatten();
        weekly.chain(opened).copied().filter(move |_| open)
    }

    /// Appends the free spans of a stretch during which the zone's offset does not change.
    fn expand_stretch(&self, offset: Offset, from: Timestamp, until: Timestamp, spans: &mut Vec<TimeSpan>) {
        let Ok(stretch) = TimeSpan::new(UtcMs(from.as_millisecond()), UtcMs(until.as_millisecond())) else {
            return;
        };
        let last = offset.to_datetime(until).date();
        let mut day = offset.to_datetime(from).date();
        loop {
            if let Ok(midnight) = offset.to_timestamp(day.at(0, 0, 0, 0)) {
                let midnight = UtcMs(midnight.as_millisecond());
                let instant = |minute: Minute| midnight.plus_ms(i64::from(minute.get()) * MINUTE_MS);
                let of_day = self
                    .hours_on(day)
                    .filter_map(|(start, end)| TimeSpan::new(instant(start), instant(end)).ok())
                    .filter_map(|span| span.intersection(stretch));
                spans.extend(of_day);
            }
            match day.tomorrow() {
                Ok(next) if next <= last => day = next,
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests;

//! A span of time as the family reads a clock.

use jiff::{Timestamp, tz::TimeZone};
use romp_domain::view::LocalSpan;
use romp_domain::{Minute, TimeSpan, UtcMs, Weekday, ZoneName};

/// The last minute of a day is its end: midnight.
const MIDNIGHT: i64 = Minute::MAX;

/// The local date and time of day of `span`. One that ends on a later day ends at midnight here.
pub(super) fn local(span: TimeSpan, zone: &ZoneName) -> LocalSpan {
    let rules = zone.rules();
    let (start, end) = (civil(span.start(), &rules), civil(span.end(), &rules));
    let minute_of = |time: jiff::civil::DateTime| i64::from(time.hour()) * 60 + i64::from(time.minute());
    let end_minute = if end.date() > start.date() {
        MIDNIGHT
    } else {
        minute_of(end)
    };
    LocalSpan {
        day: start.date(),
        weekday: Weekday::ALL[start.date().weekday().to_monday_zero_offset() as usize],
        start: minute(minute_of(start)),
        end: minute(end_minute),
    }
}

fn civil(at: UtcMs, rules: &TimeZone) -> jiff::civil::DateTime {
    // Beyond what a calendar can show there is no local time; the nearest end of time stands for it.
    let limit = if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
    rules.to_datetime(Timestamp::from_millisecond(at.0).unwrap_or(limit))
}

fn minute(minute: i64) -> Minute {
    Minute::new(minute).unwrap_or_else(|_| unreachable!("hours and minutes of a day"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn span(start: &str, end: &str) -> TimeSpan {
        let at = |text: &str| UtcMs(text.parse::<Timestamp>().unwrap().as_millisecond());
        TimeSpan::new(at(start), at(end)).unwrap()
    }

    fn seattle(start: &str, end: &str) -> (jiff::civil::Date, Weekday, u16, u16) {
        let local = local(span(start, end), &ZoneName::new("America/Los_Angeles").unwrap());
        (local.day, local.weekday, local.start.get(), local.end.get())
    }

    #[test]
    fn summer_and_winter_are_an_hour_apart() {
        let winter = seattle("2026-12-05T18:00:00Z", "2026-12-05T19:30:00Z");
        assert_eq!(winter, (date(2026, 12, 5), Weekday::Saturday, 600, 690));
        let summer = seattle("2026-07-04T17:00:00Z", "2026-07-04T18:30:00Z");
        assert_eq!(summer, (date(2026, 7, 4), Weekday::Saturday, 600, 690));
    }

    #[test]
    fn what_ends_at_or_after_midnight_ends_at_midnight() {
        let late = seattle("2026-07-05T06:00:00Z", "2026-07-05T07:00:00Z");
        assert_eq!(late, (date(2026, 7, 4), Weekday::Saturday, 1380, 1440));
    }

    #[test]
    fn the_ends_of_time_are_no_panic() {
        local(
            TimeSpan::new(UtcMs(i64::MIN), UtcMs(i64::MAX)).unwrap(),
            &ZoneName::utc(),
        );
    }
}

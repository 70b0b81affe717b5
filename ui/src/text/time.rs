//! Days, times of day and durations, as people say them.

use jiff::civil::Date;
use romp_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use romp_domain::view::LocalSpan;
use romp_domain::{Minute, UtcMs, Weekday};

use super::words::weekday;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// "June".
pub(crate) fn month_name(month: i8) -> &'static str {
    usize::try_from(month - 1)
        .ok()
        .and_then(|i| MONTHS.get(i))
        .copied()
        .unwrap_or_default()
}

/// "5 December 2026".
pub(crate) fn day(day: Date) -> String {
    format!("{} {} {}", day.day(), month_name(day.month()), day.year())
}

/// "09:30"; midnight at the end of a day is "24:00".
pub(crate) fn clock(minute: Minute) -> String {
    format!("{:02}:{:02}", minute.get() / 60, minute.get() % 60)
}

/// "Saturday 5 December".
pub(crate) fn day_and_time(span: &LocalSpan) -> String {
    format!(
        "{} {} {}",
        weekday(span.weekday),
        span.day.day(),
        month_name(span.day.month())
    )
}

/// "10:00 to 11:30".
pub(crate) fn span(start: Minute, end: Minute) -> String {
    format!("{} to {}", clock(start), clock(end))
}

/// How long ago, in the largest unit that fits; a clock that went back is "just now".
pub(crate) fn ago(now: UtcMs, then: UtcMs) -> String {
    let ms = now.since_ms(then);
    let (count, unit) = match ms {
        ms if ms < MINUTE_MS => return "just now".to_owned(),
        ms if ms < HOUR_MS => (ms / MINUTE_MS, "minute"),
        ms if ms < DAY_MS => (ms / HOUR_MS, "hour"),
        ms => (ms / DAY_MS, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

/// "20 seconds", "4 minutes", "2 hours"; never less than it is.
pub(crate) fn lasting(seconds: u32) -> String {
    let (count, unit) = match seconds {
        s if s < 60 => (s, "second"),
        s if s < 3_600 => (s.div_ceil(60), "minute"),
        s if s < 172_800 => (s.div_ceil(3_600), "hour"),
        s => (s.div_ceil(86_400), "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// When something goes on again, as a child is told. Both are the hands of the device's clock, in milliseconds.
pub(crate) fn again(now_ms: i64, then_ms: i64) -> String {
    // Never told earlier than it is.
    let then_ms = then_ms + (-then_ms).rem_euclid(MINUTE_MS);
    let minute = then_ms.rem_euclid(DAY_MS) / MINUTE_MS;
    let day = match then_ms.div_euclid(DAY_MS) - now_ms.div_euclid(DAY_MS) {
        ..=0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        2..=6 => format!("on {}", weekday(weekday_of(then_ms))),
        days => format!("in {days} days"),
    };
    // A day that begins is said by its name: to a child, midnight is the evening before.
    match minute {
        0 => format!("Again {day}"),
        _ => format!("Again {day} at {}:{:02}", minute / 60, minute % 60),
    }
}

/// "today at 9:05", "yesterday at 21:30", "on Friday at 9:05": when something was, or will be. Both as in [`again`].
pub(crate) fn moment(now_ms: i64, at_ms: i64) -> String {
    let minute = at_ms.rem_euclid(DAY_MS) / MINUTE_MS;
    let day = match at_ms.div_euclid(DAY_MS) - now_ms.div_euclid(DAY_MS) {
        -1 => "yesterday".to_owned(),
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        2..=6 => format!("on {}", weekday(weekday_of(at_ms))),
        days if days < 0 => format!("{} days ago", -days),
        days => format!("in {days} days"),
    };
    format!("{day} at {}:{:02}", minute / 60, minute % 60)
}

/// The same for when something ends: midnight is the end of a day, as in [`clock`].
pub(crate) fn end(now_ms: i64, at_ms: i64) -> String {
    if at_ms.rem_euclid(DAY_MS) >= MINUTE_MS {
        return moment(now_ms, at_ms);
    }
    moment(now_ms, at_ms - MINUTE_MS).replace("23:59", "24:00")
}

/// The first day of 1970 was a Thursday.
fn weekday_of(local_ms: i64) -> Weekday {
    Weekday::ALL[(local_ms.div_euclid(DAY_MS) + 3).rem_euclid(7) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_told_when_it_goes_on() {
        // A Monday in 2026, 20:15.
        let now = 20_598 * DAY_MS + 20 * HOUR_MS + 15 * MINUTE_MS;
        assert_eq!(weekday_of(now), Weekday::Monday);
        let at = |days: i64, hours: i64, minutes: i64| {
            (20_598 + days) * DAY_MS + hours * HOUR_MS + minutes * MINUTE_MS
        };
        assert_eq!(again(now, at(0, 21, 5)), "Again today at 21:05");
        assert_eq!(again(now, at(1, 7, 0)), "Again tomorrow at 7:00");
        assert_eq!(again(now, at(4, 7, 0) - 1), "Again on Friday at 7:00");
        assert_eq!(again(now, at(30, 7, 0)), "Again in 30 days at 7:00");
        assert_eq!(again(now, at(1, 0, 0)), "Again tomorrow");
        assert_eq!(again(now, at(1, 0, 0) - 1), "Again tomorrow", "there is no 24:00");
        assert_eq!(moment(now, at(-1, 9, 5)), "yesterday at 9:05");
        assert_eq!(moment(now, at(1, 0, 0)), "tomorrow at 0:00");
        assert_eq!(end(now, at(1, 0, 0)), "today at 24:00");
        assert_eq!(end(now, at(0, 0, 0)), "yesterday at 24:00");
        assert_eq!(end(now, at(1, 0, 1)), "tomorrow at 0:01");
    }

    #[test]
    fn a_wait_is_never_told_shorter_than_it_is() {
        assert_eq!(lasting(1), "1 second");
        assert_eq!(lasting(61), "2 minutes");
        assert_eq!(lasting(3_600), "1 hour");
        assert_eq!(lasting(604_799), "7 days");
    }

    #[test]
    fn durations_use_the_largest_unit_that_fits() {
        let ago = |ms| ago(UtcMs(ms), UtcMs(0));
        assert_eq!(ago(-5), "just now");
        assert_eq!(ago(59_999), "just now");
        assert_eq!(ago(60_000), "1 minute ago");
        assert_eq!(ago(2 * HOUR_MS + 5), "2 hours ago");
        assert_eq!(ago(3 * DAY_MS), "3 days ago");
    }

    #[test]
    fn the_end_of_a_day_is_not_its_beginning() {
        assert_eq!(clock(Minute::new(0).unwrap()), "00:00");
        assert_eq!(clock(Minute::new(1440).unwrap()), "24:00");
    }
}

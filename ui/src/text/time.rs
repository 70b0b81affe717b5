//! Days, times of day and durations, as people say them.

use jiff::civil::Date;
use romp_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use romp_domain::view::LocalSpan;
use romp_domain::{Minute, UtcMs};

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

#[cfg(test)]
mod tests {
    use super::*;

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

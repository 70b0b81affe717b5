//! Free time against its plain meaning: what does the family's clock show at this instant?

use jiff::Timestamp;
use jiff::civil::date;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use romp_domain::time::{DAY_MS, HOUR_MS};

use super::*;
use crate::cases::{any_spans, holds, is_tidy, minutes, zone};

fn at(text: &str) -> UtcMs {
    UtcMs(text.parse::<Timestamp>().unwrap().as_millisecond())
}

fn minute(hour: i64, minute: i64) -> Minute {
    Minute::new(hour * 60 + minute).unwrap()
}

fn weekly(day: Weekday, start: Minute, end: Minute) -> WeeklyHours {
    WeeklyHours::new(day, start, end).unwrap()
}

fn span(start: &str, end: &str) -> TimeSpan {
    TimeSpan::new(at(start), at(end)).unwrap()
}

fn sunday(zone_name: &str, from: Minute, until: Minute, day: &str) -> Vec<TimeSpan> {
    let hours = [weekly(Weekday::Sunday, from, until)];
    let start = at(day).plus_ms(-DAY_MS);
    FreeTime::expand(&zone(zone_name), &hours, &[], start, start.plus_ms(3 * DAY_MS))
        .spans()
        .to_vec()
}

#[test]
fn the_hour_that_spring_takes_away_is_nobodys() {
    let la = |from, until| sunday("America/Los_Angeles", from, until, "2026-03-08T12:00:00Z");
    assert_eq!(la(minute(2, 0), minute(3, 0)), []);
    assert_eq!(
        la(minute(2, 30), minute(4, 0)),
        [span("2026-03-08T10:00:00Z", "2026-03-08T11:00:00Z")],
        "hours that begin in the gap begin at the jump"
    );
    assert_eq!(
        la(minute(0, 0), minute(24, 0)),
        [span("2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z")],
        "the day has 23 hours"
    );
    assert_eq!(
        sunday(
            "Europe/Berlin",
            minute(1, 0),
            minute(4, 0),
            "2026-03-29T12:00:00Z"
        ),
        [span("2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z")]
    );
}

#[test]
fn the_hour_that_autumn_repeats_is_free_both_times() {
    let la = |from, until| sunday("America/Los_Angeles", from, until, "2026-11-01T12:00:00Z");
    assert_eq!(
        la(minute(1, 0), minute(2, 0)),
        [span("2026-11-01T08:00:00Z", "2026-11-01T10:00:00Z")]
    );
    assert_eq!(
        la(minute(0, 0), minute(1, 30)),
        [
            span("2026-11-01T07:00:00Z", "2026-11-01T08:30:00Z"),
            span("2026-11-01T09:00:00Z", "2026-11-01T09:30:00Z")
        ],
        "and half of it twice half an hour, never the half nobody named"
    );
    assert_eq!(
        la(minute(9, 0), minute(10, 0)),
        [span("2026-11-01T17:00:00Z", "2026-11-01T18:00:00Z")]
    );
}

#[test]
fn nine_in_the_morning_stays_nine_in_the_morning_when_clocks_change() {
    let hours = [
        weekly(Weekday::Saturday, minute(9, 0), minute(10, 0)),
        weekly(Weekday::Sunday, minute(9, 0), minute(10, 0)),
    ];
    let from = at("2026-03-07T00:00:00Z");
    let free = FreeTime::expand(
        &zone("America/Los_Angeles"),
        &hours,
        &[],
        from,
        from.plus_ms(3 * DAY_MS),
    );
    assert_eq!(
        free.spans(),
        [
            span("2026-03-07T17:00:00Z", "2026-03-07T18:00:00Z"),
            span("2026-03-08T16:00:00Z", "2026-03-08T17:00:00Z")
        ]
    );
}

#[test]
fn a_closed_day_is_not_free_and_an_opened_one_is_freer() {
    let hours = [
        weekly(Weekday::Thursday, minute(17, 0), minute(18, 0)),
        weekly(Weekday::Friday, minute(17, 0), minute(18, 0)),
    ];
    let open = |day, start, end| DateException {
        day,
        change: ExceptionChange::Open { start, end },
    };
    let closed = |day| DateException {
        day,
        change: ExceptionChange::Closed,
    };
    let expand = |exceptions: &[DateException]| {
        let from = at("2026-01-01T00:00:00Z");
        FreeTime::expand(
            &ZoneName::utc(),
            &hours,
            exceptions,
            from,
            from.plus_ms(2 * DAY_MS),
        )
        .spans()
        .to_vec()
    };
    let (thursday, friday) = (date(2026, 1, 1), date(2026, 1, 2));
    let evening = span("2026-01-02T17:00:00Z", "2026-01-02T18:00:00Z");
    assert_eq!(expand(&[closed(thursday)]), [evening]);
    assert_eq!(
        expand(&[closed(thursday), open(thursday, minute(8, 0), minute(9, 0))]),
        [evening],
        "closed means not free at all"
    );
    assert_eq!(
        expand(&[closed(thursday), open(friday, minute(18, 0), minute(19, 0))]),
        [span("2026-01-02T17:00:00Z", "2026-01-02T19:00:00Z")]
    );
    assert_eq!(
        expand(&[closed(thursday), open(friday, minute(9, 0), minute(8, 0))]),
        [evening],
        "hours that end before they start add nothing"
    );
}

#[test]
fn instants_beyond_the_calendar_are_never_free() {
    let all_day = [weekly(Weekday::Monday, minute(0, 0), minute(24, 0))];
    for (from, until) in [(i64::MIN, i64::MAX), (0, i64::MAX), (5, 5), (5, 4)] {
        let free = FreeTime::expand(&ZoneName::utc(), &all_day, &[], UtcMs(from), UtcMs(until));
        assert_eq!(free, FreeTime::none());
    }
    let last = 253_402_207_200_000; // the last millisecond that jiff can name, less a week
    let free = FreeTime::expand(
        &ZoneName::utc(),
        &all_day,
        &[],
        UtcMs(last - 7 * DAY_MS),
        UtcMs(last),
    );
    assert_eq!(free.spans().len(), 1);
    assert!(
        FreeTime::of([TimeSpan::new(UtcMs(i64::MIN), UtcMs(i64::MAX)).unwrap()])
            .weekdays(&ZoneName::utc(), 0)
            .is_empty()
    );
}

#[test]
fn a_weekday_is_the_readers_and_the_one_with_most_time_comes_first() {
    // Saturday 01:00 to 05:00 UTC is Friday evening in Seattle.
    let free = FreeTime::of([
        span("2026-01-03T01:00:00Z", "2026-01-03T05:00:00Z"),
        span("2026-01-04T12:00:00Z", "2026-01-04T13:00:00Z"),
    ]);
    let seattle = zone("America/Los_Angeles");
    assert_eq!(
        free.weekdays(&seattle, HOUR_MS),
        [Weekday::Friday, Weekday::Sunday]
    );
    assert_eq!(
        free.weekdays(&ZoneName::utc(), HOUR_MS),
        [Weekday::Saturday, Weekday::Sunday]
    );
    let over_midnight = FreeTime::of([span("2026-01-03T23:30:00Z", "2026-01-04T01:00:00Z")]);
    assert_eq!(
        over_midnight.weekdays(&ZoneName::utc(), HOUR_MS),
        [Weekday::Sunday],
        "half an hour of Saturday is too little"
    );
    assert_eq!(weekdays_shared(&free, &over_midnight, &seattle, 1), []);
}

/// Zones with one hour, half an hour and no change a year, odd offsets, and one that skipped a whole day.
const ZONES: &[(&str, &str)] = &[
    ("America/Los_Angeles", "2026-03-05T00:00:00Z"),
    ("America/Los_Angeles", "2026-10-29T00:00:00Z"),
    ("Europe/Berlin", "2026-03-26T00:00:00Z"),
    ("Europe/Berlin", "2026-10-22T00:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-01T00:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-01T00:00:00Z"),
    ("Asia/Kathmandu", "2026-06-01T00:00:00Z"),
    ("Pacific/Apia", "2011-12-27T00:00:00Z"),
    ("Africa/Casablanca", "2026-02-10T00:00:00Z"),
    ("UTC", "2026-01-01T00:00:00Z"),
];

fn any_hours() -> impl Strategy<Value = (Minute, Minute)> {
    (0..96_i64, 1..=96_i64).prop_map(|(a, b)| {
        let (start, end) = (a.min(b - 1), a.max(b - 1) + 1);
        (minute(0, start * 15), minute(0, end * 15))
    })
}

fn any_exception() -> impl Strategy<Value = (i64, Option<(Minute, Minute)>)> {
    (0..8_i64, proptest::option::of(any_hours()))
}

proptest! {
    #[test]
    fn a_family_is_free_exactly_when_its_clock_shows_one_of_its_hours(
        (zone_name, start) in select(ZONES),
        weekly_hours in vec((select(Weekday::ALL), any_hours()), 0..8),
        exceptions in vec(any_exception(), 0..4),
    ) {
        let (zone, from) = (zone(zone_name), at(start));
        let until = from.plus_ms(7 * DAY_MS);
        let rules = zone.rules();
        let clock = |at: UtcMs| rules.to_datetime(Timestamp::from_millisecond(at.0).unwrap());
        let first_day = clock(from).date();
        let hours: Vec<_> = weekly_hours.iter().map(|(day, (start, end))| weekly(*day, *start, *end)).collect();
        let exceptions: Vec<_> = exceptions
            .into_iter()
            .map(|(days, open)| DateException {
                day: first_day + jiff::ToSpan::days(days),
                change: open.map_or(ExceptionChange::Closed, |(start, end)| ExceptionChange::Open { start, end }),
            })
            .collect();

        let free = FreeTime::expand(&zone, &hours, &exceptions, from, until);

        prop_assert!(is_tidy(&free));
        let mut instant = from;
        while instant < until {
            let shown = clock(instant);
            let now = i64::from(shown.hour()) * 60 + i64::from(shown.minute());
            let within = |start: Minute, end: Minute| (i64::from(start.get())..i64::from(end.get())).contains(&now);
            let today = exceptions.iter().filter(|exception| exception.day == shown.date());
            let closed = today.clone().any(|exception| exception.change == ExceptionChange::Closed);
            let opened = today.clone().any(|exception| {
                matches!(exception.change, ExceptionChange::Open { start, end } if within(start, end))
            });
            let usual = hours
                .iter()
                .any(|hours| hours.weekday() == weekday_of(shown.date()) && within(hours.start(), hours.end()));
            prop_assert_eq!(holds(free.spans(), instant), !closed && (opened || usual), "at {}", shown);
            instant = instant.plus_ms(15 * MINUTE_MS);
        }
    }

    #[test]
    fn sets_of_spans_behave_as_sets_of_instants(one in any_spans(12), other in any_spans(12)) {
        let (a, b) = (FreeTime::of(one.clone()), FreeTime::of(other.clone()));
        let both = a.intersection(&b);
        let left = a.minus(&other);
        for free in [&a, &b, &both, &left] {
            prop_assert!(is_tidy(free));
        }
        prop_assert_eq!(&both, &b.intersection(&a));
        for step in 0..14 * 24 * 12 {
            let at = minutes(step * 5..step * 5 + 5).start();
            prop_assert_eq!(holds(a.spans(), at), holds(&one, at));
            prop_assert_eq!(holds(both.spans(), at), holds(&one, at) && holds(&other, at));
            prop_assert_eq!(holds(left.spans(), at), holds(&one, at) && !holds(&other, at));
        }
        for least in [1, HOUR_MS, both.longest_ms().max(1), both.longest_ms() + 1] {
            prop_assert_eq!(a.shares(&b, least), both.longest_ms() >= least);
        }
    }
}

//! What is in force when: hours over midnight and over clock changes, and which of several switches speaks.

use super::*;
use crate::entity::Entity;
use crate::id::{ChildId, DeviceId};
use crate::policy::Role;
use crate::switch::SwitchScope;
use crate::time::{HOUR_MS, MINUTE_MS};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

fn at(text: &str) -> UtcMs {
    UtcMs(text.parse::<Timestamp>().unwrap().as_millisecond())
}

fn hours(weekdays: &[&str], start: i64, end: i64) -> QuietHours {
    serde_json::from_value(json!({"weekdays": weekdays, "start": start, "end": end})).unwrap()
}

const EVERY_DAY: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn berlin() -> ZoneName {
    ZoneName::new("Europe/Berlin").unwrap()
}

fn until(hours: &QuietHours, now: &str) -> Option<String> {
    let end = hours.until(&berlin(), at(now))?;
    Some(end.instant().map_or("lifted".to_owned(), |end| {
        Timestamp::from_millisecond(end.0).unwrap().to_string()
    }))
}

#[test]
fn quiet_hours_pass_midnight_and_belong_to_the_day_on_which_they_begin() {
    // 2026-07-03 is a Friday; Berlin is two hours ahead of UTC.
    let school_nights = hours(&["sun", "mon", "tue", "wed", "thu"], 20 * 60, 7 * 60);
    for (now, end) in [
        ("2026-07-02T17:59:59.999Z", None),
        ("2026-07-02T18:00:00Z", Some("2026-07-03T05:00:00Z")),
        ("2026-07-03T04:59:59.999Z", Some("2026-07-03T05:00:00Z")),
        ("2026-07-03T05:00:00Z", None),
        ("2026-07-03T20:00:00Z", None),
        ("2026-07-04T02:00:00Z", None),
        ("2026-07-05T18:00:00Z", Some("2026-07-06T05:00:00Z")),
    ] {
        assert_eq!(until(&school_nights, now).as_deref(), end, "{now}");
    }
}

#[test]
fn quiet_hours_hold_by_the_clock_when_it_jumps() {
    // Spring: 02:00 becomes 03:00 at 01:00 UTC. Autumn: 03:00 becomes 02:00 at 01:00 UTC.
    let in_the_gap = hours(EVERY_DAY, 60, 150);
    assert_eq!(
        until(&in_the_gap, "2026-03-29T00:30:00Z").as_deref(),
        Some("2026-03-29T01:00:00Z")
    );
    let night = hours(EVERY_DAY, 22 * 60, 7 * 60);
    assert_eq!(
        until(&night, "2026-03-28T21:00:00Z").as_deref(),
        Some("2026-03-29T05:00:00Z")
    );
    assert_eq!(
        until(&night, "2026-10-24T20:00:00Z").as_deref(),
        Some("2026-10-25T06:00:00Z")
    );
    // 02:00 to 02:30 comes twice.
    let twice = hours(EVERY_DAY, 120, 150);
    for (now, end) in [
        ("2026-10-25T00:10:00Z", Some("2026-10-25T00:30:00Z")),
        ("2026-10-25T00:40:00Z", None),
        ("2026-10-25T01:10:00Z", Some("2026-10-25T01:30:00Z")),
    ] {
        assert_eq!(until(&twice, now).as_deref(), end, "{now}");
    }
    // Goes on through the jump back, and is one stretch.
    let on = hours(EVERY_DAY, 120, 180);
    assert_eq!(
        until(&on, "2026-10-25T00:10:00Z").as_deref(),
        Some("2026-10-25T02:00:00Z")
    );
}

#[test]
fn whole_days_that_touch_are_one_stretch_and_a_whole_week_has_no_end() {
    let weekend = hours(&["sat", "sun"], 0, 1440);
    assert_eq!(
        until(&weekend, "2026-07-04T10:00:00Z").as_deref(),
        Some("2026-07-05T22:00:00Z")
    );
    assert_eq!(
        until(&hours(EVERY_DAY, 0, 1440), "2026-07-04T10:00:00Z").as_deref(),
        Some("lifted")
    );
}

fn switch(id: u128, change: impl FnOnce(&mut Switch)) -> (SwitchId, Switch) {
    let mut switch = Switch::example();
    change(&mut switch);
    (SwitchId(Uuid::from_u128(id)), switch)
}

fn word(switches: &[(SwitchId, Switch)], operation: Operation, now: i64) -> Option<(u128, Until)> {
    let subject = Subject {
        role: Role::Child,
        devices: &[DeviceId(Uuid::from_u128(1))],
        session: None,
        child: Some(ChildId(Uuid::from_u128(2))),
    };
    word_on(switches, &subject, operation, &ZoneName::utc(), UtcMs(now))
        .map(|word| (word.switch.0.as_u128(), word.until))
}

#[test]
fn a_switch_holds_from_its_start_to_its_end_while_it_is_on_for_whom_and_what_it_names() {
    let one = |change: fn(&mut Switch)| {
        [switch(1, |switch| {
            switch.starts_at = UtcMs(10);
            switch.ends_at = Some(UtcMs(20));
            change(switch);
        })]
    };
    let plain = one(|_| {});
    for (now, expected) in [(9, None), (10, Some(20)), (19, Some(20)), (20, None)] {
        let expected = expected.map(|end| (1, Until::At(UtcMs(end))));
        assert_eq!(word(&plain, Operation::Choose, now), expected, "{now}");
    }
    assert_eq!(word(&plain, Operation::Pets, 15), None);
    assert_eq!(
        word(&one(|switch| switch.on = false), Operation::Choose, 15),
        None
    );
    let others = one(|switch| {
        switch.scope = SwitchScope::Child {
            child: ChildId(Uuid::from_u128(9)),
        };
    });
    assert_eq!(word(&others, Operation::Choose, 15), None);
    assert_eq!(
        word(&one(|switch| switch.ends_at = None), Operation::Choose, 15),
        Some((1, Until::Lifted))
    );
}

#[test]
fn the_longest_switch_speaks_and_the_end_is_that_of_all_that_follow_each_other() {
    let span = |id, from, until| {
        switch(id, move |switch| {
            switch.starts_at = UtcMs(from);
            switch.ends_at = Some(UtcMs(until));
        })
    };
    let switches = [span(1, 0, 10), span(2, 0, 20), span(3, 15, 30), span(4, 31, 40)];
    assert_eq!(
        word(&switches, Operation::Choose, 5),
        Some((2, Until::At(UtcMs(30))))
    );
    assert_eq!(word(&switches, Operation::Choose, 30), None);
}

#[test]
fn a_refusal_tells_the_comment_and_the_seconds_until_the_end() {
    let (id, switch) = switch(1, |_| {});
    let mut word = Word {
        switch: id,
        comment: switch.comment,
        until: Until::At(UtcMs(1_001)),
    };
    let problem = word.problem(UtcMs(0));
    assert_eq!(
        (problem.code, problem.message.as_str(), problem.retry_after_s),
        (ErrorCode::SwitchedOff, "Good night!", Some(2))
    );
    word.until = Until::Lifted;
    assert_eq!(word.problem(UtcMs(0)).retry_after_s, None);
}

proptest! {
    #[test]
    fn the_end_that_is_told_is_the_first_instant_at_which_nothing_is_off(
        start in 0_i64..1440, end in 0_i64..=1440, days in 1_u8..127, minute in 0_i64..(400 * 24 * 60), zone in 0_usize..4,
    ) {
        prop_assume!(start != end);
        let zone = ZoneName::new(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "UTC"][zone]).unwrap();
        let weekdays: Vec<&str> = EVERY_DAY.iter().enumerate().filter(|(n, _)| days & (1 << n) != 0).map(|(_, day)| *day).collect();
        let hours = hours(&weekdays, start, end);
        let now = at("2026-01-01T00:00:00Z").plus_ms(minute * MINUTE_MS);
        let mut probe = now;
        if let Some(Until::At(end)) = hours.until(&zone, now) {
            prop_assert!(end > now && hours.until(&zone, end).is_none());
            while probe < end {
                prop_assert_eq!(hours.until(&zone, probe), Some(Until::At(end)));
                probe = probe.plus_ms(HOUR_MS / 2);
            }
        }
    }
}

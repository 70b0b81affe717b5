//! Offers against every quarter hour of two weeks.

use std::collections::BTreeSet;

use proptest::prelude::*;
use romp_domain::{Pet, Species};

use super::*;
use crate::candidate::Party;
use crate::cases::{NOW, any_party, any_spans, candidate, dog, friendly, minutes, party, zone};
use crate::week::FreeTime;

/// Minutes after [`NOW`], which is 16:00 of the day before in Seattle.
const DAY: i64 = 24 * 60;
const NINE: i64 = 17 * 60;

fn free(spans: &[TimeSpan]) -> Party {
    Party {
        free: FreeTime::of(spans.iter().copied()),
        ..party(1)
    }
}

fn offer(home: &Party, taken: &[TimeSpan]) -> Option<TimeSpan> {
    let (pet, mut other) = (dog(), party(2));
    other.free = FreeTime::of([minutes(0..30 * DAY)]);
    propose(
        &candidate(1, &pet, home),
        &candidate(2, &pet, &other),
        &[],
        &[],
        taken,
        NOW,
        true,
    )
    .map(|offer| offer.slot)
}

#[test]
fn an_offer_is_an_hour_from_the_next_quarter_with_a_days_notice() {
    let home = free(&[minutes(0..DAY + 45), minutes(DAY + NINE + 7..DAY + NINE + 80)]);
    assert_eq!(offer(&home, &[]), Some(minutes(DAY + NINE + 15..DAY + NINE + 75)));
    let only = |span| offer(&free(&[span]), &[]);
    assert_eq!(
        only(minutes(DAY + NINE + 7..DAY + NINE + 74)),
        None,
        "an hour, but not from a quarter hour"
    );
    assert_eq!(only(minutes(0..DAY + 59)), None, "too soon");
    assert_eq!(only(minutes(14 * DAY - 59..20 * DAY)), None, "too late");
    assert_eq!(
        only(minutes(14 * DAY - 60..20 * DAY)),
        Some(minutes(14 * DAY - 60..14 * DAY))
    );
}

#[test]
fn daytime_comes_first_and_night_is_better_than_nothing() {
    let nine = |days: i64| days * DAY + NINE;
    let night = minutes(nine(2) - 180..nine(2) - 60);
    let day = minutes(nine(9)..nine(9) + 60);
    assert_eq!(offer(&free(&[night, day]), &[]), Some(day));
    assert_eq!(
        offer(&free(&[night]), &[]),
        Some(minutes(nine(2) - 180..nine(2) - 120))
    );
    let too_late = minutes(nine(2) + 9 * 60 + 15..nine(2) + 9 * 60 + 75); // 18:15 to 19:15
    let just_right = minutes(nine(2) + 9 * 60..nine(2) + 9 * 60 + 75);
    assert_eq!(offer(&free(&[too_late, day]), &[]), Some(day));
    assert_eq!(
        offer(&free(&[just_right, day]), &[]),
        Some(minutes(nine(2) + 9 * 60..nine(2) + 10 * 60))
    );
}

#[test]
fn a_declined_hour_is_not_offered_again() {
    let home = free(&[minutes(2 * DAY + NINE..2 * DAY + NINE + 120)]);
    let first = offer(&home, &[]).unwrap();
    let second = offer(&home, &[first]).unwrap();
    assert_eq!(second, minutes(2 * DAY + NINE + 60..2 * DAY + NINE + 120));
    assert_eq!(offer(&home, &[first, second]), None);
}

#[test]
fn strangers_meet_on_neutral_ground_and_friends_behind_a_fence() {
    let venue = |pet: &Pet, venues: &[Venue], first_meeting| {
        let mut home = party(1);
        home.venues = venues.iter().copied().collect();
        let other = party(2);
        let (one, two) = (candidate(1, pet, &home), candidate(2, pet, &other));
        propose(&one, &two, &[], &[], &[], NOW, first_meeting).map(|offer| offer.venue)
    };
    let dog = dog();
    assert_eq!(venue(&dog, Venue::ALL, true), Some(Venue::NeutralPark));
    assert_eq!(
        venue(
            &dog,
            &[Venue::Indoor, Venue::Yard, Venue::FencedHire, Venue::Walk],
            true
        ),
        Some(Venue::Walk)
    );
    assert_eq!(
        venue(&dog, &[Venue::Indoor, Venue::Yard, Venue::FencedHire], true),
        Some(Venue::FencedHire)
    );
    assert_eq!(
        venue(&dog, &[Venue::Indoor, Venue::Yard], true),
        Some(Venue::Yard)
    );
    assert_eq!(venue(&dog, Venue::ALL, false), Some(Venue::FencedHire));
    assert_eq!(venue(&dog, &[], true), None);
    assert_eq!(
        venue(&friendly(Species::Cat), Venue::ALL, true),
        Some(Venue::Indoor),
        "cats stay at home"
    );
}

#[test]
fn the_place_is_half_way_and_coarse() {
    let (pet, home, mut other) = (dog(), party(1), party(2));
    other.area = Area::around(47.70, -122.20).unwrap();
    let (one, two) = (candidate(1, &pet, &home), candidate(2, &pet, &other));
    let offer = propose(&one, &two, &[], &[], &[], NOW, true).unwrap();
    assert_eq!(offer.area, home.area.between(other.area));
}

/// Every hour from a quarter hour, with a day's notice, within two weeks.
fn all_slots(now: UtcMs) -> impl Iterator<Item = TimeSpan> {
    let first = (now.0 + DAY_MS).div_euclid(STEP_MS);
    let last = (now.0 + 14 * DAY_MS).div_euclid(STEP_MS) + 1;
    (first..last)
        .map(|quarter| TimeSpan::new(UtcMs(quarter * STEP_MS), UtcMs(quarter * STEP_MS + HOUR_MS)).unwrap())
        .filter(move |slot| slot.start().since_ms(now) >= DAY_MS && slot.end().since_ms(now) <= 14 * DAY_MS)
}

fn within(free: &FreeTime, slot: TimeSpan) -> bool {
    free.spans()
        .iter()
        .any(|span| span.intersection(slot) == Some(slot))
}

proptest! {
    #[test]
    fn an_offer_is_the_first_hour_that_hurts_nobody(
        home_a in any_party(), home_b in any_party(),
        busy_a in any_spans(4), busy_b in any_spans(4), taken in any_spans(4),
        later_ms in 0..HOUR_MS,
    ) {
        let (pet, now) = (dog(), NOW.plus_ms(later_ms));
        let (one, two) = (candidate(1, &pet, &home_a), candidate(2, &pet, &home_b));

        let offer = propose(&one, &two, &busy_a, &busy_b, &taken, now, true);

        prop_assert_eq!(offer, propose(&two, &one, &busy_b, &busy_a, &taken, now, true));
        let good = |slot: &TimeSpan| {
            let blocked = [&busy_a, &busy_b, &taken].into_iter().flatten().any(|span| span.overlaps(*slot));
            within(&home_a.free, *slot) && within(&home_b.free, *slot) && !blocked
        };
        let hours = |zone: &romp_domain::ZoneName, at: UtcMs| {
            let shown = zone.rules().to_datetime(Timestamp::from_millisecond(at.0).unwrap());
            (shown.date(), i32::from(shown.hour()) * 60 + i32::from(shown.minute()))
        };
        let daytime = |slot: &TimeSpan| [&home_a.zone, &home_b.zone].into_iter().all(|zone| {
            let ((day, start), (last, end)) = (hours(zone, slot.start()), hours(zone, slot.end()));
            day == last && start >= 9 * 60 && end <= 19 * 60
        });
        let expected = all_slots(now).filter(good).find(daytime).or_else(|| all_slots(now).find(good));
        let shared: BTreeSet<_> = home_a.venues.intersection(&home_b.venues).collect();
        if shared.is_empty() {
            prop_assert_eq!(offer, None);
        } else {
            prop_assert_eq!(offer.map(|offer| offer.slot), expected);
        }
    }

    #[test]
    fn clocks_that_change_move_no_meeting_out_of_the_day(
        (name, start) in proptest::sample::select(&[
            ("America/Los_Angeles", 1_772_668_800_000_i64), // 5 March 2026
            ("America/Los_Angeles", 1_793_232_000_000), // 29 October 2026
            ("Europe/Berlin", 1_774_483_200_000), // 26 March 2026
        ][..]),
        hour in 9..19_i64,
    ) {
        let minute = |m: i64| romp_domain::Minute::new(m).unwrap();
        let hours: Vec<_> = romp_domain::Weekday::ALL
            .iter()
            .map(|day| romp_domain::WeeklyHours::new(*day, minute(hour * 60), minute(hour * 60 + 60)).unwrap())
            .collect();
        let (now, zone) = (UtcMs(start), zone(name));
        let mut taken = Vec::new();
        let expand = FreeTime::expand(&zone, &hours, &[], now, now.plus_ms(14 * DAY_MS));
        let home = |n| Party { free: expand.clone(), zone: zone.clone(), ..party(n) };
        let (pet, one, two) = (dog(), home(1), home(2));
        while let Some(offer) = propose(&candidate(1, &pet, &one), &candidate(2, &pet, &two), &[], &[], &taken, now, true) {
            let shown = zone.rules().to_datetime(Timestamp::from_millisecond(offer.slot.start().0).unwrap());
            prop_assert_eq!((i64::from(shown.hour()), shown.minute()), (hour, 0));
            prop_assert!(!taken.contains(&offer.slot), "a declined slot came back");
            taken.push(offer.slot);
        }
        prop_assert!((12..=14).contains(&taken.len()), "one a day after the day of notice");
    }
}

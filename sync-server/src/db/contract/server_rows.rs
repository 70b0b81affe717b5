//! Decks, cards, matches, playdates.

use romp_domain::{
    Card, CardId, Distance, MatchId, Pet, PlaydateId, PlaydateState, PublicPet, Species, TimeSpan, UtcMs,
    Venue,
};

use uuid::Uuid;

use super::{DbExt, Open, house, pet, with_households};
use crate::db::{DeckRecord, MatchRecord, Period, PlaydateRecord, Quota, Side};

pub(super) fn all(open: Open<'_>) {
    a_deck_is_added_and_replaced(open);
    a_quota_is_used_up_and_comes_back_with_time(open);
    a_tally_counts_within_a_period_and_never_below_nothing(open);
    cards_are_listed_by_deck_in_order_and_by_the_pet_they_show(open);
    a_match_is_found_from_both_sides(open);
    playdates_are_found_by_household_time_and_match(open);
}

fn face(n: u128) -> PublicPet {
    PublicPet::of(pet(n), &Pet::new(Species::Goat), jiff::civil::date(2026, 1, 1))
}

fn a_deck_is_added_and_replaced(open: Open<'_>) {
    let db = with_households(open, 2);
    let deck = |n, household, stale| DeckRecord {
        pet: pet(n),
        household: house(household),
        built_at: UtcMs(5),
        stale,
        generation: 7,
        asks: !stale,
        dealt: u64::from(stale) * 3,
    };
    db.write(move |tx| {
        tx.put_deck(&deck(2, 1, false))?;
        tx.put_deck(&deck(1, 1, false))?;
        tx.put_deck(&deck(3, 2, false))?;
        tx.put_deck(&deck(2, 1, true))
    })
    .unwrap();
    assert_eq!(db.read(|tx| tx.deck(pet(2))).unwrap(), Some(deck(2, 1, true)));
    assert_eq!(db.read(|tx| tx.deck(pet(9))).unwrap(), None);
    assert_eq!(
        db.read(|tx| tx.decks(house(1))).unwrap(),
        [deck(1, 1, false), deck(2, 1, true)]
    );
}

fn a_tally_counts_within_a_period_and_never_below_nothing(open: Open<'_>) {
    let db = with_households(open, 2);
    let count = |n, what, subject, period, by| {
        db.write(move |tx| tx.tally(house(n), what, Uuid::from_u128(subject), period, by))
            .unwrap()
    };
    let tally = |n, what, subject, of, by| count(n, what, subject, Period { of, now: 6 }, by);
    assert_eq!(tally(1, "cards", 1, 5, 1), Some(1));
    assert_eq!(tally(1, "cards", 1, 5, 2), Some(3));
    assert_eq!(tally(1, "cards", 1, 5, -1), Some(2));
    assert_eq!(tally(1, "cards", 1, 5, -9), Some(0));
    assert_eq!(tally(1, "cards", 2, 5, -1), Some(0), "the first of its kind");
    assert_eq!(tally(1, "choices", 1, 5, 1), Some(1));
    assert_eq!(tally(2, "cards", 1, 5, 1), Some(1));
    assert_eq!(tally(1, "cards", 1, 5, 7), Some(7));
    assert_eq!(tally(1, "cards", 1, 6, 1), Some(1), "another day");
    assert_eq!(
        tally(1, "cards", 1, 5, 1),
        None,
        "of the day before nothing is known"
    );
    assert_eq!(tally(1, "cards", 1, 6, 1), Some(2));
    db.write(|tx| tx.forget_tallies(house(1), Uuid::from_u128(1)))
        .unwrap();
    assert_eq!(tally(1, "cards", 1, 5, 1), Some(1), "as if it were the first");
    assert_eq!(tally(1, "choices", 1, 5, 1), Some(1));
    assert_eq!(tally(1, "cards", 2, 5, 1), Some(1), "another's are left alone");
    assert_eq!(tally(2, "cards", 1, 5, 1), Some(2));
    let ahead = Period::present(900);
    assert_eq!(count(1, "cards", 3, ahead, 9), Some(9));
    assert_eq!(tally(1, "cards", 3, 6, 1), Some(1), "that time has not come");
    assert_eq!(tally(1, "cards", 3, 5, 1), None);
}

fn a_quota_is_used_up_and_comes_back_with_time(open: Open<'_>) {
    let db = with_households(open, 2);
    let quota = Quota {
        what: "test",
        most: 2,
        window_ms: 1_000,
    };
    let spend = |n, at| db.write(move |tx| tx.spend(house(n), quota, UtcMs(at))).unwrap();
    assert_eq!(
        [spend(1, 5_000), spend(1, 5_500), spend(1, 5_999)],
        [true, true, false]
    );
    let used_up = |n, at| {
        db.read(move |tx| tx.is_used_up(house(n), quota, UtcMs(at)))
            .unwrap()
    };
    assert!(used_up(1, 5_999) && !used_up(2, 5_999));
    assert!(spend(2, 5_999), "another household has its own");
    assert!(!used_up(2, 5_999), "there is one left");
    assert!(!used_up(1, 6_000) && !used_up(1, 1_000), "another window");
    assert_eq!(
        [spend(1, 6_000), spend(1, 6_500), spend(1, 6_600)],
        [true, true, false],
        "a new window"
    );
    assert!(spend(1, 1_000), "a clock that was set back locks nobody out");
}

pub(super) fn card(for_pet: u128, shown: u128, rank: u32) -> Card {
    Card {
        for_pet: pet(for_pet),
        pet: face(shown),
        distance: Distance::Under2Km,
        reasons: Vec::new(),
        rank,
    }
}

fn cards_are_listed_by_deck_in_order_and_by_the_pet_they_show(open: Open<'_>) {
    let db = with_households(open, 2);
    db.write(|tx| {
        tx.put_card(house(1), &card(1, 8, 1))?;
        tx.put_card(house(1), &card(1, 9, 0))?;
        tx.put_card(house(2), &card(2, 8, 0))?;
        tx.put_card(house(1), &card(1, 8, 2))
    })
    .unwrap();
    assert_eq!(
        db.read(|tx| tx.cards_for(pet(1))).unwrap(),
        [card(1, 9, 0), card(1, 8, 2)]
    );
    let shown = db.read(|tx| Ok((tx.shown_to(pet(1))?, tx.shown_to(pet(8))?)));
    assert_eq!(shown.unwrap(), (vec![pet(9), pet(8)], vec![]));
    let showing = db.read(|tx| tx.cards_showing(pet(8))).unwrap();
    assert_eq!(showing, [(house(1), card(1, 8, 2)), (house(2), card(2, 8, 0))]);

    let id = CardId::of(pet(1), pet(8)).0;
    assert_eq!(
        db.read(move |tx| tx.card(house(1), id)).unwrap(),
        Some(card(1, 8, 2))
    );
    assert_eq!(
        db.read(move |tx| tx.card(house(2), id)).unwrap(),
        None,
        "another household's"
    );
    db.write(move |tx| {
        tx.remove_card(house(2), id)?;
        tx.remove_card(house(1), id)?;
        tx.remove_card(house(1), id)
    })
    .unwrap();
    assert_eq!(db.read(move |tx| tx.card(house(1), id)).unwrap(), None);
    assert_eq!(db.read(|tx| tx.cards_for(pet(2))).unwrap().len(), 1);
}

fn sides(one: u128, other: u128) -> [Side; 2] {
    [one, other].map(|n| Side {
        household: house(n),
        pet: pet(n),
        face: face(n),
        accepted: false,
    })
}

pub(super) fn a_match(one: u128, other: u128) -> MatchRecord {
    MatchRecord {
        id: MatchId::of(pet(one), pet(other)),
        sides: sides(one, other),
        reasons: Vec::new(),
        since: UtcMs(3),
        ended: false,
    }
}

fn a_match_is_found_from_both_sides(open: Open<'_>) {
    let db = with_households(open, 3);
    let first = a_match(1, 2);
    let stored = first.clone();
    db.write(move |tx| {
        tx.put_match(&stored)?;
        tx.put_match(&a_match(2, 3))
    })
    .unwrap();
    let id = first.id;
    assert_eq!(db.read(move |tx| tx.matched(id)).unwrap(), Some(first.clone()));
    assert_eq!(
        db.read(|tx| tx.matched(MatchId::of(pet(1), pet(3)))).unwrap(),
        None
    );
    let count = |household| db.read(move |tx| tx.matches_of(house(household))).unwrap().len();
    assert_eq!([count(1), count(2), count(3)], [1, 2, 1]);

    let ended = MatchRecord { ended: true, ..first };
    let stored = ended.clone();
    db.write(move |tx| tx.put_match(&stored)).unwrap();
    assert_eq!(db.read(|tx| tx.matches_of(house(1))).unwrap(), [ended]);
}

pub(super) fn a_playdate(attempt: u32, start: i64) -> PlaydateRecord {
    let matched = a_match(1, 2).id;
    PlaydateRecord {
        id: PlaydateId::of(matched, attempt),
        matched,
        attempt,
        sides: sides(1, 2),
        slot: TimeSpan::new(UtcMs(start), UtcMs(start + 10)).unwrap(),
        venue: Venue::Walk,
        area: romp_domain::Area::around(47.6, -122.3).unwrap(),
        state: PlaydateState::Proposed,
        cancelled: None,
        cancelled_by: None,
        first_meeting: true,
        reasons: Vec::new(),
        rev: 0,
        confirmed_at: None,
    }
}

fn playdates_are_found_by_household_time_and_match(open: Open<'_>) {
    let db = with_households(open, 3);
    db.write(|tx| {
        tx.put_match(&a_match(1, 2))?;
        tx.put_playdate(&a_playdate(1, 50))?;
        tx.put_playdate(&a_playdate(0, 100))
    })
    .unwrap();
    let [early, late] = [a_playdate(1, 50), a_playdate(0, 100)];
    let id = late.id;
    assert_eq!(db.read(move |tx| tx.playdate(id)).unwrap(), Some(late.clone()));
    assert_eq!(
        db.read(move |tx| tx.playdate(PlaydateId::of(late.matched, 7)))
            .unwrap(),
        None
    );
    for household in [1, 2] {
        let of = |since| {
            db.read(move |tx| tx.playdates_of(house(household), UtcMs(since)))
                .unwrap()
        };
        assert_eq!(
            of(0),
            [early.clone(), a_playdate(0, 100)],
            "in the order of their times"
        );
        assert_eq!(of(59).len(), 2);
        assert_eq!(of(60), [a_playdate(0, 100)], "ends after, not at");
    }
    assert_eq!(db.read(|tx| tx.playdates_of(house(3), UtcMs(0))).unwrap(), []);
    let matched = early.matched;
    let attempts = db.read(move |tx| tx.playdates_of_match(matched)).unwrap();
    assert_eq!(
        attempts
            .iter()
            .map(|playdate| playdate.attempt)
            .collect::<Vec<_>>(),
        [0, 1]
    );

    let confirmed = PlaydateRecord {
        state: PlaydateState::Confirmed,
        rev: 2,
        ..a_playdate(0, 100)
    };
    let stored = confirmed.clone();
    db.write(move |tx| tx.put_playdate(&stored)).unwrap();
    assert_eq!(db.read(move |tx| tx.playdate(id)).unwrap(), Some(confirmed));
}

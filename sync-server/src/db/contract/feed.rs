//! Commit numbers, clocks, and the notes of what changed.

use romp_domain::{ErrorCode, Hlc, Kind, UtcMs};
use serde_json::json;
use uuid::Uuid;

use super::{Db, DbExt, Fault, Open, device_id, house, registers, with_households};
use crate::db::{FeedEntry, Restriction};

pub(super) fn all(open: Open<'_>) {
    commits_are_numbered_per_household(open);
    the_clock_only_rises(open);
    a_row_has_one_note_that_moves_forward(open);
    a_page_never_holds_a_part_of_a_commit(open);
    a_household_sees_only_its_own_notes(open);
    removals_can_be_passed_over_listed_and_forgotten(open);
    notes_of_swipes_are_among_the_others(open);
    the_floor_only_rises(open);
    the_last_restriction_of_a_field_is_kept(open);
}

/// A note of a changed row.
fn note(kind: Kind, id: Uuid, seq: u64) -> FeedEntry {
    FeedEntry {
        kind,
        id,
        seq,
        gone: false,
    }
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn commits_are_numbered_per_household(open: Open<'_>) {
    let db = with_households(open, 2);
    let next = |household| db.write(move |tx| tx.next_seq(house(household)));
    assert_eq!(next(1).unwrap(), 1);
    assert_eq!(next(1).unwrap(), 2);
    assert_eq!(next(2).unwrap(), 1);
    assert!(matches!(next(3), Err(Fault::Refused(problem)) if problem.code == ErrorCode::NotFound));
    assert_eq!(db.read(|tx| tx.household(house(1))).unwrap().unwrap().head_seq, 2);
}

fn the_clock_only_rises(open: Open<'_>) {
    let db = with_households(open, 1);
    let clock = || db.read(|tx| tx.household(house(1))).unwrap().unwrap().clock;
    for (raised, expected) in [(5, 5), (3, 5), (9, 9)] {
        db.write(move |tx| tx.raise_clock(house(1), Hlc(raised))).unwrap();
        assert_eq!(clock(), Hlc(expected));
    }
    for (raised, expected) in [(7, 9), (0, 9), (12, 12)] {
        db.write(move |tx| tx.begin_commit(house(1), Hlc(raised), 0))
            .unwrap();
        assert_eq!(clock(), Hlc(expected));
    }
}

fn a_row_has_one_note_that_moves_forward(open: Open<'_>) {
    let db = with_households(open, 1);
    db.write(|tx| {
        tx.mark(house(1), note(Kind::Pet, id(1), 1))?;
        tx.mark(house(1), note(Kind::Slot, id(1), 1))?;
        tx.mark(house(1), note(Kind::Pet, id(1), 2))
    })
    .unwrap();
    assert_eq!(seqs(&*db, 0, 10), [1, 2]);
    let last = db.read(|tx| tx.feed(house(1), 1, 0, 10)).unwrap();
    assert_eq!((last.len(), last[0].kind, last[0].id), (1, Kind::Pet, id(1)));
}

/// Commit 1 has one note, commit 2 has three, commit 5 has two.
fn a_page_never_holds_a_part_of_a_commit(open: Open<'_>) {
    let db = with_households(open, 1);
    db.write(|tx| {
        for (n, seq) in [1, 2, 2, 2, 5, 5].into_iter().enumerate() {
            tx.mark(house(1), note(Kind::Pet, id(n as u128), seq))?;
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(seqs(&*db, 0, 1), [1]);
    assert_eq!(seqs(&*db, 0, 3), [1], "the second commit does not fit");
    assert_eq!(seqs(&*db, 0, 4), [1, 2, 2, 2]);
    assert_eq!(seqs(&*db, 0, 5), [1, 2, 2, 2]);
    assert_eq!(seqs(&*db, 0, 6), [1, 2, 2, 2, 5, 5]);
    assert_eq!(
        seqs(&*db, 1, 2),
        [2, 2, 2],
        "a commit larger than a page comes whole"
    );
    assert_eq!(seqs(&*db, 2, 100), [5, 5]);
    assert!(seqs(&*db, 5, 100).is_empty());
    assert!(seqs(&*db, u64::MAX, 100).is_empty());
}

fn a_household_sees_only_its_own_notes(open: Open<'_>) {
    let db = with_households(open, 2);
    db.write(|tx| {
        tx.mark(house(2), note(Kind::Pet, id(1), 1))?;
        tx.insert_household(house(3), UtcMs(0))
    })
    .unwrap();
    assert!(seqs(&*db, 0, 100).is_empty());
}

fn seqs(db: &dyn Db, after: u64, limit: usize) -> Vec<u64> {
    let entries = db.read(move |tx| tx.feed(house(1), after, 0, limit)).unwrap();
    entries.iter().map(|entry| entry.seq).collect()
}

fn removals_can_be_passed_over_listed_and_forgotten(open: Open<'_>) {
    let db = with_households(open, 2);
    let gone = |n: u128, seq| FeedEntry {
        gone: true,
        ..note(Kind::Pet, id(n), seq)
    };
    db.write(move |tx| {
        for n in [gone(1, 1), note(Kind::Pet, id(2), 2), gone(3, 3), gone(4, 4)] {
            tx.mark(house(1), n)?;
        }
        tx.mark(house(2), gone(1, 1))
    })
    .unwrap();
    let listed = |after, forgotten, limit| {
        let entries = db
            .read(move |tx| tx.feed(house(1), after, forgotten, limit))
            .unwrap();
        entries
            .iter()
            .map(|entry| (entry.seq, entry.gone))
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(0, 0, 9), [(1, true), (2, false), (3, true), (4, true)]);
    assert_eq!(listed(0, 3, 9), [(2, false), (4, true)]);
    assert_eq!(listed(0, 3, 1), [(2, false)]);
    let removals = |up_to, limit| db.read(move |tx| tx.gone(house(1), up_to, limit)).unwrap();
    assert_eq!(removals(3, 9), [gone(1, 1), gone(3, 3)]);
    assert_eq!(removals(9, 1), [gone(1, 1)]);
    db.write(|tx| tx.unmark(house(1), Kind::Pet, id(1))).unwrap();
    assert_eq!(listed(0, 0, 9), [(2, false), (3, true), (4, true)]);
    assert_eq!(db.read(|tx| tx.feed(house(2), 0, 0, 9)).unwrap().len(), 1);
    // A row that comes back is not gone.
    db.write(|tx| tx.mark(house(1), note(Kind::Pet, id(3), 5)))
        .unwrap();
    assert_eq!(removals(9, 9), [gone(4, 4)]);
}

fn notes_of_swipes_are_among_the_others(open: Open<'_>) {
    let db = with_households(open, 2);
    let swipe = |n, seq| note(Kind::Swipe, id(n), seq);
    let gone = move |n, seq| FeedEntry {
        gone: true,
        ..swipe(n, seq)
    };
    db.write(move |tx| {
        for (n, deleted) in [(1, false), (2, true), (3, false), (4, false)] {
            let row = registers(json!({ "deleted": deleted }), 1);
            tx.put_row(house(1), Kind::Swipe, id(n), &row)?;
        }
        tx.put_row(house(2), Kind::Swipe, id(1), &registers(json!({}), 1))?;
        tx.mark_all(house(1), &[swipe(1, 2), note(Kind::Pet, id(9), 2), gone(2, 2)])?;
        tx.mark_all(
            house(1),
            &[
                note(Kind::Switch, id(9), 2),
                note(Kind::Slot, id(8), 1),
                swipe(3, 3),
            ],
        )?;
        tx.mark(house(2), swipe(1, 1))
    })
    .unwrap();
    let listed = |after, forgotten, limit| {
        let entries = db
            .read(move |tx| tx.feed(house(1), after, forgotten, limit))
            .unwrap();
        entries
            .iter()
            .map(|entry| (entry.seq, entry.kind, entry.id.as_u128(), entry.gone))
            .collect::<Vec<_>>()
    };
    let first = (1, Kind::Slot, 8, false);
    let second = [
        (2, Kind::Pet, 9, false),
        (2, Kind::Swipe, 1, false),
        (2, Kind::Swipe, 2, true),
        (2, Kind::Switch, 9, false),
    ];
    let third = (3, Kind::Swipe, 3, false);
    assert_eq!(listed(0, 0, 9), [&[first], &second[..], &[third]].concat());
    assert_eq!(listed(0, 0, 5), [&[first], &second[..]].concat());
    assert_eq!(listed(0, 0, 4), [first], "the second commit does not fit");
    assert_eq!(listed(1, 0, 2), second, "a commit larger than a page comes whole");
    assert_eq!(listed(1, 9, 2), [second[0], second[1], second[3]]);
    assert_eq!(listed(2, 0, 9), [third]);
    assert_eq!(db.read(|tx| tx.gone(house(1), 9, 9)).unwrap(), [gone(2, 2)]);
    assert_eq!(db.read(|tx| tx.gone(house(1), 1, 9)).unwrap(), []);
    // A note moves forward, stays when its row changes, and goes alone.
    db.write(move |tx| {
        tx.mark(house(1), swipe(1, 4))?;
        tx.put_row(
            house(1),
            Kind::Swipe,
            id(3),
            &registers(json!({"verdict": "no"}), 2),
        )?;
        tx.unmark(house(1), Kind::Swipe, id(2))
    })
    .unwrap();
    assert_eq!(listed(2, 0, 9), [third, (4, Kind::Swipe, 1, false)]);
    assert_eq!(db.read(|tx| tx.gone(house(1), 9, 9)).unwrap(), []);
    let stored = db.read(|tx| tx.row(house(1), Kind::Swipe, id(2))).unwrap();
    assert!(stored.is_some_and(|row| row.fields.is_deleted()));
}

fn the_floor_only_rises(open: Open<'_>) {
    let db = with_households(open, 1);
    for (floor, expected) in [(4, 4), (2, 4), (7, 7)] {
        db.write(move |tx| tx.set_collected(house(1), floor, UtcMs(floor as i64)))
            .unwrap();
        let household = db.read(|tx| tx.household(house(1))).unwrap().unwrap();
        assert_eq!(
            (household.gc_floor, household.collected_at),
            (expected, UtcMs(floor as i64))
        );
    }
}

fn the_last_restriction_of_a_field_is_kept(open: Open<'_>) {
    let db = with_households(open, 2);
    let restriction = |field: &str, seq| Restriction {
        kind: Kind::Pet,
        id: id(1),
        field: field.to_owned(),
        seq,
        device: device_id(1),
    };
    let (first, other, last) = (
        restriction("visible", 1),
        restriction("hold_until", 2),
        restriction("visible", 3),
    );
    let stored = [first, other.clone(), last.clone()];
    db.write(move |tx| {
        stored
            .iter()
            .try_for_each(|restriction| tx.put_restriction(house(1), restriction))
    })
    .unwrap();
    let found = |household, field: &'static str| {
        db.read(move |tx| tx.restriction(house(household), Kind::Pet, id(1), field))
            .unwrap()
    };
    assert_eq!(found(1, "visible"), Some(last));
    assert_eq!(found(1, "hold_until"), Some(other));
    assert_eq!(found(1, "name"), None);
    assert_eq!(found(2, "visible"), None);
}

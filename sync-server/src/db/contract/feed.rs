//! Commit numbers, clocks, and the notes of what changed.

use romp_domain::{ErrorCode, Hlc, Kind, UtcMs};
use uuid::Uuid;

use super::{Db, DbExt, Fault, Open, house, with_households};

pub(super) fn all(open: Open<'_>) {
    commits_are_numbered_per_household(open);
    the_clock_only_rises(open);
    a_row_has_one_note_that_moves_forward(open);
    a_page_never_holds_a_part_of_a_commit(open);
    a_household_sees_only_its_own_notes(open);
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
    for (raised, expected) in [(5, 5), (3, 5), (9, 9)] {
        db.write(move |tx| tx.raise_clock(house(1), Hlc(raised))).unwrap();
        assert_eq!(
            db.read(|tx| tx.household(house(1))).unwrap().unwrap().clock,
            Hlc(expected)
        );
    }
}

fn a_row_has_one_note_that_moves_forward(open: Open<'_>) {
    let db = with_households(open, 1);
    db.write(|tx| {
        tx.mark(house(1), Kind::Pet, id(1), 1)?;
        tx.mark(house(1), Kind::Slot, id(1), 1)?;
        tx.mark(house(1), Kind::Pet, id(1), 2)
    })
    .unwrap();
    assert_eq!(seqs(&*db, 0, 10), [1, 2]);
    let last = db.read(|tx| tx.feed(house(1), 1, 10)).unwrap();
    assert_eq!((last.len(), last[0].kind, last[0].id), (1, Kind::Pet, id(1)));
}

/// Commit 1 has one note, commit 2 has three, commit 5 has two.
fn a_page_never_holds_a_part_of_a_commit(open: Open<'_>) {
    let db = with_households(open, 1);
    db.write(|tx| {
        for (n, seq) in [1, 2, 2, 2, 5, 5].into_iter().enumerate() {
            tx.mark(house(1), Kind::Pet, id(n as u128), seq)?;
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
        tx.mark(house(2), Kind::Pet, id(1), 1)?;
        tx.insert_household(house(3), UtcMs(0))
    })
    .unwrap();
    assert!(seqs(&*db, 0, 100).is_empty());
}

fn seqs(db: &dyn Db, after: u64, limit: usize) -> Vec<u64> {
    let entries = db.read(move |tx| tx.feed(house(1), after, limit)).unwrap();
    entries.iter().map(|entry| entry.seq).collect()
}

//! The security log.

use romp_domain::{AuditEvent, SessionId, UserId, UtcMs};
use uuid::Uuid;

use super::devices::{session, with_devices};
use super::{Db, DbExt, Open, house, with_households};
use crate::db::{AuditRecord, CallCount, Detail};

pub(super) fn all(open: Open<'_>) {
    entries_come_back_as_they_were_written_the_last_first(open);
    entries_go_when_they_are_old_and_with_their_household(open);
    counts_add_up_and_go_with_their_day_or_their_household(open);
}

fn entry(at: i64) -> AuditRecord {
    AuditRecord {
        session: Some(SessionId(Uuid::from_u128(7))),
        user: Some(UserId(Uuid::from_u128(8))),
        detail: Detail::word("child").and(&Detail::number(3)),
        ..AuditRecord::new(AuditEvent::Paired, UtcMs(at))
    }
}

fn times(db: &dyn Db, n: u128) -> Vec<i64> {
    let found = db.read(move |tx| tx.audit_of(house(n), None, 100)).unwrap();
    found.into_iter().map(|(_, record)| record.at.0).collect()
}

fn entries_come_back_as_they_were_written_the_last_first(open: Open<'_>) {
    let db = with_households(open, 2);
    db.write(|tx| {
        // The clock may go back; the order is that of writing.
        for at in [30, 10, 20] {
            tx.append_audit(house(1), &entry(at))?;
            tx.append_audit(house(2), &AuditRecord::new(AuditEvent::SignedIn, UtcMs(at + 1)))?;
        }
        Ok(())
    })
    .unwrap();
    let first = db.read(|tx| tx.audit_of(house(1), None, 2)).unwrap();
    assert_eq!(
        first.iter().map(|(_, record)| record.clone()).collect::<Vec<_>>(),
        [entry(20), entry(10)]
    );
    let last = first[1].0;
    let rest = db.read(move |tx| tx.audit_of(house(1), Some(last), 2)).unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].1, entry(30));
    assert_eq!(times(&*db, 2), [21, 11, 31]);
    let none = db.read(|tx| tx.audit_of(house(2), Some(0), 2)).unwrap();
    assert!(none.is_empty());
}

fn entries_go_when_they_are_old_and_with_their_household(open: Open<'_>) {
    let db = with_households(open, 2);
    db.write(|tx| {
        for at in [10, 20, 30] {
            tx.append_audit(house(1), &entry(at))?;
            tx.append_audit(house(2), &entry(at))?;
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(db.write(|tx| tx.forget_audit(UtcMs(30), 3)).unwrap(), 3);
    assert_eq!(db.write(|tx| tx.forget_audit(UtcMs(30), 3)).unwrap(), 1);
    assert_eq!(db.write(|tx| tx.forget_audit(UtcMs(30), 3)).unwrap(), 0);
    assert_eq!((times(&*db, 1), times(&*db, 2)), (vec![30], vec![30]));
    db.write(|tx| tx.erase_household(house(1), UtcMs(40))).unwrap();
    assert_eq!((times(&*db, 1), times(&*db, 2)), (vec![], vec![30]));
}

fn counts_add_up_and_go_with_their_day_or_their_household(open: Open<'_>) {
    let db = with_devices(open);
    let count = |n: u8, day, outcome: &str, count| CallCount {
        session: session(n, 1).id,
        day: UtcMs(day),
        what: "sync".into(),
        outcome: outcome.into(),
        count,
    };
    let counts = [
        count(1, 10, "ok", 2),
        count(1, 20, "ok", 3),
        count(2, 20, "forbidden", 1),
        // Of a session that nobody has: an account that was deleted in the meantime.
        count(9, 20, "ok", 7),
    ];
    db.write(move |tx| {
        tx.insert_session(&session(1, 1))?;
        tx.insert_session(&session(2, 2))?;
        tx.add_calls(&counts)?;
        tx.add_calls(&counts[..1])
    })
    .unwrap();
    let of = |n: Option<u8>| {
        let session = n.map(|n| session(n, 1).id);
        db.read(move |tx| tx.calls_of(house(1), session, 100)).unwrap()
    };
    let all = [
        count(1, 20, "ok", 3),
        count(2, 20, "forbidden", 1),
        count(1, 10, "ok", 4),
    ];
    assert_eq!(of(None), all);
    assert_eq!(of(Some(2)), all[1..2]);
    let older = |entries, counts| {
        db.read(move |tx| tx.is_any_older(UtcMs(entries), UtcMs(counts)))
            .unwrap()
    };
    assert!(older(0, 11) && !older(1_000, 10));
    assert_eq!(db.write(|tx| tx.forget_calls(UtcMs(20), 100)).unwrap(), 1);
    assert_eq!(of(None), all[..2]);
    db.write(|tx| tx.erase_household(house(1), UtcMs(40))).unwrap();
    assert_eq!(of(None), []);
}

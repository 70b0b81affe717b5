//! Devices, refusals, sessions.

use romp_domain::text::DeviceName;
use romp_domain::wire::{Chain, Link};
use romp_domain::{ErrorCode, Hlc, Problem, Role, SessionId, UtcMs};
use uuid::Uuid;

use super::{Db, DbExt, Open, device_id, house, with_households};
use crate::db::{DeviceRecord, SessionRecord};

pub(super) fn all(open: Open<'_>) {
    a_device_is_added_and_replaced(open);
    refusals_are_kept_by_number(open);
    a_session_is_found_by_its_token_and_can_be_ended(open);
}

fn device(n: u128) -> DeviceRecord {
    DeviceRecord {
        id: device_id(n),
        household: house(1),
        session: Some(SessionId(Uuid::from_u128(n))),
        name: DeviceName::new("Kitchen tablet").unwrap(),
        held: link(3),
        last_hlc: Hlc(7 << 16),
        cursor: 4,
        seen_at: UtcMs(6),
    }
}

/// A chain with its highest bit set: a number that does not fit into a signed column.
fn link(mid: u64) -> Link {
    Link {
        mid,
        chain: Chain(u64::MAX - mid),
    }
}

pub(super) fn session(n: u8, device: u128) -> SessionRecord {
    SessionRecord {
        id: SessionId(Uuid::from_u128(n.into())),
        household: house(1),
        user: None,
        by_user: None,
        device: device_id(device),
        role: Role::Child,
        token: [n; 32],
        created_at: UtcMs(10),
        waiting: false,
        used_at: UtcMs(10),
        ended_at: None,
    }
}

pub(super) fn with_devices(open: Open<'_>) -> Box<dyn Db> {
    let db = with_households(open, 1);
    db.write(|tx| (1..=2).try_for_each(|n| tx.put_device(&device(n))))
        .unwrap();
    db
}

fn a_device_is_added_and_replaced(open: Open<'_>) {
    let db = with_devices(open);
    assert_eq!(db.read(|tx| tx.device(device_id(1))).unwrap(), Some(device(1)));
    assert_eq!(db.read(|tx| tx.device(device_id(9))).unwrap(), None);
    let changed = DeviceRecord {
        held: link(10),
        cursor: 12,
        ..device(1)
    };
    let stored = changed.clone();
    db.write(move |tx| tx.put_device(&stored)).unwrap();
    assert_eq!(db.read(|tx| tx.device(device_id(1))).unwrap(), Some(changed));
    let absurd = DeviceRecord {
        cursor: u64::MAX,
        ..device(1)
    };
    db.write(move |tx| tx.put_device(&absurd)).unwrap();
    assert!(db.read(|tx| tx.device(device_id(1))).unwrap().unwrap().cursor >= u64::MAX / 2);
    let all = db.read(|tx| tx.devices(house(1))).unwrap();
    assert_eq!(
        all.iter().map(|device| device.id).collect::<Vec<_>>(),
        [device_id(1), device_id(2)]
    );
    assert!(db.read(|tx| tx.devices(house(2))).unwrap().is_empty());
}

fn refusals_are_kept_by_number(open: Open<'_>) {
    let db = with_devices(open);
    let refusal = Problem::saying(ErrorCode::Forbidden, "“x'; --” is not known.");
    let stored = refusal.clone();
    db.write(move |tx| {
        (1..=5).try_for_each(|mid| tx.put_reject(device_id(1), mid, &Problem::new(ErrorCode::Stale)))?;
        tx.put_reject(device_id(1), 3, &stored)?;
        tx.put_reject(device_id(2), 3, &stored)
    })
    .unwrap();
    let found = db.read(|tx| tx.rejects(device_id(1), 3, 4)).unwrap();
    assert_eq!(found, [(3, refusal), (4, Problem::new(ErrorCode::Stale))]);
    assert_eq!(db.read(|tx| tx.rejects(device_id(1), 6, u64::MAX)).unwrap(), []);
    db.write(|tx| tx.forget_rejects(device_id(1), 4)).unwrap();
    let left = db.read(|tx| tx.rejects(device_id(1), 0, u64::MAX)).unwrap();
    assert!(
        !left.is_empty() && left.iter().all(|(mid, _)| *mid >= 4),
        "{left:?}"
    );
}

fn a_session_is_found_by_its_token_and_can_be_ended(open: Open<'_>) {
    let db = with_devices(open);
    let by_token = |token: u8| db.read(move |tx| tx.session_by_token(&[token; 32])).unwrap();
    db.write(|tx| tx.insert_session(&session(1, 1))).unwrap();
    assert_eq!(by_token(1), Some(session(1, 1)));
    assert_eq!(by_token(2), None);

    let id = session(1, 1).id;
    db.write(move |tx| {
        tx.touch_session(id, UtcMs(20))?;
        tx.touch_session(id, UtcMs(15))
    })
    .unwrap();
    assert_eq!(
        by_token(1).unwrap().used_at,
        UtcMs(20),
        "the clock may go back, the session does not"
    );

    let ended = [30, 40].map(|at| db.write(move |tx| tx.end_session(id, UtcMs(at))).unwrap());
    assert_eq!(ended, [true, false]);
    assert_eq!(
        by_token(1).unwrap().ended_at,
        Some(UtcMs(30)),
        "found still, and ended once"
    );
}

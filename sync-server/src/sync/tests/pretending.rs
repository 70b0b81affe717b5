//! When a choice was made is what its device says: nobody gains a card by it, and nobody loses one who was offline.

use romp_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use romp_domain::{AuditEvent, Hlc, Sent, Verdict};

use super::habits::{applied, chooses, took_effect, with_cards};
use super::rig::{Family, Rig, START};
use super::switches::{events, stranger};

/// A choice that says that it was made at `ms`.
fn claims(family: &mut Family, n: u128, verdict: Option<Verdict>, ms: i64) {
    family.child_swipes(stranger(n), verdict.unwrap_or(Verdict::Yes));
    let last = family.child.outbox.last_mut().unwrap();
    last.hlc = Hlc::at_ms(ms);
    if let (None, romp_domain::Op::Patch { fields }) = (verdict, &mut last.op) {
        fields.0.insert("verdict".to_owned(), serde_json::Value::Null);
    }
}

/// As [`applied`], of an exchange that says whether more is to come; what it brought is told once only.
fn applied_with_more(rig: &Rig, family: &mut Family, more: bool) -> usize {
    let mut request = family.child.request(rig);
    request.more = more;
    let reply = crate::sync::sync(&rig.server, &family.child.session, request).unwrap();
    family.child.outbox.clear();
    took_effect(&reply)
}

/// A family whose child may have three cards a day, the day after its tablet was there last.
fn a_day_later() -> (Rig, Family) {
    let rig = Rig::new();
    let mut a = rig.family(1);
    with_cards(&rig, &mut a, 3);
    rig.pass(DAY_MS);
    (rig, a)
}

#[test]
fn a_device_that_was_here_cannot_say_that_it_chose_before() {
    let (rig, mut a) = a_day_later();
    chooses(&rig, &mut a, 100);
    assert_eq!(applied(&rig, &mut a), 1);
    rig.pass(MINUTE_MS);
    // A copy of the app under a new id, whose stamps rise from nothing.
    let mut request = a.child.request(&rig);
    request.device = Some(romp_domain::DeviceId(uuid::Uuid::from_u128(4_711)));
    for n in 1..=5 {
        claims(&mut a, n, Some(Verdict::No), START + n as i64);
        a.child.outbox.last_mut().unwrap().mid = n as u64;
    }
    request.mutations = a.child.outbox.iter().cloned().map(Sent::from).collect();
    let reply = crate::sync::sync(&rig.server, &a.child.session, request).unwrap();
    assert_eq!(took_effect(&reply), 2);
}

#[test]
fn no_day_has_more_cards_because_its_device_tells_of_it_the_day_after() {
    let (rig, mut a) = a_day_later();
    for n in 0..20 {
        claims(&mut a, n, Some(Verdict::No), START + n as i64);
    }
    // Three of yesterday, three of today.
    assert_eq!(applied(&rig, &mut a), 6);
}

#[test]
fn who_always_has_more_to_tell_stays_away_for_no_more_cards() {
    let (rig, mut a) = a_day_later();
    let mut all = 0;
    for n in 0..20 {
        claims(&mut a, n, Some(Verdict::No), START + n as i64);
        all += applied_with_more(&rig, &mut a, true);
    }
    assert_eq!(all, 6);
}

#[test]
fn a_tablet_that_was_offline_for_long_tells_in_many_batches_and_each_day_counts_for_itself() {
    let (rig, mut a) = a_day_later();
    rig.pass(9 * DAY_MS);
    for n in 0..27 {
        claims(&mut a, n, Some(Verdict::No), START + n as i64 * 8 * HOUR_MS);
        assert_eq!(applied_with_more(&rig, &mut a, n < 26), 1, "{n}");
    }
    // Today is untouched.
    for n in 100..104 {
        chooses(&rig, &mut a, n);
    }
    assert_eq!(applied(&rig, &mut a), 3);
}

#[test]
fn taking_yesterdays_choices_back_gains_no_card_today() {
    let (rig, mut a) = a_day_later();
    for n in 0..3 {
        claims(&mut a, n, Some(Verdict::No), START + n as i64);
    }
    for n in 10..12 {
        chooses(&rig, &mut a, n);
    }
    assert_eq!(applied(&rig, &mut a), 5);
    for n in 0..3 {
        claims(&mut a, n, None, rig.now().0 + n as i64);
    }
    for n in 20..25 {
        chooses(&rig, &mut a, n);
    }
    assert_eq!(applied(&rig, &mut a), 3 + 1);
}

#[test]
fn making_yesterdays_choices_once_more_before_taking_them_back_gains_no_card_today() {
    let (rig, mut a) = a_day_later();
    for n in 0..3 {
        claims(&mut a, n, Some(Verdict::No), START + n as i64);
    }
    chooses(&rig, &mut a, 10);
    assert_eq!(applied(&rig, &mut a), 4);
    for n in 0..2 {
        claims(&mut a, n, Some(Verdict::No), rig.now().0 + n as i64);
        claims(&mut a, n, None, rig.now().0 + 10 + n as i64);
    }
    for n in 20..25 {
        chooses(&rig, &mut a, n);
    }
    // Made again and taken back: nothing is lost and nothing gained.
    assert_eq!(applied(&rig, &mut a), 2 * 2 + 2);
}

#[test]
fn a_choice_of_today_that_is_taken_back_is_given_back() {
    let (rig, mut a) = a_day_later();
    for n in 10..12 {
        chooses(&rig, &mut a, n);
    }
    applied(&rig, &mut a);
    rig.pass(MINUTE_MS);
    claims(&mut a, 10, None, rig.now().0);
    for n in 20..25 {
        chooses(&rig, &mut a, n);
    }
    assert_eq!(applied(&rig, &mut a), 1 + 2);
}

#[test]
fn clearing_a_card_and_choosing_it_again_as_if_it_were_old_gains_nothing() {
    let (rig, mut a) = a_day_later();
    chooses(&rig, &mut a, 10);
    chooses(&rig, &mut a, 11);
    applied(&rig, &mut a);
    for n in [10, 11] {
        claims(&mut a, n, None, rig.now().0);
    }
    for n in [10, 11] {
        claims(&mut a, n, Some(Verdict::Yes), START + n as i64);
    }
    for n in 20..25 {
        chooses(&rig, &mut a, n);
    }
    // The stamps of a device rise whatever it says, so the two count again; and one more card is left.
    assert_eq!(applied(&rig, &mut a), 4 + 1);
}

#[test]
fn nobody_is_faster_by_saying_that_it_was_a_while_ago() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    rig.pass(HOUR_MS + MINUTE_MS);
    let mut all = 0;
    for round in 0..30 {
        rig.pass(10_000);
        for n in 0..100 {
            claims(
                &mut a,
                round * 100 + n,
                Some(Verdict::No),
                rig.now().0 - 3 * MINUTE_MS,
            );
        }
        all += applied_with_more(&rig, &mut a, true);
    }
    assert!(all <= 200, "{all} within five minutes");
    assert!(events(&rig, &a).contains(&AuditEvent::SuspiciousRate));
}

#[test]
fn what_a_server_lost_is_told_again_in_the_first_hour_of_a_session_only() {
    // What it had is told with stamps older than any clock's; what it may not have had yet, with its own.
    let (kept, own) = (1, START - DAY_MS);
    for (waits, stamp, counts) in [
        (HOUR_MS, kept, 10),
        (HOUR_MS + 1, kept, 3),
        (HOUR_MS, own, 3 + 3),
        (HOUR_MS + 1, own, 3),
    ] {
        let rig = Rig::new();
        let mut a = rig.family(1);
        with_cards(&rig, &mut a, 3);
        rig.pass(waits);
        for n in 0..10 {
            claims(&mut a, n, Some(Verdict::No), stamp + n as i64);
        }
        assert_eq!(applied(&rig, &mut a), counts, "{stamp} after {waits} ms");
    }
}

#[test]
fn what_a_parents_phone_tells_again_of_a_childs_choices_uses_no_cards_up() {
    let (rig, mut a) = a_day_later();
    std::mem::swap(&mut a.child, &mut a.owner);
    for n in 0..10 {
        claims(&mut a, n, Some(Verdict::No), 1 + n as i64);
    }
    assert_eq!(applied(&rig, &mut a), 10);
    std::mem::swap(&mut a.child, &mut a.owner);
    for n in 20..24 {
        chooses(&rig, &mut a, n);
    }
    assert_eq!(applied(&rig, &mut a), 3);
}

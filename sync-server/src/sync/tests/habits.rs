//! What children do can switch something off: enough cards, a finished deck, choices faster than anybody can look.

use romp_domain::switch::SwitchScope;
use romp_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use romp_domain::wire::Outcome;
use romp_domain::{
    AuditEvent, Child, DailyCards, Entity, ErrorCode, Fields, Hlc, Kind, Role, Switch, UtcMs, Verdict,
};

use super::rig::{Family, Rig, START, refusal};
use super::switches::{events, lift, stranger};

fn with_limit(rig: &Rig, family: &mut Family, change: impl FnOnce(&mut Child)) {
    let mut child = family.child_profile();
    change(&mut child);
    family.owner.patch(Kind::Child, family.kid.0, child.to_fields());
    family.owner.sync(rig).unwrap();
}

/// A choice, stamped now.
fn chooses(rig: &Rig, family: &mut Family, n: u128) {
    family.child_swipes(stranger(n), Verdict::Yes);
    family.child.outbox.last_mut().unwrap().hlc = Hlc::at_ms(rig.now().0);
}

#[test]
fn a_childs_last_card_of_the_day_switches_choosing_off_until_midnight_on_all_its_devices() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let mut second = rig.device(a.household, 998, Role::Child);
    with_limit(&rig, &mut a, |child| {
        child.daily_cards = Some(DailyCards::new(3).unwrap());
    });
    for n in 1..=2 {
        chooses(&rig, &mut a, n);
    }
    // The same card again is no other card.
    chooses(&rig, &mut a, 2);
    a.child.sync(&rig).unwrap();
    std::mem::swap(&mut a.child, &mut second);
    chooses(&rig, &mut a, 3);
    chooses(&rig, &mut a, 4);
    let reply = a.child.sync(&rig).unwrap();
    assert_eq!(reply.results[0].outcome, Outcome::Applied);
    let Outcome::Rejected { problem } = &reply.results[1].outcome else {
        panic!("{:?}", reply.results)
    };
    // Los Angeles: 04:00 in the morning.
    assert_eq!(
        (problem.code, problem.retry_after_s),
        (ErrorCode::SwitchedOff, Some(20 * 3_600))
    );
    a.owner.sync(&rig).unwrap();
    let (id, made) = a.owner.all::<Switch>().remove(0);
    assert_eq!(
        (made.author, made.scope),
        (None, SwitchScope::Child { child: a.kid })
    );
    assert_eq!(made.ends_at, Some(UtcMs(START + 20 * HOUR_MS)));
    // An owner lets it go on, and is not overruled today.
    a.owner.patch(Kind::Switch, id, Fields::removal());
    assert_eq!(
        refusal(&a.owner.sync(&rig).unwrap().results),
        ErrorCode::Forbidden
    );
    lift(&rig, &mut a.owner, id);
    rig.pass(MINUTE_MS);
    for n in 4..=6 {
        chooses(&rig, &mut a, n);
    }
    let reply = a.child.sync(&rig).unwrap();
    assert!(
        reply
            .results
            .iter()
            .all(|result| result.outcome == Outcome::Applied)
    );
    // Tomorrow it is counted anew, and is the same switch again.
    rig.pass(DAY_MS);
    for n in 7..=10 {
        chooses(&rig, &mut a, n);
    }
    let reply = a.child.sync(&rig).unwrap();
    let applied = reply
        .results
        .iter()
        .filter(|result| result.outcome == Outcome::Applied);
    assert_eq!(applied.count(), 3);
    a.owner.sync(&rig).unwrap();
    let switches = a.owner.all::<Switch>();
    assert_eq!(switches.len(), 1);
    assert!(switches[0].1.on && switches[0].0 == id);
}

#[test]
fn what_was_chosen_offline_on_other_days_counts_for_those() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    with_limit(&rig, &mut a, |child| {
        child.daily_cards = Some(DailyCards::new(3).unwrap());
    });
    rig.pass(10 * DAY_MS);
    for n in 0..27 {
        a.child_swipes(stranger(n), Verdict::No);
        a.child.outbox.last_mut().unwrap().hlc = Hlc::at_ms(START + n as i64 * 8 * HOUR_MS);
    }
    let reply = a.child.sync(&rig).unwrap();
    assert!(
        reply
            .results
            .iter()
            .all(|result| result.outcome == Outcome::Applied)
    );
}

#[test]
fn choices_faster_than_a_child_can_make_them_are_stopped_and_a_backlog_of_weeks_is_not() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    rig.pass(21 * DAY_MS);
    for n in 0..400 {
        b.child_swipes(stranger(n), Verdict::No);
        b.child.outbox.last_mut().unwrap().hlc = Hlc::at_ms(START + n as i64 * 2_000);
    }
    let reply = b.child.sync(&rig).unwrap();
    assert!(
        reply
            .results
            .iter()
            .all(|result| result.outcome == Outcome::Applied)
    );

    let mut applied = 0;
    for n in 0..100 {
        chooses(&rig, &mut a, n);
        let reply = a.child.sync(&rig).unwrap();
        applied += usize::from(reply.results[0].outcome == Outcome::Applied);
    }
    assert_eq!(applied, 91);
    assert!(events(&rig, &a).contains(&AuditEvent::SuspiciousRate));
    let mut other = rig.device(a.household, 998, Role::Child);
    std::mem::swap(&mut a.child, &mut other);
    chooses(&rig, &mut a, 200);
    assert_eq!(
        a.child.sync(&rig).unwrap().results[0].outcome,
        Outcome::Applied,
        "another session"
    );
    std::mem::swap(&mut a.child, &mut other);
    rig.pass(15 * MINUTE_MS);
    chooses(&rig, &mut a, 99);
    assert_eq!(a.child.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
}

#[test]
fn a_finished_deck_is_enough_for_the_day_where_the_owners_say_so() {
    for pauses in [false, true] {
        let rig = Rig::new();
        let (mut a, b) = (rig.family(1), rig.family(2));
        with_limit(&rig, &mut a, |child| child.pause_when_done = pauses);
        a.child.sync(&rig).unwrap();
        let cards = a.child.all::<romp_domain::Card>();
        assert_eq!(
            cards.iter().map(|(_, card)| card.pet.id).collect::<Vec<_>>(),
            [b.pet]
        );
        a.child_swipes(b.pet, Verdict::Yes);
        assert_eq!(a.child.sync(&rig).unwrap().results[0].outcome, Outcome::Applied);
        chooses(&rig, &mut a, 1);
        let applied = a.child.sync(&rig).unwrap().results[0].outcome == Outcome::Applied;
        assert_eq!(applied, !pauses);
    }
}

#[test]
fn choices_that_pretend_to_be_told_again_count_for_today() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    with_limit(&rig, &mut a, |child| {
        child.daily_cards = Some(DailyCards::new(2).unwrap());
    });
    rig.pass(2 * HOUR_MS);
    for n in 1..=3 {
        chooses(&rig, &mut a, n);
        a.child.outbox.last_mut().unwrap().hlc = Hlc(n as u64);
    }
    let reply = a.child.sync(&rig).unwrap();
    let Outcome::Rejected { problem } = &reply.results[2].outcome else {
        panic!("{:?}", reply.results)
    };
    assert_eq!(problem.code, ErrorCode::SwitchedOff);
}

/// A choice that says that it was made at `ms`.
fn claims(family: &mut Family, n: u128, verdict: Option<Verdict>, ms: i64) {
    family.child_swipes(stranger(n), verdict.unwrap_or(Verdict::Yes));
    let last = family.child.outbox.last_mut().unwrap();
    last.hlc = Hlc::at_ms(ms);
    if let (None, romp_domain::Op::Patch { fields }) = (verdict, &mut last.op) {
        fields.0.insert("verdict".to_owned(), serde_json::Value::Null);
    }
}

/// How many of the last exchange's changes took effect.
fn applied(rig: &Rig, family: &mut Family) -> usize {
    let results = family.child.sync(rig).unwrap().results;
    let applied = results.iter().filter(|result| result.outcome == Outcome::Applied);
    applied.count()
}

/// A family whose child may have three cards a day, the day after its tablet was there last.
fn a_day_later() -> (Rig, Family) {
    let rig = Rig::new();
    let mut a = rig.family(1);
    with_limit(&rig, &mut a, |child| {
        child.daily_cards = Some(DailyCards::new(3).unwrap());
    });
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
    request.mutations = a.child.outbox.clone();
    let reply = crate::sync::sync(&rig.server, &a.child.session, request).unwrap();
    let applied = reply
        .results
        .iter()
        .filter(|result| result.outcome == Outcome::Applied);
    assert_eq!(applied.count(), 2);
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
        let mut request = a.child.request(&rig);
        request.more = true;
        let reply = crate::sync::sync(&rig.server, &a.child.session, request).unwrap();
        all += usize::from(reply.results[0].outcome == Outcome::Applied);
        a.child.outbox.clear();
    }
    assert_eq!(all, 6);
}

#[test]
fn a_tablet_that_was_offline_for_long_tells_in_many_batches_and_each_day_counts_for_itself() {
    let (rig, mut a) = a_day_later();
    rig.pass(9 * DAY_MS);
    for n in 0..27 {
        claims(&mut a, n, Some(Verdict::No), START + n as i64 * 8 * HOUR_MS);
        let mut request = a.child.request(&rig);
        request.more = n < 26;
        let reply = crate::sync::sync(&rig.server, &a.child.session, request).unwrap();
        assert_eq!(reply.results[0].outcome, Outcome::Applied, "{n}");
        a.child.outbox.clear();
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
        let mut request = a.child.request(&rig);
        request.more = true;
        let reply = crate::sync::sync(&rig.server, &a.child.session, request).unwrap();
        let outcomes = reply.results.iter().map(|result| &result.outcome);
        all += outcomes.filter(|outcome| **outcome == Outcome::Applied).count();
        a.child.outbox.clear();
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
        with_limit(&rig, &mut a, |child| {
            child.daily_cards = Some(DailyCards::new(3).unwrap());
        });
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

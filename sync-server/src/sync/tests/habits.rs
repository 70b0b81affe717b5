//! What children do can switch something off: enough cards, a finished deck, choices faster than anybody can look.
//!
//! What devices say about when it was is in `pretending`.

use romp_domain::switch::SwitchScope;
use romp_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use romp_domain::wire::{Outcome, SyncReply};
use romp_domain::{
    AuditEvent, Child, DailyCards, Entity, ErrorCode, Fields, Hlc, Kind, Role, Switch, UtcMs, Verdict,
};

use super::rig::{Family, Rig, START, refusal};
use super::switches::{events, lift, stranger};

/// Changes how much the child may do.
fn with(rig: &Rig, family: &mut Family, change: impl FnOnce(&mut Child)) {
    let mut child = family.child_profile();
    change(&mut child);
    family.owner.patch(Kind::Child, family.kid.0, child.to_fields());
    family.owner.sync(rig).unwrap();
}

/// Lets the child have so many cards a day.
pub(super) fn with_cards(rig: &Rig, family: &mut Family, number: i64) {
    with(rig, family, |child| {
        child.daily_cards = Some(DailyCards::new(number).unwrap());
    });
}

/// A choice, stamped now.
pub(super) fn chooses(rig: &Rig, family: &mut Family, n: u128) {
    family.child_swipes(stranger(n), Verdict::Yes);
    family.child.outbox.last_mut().unwrap().hlc = Hlc::at_ms(rig.now().0);
}

/// How many of these results took effect.
pub(super) fn took_effect(reply: &SyncReply) -> usize {
    let applied = reply
        .results
        .iter()
        .filter(|result| result.outcome == Outcome::Applied);
    applied.count()
}

/// How many of the child's waiting changes took effect.
pub(super) fn applied(rig: &Rig, family: &mut Family) -> usize {
    took_effect(&family.child.sync(rig).unwrap())
}

#[test]
fn a_childs_last_card_of_the_day_switches_choosing_off_until_midnight_on_all_its_devices() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let mut second = rig.device(a.household, 998, Role::Child);
    with_cards(&rig, &mut a, 3);
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
    assert_eq!(applied(&rig, &mut a), 3);
    // Tomorrow it is counted anew, and is the same switch again.
    rig.pass(DAY_MS);
    for n in 7..=10 {
        chooses(&rig, &mut a, n);
    }
    assert_eq!(applied(&rig, &mut a), 3);
    a.owner.sync(&rig).unwrap();
    let switches = a.owner.all::<Switch>();
    assert_eq!(switches.len(), 1);
    assert!(switches[0].1.on && switches[0].0 == id);
}

#[test]
fn what_was_chosen_offline_on_other_days_counts_for_those() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    with_cards(&rig, &mut a, 3);
    rig.pass(10 * DAY_MS);
    for n in 0..27 {
        a.child_swipes(stranger(n), Verdict::No);
        a.child.outbox.last_mut().unwrap().hlc = Hlc::at_ms(START + n as i64 * 8 * HOUR_MS);
    }
    assert_eq!(applied(&rig, &mut a), 27);
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
    assert_eq!(applied(&rig, &mut b), 400);

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
        with(&rig, &mut a, |child| child.pause_when_done = pauses);
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
    with_cards(&rig, &mut a, 2);
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

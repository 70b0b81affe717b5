//! What the server switches off by itself, out of what children do: enough cards for a day, a finished deck, choices
//! faster than anybody can look.
//!
//! What a device made while it was offline counts for when it was made, by the stamps as they are stored. They never run
//! ahead of the server, and nobody is believed who says more than that a device was away: what claims to be older than
//! the device's last visit counts as made now, and of an earlier day no more than its cards. An owner who lifts such a
//! switch is not overruled before the next day.

use std::sync::Arc;

use jiff::civil::Date;
use romp_domain::policy::Operation;
use romp_domain::switch::{
    Cause, TOO_FAST_MS, TOO_MANY_A_MINUTE, day_ends, deck_done_comment, enough_comment, local_day,
    too_fast_comment,
};
use romp_domain::text::Remark;
use romp_domain::time::{HOUR_MS, MINUTE_MS};
use romp_domain::{
    AuditEvent, Child, ChildId, DeviceId, Entity, Hlc, HouseholdId, Kind, Role, SessionId, Swipe, SwipeId,
    Switch, SwitchScope, UtcMs,
};
use romp_sync::{MAX_AHEAD_MS, Registers, Stamp, TOLD_AGAIN_BEFORE};
use serde_json::Value;
use uuid::Uuid;

use super::switches;
use super::work::Work;
use crate::audit;
use crate::db::{AuditRecord, Detail, Fault, Period, SessionRecord, Tx};

/// Counts a choice that was stored, and switches choosing off where that was the last one for now.
pub(super) fn chosen(
    work: &mut Work<'_>,
    session: &SessionRecord,
    stamp: Stamp,
    before: Option<&Registers>,
    after: &Registers,
) -> Result<(), Fault> {
    let choice = Choice::of(work, session, stamp);
    if session.role == Role::Child {
        watch_rate(work, session, choice)?;
    }
    let by = |row: &Registers| {
        let verdict = row.fields.0.get("verdict").filter(|verdict| !verdict.is_null());
        verdict
            .and_then(|_| row.fields.0.get("by_child"))
            .filter(|child| !child.is_null())
            .cloned()
    };
    let (was, is) = (before.and_then(by), by(after));
    if was != is {
        if let (Some(child), Some(before)) = (child_of(was.as_ref()), before) {
            give_back(work, session, child, before)?;
        }
        if let Some(child) = child_of(is.as_ref()) {
            count_card(work, session, child, choice)?;
        }
    }
    let Some(child) = child_of(is.as_ref()) else {
        return Ok(());
    };
    if was == is
        && let Some(before) = before
        && is_of_another_day(work, session.household, choice, before, after)?
    {
        // It is given back to that day, should it be taken back.
        count_card(work, session, child, choice)?;
    }
    match Swipe::read_known(&after.fields) {
        Some(swipe) => finish_deck(work, session.household, child, &swipe, choice.made),
        None => Ok(()),
    }
}

/// When a choice was made, as far as its device is believed.
#[derive(Debug, Clone, Copy)]
struct Choice {
    made: UtcMs,
    /// A server lost it, and is told it again as old as it was. It counts for no day.
    told_again: bool,
}

impl Choice {
    fn of(work: &Work<'_>, session: &SessionRecord, stamp: Stamp) -> Self {
        let stamped = UtcMs(stamp.0.ms());
        let earlier = work.seen_at.is_some_and(|seen_at| stamped < seen_at);
        // No child can have this again and again: a session begins with an owner's password, or with an owner's code.
        let begins = (0..=HOUR_MS).contains(&work.now.since_ms(session.created_at));
        let told_again = earlier && stamp.0 < TOLD_AGAIN_BEFORE && (begins || session.role != Role::Child);
        let is_believed = !earlier || begins || told_again;
        Self {
            made: if is_believed { stamped } else { work.now },
            told_again,
        }
    }
}

/// Whether the same choice was made again on another day than the one that it is stored for.
fn is_of_another_day(
    work: &mut Work<'_>,
    household: HouseholdId,
    choice: Choice,
    before: &Registers,
    after: &Registers,
) -> Result<bool, Fault> {
    let stamp = |row: &Registers| row.stamps.get("verdict").copied();
    let (Some(was), Some(is)) = (stamp(before), stamp(after)) else {
        return Ok(false);
    };
    Ok(was != is && day_stored(work, household, was)?.number != day(work, household, choice.made)?.number)
}

fn child_of(value: Option<&Value>) -> Option<ChildId> {
    value.and_then(|child| serde_json::from_value(child.clone()).ok())
}

/// A child's device that chooses faster than children do. One that was offline tells of many minutes at once, but of
/// none of them more than fits into it: what does not, counts as made now.
fn watch_rate(work: &mut Work<'_>, session: &SessionRecord, choice: Choice) -> Result<(), Fault> {
    if choice.told_again {
        return Ok(());
    }
    let mut minute = Period {
        of: choice.made.0.div_euclid(MINUTE_MS),
        now: work.now.0.div_euclid(MINUTE_MS),
    };
    if work.now.since_ms(choice.made) > 2 * MINUTE_MS {
        let then = work
            .tx
            .tally(session.household, "choices_then", session.id.0, minute, 1)?;
        if then.is_some_and(|choices| choices <= TOO_MANY_A_MINUTE) {
            return Ok(());
        }
        minute.of = minute.now;
    }
    // A stamp may run ahead by a minute.
    minute.now = minute.now.max(minute.of);
    let choices = work
        .tx
        .tally(session.household, "choices", session.id.0, minute, 1)?;
    if choices.is_none_or(|choices| choices <= TOO_MANY_A_MINUTE) {
        return Ok(());
    }
    let switch = Switch {
        scope: SwitchScope::Session { session: session.id },
        comment: too_fast_comment(),
        ends_at: Some(work.now.plus_ms(TOO_FAST_MS)),
        ..resting(work.now)
    };
    let entry = AuditRecord::of(session, AuditEvent::SuspiciousRate, work.now);
    audit::note(work.tx, session.household, &entry)?;
    make(work, session.household, session.id.0, Cause::TooFast, &switch)
}

/// Choosing is off, from now.
fn resting(now: UtcMs) -> Switch {
    Switch {
        operations: [Operation::Choose].into(),
        author: None,
        starts_at: now,
        hours: None,
        on: true,
        ..Switch::example()
    }
}

/// A day of the family's clock, and whether it is today's.
#[derive(Debug, Clone, Copy)]
struct Day {
    number: i64,
    today: i64,
    is_today: bool,
    /// When today ends.
    ends: UtcMs,
}

/// The day on which something was done.
fn day(work: &mut Work<'_>, household: HouseholdId, made: UtcMs) -> Result<Day, Fault> {
    let zone = work.settings(household)?.zone;
    // A stamp may run ahead by a minute, and that minute may be tomorrow's.
    let (day, today) = (local_day(&zone, made.min(work.now)), local_day(&zone, work.now));
    let number =
        |day: Date| i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day());
    Ok(Day {
        number: number(day),
        today: number(today),
        is_today: day == today,
        ends: day_ends(&zone, work.now),
    })
}

impl Day {
    const fn period(&self) -> Period {
        Period {
            of: self.number,
            now: self.today,
        }
    }
}

/// The day for which a choice was counted that is stored with this stamp, or the one before: a stamp may have run ahead
/// of it.
fn day_stored(work: &mut Work<'_>, household: HouseholdId, stamp: Stamp) -> Result<Day, Fault> {
    day(work, household, UtcMs(stamp.0.ms() - MAX_AHEAD_MS))
}

/// How many cards a child may have a day.
fn most_cards(work: &mut Work<'_>, household: HouseholdId, child: ChildId) -> Result<Option<u64>, Fault> {
    let child = work.one::<Child>(household, child.0)?;
    let most = child.and_then(|child| child.daily_cards);
    Ok(most.map(|most| u64::from(most.get())))
}

/// Under what the cards are counted that a child chose on one device: of those alone it is known in which order they
/// were made.
fn on_this_device(session: SessionId, child: ChildId) -> Uuid {
    Uuid::from_u128(session.0.as_u128() ^ child.0.as_u128())
}

/// Forgets what was counted of a session that is forgotten.
pub(crate) fn forget(tx: &mut dyn Tx, household: HouseholdId, session: SessionId) -> Result<(), Fault> {
    tx.forget_tallies(household, session.0)?;
    for (child, _) in tx.rows(household, Kind::Child)? {
        tx.forget_tallies(household, on_this_device(session, ChildId(child)))?;
    }
    Ok(())
}

fn count_card(
    work: &mut Work<'_>,
    session: &SessionRecord,
    child: ChildId,
    choice: Choice,
) -> Result<(), Fault> {
    let household = session.household;
    let Some(most) = most_cards(work, household, child)?.filter(|_| !choice.told_again) else {
        return Ok(());
    };
    let day_made = day(work, household, choice.made)?;
    let here = on_this_device(session.id, child);
    let of_day = work
        .tx
        .tally(household, "cards_here", here, day_made.period(), 1)?;
    if !day_made.is_today && of_day.is_some_and(|cards| cards <= most) {
        return Ok(());
    }
    // Today's; or more than that day had, or from before a day that was counted already.
    let today = day(work, household, work.now)?;
    let cards = work.tx.tally(household, "cards", child.0, today.period(), 1)?;
    if cards.is_some_and(|cards| cards >= most) {
        rest_of_the_day(
            work,
            household,
            child,
            Cause::Enough,
            enough_comment(),
            today.ends,
        )?;
    }
    Ok(())
}

/// Takes a choice out of the count that is not made any more: of the day for which it was counted, and of no other.
fn give_back(
    work: &mut Work<'_>,
    session: &SessionRecord,
    child: ChildId,
    before: &Registers,
) -> Result<(), Fault> {
    let household = session.household;
    let Some(stamp) = before.stamps.get("verdict").copied() else {
        return Ok(());
    };
    if most_cards(work, household, child)?.is_none() {
        return Ok(());
    }
    let made = day_stored(work, household, stamp)?;
    let here = on_this_device(session.id, child);
    work.tx.tally(household, "cards_here", here, made.period(), -1)?;
    if made.is_today {
        work.tx.tally(household, "cards", child.0, made.period(), -1)?;
    }
    Ok(())
}

/// A child that is to rest once a deck is finished, and has finished this one.
fn finish_deck(
    work: &mut Work<'_>,
    household: HouseholdId,
    child: ChildId,
    swipe: &Swipe,
    made: UtcMs,
) -> Result<(), Fault> {
    let rests = work
        .one::<Child>(household, child.0)?
        .is_some_and(|child| child.pause_when_done);
    if !rests {
        return Ok(());
    }
    let day_made = day(work, household, made)?;
    if !day_made.is_today {
        return Ok(());
    }
    let deck = work.tx.cards_for(swipe.actor_pet)?;
    for card in &deck {
        let id = SwipeId::of(swipe.actor_pet, card.pet.id);
        let swipe = work.swipe(household, id)?;
        if !swipe.is_some_and(|swipe| swipe.is_decided_for_children()) {
            return Ok(());
        }
    }
    if deck.iter().any(|card| card.pet.id == swipe.target_pet) {
        rest_of_the_day(
            work,
            household,
            child,
            Cause::DeckDone,
            deck_done_comment(),
            day_made.ends,
        )?;
    }
    Ok(())
}

fn rest_of_the_day(
    work: &mut Work<'_>,
    household: HouseholdId,
    child: ChildId,
    cause: Cause,
    comment: Remark,
    ends: UtcMs,
) -> Result<(), Fault> {
    let switch = Switch {
        scope: SwitchScope::Child { child },
        comment,
        ends_at: Some(ends),
        ..resting(work.now)
    };
    make(work, household, child.0, cause, &switch)
}

/// Stores a switch of Romp's own; the one that is there for the same cause is made anew. One that ends at the same time
/// is left as it is, also where an owner has lifted it.
fn make(
    work: &mut Work<'_>,
    household: HouseholdId,
    subject: Uuid,
    cause: Cause,
    switch: &Switch,
) -> Result<(), Fault> {
    let id = cause.switch(subject).0;
    let before = work.tx.row(household, Kind::Switch, id)?;
    let mut fields = switch.to_fields();
    if before
        .as_ref()
        .is_some_and(|row| row.fields.0.get("ends_at") == fields.0.get("ends_at"))
    {
        return Ok(());
    }
    fields.0.insert("deleted".to_owned(), Value::Bool(false));
    let mut after = before.unwrap_or_default();
    // Whatever an owner has said of the one before was about that one.
    let last = after
        .stamps
        .values()
        .map(|stamp| stamp.0.next())
        .max()
        .unwrap_or_default();
    let stamp = Stamp(Hlc::at_ms(work.now.0).max(last), DeviceId(Uuid::nil()));
    after.merge(&Registers::of(&fields, stamp));
    let after = Arc::new(after);
    work.raise_clock(household, stamp.0);
    work.put_row(household, Kind::Switch, id, &after)?;
    let by_romp = Detail::word("by_romp").and(&switches::of_switch(id, &after));
    let entry = AuditRecord::new(AuditEvent::SwitchSet, work.now).detail(by_romp);
    audit::note(work.tx, household, &entry)
}

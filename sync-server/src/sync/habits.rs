//! What the server switches off by itself, out of what children do: enough cards for a day, a finished deck, choices
//! faster than anybody can look.
//!
//! Counted by the stamps as they are stored: they rise strictly for each device and never run ahead of the server, so
//! that what a device made while it was offline counts for when it was made, and a device that was online cannot say
//! that it was earlier. An owner who lifts such a switch is not overruled before the next day.

use std::sync::Arc;

use romp_domain::policy::Operation;
use romp_domain::switch::{
    TOO_FAST_MS, TOO_MANY_A_MINUTE, day_ends, deck_done_comment, enough_comment, local_day, too_fast_comment,
};
use romp_domain::text::Remark;
use romp_domain::time::{HOUR_MS, MINUTE_MS};
use romp_domain::{
    AuditEvent, Child, ChildId, DeviceId, Entity, Hlc, HouseholdId, Kind, Role, Swipe, SwipeId, Switch,
    SwitchId, SwitchScope, UtcMs,
};
use romp_sync::{Registers, Stamp, TOLD_AGAIN_BEFORE};
use serde_json::Value;
use uuid::Uuid;

use super::work::Work;
use crate::db::{AuditRecord, Detail, Fault, SessionRecord};

/// Why Romp switches something off. A part of the switch's id.
#[derive(Debug, Clone, Copy)]
enum Cause {
    Enough = 1,
    DeckDone = 2,
    TooFast = 3,
}

/// Counts a choice that was stored, and switches choosing off where that was the last one for now.
pub(super) fn chosen(
    work: &mut Work<'_>,
    session: &SessionRecord,
    stamp: Stamp,
    before: Option<&Registers>,
    after: &Registers,
) -> Result<(), Fault> {
    // What is told again counts as made now. Not where a session has just begun: then a server may have lost it all.
    let counts_now = stamp.0 < TOLD_AGAIN_BEFORE && work.now.since_ms(session.created_at) > HOUR_MS;
    let made = if counts_now { work.now } else { UtcMs(stamp.0.ms()) };
    if session.role == Role::Child {
        watch_rate(work, session, made)?;
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
        if let Some(child) = child_of(was.as_ref()) {
            count_card(work, session.household, child, made, -1)?;
        }
        if let Some(child) = child_of(is.as_ref()) {
            count_card(work, session.household, child, made, 1)?;
        }
    }
    let Some(child) = child_of(is.as_ref()) else {
        return Ok(());
    };
    match Swipe::read_known(&after.fields) {
        Some(swipe) => finish_deck(work, session.household, child, &swipe, made),
        None => Ok(()),
    }
}

fn child_of(value: Option<&Value>) -> Option<ChildId> {
    value.and_then(|child| serde_json::from_value(child.clone()).ok())
}

/// A child's device that is online and chooses faster than children do.
fn watch_rate(work: &mut Work<'_>, session: &SessionRecord, made: UtcMs) -> Result<(), Fault> {
    if work.now.since_ms(made) > 2 * MINUTE_MS {
        // Made offline, a while ago.
        return Ok(());
    }
    let minute = made.0.div_euclid(MINUTE_MS);
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
    work.tx.audit(session.household, &entry)?;
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

/// The day on which something was done, if that is today.
fn today(work: &mut Work<'_>, household: HouseholdId, made: UtcMs) -> Result<Option<(i64, UtcMs)>, Fault> {
    let zone = work.settings(household)?.zone;
    // A stamp may run ahead by a minute, and that minute may be tomorrow's.
    let day = local_day(&zone, made.min(work.now));
    if day != local_day(&zone, work.now) {
        return Ok(None);
    }
    let number = i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day());
    Ok(Some((number, day_ends(&zone, work.now))))
}

fn count_card(
    work: &mut Work<'_>,
    household: HouseholdId,
    child: ChildId,
    made: UtcMs,
    by: i64,
) -> Result<(), Fault> {
    let Some(most) = work
        .one::<Child>(household, child.0)?
        .and_then(|child| child.daily_cards)
    else {
        return Ok(());
    };
    let Some((day, ends)) = today(work, household, made)? else {
        return Ok(());
    };
    let cards = work.tx.tally(household, "cards", child.0, day, by)?;
    if cards.is_some_and(|cards| cards >= u64::from(most.get())) {
        rest_of_the_day(work, household, child, Cause::Enough, enough_comment(), ends)?;
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
    let Some((_, ends)) = today(work, household, made)? else {
        return Ok(());
    };
    let deck = work.tx.cards_for(swipe.actor_pet)?;
    for card in &deck {
        let id = SwipeId::of(swipe.actor_pet, card.pet.id);
        if work.verdict(household, id)?.is_none() {
            return Ok(());
        }
    }
    if deck.iter().any(|card| card.pet.id == swipe.target_pet) {
        rest_of_the_day(work, household, child, Cause::DeckDone, deck_done_comment(), ends)?;
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
    let id = SwitchId::by_romp(subject, cause as u128).0;
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
    work.put_row(household, Kind::Switch, id, &Arc::new(after))?;
    let entry = AuditRecord::new(AuditEvent::SwitchSet, work.now).detail(Detail::word("by_romp"));
    work.tx.audit(household, &entry)
}

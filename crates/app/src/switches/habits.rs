//! A child's own day, kept to offline as the server keeps to it: enough cards, and a rest after a finished deck.

use std::collections::BTreeSet;

use romp_domain::policy::Operation;
use romp_domain::switch::{
    Cause, day_begins, day_ends, deck_done, deck_done_comment, enough_comment, enough_for_today,
};
use romp_domain::view::SwitchedOffView;
use romp_domain::{Card, Child, ChildId, Op, PetId, Problem, Swipe, SwipeId};
use romp_store::{Reader, StoreError};
use uuid::Uuid;

use super::force::Known;

/// The swipes on which a child has decided here today.
fn decided_today(reader: &Reader<'_>, known: &Known, child: ChildId) -> Result<BTreeSet<Uuid>, StoreError> {
    let mut decided = BTreeSet::new();
    for made in reader.choices_since(day_begins(&known.zone, known.now))? {
        let chose = match &made.op {
            Op::Patch { fields } => fields.0.get("verdict").is_some_and(|verdict| !verdict.is_null()),
            Op::Act { .. } => false,
        };
        if chose
            && reader
                .get::<Swipe>(made.id)?
                .is_some_and(|swipe| swipe.by_child == Some(child) && swipe.verdict.is_some())
        {
            decided.insert(made.id);
        }
    }
    Ok(decided)
}

/// Whether one of the decks in which a child has decided on a card today has none left.
fn has_finished_a_deck(reader: &Reader<'_>, decided: &BTreeSet<Uuid>) -> Result<bool, StoreError> {
    let cards: Vec<Card> = reader.list::<Card>()?.into_iter().map(|(_, card)| card).collect();
    let swipe = |card: &Card| SwipeId::of(card.for_pet, card.pet.id).0;
    let touched = cards.iter().filter(|card| decided.contains(&swipe(card)));
    let decks: BTreeSet<PetId> = touched.map(|card| card.for_pet).collect();
    for deck in decks {
        let mut left = false;
        for card in cards.iter().filter(|card| card.for_pet == deck) {
            let swipe = reader.get::<Swipe>(swipe(card))?;
            left |= !swipe.is_some_and(|swipe| swipe.is_decided_for_children());
        }
        if !left {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an owner lets a child go on today in spite of it: Romp's own switch is there, and lifted.
fn is_lifted(known: &Known, child: ChildId, cause: Cause) -> bool {
    let id = cause.switch(child.0);
    let mut switches = known.switches.iter();
    switches.any(|(of, switch)| {
        *of == id && !switch.on && switch.ends_at.is_some_and(|ends_at| ends_at > known.now)
    })
}

/// Refuses the choices on `swipes` of a child that has had enough. They may have been stored already.
pub(super) fn refuse(
    reader: &Reader<'_>,
    known: &Known,
    child: ChildId,
    swipes: &BTreeSet<Uuid>,
) -> Result<Option<Problem>, Problem> {
    let Some(profile) = reader.get::<Child>(child.0)? else {
        return Ok(None);
    };
    if profile.daily_cards.is_none() && !profile.pause_when_done {
        return Ok(None);
    }
    let before: BTreeSet<Uuid> = decided_today(reader, known, child)?
        .difference(swipes)
        .copied()
        .collect();
    let enough = enough_for_today(&profile, before.len() as u64, &known.zone, known.now);
    if let Some(problem) = enough.filter(|_| !is_lifted(known, child, Cause::Enough)) {
        return Ok(Some(problem));
    }
    let done = deck_done(&profile, &known.zone, known.now);
    match done.filter(|_| !is_lifted(known, child, Cause::DeckDone)) {
        Some(problem) if has_finished_before(reader, &before, swipes)? => Ok(Some(problem)),
        _ => Ok(None),
    }
}

/// Whether a deck was finished before the choices on `swipes`: one that they are not in.
fn has_finished_before(
    reader: &Reader<'_>,
    before: &BTreeSet<Uuid>,
    swipes: &BTreeSet<Uuid>,
) -> Result<bool, StoreError> {
    let mut actors = BTreeSet::new();
    for id in swipes {
        actors.extend(reader.get::<Swipe>(*id)?.map(|swipe| swipe.actor_pet));
    }
    let mut others = BTreeSet::new();
    for id in before {
        if reader
            .get::<Swipe>(*id)?
            .is_some_and(|swipe| !actors.contains(&swipe.actor_pet))
        {
            others.insert(*id);
        }
    }
    has_finished_a_deck(reader, &others)
}

/// What the rest of the day is for a child that has had enough; none while it has not.
pub(super) fn rest(
    reader: &Reader<'_>,
    known: &Known,
    child: ChildId,
    profile: &Child,
) -> Result<Option<SwitchedOffView>, Problem> {
    if profile.daily_cards.is_none() && !profile.pause_when_done {
        return Ok(None);
    }
    let decided = decided_today(reader, known, child)?;
    let enough = enough_for_today(profile, decided.len() as u64, &known.zone, known.now).is_some();
    let rests = profile.pause_when_done && !is_lifted(known, child, Cause::DeckDone);
    let comment = if enough && !is_lifted(known, child, Cause::Enough) {
        enough_comment()
    } else if rests && has_finished_a_deck(reader, &decided)? {
        deck_done_comment()
    } else {
        return Ok(None);
    };
    Ok(Some(SwitchedOffView {
        operations: [Operation::Choose].into(),
        comment,
        until: Some(day_ends(&known.zone, known.now)),
        child: Some(child),
    }))
}

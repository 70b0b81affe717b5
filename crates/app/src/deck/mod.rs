//! The deck of a pet: showing it, swiping, taking swipes back, bringing back what was put off.
//!
//! A card stays in its deck after its swipe until the server turns the deck over, so that undo works as long as
//! the card is there. A device without an account plays with a **practice** deck: pets on paper, kept here only.

mod again;
mod empty;
mod practice;
mod show;
mod swipe;
mod undo;

use romp_domain::{Card, Fields, Kind, PetId, Role, Swipe, SwipeId, Verdict};
use romp_store::{Reader, StoreError, Writer};
use serde_json::{Value, json};

pub(crate) use again::again;
pub(crate) use show::show;
pub(crate) use swipe::swipe;
pub(crate) use undo::undo;

/// The cards in the deck of `actor`, top first.
fn cards(reader: &Reader<'_>, actor: PetId) -> Result<Vec<Card>, StoreError> {
    let all = reader.list::<Card>()?.into_iter().map(|(_, card)| card);
    let mut cards: Vec<_> = all.filter(|card| card.for_pet == actor).collect();
    cards.sort_by_key(|card| (card.rank, card.pet.id));
    Ok(cards)
}

fn swipe_of(reader: &Reader<'_>, actor: PetId, target: PetId) -> Result<Option<Swipe>, StoreError> {
    reader.get::<Swipe>(SwipeId::of(actor, target).0)
}

/// The verdict that keeps a card away from whoever holds this device.
///
/// An owner's "later" is no verdict for a child: on a child's device the card is still there. (The device could not
/// bring it back either, because it may only change what a child has swiped.)
fn verdict_here(reader: &Reader<'_>, actor: PetId, target: PetId) -> Result<Option<Verdict>, StoreError> {
    let Some(swipe) = swipe_of(reader, actor, target)? else {
        return Ok(None);
    };
    let for_child = reader.role()? == Role::Child;
    Ok(swipe
        .verdict
        .filter(|_| !for_child || swipe.is_decided_for_children()))
}

/// Sets fields of a swipe; on a practice card it stays here. Returns whether anything changed.
pub(crate) fn set_swipe<'a>(
    writer: &Writer<'_>,
    actor: PetId,
    target: PetId,
    practice: bool,
    fields: impl IntoIterator<Item = (&'a str, Value)>,
) -> Result<bool, StoreError> {
    let id = SwipeId::of(actor, target).0;
    let mut patch = Fields::default();
    patch.0.insert("actor_pet".to_owned(), json!(actor));
    patch.0.insert("target_pet".to_owned(), json!(target));
    let named = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
    patch.0.extend(named);
    if practice {
        writer.patch_practice(Kind::Swipe, id, &patch)?;
        return Ok(true);
    }
    writer.patch(Kind::Swipe, id, &patch)
}

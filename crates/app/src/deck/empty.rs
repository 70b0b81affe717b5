//! Why a deck has no card: first what was done with its cards, then what an owner can do about it.

use romp_domain::view::{DeckView, EmptyDeck};
use romp_domain::{Pet, Role, WeeklySlot};
use romp_store::{Reader, StoreError};

use crate::App;

/// The reason. A child's device knows nothing of the family's settings, and so blames none of them.
pub(super) fn why(
    app: &App,
    reader: &Reader<'_>,
    deck: &DeckView,
    pet: &Pet,
) -> Result<EmptyDeck, StoreError> {
    if deck.later > 0 {
        return Ok(EmptyDeck::OnlyLater);
    }
    if deck.decided > 0 {
        return Ok(EmptyDeck::AllDone);
    }
    if reader.role()? == Role::Owner
        && let Some(reason) = settings(app, reader, pet)?
    {
        return Ok(reason);
    }
    Ok(if reader.last_sync()?.is_none() {
        EmptyDeck::NotSynced
    } else {
        EmptyDeck::NobodyNear
    })
}

fn settings(app: &App, reader: &Reader<'_>, pet: &Pet) -> Result<Option<EmptyDeck>, StoreError> {
    let household = app.household(reader)?;
    let today = app.today(&household.zone);
    let reasons = [
        (household.share_consent.is_none(), EmptyDeck::NoConsent),
        (household.area.is_none(), EmptyDeck::NoArea),
        (reader.list::<WeeklySlot>()?.is_empty(), EmptyDeck::NoHours),
        (!pet.visible, EmptyDeck::PetHidden),
        (pet.rests_on(today), EmptyDeck::PetRests),
    ];
    Ok(reasons
        .into_iter()
        .find(|(holds, _)| *holds)
        .map(|(_, reason)| reason))
}

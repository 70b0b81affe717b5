//! Why a deck has no card: first what was done with its cards, then what an owner can do about it.

use romp_domain::view::{DeckView, EmptyDeck};
use romp_domain::{Pet, Role, Species, WeeklySlot};
use romp_matching::suits;
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
        (
            pet.species == Species::Dog && pet.weight_g.is_none(),
            EmptyDeck::NoWeight,
        ),
        (
            !household.venues.iter().any(|venue| suits(pet.species, *venue)),
            EmptyDeck::NoVenue,
        ),
    ];
    Ok(reasons
        .into_iter()
        .find(|(holds, _)| *holds)
        .map(|(_, reason)| reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Device, NOW, pet};
    use romp_domain::calls::{HouseholdGet, SlotSave};
    use romp_domain::{Area, Consent, Minute, PetId, UtcMs, Weekday, WeeklyHours, Weight};

    async fn reason(device: &Device, pet: PetId) -> EmptyDeck {
        device.deck(pet).await.empty.unwrap()
    }

    #[tokio::test]
    async fn an_empty_deck_names_the_first_thing_an_owner_can_do() {
        let device = Device::registered().await;
        let rex = device.add_pet("Rex").await;
        assert_eq!(reason(&device, rex).await, EmptyDeck::NoConsent);
        let mut household = device.call(HouseholdGet {}).await.unwrap();
        household.share_consent = Some(Consent {
            notice: Consent::NOTICE,
            given_at: UtcMs(NOW),
        });
        device.save_household(household.clone()).await.unwrap();
        assert_eq!(reason(&device, rex).await, EmptyDeck::NoArea);
        household.area = Some(Area::around(47.6, -122.3).unwrap());
        device.save_household(household).await.unwrap();
        assert_eq!(reason(&device, rex).await, EmptyDeck::NoHours);
        let minute = |n| Minute::new(n).unwrap();
        let hours = WeeklyHours::new(Weekday::Saturday, minute(600), minute(700)).unwrap();
        device.call(SlotSave { id: None, hours }).await.unwrap();
        assert_eq!(reason(&device, rex).await, EmptyDeck::PetHidden);
        let mut shown = pet("Rex");
        shown.visible = true;
        // It is still the evening before in Seattle when this day has begun in Greenwich.
        shown.hold_until = Some(jiff::civil::date(2026, 9, 21));
        device.save_pet(rex, shown.clone()).await.unwrap();
        assert_eq!(reason(&device, rex).await, EmptyDeck::PetRests);
        shown.hold_until = None;
        let save = async |pet: &Pet| {
            let pet = pet.clone();
            device.save_pet(rex, pet).await.unwrap();
            reason(&device, rex).await
        };
        let weight = shown.weight_g.take();
        assert_eq!(save(&shown).await, EmptyDeck::NoWeight);
        shown.weight_g = weight.or(Weight::new(9_000).ok());
        assert_eq!(save(&shown).await, EmptyDeck::NobodyNear);
        shown.species = Species::Cat;
        assert_eq!(
            save(&shown).await,
            EmptyDeck::NoVenue,
            "a cat meets others indoors only"
        );
    }

    #[tokio::test]
    async fn a_childs_device_blames_no_setting_it_cannot_see() {
        let owner = Device::registered().await;
        let rex = owner.add_pet("Rex").await;
        owner.sync().await;
        let tablet = owner.paired(Role::Child).await;
        assert_eq!(reason(&tablet, rex).await, EmptyDeck::NobodyNear);
    }
}

//! The yeses that wait for an owner.

use romp_domain::view::{PetView, ReleaseView};
use romp_domain::{Card, CardId, Child, Pet, Problem, Swipe, SwipeId};
use romp_store::StoreError;

use crate::App;

/// Held yeses, with the card they were given on. One whose card or pet has gone cannot be let out, and is left out.
pub(crate) fn list(app: &App) -> Result<Vec<ReleaseView>, Problem> {
    let mut held = app.store.read(|reader| {
        let mut held = Vec::new();
        for (id, swipe) in reader.list::<Swipe>()? {
            if !swipe.is_held() {
                continue;
            }
            let card: Option<Card> = reader.get(CardId::of(swipe.actor_pet, swipe.target_pet).0)?;
            let pet: Option<Pet> = reader.get(swipe.actor_pet.0)?;
            let (Some(card), Some(pet)) = (card, pet) else {
                continue;
            };
            let child = match swipe.by_child {
                Some(child) => reader.get::<Child>(child.0)?,
                None => None,
            };
            held.push(ReleaseView {
                swipe: SwipeId(id),
                child,
                pet: PetView {
                    id: swipe.actor_pet,
                    pet,
                },
                card,
            });
        }
        Ok::<_, StoreError>(held)
    })?;
    held.sort_by_key(|view| (view.pet.id, view.card.rank, view.swipe));
    Ok(held)
}

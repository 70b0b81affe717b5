//! The practice deck: pets on paper for a device without an account, so that everything can be tried offline.
//!
//! Its cards and the swipes on them stay on the device and go when it joins a family.

use romp_domain::card::{Distance, Reason};
use romp_domain::{Card, CardId, Entity, ErrorCode, Kind, Pet, PetId, Problem, PublicPet};

use super::cards;
use crate::App;

/// An array of [`PublicPet`].
const PETS: &str = include_str!("../../../../assets/demo/practice.json");

/// Lays out the practice cards for a pet that has none.
pub(super) fn deal(app: &App, actor: PetId) -> Result<(), Problem> {
    if !app.store.read(|reader| cards(&reader, actor))?.is_empty() {
        return Ok(());
    }
    app.store.write(|writer| {
        let pet: Pet = writer.get(actor.0)?.ok_or(ErrorCode::NotFound)?;
        for (rank, other) in (0..).zip(pets()?) {
            let id = CardId::of(actor, other.id);
            let reasons = reasons(&pet, &other);
            let card = Card {
                for_pet: actor,
                pet: other,
                distance: Distance::Under5Km,
                reasons,
                rank,
            };
            writer.patch_practice(Kind::Card, id.0, &card.to_fields())?;
        }
        Ok(())
    })
}

fn pets() -> Result<Vec<PublicPet>, Problem> {
    serde_json::from_str(PETS).map_err(|error| {
        tracing::error!(%error, "the practice pets cannot be read");
        Problem::new(ErrorCode::Internal)
    })
}

/// What the two have in common. Also on paper a reason has to be true.
fn reasons(pet: &Pet, other: &PublicPet) -> Vec<Reason> {
    let style = pet.play_styles.intersection(&other.play_styles).next();
    let same_size = pet.size().is_some() && pet.size() == other.size;
    let same_energy = pet.energy.is_some() && pet.energy == other.energy;
    let mut reasons: Vec<_> = style
        .map(|style| Reason::BothPlay { style: *style })
        .into_iter()
        .collect();
    reasons.extend(same_size.then_some(Reason::SameSize));
    reasons.extend(same_energy.then_some(Reason::SameEnergy));
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_practice_pets_can_all_be_read_and_are_all_different() {
        let pets = pets().unwrap();
        let ids: std::collections::BTreeSet<_> = pets.iter().map(|pet| pet.id).collect();
        assert!(!pets.is_empty());
        assert_eq!(ids.len(), pets.len());
    }
}

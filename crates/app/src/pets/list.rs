//! All pets of the family.

use romp_domain::view::PetView;
use romp_domain::{Pet, PetId, Problem};

use crate::App;

/// The pets, oldest entry first (ids begin with the time they were made).
pub(crate) fn list(app: &App) -> Result<Vec<PetView>, Problem> {
    let pets = app.store.read(|reader| reader.list::<Pet>())?;
    Ok(pets
        .into_iter()
        .map(|(id, pet)| PetView { id: PetId(id), pet })
        .collect())
}

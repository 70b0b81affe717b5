//! Blocking the family that has a pet.

use romp_domain::calls::Block as Call;
use romp_domain::{Block, Card, ErrorCode, Kind, Matched, PetId, Playdate, Problem, PublicPet};
use romp_store::{StoreError, Writer};

use crate::App;

/// Blocks. Only a pet that was met here can be named: by a card, a match or a playdate. What was reported stays: a block that
/// reports nothing says nothing of it.
pub(crate) fn block(app: &App, call: Call) -> Result<(), Problem> {
    app.store.write(|writer| {
        if writer
            .get::<Block>(call.pet.0)?
            .is_some_and(|block| block.blocked)
        {
            return Ok(());
        }
        let face = last_known(&writer, call.pet)?.ok_or(ErrorCode::NotFound)?;
        writer.put(call.pet.0, &Block::of(&face))?;
        Ok(())
    })
}

/// How a pet was last seen here, with its name where that is still known. Pets on paper belong to nobody.
fn last_known(writer: &Writer<'_>, pet: PetId) -> Result<Option<PublicPet>, StoreError> {
    let mut faces = Vec::new();
    for (id, card) in writer.list::<Card>()? {
        if card.pet.id == pet && !writer.is_practice(Kind::Card, id)? {
            faces.push(card.pet);
        }
    }
    faces.extend(
        writer
            .list::<Matched>()?
            .into_iter()
            .map(|(_, matched)| matched.other),
    );
    faces.extend(
        writer
            .list::<Playdate>()?
            .into_iter()
            .map(|(_, playdate)| playdate.other),
    );
    faces.retain(|face| face.id == pet);
    faces.sort_by_key(|face| face.name.is_none());
    Ok(faces.into_iter().next())
}

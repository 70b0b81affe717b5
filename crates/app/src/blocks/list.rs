//! The families that are kept away.

use romp_domain::view::BlockView;
use romp_domain::{Block, PetId, Problem};

use crate::App;

/// All that are in force, by name.
pub(crate) fn list(app: &App) -> Result<Vec<BlockView>, Problem> {
    let all = app.store.read(|reader| reader.list::<Block>())?;
    let mut views: Vec<_> = all
        .into_iter()
        .filter(|(_, block)| block.blocked)
        .map(|(id, block)| BlockView {
            pet: PetId(id),
            block,
        })
        .collect();
    views.sort_by(|one, other| (&one.block.name, one.pet).cmp(&(&other.block.name, other.pet)));
    Ok(views)
}

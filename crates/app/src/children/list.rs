//! All children of the family.

use romp_domain::view::ChildView;
use romp_domain::{Child, ChildId, Problem};

use crate::App;

/// The children, oldest entry first.
pub(crate) fn list(app: &App) -> Result<Vec<ChildView>, Problem> {
    let children = app.store.read(|reader| reader.list::<Child>())?;
    Ok(children
        .into_iter()
        .map(|(id, child)| ChildView {
            id: ChildId(id),
            child,
        })
        .collect())
}

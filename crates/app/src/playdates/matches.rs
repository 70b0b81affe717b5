//! All matches.

use romp_domain::view::MatchView;
use romp_domain::{MatchId, Matched, Problem};

use crate::App;

/// The matches, newest first.
pub(crate) fn matches(app: &App) -> Result<Vec<MatchView>, Problem> {
    let mut list: Vec<_> = app
        .store
        .read(|reader| reader.list::<Matched>())?
        .into_iter()
        .map(|(id, matched)| MatchView {
            id: MatchId(id),
            matched,
        })
        .collect();
    list.sort_by_key(|view| (std::cmp::Reverse(view.matched.since), view.id));
    Ok(list)
}

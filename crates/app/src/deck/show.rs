//! The deck as it is shown.

use romp_domain::calls::Deck;
use romp_domain::view::DeckView;
use romp_domain::{ErrorCode, Pet, Problem, Verdict};

use super::{cards, empty, practice, undo, verdict_of};
use crate::App;

/// The cards without a verdict, and how far the deck is.
pub(crate) fn show(app: &App, call: Deck) -> Result<DeckView, Problem> {
    let is_practice = app.store.account()?.is_none();
    if is_practice {
        practice::deal(app, call.pet)?;
    }
    app.store.read(|reader| {
        let pet: Pet = reader.get(call.pet.0)?.ok_or(ErrorCode::NotFound)?;
        let mut view = DeckView {
            pet: call.pet,
            cards: Vec::new(),
            decided: 0,
            later: 0,
            can_undo: undo::last(reader, call.pet)?.is_some(),
            practice: is_practice,
            empty: None,
        };
        for card in cards(reader, call.pet)? {
            match verdict_of(reader, call.pet, card.pet.id)? {
                Some(Verdict::Yes | Verdict::No) => view.decided += 1,
                Some(Verdict::Later) => view.later += 1,
                None => view.cards.push(card),
            }
        }
        if view.cards.is_empty() {
            view.empty = Some(empty::why(app, reader, &view, &pet)?);
        }
        Ok(view)
    })
}

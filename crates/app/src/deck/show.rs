//! The deck as it is shown.

use romp_domain::calls::Deck;
use romp_domain::view::DeckView;
use romp_domain::{ErrorCode, Pet, Problem, Verdict};

use super::{cards, empty, practice, undo, verdict_here};
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
            can_undo: undo::last(&app.known(&reader)?, &reader, call.pet)?.is_some(),
            practice: is_practice,
            empty: None,
        };
        for card in cards(&reader, call.pet)? {
            match verdict_here(&reader, call.pet, card.pet.id)? {
                Some(Verdict::Yes | Verdict::No) => view.decided += 1,
                Some(Verdict::Later) => view.later += 1,
                None => view.cards.push(card),
            }
        }
        if view.cards.is_empty() {
            view.empty = Some(empty::why(app, &reader, &view, &pet)?);
        }
        Ok(view)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Device, code};
    use romp_domain::calls::{Release, Releases, Undo};
    use romp_domain::{PetId, SwipeId};

    #[tokio::test]
    async fn without_an_account_everything_can_be_tried_on_paper_and_nothing_of_it_is_ever_sent() {
        let device = Device::new();
        let (rex, mia) = (device.add_pet("Rex").await, device.add_child("Mia").await);
        let deck = device.deck(rex).await;
        assert!(deck.practice && deck.cards.len() >= 3 && deck.empty.is_none());
        let waiting = device.status().await.pending;

        let [first, second] = [deck.cards[0].pet.id, deck.cards[1].pet.id];
        device.swipe(rex, first, Verdict::Yes, Some(mia)).await.unwrap();
        device.swipe(rex, second, Verdict::Later, None).await.unwrap();
        let device = device.restarted();
        let after = device.deck(rex).await;
        assert_eq!(
            (after.cards.len(), after.decided, after.later),
            (deck.cards.len() - 2, 1, 1)
        );
        assert_eq!(device.call(Releases {}).await.unwrap().len(), 1);
        device
            .call(Release {
                swipe: SwipeId::of(rex, first),
                out: true,
            })
            .await
            .unwrap();
        device.call(Undo { pet: rex }).await.unwrap();
        device.call(Undo { pet: rex }).await.unwrap();
        assert_eq!(device.deck(rex).await.cards, deck.cards);
        device.swipe(rex, first, Verdict::Yes, None).await.unwrap();
        assert_eq!(
            device.status().await.pending,
            waiting,
            "practice makes no mutation"
        );

        device.call(Device::registration()).await.unwrap();
        let joined = device.deck(rex).await;
        assert!(!joined.practice && joined.cards.is_empty() && !joined.can_undo);
        assert_eq!(device.swipe_of(rex, first), None);
        assert!(device.row::<Pet>(rex.0).is_some(), "the pets stay");
    }

    #[tokio::test]
    async fn there_is_no_deck_for_a_pet_that_is_not_there() {
        let device = Device::new();
        let deck = Deck {
            pet: PetId(uuid::Uuid::from_u128(404)),
        };
        assert_eq!(code(device.call(deck).await), ErrorCode::NotFound);
    }
}

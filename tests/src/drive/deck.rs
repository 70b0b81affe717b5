//! What tests do with a deck, whatever shows it.

use super::page::{Page, wait_for};

/// The id of the pet on the top card.
pub fn top(page: &mut impl Page) -> String {
    wait_for("a card", || shown(page))
}

/// Waits until this pet is on the top card.
pub fn wait_for_top(page: &mut impl Page, pet: &str) {
    wait_for("the card", || (shown(page)? == pet).then_some(()));
}

/// Looks between two tries, which is longer than the deck takes nothing after a verdict.
const LOOKS_BETWEEN_TRIES: usize = 20;

/// Does something to the top card until another one, or none, is on top. The deck takes nothing for half a second
/// after each verdict, as it must for a child's hands; so the first try may be one that it ignores.
pub fn decide<P: Page>(page: &mut P, mut act: impl FnMut(&mut P)) {
    let before = top(page);
    let mut looks = 0;
    wait_for("the next card", || {
        if looks % LOOKS_BETWEEN_TRIES == 0 {
            act(page);
        }
        looks += 1;
        (shown(page).as_ref() != Some(&before)).then_some(())
    });
}

fn shown(page: &mut impl Page) -> Option<String> {
    page.attribute("deck-card", "data-pet")
}

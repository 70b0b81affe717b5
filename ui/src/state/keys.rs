//! Keys of the deck, wherever the focus is: arrows for the three choices, Z for undo.

use std::rc::Rc;

use dioxus::prelude::*;
use futures_util::StreamExt;
use romp_domain::Verdict;

use crate::dom::KeyListener;

/// What a key means on a deck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeckKey {
    /// A choice.
    Verdict(Verdict),
    /// Take back.
    Undo,
}

fn meaning(key: &str) -> Option<DeckKey> {
    match key {
        "ArrowLeft" => Some(DeckKey::Verdict(Verdict::No)),
        "ArrowDown" => Some(DeckKey::Verdict(Verdict::Later)),
        "ArrowRight" => Some(DeckKey::Verdict(Verdict::Yes)),
        "z" | "Z" => Some(DeckKey::Undo),
        _ => None,
    }
}

/// Calls `pressed` for the deck's keys as long as the component is there.
pub(crate) fn use_keys(pressed: impl FnMut(DeckKey) + 'static) {
    let pressed = use_callback(pressed);
    // The listener runs outside the drawing, so it only sends word; the coroutine, inside, acts on it.
    let keys = use_coroutine(move |mut keys: UnboundedReceiver<DeckKey>| async move {
        while let Some(key) = keys.next().await {
            pressed.call(key);
        }
    });
    use_hook(move || {
        let sender = keys.tx();
        Rc::new(KeyListener::new(move |key| {
            meaning(key).is_some_and(|key| sender.unbounded_send(key).is_ok())
        }))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_choose_and_z_takes_back() {
        assert_eq!(meaning("ArrowLeft"), Some(DeckKey::Verdict(Verdict::No)));
        assert_eq!(meaning("ArrowDown"), Some(DeckKey::Verdict(Verdict::Later)));
        assert_eq!(meaning("ArrowRight"), Some(DeckKey::Verdict(Verdict::Yes)));
        assert_eq!(meaning("Z"), Some(DeckKey::Undo));
        assert_eq!(meaning("ArrowUp"), None);
    }
}

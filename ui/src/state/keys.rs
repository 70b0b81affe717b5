//! Keys that are heard wherever the focus is: those of a deck, and those of a keypad.

use std::rc::Rc;

use dioxus::prelude::*;
use romp_domain::Verdict;

use crate::dom::KeyListener;

/// What a key means; none where it means nothing.
type Meaning = fn(&str) -> Option<char>;

/// What a key means on a deck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeckKey {
    /// A choice.
    Verdict(Verdict),
    /// Take back.
    Undo,
}

/// Arrows for the three choices, Z for undo.
fn on_a_deck(key: &str) -> Option<char> {
    match key {
        "ArrowLeft" => Some('n'),
        "ArrowDown" => Some('l'),
        "ArrowRight" => Some('y'),
        "z" | "Z" => Some('z'),
        _ => None,
    }
}

/// Digits; `<` takes the last one back, `=` is done, `x` goes away.
fn on_a_keypad(key: &str) -> Option<char> {
    match key {
        "Backspace" => Some('<'),
        "Enter" => Some('='),
        "Escape" => Some('x'),
        digit => digit
            .chars()
            .next()
            .filter(|c| digit.len() == 1 && c.is_ascii_digit()),
    }
}

fn deck_key(key: char) -> DeckKey {
    match key {
        'n' => DeckKey::Verdict(Verdict::No),
        'l' => DeckKey::Verdict(Verdict::Later),
        'y' => DeckKey::Verdict(Verdict::Yes),
        _ => DeckKey::Undo,
    }
}

/// Calls `pressed` for the deck's keys as long as the component is there.
pub(crate) fn use_keys(mut pressed: impl FnMut(DeckKey) + 'static) {
    use_heard(on_a_deck, Box::new(move |key| pressed(deck_key(key))));
}

/// The same for a keypad's keys.
pub(crate) fn use_keypad_keys(pressed: impl FnMut(char) + 'static) {
    use_heard(on_a_keypad, Box::new(pressed));
}

#[inline(never)]
fn use_heard(meaning: Meaning, pressed: Box<dyn FnMut(char)>) {
    // A callback may be called from outside the drawing: it goes inside by itself.
    let pressed = use_callback(pressed);
    use_hook(move || {
        Rc::new(KeyListener::new(move |key| {
            let key = meaning(key);
            key.map(|key| pressed.call(key)).is_some()
        }))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_choose_and_z_takes_back() {
        let meaning = |key| on_a_deck(key).map(deck_key);
        assert_eq!(meaning("ArrowLeft"), Some(DeckKey::Verdict(Verdict::No)));
        assert_eq!(meaning("ArrowDown"), Some(DeckKey::Verdict(Verdict::Later)));
        assert_eq!(meaning("ArrowRight"), Some(DeckKey::Verdict(Verdict::Yes)));
        assert_eq!(meaning("Z"), Some(DeckKey::Undo));
        assert_eq!(meaning("ArrowUp"), None);
    }

    #[test]
    fn a_keypad_hears_digits_and_nothing_that_only_begins_with_one() {
        assert_eq!(on_a_keypad("7"), Some('7'));
        assert_eq!(on_a_keypad("Enter"), Some('='));
        for other in ["F7", "7th", "a", "٣", ""] {
            assert_eq!(on_a_keypad(other), None, "{other}");
        }
    }
}

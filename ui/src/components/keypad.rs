//! A keypad for digits that nobody looking over the shoulder sees: big keys, and a dot for each digit.
//!
//! It listens to the keyboard, too. What it says is announced; how many digits there are is announced as a number.

use dioxus::prelude::*;

use super::{Glyph, icon};
use crate::state::use_keypad_keys;

/// Most digits it takes: no PIN has more.
const MOST: usize = 8;

/// The keys, as they lie; `<` takes back, `=` is done.
const KEYS: [char; 12] = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '<', '0', '='];

/// The keypad. `says` is what it says above the keys; `rests` makes it take nothing.
#[component]
pub(crate) fn Keypad(
    title: &'static str,
    says: String,
    wrong: bool,
    rests: bool,
    ondone: EventHandler<String>,
    onleave: EventHandler<()>,
) -> Element {
    let mut digits = use_signal(String::new);
    let press = use_callback(move |key: char| match key {
        'x' => onleave.call(()),
        _ if rests => {}
        '<' => {
            digits.write().pop();
        }
        '=' => {
            let typed = std::mem::take(&mut *digits.write());
            if !typed.is_empty() {
                ondone.call(typed);
            }
        }
        digit => {
            if digits.peek().len() < MOST {
                digits.write().push(digit);
            }
        }
    });
    use_keypad_keys(move |key| press.call(key));
    let count = digits.read().len();
    rsx! {
        section { class: "keypad", "data-testid": "keypad", role: "group", "aria-label": title,
            h1 { "{title}" }
            p { class: "keypad-dots", role: "status", "aria-label": "{count} digits", "data-wrong": wrong,
                for n in 0..MOST.min(count.max(4)) {
                    i { key: "{n}", class: if n < count { "on" } }
                }
            }
            p { class: if wrong { "keypad-says wrong" } else { "keypad-says" }, role: "alert", "data-testid": "keypad-says", "{says}" }
            div { class: "keypad-keys",
                for key in KEYS {
                    {draw_key(key, rests || (key == '=' && count == 0), press)}
                }
            }
        }
    }
}

fn draw_key(key: char, rests: bool, press: Callback<char>) -> Element {
    let (label, glyph) = match key {
        '<' => ("Take the last digit back".to_owned(), Some(Glyph::Back)),
        '=' => ("Done".to_owned(), Some(Glyph::Check)),
        digit => (digit.to_string(), None),
    };
    rsx! {
        button {
            key: "{key}",
            class: if key == '=' { "key done" } else { "key" },
            r#type: "button",
            "data-testid": "key-{key}",
            "aria-label": "{label}",
            disabled: rests,
            onclick: move |_| press.call(key),
            if let Some(glyph) = glyph {
                {icon(glyph)}
            } else {
                "{key}"
            }
        }
    }
}

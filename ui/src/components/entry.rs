//! An entry of a list: a mark, what it is, more about it, and what can be done with it.

use dioxus::prelude::*;

use super::{Glyph, icon};

/// An entry; see the fields. Empty lines are not drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    /// `entry`, and how it looks.
    pub(crate) class: &'static str,
    /// Hook for tests.
    pub(crate) testid: &'static str,
    /// The mark.
    pub(crate) glyph: Glyph,
    /// What it is.
    pub(crate) title: &'a str,
    /// More about it.
    pub(crate) text: &'a str,
    /// Still more, in small.
    pub(crate) hint: &'a str,
}

impl Entry<'_> {
    /// Draws it; `key` is its own in the list.
    pub(crate) fn draw(self, key: &str, side: Element) -> Element {
        rsx! {
            li { key: "{key}", class: self.class, "data-testid": self.testid,
                span { class: "entry-mark", {icon(self.glyph)} }
                div { class: "entry-words",
                    strong { "{self.title}" }
                    p { class: "lead", "{self.text}" }
                    p { class: "hint", "{self.hint}" }
                }
                div { class: "actions", {side} }
            }
        }
    }
}

/// Words at the side of an entry.
pub(crate) fn aside(class: &'static str, words: &str) -> Element {
    rsx! {
        span { class, "{words}" }
    }
}

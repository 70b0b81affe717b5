//! The mark and the word.

use dioxus::prelude::*;

/// The mark (the picture of the app's icon) and the word.
pub(crate) fn logo() -> Element {
    rsx! {
        span { class: "logo",
            img { class: "mark", src: "icons/icon.svg", alt: "" }
            span { class: "logo-word", "Romp" }
        }
    }
}

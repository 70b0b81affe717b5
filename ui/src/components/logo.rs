//! The mark: two friends nose to nose under one roof of ears, and the word.

use dioxus::prelude::*;

/// The mark and the word.
pub(crate) fn logo() -> Element {
    rsx! {
        span { class: "logo",
            {mark()}
            span { class: "logo-word", "Romp" }
        }
    }
}

fn mark() -> Element {
    rsx! {
        svg { class: "mark", view_box: "0 0 64 64", "aria-hidden": "true",
            rect { width: "64", height: "64", rx: "16", fill: "#1F6B54" }
            path { d: "M12 27 C9 17 11 11 13 10 C18 11 24 16 26 20Z", fill: "#E07B3E" }
            path { d: "M52 27 C58 21 58 37 52 40 C47 40 46 34 47 28Z", fill: "#C89A63" }
            path { d: "M27 16 C37 16 42 24 41 33 C40 44 33 50 25 50 C15 50 9 43 10 33 C11 23 17 16 27 16Z", fill: "#F08C4B" }
            path { d: "M42 20 C51 20 56 27 55 36 C54 46 48 52 41 52 C33 52 29 46 30 38 C31 27 35 20 42 20Z", fill: "#F6E0BD" }
            path { d: "M35 22 C29 17 25 24 27 32 C30 35 35 31 38 25Z", fill: "#C89A63" }
            circle { cx: "19", cy: "31", r: "2.6", fill: "#2B2230" }
            circle { cx: "38", cy: "35", r: "2.6", fill: "#2B2230" }
            circle { cx: "48", cy: "35", r: "2.6", fill: "#2B2230" }
            path { d: "M40.5 41 h5 l-2.5 3Z", fill: "#2B2230" }
            path { d: "M17 40 c2 3 6 3 8 1 M39 46 c2 2 6 2 8 0", stroke: "#2B2230", stroke_width: "2", stroke_linecap: "round", fill: "none" }
        }
    }
}

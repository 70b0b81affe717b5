//! Cats.

use dioxus::prelude::*;

use super::look::{Coat, Look};
use super::parts::{INK, ROSE, cheeks, collar, shoulders};
use super::purpose;

const HEAD: &str =
    "M120 62 C158 60 190 84 192 122 C193 156 164 182 120 182 C76 182 47 156 48 122 C50 84 82 60 120 62Z";

const IRISES: &[&str] = &["#8FBF5A", "#E2B33C", "#6FB1CF", "#C98B3A"];

pub(super) fn draw(look: Look, coat: Coat, cloth: &'static str) -> Element {
    let iris = look.pick(purpose::EYES, IRISES);
    rsx! {
        {shoulders(coat.base, coat.light)}
        {collar(cloth)}
        path { d: "M52 112 C44 76 46 42 54 34 C70 38 96 54 106 70Z", fill: coat.base }
        path { d: "M188 112 C196 76 194 42 186 34 C170 38 144 54 134 70Z", fill: coat.base }
        path { d: "M60 88 C56 68 58 54 61 50 C70 54 84 62 90 70Z", fill: ROSE }
        path { d: "M180 88 C184 68 182 54 179 50 C170 54 156 62 150 70Z", fill: ROSE }
        path { d: HEAD, fill: coat.base }
        {marking(look, coat)}
        path { d: "M120 140 C134 132 154 140 152 156 C150 172 134 178 120 178 C106 178 90 172 88 156 C86 140 106 132 120 140Z", fill: coat.light }
        {eye(88, iris)}
        {eye(152, iris)}
        path { d: "M110 140 C112 136 128 136 130 140 C130 146 123 151 120 151 C117 151 110 146 110 140Z", fill: "#D9757B" }
        path { d: "M120 151 v5 M120 156 c-4 9 -16 9 -19 1 M120 156 c4 9 16 9 19 1", stroke: INK, stroke_width: "3.5", stroke_linecap: "round", fill: "none" }
        path { d: "M82 150 L42 142 M82 158 L44 164 M158 150 L198 142 M158 158 L196 164", stroke: "#FFFFFF", stroke_width: "2.5", stroke_linecap: "round", opacity: "0.85" }
        {cheeks(52, 146)}
    }
}

fn eye(x: i32, iris: &'static str) -> Element {
    rsx! {
        ellipse { cx: x, cy: "116", rx: "16", ry: "15", fill: INK }
        ellipse { cx: x, cy: "116", rx: "13.5", ry: "12.5", fill: iris }
        ellipse { cx: x, cy: "116", rx: "6.5", ry: "11", fill: INK }
        circle { cx: x + 4, cy: "110", r: "4", fill: "#FFFFFF" }
    }
}

fn marking(look: Look, coat: Coat) -> Element {
    match look.choose(purpose::MARKING, 5) {
        // Tabby.
        0 => rsx! {
            path { d: "M120 64 v26 M100 67 l5 20 M140 67 l-5 20 M52 122 l20 4 M54 140 l18 0 M188 122 l-20 4 M186 140 l-18 0", stroke: coat.dark, stroke_width: "7", stroke_linecap: "round", fill: "none" }
        },
        // Tuxedo.
        1 => rsx! {
            path { d: "M120 82 C128 98 132 112 150 126 C172 142 160 182 120 182 C80 182 68 142 90 126 C108 112 112 98 120 82Z", fill: coat.light }
        },
        // Patches.
        2 => rsx! {
            path { d: "M122 62 C158 61 190 84 192 120 C176 134 148 130 138 112 C130 98 126 80 122 62Z", fill: coat.dark }
            path { d: "M49 116 C52 98 64 80 82 71 C92 84 86 112 72 122 C62 128 52 126 49 116Z", fill: "#D98F4E" }
        },
        // Points.
        3 => rsx! {
            path { d: "M120 100 C150 92 176 110 164 144 C156 166 138 176 120 176 C102 176 84 166 76 144 C64 110 90 92 120 100Z", fill: coat.dark, opacity: "0.6" }
        },
        _ => rsx! {},
    }
}

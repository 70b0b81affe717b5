//! Pigs.

use dioxus::prelude::*;

use super::look::{Coat, Look};
use super::parts::{INK, cheeks, eyes};
use super::purpose;

pub(super) fn draw(look: Look, coat: Coat) -> Element {
    rsx! {
        path { d: "M40 262 C40 204 74 174 120 174 C166 174 200 204 200 262Z", fill: coat.base }
        circle { cx: "120", cy: "122", r: "70", fill: coat.base }
        {marking(look, coat)}
        {ears(look, coat)}
        {eyes(34, 108, 9)}
        {cheeks(50, 132)}
        path { d: "M92 166 C104 182 136 182 148 166", stroke: INK, stroke_width: "4", stroke_linecap: "round", fill: "none" }
        ellipse { cx: "120", cy: "142", rx: "32", ry: "24", fill: coat.dark }
        ellipse { cx: "120", cy: "139", rx: "31", ry: "22", fill: coat.light }
        ellipse { cx: "109", cy: "140", rx: "5.5", ry: "8", fill: coat.dark }
        ellipse { cx: "131", cy: "140", rx: "5.5", ry: "8", fill: coat.dark }
    }
}

fn ears(look: Look, coat: Coat) -> Element {
    if look.choose(purpose::EARS, 2) == 0 {
        rsx! {
            path { d: "M56 96 C44 66 50 40 60 34 C80 40 96 54 100 66 C84 72 68 82 56 96Z", fill: coat.dark }
            path { d: "M184 96 C196 66 190 40 180 34 C160 40 144 54 140 66 C156 72 172 82 184 96Z", fill: coat.dark }
        }
    } else {
        rsx! {
            path { d: "M98 56 C74 44 46 58 42 88 C42 104 54 108 64 98 C74 86 86 70 98 62Z", fill: coat.dark }
            path { d: "M142 56 C166 44 194 58 198 88 C198 104 186 108 176 98 C166 86 154 70 142 62Z", fill: coat.dark }
        }
    }
}

fn marking(look: Look, coat: Coat) -> Element {
    match look.choose(purpose::MARKING, 3) {
        0 => rsx! {
            path { d: "M132 86 C144 70 172 76 184 104 C184 122 168 132 150 126 C132 120 124 102 132 86Z", fill: coat.dark, opacity: "0.6" }
            circle { cx: "74", cy: "152", r: "9", fill: coat.dark, opacity: "0.5" }
            circle { cx: "66", cy: "210", r: "16", fill: coat.dark, opacity: "0.5" }
        },
        1 => rsx! {
            path { d: "M42 222 C70 206 170 206 198 222 C200 236 200 250 200 262 H40 C40 250 40 236 42 222Z", fill: coat.light }
        },
        _ => rsx! {},
    }
}

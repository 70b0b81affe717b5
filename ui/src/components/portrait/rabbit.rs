//! Rabbits.

use dioxus::prelude::*;

use super::look::{Coat, Look};
use super::parts::{INK, ROSE, cheeks, eyes, shoulders};
use super::purpose;

const HEAD: &str =
    "M120 72 C154 72 176 98 178 130 C180 164 152 186 120 186 C88 186 60 164 62 130 C64 98 86 72 120 72Z";

pub(super) fn draw(look: Look, coat: Coat) -> Element {
    rsx! {
        {shoulders(coat.base, coat.light)}
        {ears(look, coat)}
        path { d: HEAD, fill: coat.base }
        {marking(look, coat)}
        ellipse { cx: "102", cy: "160", rx: "21", ry: "17", fill: coat.light }
        ellipse { cx: "138", cy: "160", rx: "21", ry: "17", fill: coat.light }
        rect { x: "111", y: "166", width: "8.5", height: "14", rx: "3", fill: "#FFFFFF" }
        rect { x: "120.5", y: "166", width: "8.5", height: "14", rx: "3", fill: "#FFFFFF" }
        path { d: "M120 154 v8 M120 162 c-4 7 -15 7 -19 1 M120 162 c4 7 15 7 19 1", stroke: INK, stroke_width: "3.5", stroke_linecap: "round", fill: "none" }
        path { d: "M109 144 C112 139 128 139 131 144 C131 151 124 155 120 155 C116 155 109 151 109 144Z", fill: "#D9757B" }
        {eyes(34, 122, 11)}
        {cheeks(44, 148)}
    }
}

fn ears(look: Look, coat: Coat) -> Element {
    match look.choose(purpose::EARS, 3) {
        // One up, one bent.
        0 => rsx! {
            path { d: "M86 92 C66 60 66 16 84 8 C104 10 112 54 110 84Z", fill: coat.base }
            path { d: "M90 82 C78 58 78 30 86 22 C98 28 102 58 101 80Z", fill: ROSE }
            path { d: "M132 84 C132 60 142 34 158 30 C186 30 208 52 208 74 C196 80 176 66 164 64 C160 72 156 82 152 90Z", fill: coat.base }
            path { d: "M158 30 C186 30 208 52 208 74 C196 80 176 66 164 64 C156 56 154 42 158 30Z", fill: coat.dark }
        },
        // Up.
        _ => rsx! {
            path { d: "M86 92 C62 60 62 12 80 4 C102 6 112 54 110 84Z", fill: coat.base }
            path { d: "M154 92 C178 60 178 12 160 4 C138 6 128 54 130 84Z", fill: coat.base }
            path { d: "M90 82 C74 58 74 28 83 20 C97 26 103 58 101 80Z", fill: ROSE }
            path { d: "M150 82 C166 58 166 28 157 20 C143 26 137 58 139 80Z", fill: ROSE }
        },
    }
}

fn marking(look: Look, coat: Coat) -> Element {
    match look.choose(purpose::MARKING, 4) {
        // A wide blaze.
        0 => rsx! {
            path { d: "M120 72 C132 74 134 96 136 116 C140 140 164 146 168 158 C156 178 140 186 120 186 C100 186 84 178 72 158 C76 146 100 140 104 116 C106 96 108 74 120 72Z", fill: coat.light }
        },
        // Dark around the eyes.
        1 => rsx! {
            ellipse { cx: "86", cy: "122", rx: "18", ry: "20", fill: coat.dark, opacity: "0.8" }
            ellipse { cx: "154", cy: "122", rx: "18", ry: "20", fill: coat.dark, opacity: "0.8" }
        },
        // A star.
        2 => rsx! {
            path { d: "M120 82 l6 12 13 2 -9 9 2 13 -12 -6 -12 6 2 -13 -9 -9 13 -2Z", fill: coat.light }
        },
        _ => rsx! {},
    }
}

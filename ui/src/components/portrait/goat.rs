//! Goats.

use dioxus::prelude::*;

use super::look::{Coat, Look};
use super::parts::{INK, collar, shoulders};
use super::purpose;

const HEAD: &str =
    "M120 58 C150 58 168 76 166 104 C165 128 152 148 148 166 C145 184 134 192 120 192 C106 192 95 184 92 166 C88 148 75 128 74 104 C72 76 90 58 120 58Z";

pub(super) fn draw(look: Look, coat: Coat, cloth: &'static str) -> Element {
    rsx! {
        {shoulders(coat.base, coat.light)}
        {collar(cloth)}
        {horns(look)}
        path { d: "M80 92 C56 80 28 88 20 106 C34 122 64 122 82 110Z", fill: coat.dark }
        path { d: "M160 92 C184 80 212 88 220 106 C206 122 176 122 158 110Z", fill: coat.dark }
        path { d: "M74 98 C58 92 42 96 34 105 C46 113 62 113 76 106Z", fill: "#E9989A" }
        path { d: "M166 98 C182 92 198 96 206 105 C194 113 178 113 164 106Z", fill: "#E9989A" }
        path { d: "M104 184 C106 212 116 226 122 230 C132 220 136 204 136 184Z", fill: coat.light }
        path { d: HEAD, fill: coat.base }
        {marking(look, coat)}
        path { d: "M120 146 C142 146 150 160 147 172 C144 186 134 192 120 192 C106 192 96 186 93 172 C90 160 98 146 120 146Z", fill: coat.light }
        path { d: "M108 160 q4 5 8 2 M132 160 q-4 5 -8 2", stroke: INK, stroke_width: "4", stroke_linecap: "round", fill: "none" }
        path { d: "M120 166 v6 M120 172 c-3 8 -14 8 -17 1 M120 172 c3 8 14 8 17 1", stroke: INK, stroke_width: "3.5", stroke_linecap: "round", fill: "none" }
        {eye(95)}
        {eye(145)}
        if look.choose(purpose::MOUTH, 2) == 0 {
            path { d: "M104 62 C102 46 114 44 118 54 C122 42 136 46 134 62 C126 72 112 72 104 62Z", fill: coat.light }
        }
    }
}

fn eye(x: i32) -> Element {
    rsx! {
        ellipse { cx: x, cy: "110", rx: "13", ry: "12", fill: "#F0C463" }
        rect { x: x - 9, y: "105", width: "18", height: "10", rx: "5", fill: INK }
        circle { cx: x + 4, cy: "106", r: "3.5", fill: "#FFFFFF" }
    }
}

fn horns(look: Look) -> Element {
    match look.choose(purpose::EARS, 3) {
        0 => rsx! {
            path { d: "M92 72 C82 48 66 34 50 34 C52 52 66 76 84 88Z", fill: "#8B7A66" }
            path { d: "M148 72 C158 48 174 34 190 34 C188 52 174 76 156 88Z", fill: "#8B7A66" }
            path { d: "M66 44 l-8 10 M78 54 l-10 10 M174 44 l8 10 M162 54 l10 10", stroke: "#6A5B4A", stroke_width: "3", stroke_linecap: "round" }
        },
        1 => rsx! {
            path { d: "M90 70 C84 54 86 44 92 38 C102 44 106 56 106 66Z", fill: "#8B7A66" }
            path { d: "M150 70 C156 54 154 44 148 38 C138 44 134 56 134 66Z", fill: "#8B7A66" }
        },
        _ => rsx! {},
    }
}

fn marking(look: Look, coat: Coat) -> Element {
    match look.choose(purpose::MARKING, 3) {
        0 => rsx! {
            path { d: "M120 59 C130 60 132 92 132 120 C134 136 142 150 140 162 H100 C98 150 106 136 108 120 C108 92 110 60 120 59Z", fill: coat.light }
        },
        1 => rsx! {
            path { d: "M84 74 C96 84 98 120 92 150 C82 134 74 122 74 104 C74 90 78 80 84 74Z M156 74 C144 84 142 120 148 150 C158 134 166 122 166 104 C166 90 162 80 156 74Z", fill: coat.dark, opacity: "0.75" }
        },
        _ => rsx! {},
    }
}

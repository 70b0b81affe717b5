//! Guinea pigs.

use dioxus::prelude::*;

use super::look::{Coat, Look};
use super::parts::{INK, cheeks, eyes};
use super::purpose;

const BODY: &str =
    "M120 64 C172 62 206 98 208 150 C210 206 196 250 188 262 H52 C44 250 30 206 32 150 C34 98 68 62 120 64Z";

pub(super) fn draw(look: Look, coat: Coat) -> Element {
    rsx! {
        path { d: "M60 100 C36 84 22 100 28 120 C34 138 54 138 66 124Z", fill: coat.dark }
        path { d: "M180 100 C204 84 218 100 212 120 C206 138 186 138 174 124Z", fill: coat.dark }
        path { d: "M56 106 C42 98 34 106 38 118 C42 128 54 128 60 120Z", fill: "#E9989A" }
        path { d: "M184 106 C198 98 206 106 202 118 C198 128 186 128 180 120Z", fill: "#E9989A" }
        path { d: BODY, fill: coat.base }
        {marking(look, coat)}
        path { d: "M120 138 C142 132 164 146 162 168 C160 192 140 198 120 198 C100 198 80 192 78 168 C76 146 98 132 120 138Z", fill: coat.light }
        path { d: "M106 152 C110 144 130 144 134 152 C134 162 126 167 120 167 C114 167 106 162 106 152Z", fill: "#D9757B" }
        rect { x: "112", y: "178", width: "7.5", height: "12", rx: "3", fill: "#FFFFFF" }
        rect { x: "120.5", y: "178", width: "7.5", height: "12", rx: "3", fill: "#FFFFFF" }
        path { d: "M120 167 v8 M120 175 c-4 7 -16 7 -20 0 M120 175 c4 7 16 7 20 0", stroke: INK, stroke_width: "3.5", stroke_linecap: "round", fill: "none" }
        {eyes(46, 126, 12)}
        {cheeks(58, 156)}
        ellipse { cx: "92", cy: "246", rx: "18", ry: "10", fill: coat.light }
        ellipse { cx: "148", cy: "246", rx: "18", ry: "10", fill: coat.light }
        if look.choose(purpose::EARS, 2) == 0 {
            path { d: "M104 68 C98 52 106 42 112 52 C112 38 124 34 124 50 C130 40 142 46 136 66 C128 74 112 74 104 68Z", fill: coat.dark }
        }
    }
}

fn marking(look: Look, coat: Coat) -> Element {
    match look.choose(purpose::MARKING, 4) {
        0 => rsx! {
            path { d: "M120 64 C132 66 136 96 134 126 C138 140 152 142 158 156 C146 150 94 150 82 156 C88 142 102 140 106 126 C104 96 108 66 120 64Z", fill: coat.light }
            path { d: "M34 140 C38 98 68 68 102 65 C104 96 100 128 78 148 C62 156 44 154 34 140Z", fill: coat.dark }
        },
        1 => rsx! {
            path { d: "M136 65 C172 70 204 98 207 146 C190 156 160 146 148 120 C140 102 138 82 136 65Z", fill: coat.dark }
        },
        2 => rsx! {
            path { d: "M33 190 C60 176 180 176 207 190 C205 222 196 250 188 262 H52 C44 250 35 222 33 190Z", fill: coat.light }
        },
        _ => rsx! {},
    }
}

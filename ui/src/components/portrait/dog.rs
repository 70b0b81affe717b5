//! Dogs.

use dioxus::prelude::*;

use super::look::{Coat, Look};
use super::parts::{INK, bandana, collar, eyes, shoulders, smile, tongue};
use super::purpose;

const HEAD: &str =
    "M120 44 C166 44 186 76 184 112 C183 132 176 142 166 154 C154 176 138 186 120 186 C102 186 86 176 74 154 C64 142 57 132 56 112 C54 76 74 44 120 44Z";

pub(super) fn draw(look: Look, coat: Coat, cloth: &'static str) -> Element {
    let happy = look.choose(purpose::MOUTH, 2) == 0;
    rsx! {
        {shoulders(coat.base, coat.light)}
        if look.choose(purpose::MOUTH + 10, 2) == 0 { {bandana(cloth)} } else { {collar(cloth)} }
        {ears_behind(look, coat)}
        path { d: HEAD, fill: coat.base }
        {marking(look, coat)}
        ellipse { cx: "120", cy: "152", rx: "37", ry: "30", fill: coat.light }
        if happy { {tongue(160)} }
        {smile(142)}
        path { d: "M104 130 C104 122 136 122 136 130 C136 140 126 147 120 147 C114 147 104 140 104 130Z", fill: INK }
        ellipse { cx: "114", cy: "129", rx: "5", ry: "2.5", fill: "#FFFFFF", opacity: "0.55" }
        {eyes(30, 106, 10)}
        {ears_in_front(look, coat)}
    }
}

fn ears_behind(look: Look, coat: Coat) -> Element {
    match look.choose(purpose::EARS, 4) {
        // Upright.
        1 => rsx! {
            path { d: "M62 92 C52 56 56 24 64 20 C76 22 100 42 108 60Z", fill: coat.dark }
            path { d: "M178 92 C188 56 184 24 176 20 C164 22 140 42 132 60Z", fill: coat.dark }
            path { d: "M70 78 C64 56 66 40 68 36 C78 42 90 52 94 60Z", fill: "#E9989A", opacity: "0.7" }
            path { d: "M170 78 C176 56 174 40 172 36 C162 42 150 52 146 60Z", fill: "#E9989A", opacity: "0.7" }
        },
        // Long and low.
        3 => rsx! {
            path { d: "M70 62 C40 66 26 112 32 160 C36 182 58 182 66 162 C74 140 76 100 86 70Z", fill: coat.dark }
            path { d: "M170 62 C200 66 214 112 208 160 C204 182 182 182 174 162 C166 140 164 100 154 70Z", fill: coat.dark }
        },
        _ => rsx! {},
    }
}

fn ears_in_front(look: Look, coat: Coat) -> Element {
    match look.choose(purpose::EARS, 4) {
        // Floppy.
        0 => rsx! {
            path { d: "M84 52 C58 44 36 66 36 100 C36 124 52 134 62 122 C72 108 72 78 92 58Z", fill: coat.dark }
            path { d: "M156 52 C182 44 204 66 204 100 C204 124 188 134 178 122 C168 108 168 78 148 58Z", fill: coat.dark }
        },
        // Upright with a folded tip.
        2 => rsx! {
            path { d: "M60 88 C50 62 56 36 68 30 C84 34 100 46 106 56Z", fill: coat.dark }
            path { d: "M180 88 C190 62 184 36 172 30 C156 34 140 46 134 56Z", fill: coat.dark }
            path { d: "M66 31 C50 40 44 62 48 78 C62 78 76 62 80 44Z", fill: coat.base }
            path { d: "M174 31 C190 40 196 62 192 78 C178 78 164 62 160 44Z", fill: coat.base }
            path { d: "M48 78 C62 78 76 62 80 44", stroke: coat.dark, stroke_width: "2", fill: "none", opacity: "0.5" }
            path { d: "M192 78 C178 78 164 62 160 44", stroke: coat.dark, stroke_width: "2", fill: "none", opacity: "0.5" }
        },
        _ => rsx! {},
    }
}

fn marking(look: Look, coat: Coat) -> Element {
    match look.choose(purpose::MARKING, 5) {
        // A blaze.
        0 => rsx! {
            path { d: "M120 45 C132 46 134 74 130 98 C134 112 150 122 154 144 C140 130 100 130 86 144 C90 122 106 112 110 98 C106 74 108 46 120 45Z", fill: coat.light }
        },
        // A patch around one eye.
        1 => rsx! {
            path { d: "M128 92 C134 72 168 68 178 90 C184 112 172 130 152 128 C134 126 124 110 128 92Z", fill: coat.dark }
        },
        // A mask.
        2 => rsx! {
            path { d: "M76 96 C84 84 104 86 112 100 C116 106 124 106 128 100 C136 86 156 84 164 96 C172 116 160 160 120 182 C80 160 68 116 76 96Z", fill: coat.dark, opacity: "0.55" }
        },
        // Light brows.
        3 => rsx! {
            ellipse { cx: "92", cy: "88", rx: "9", ry: "6", fill: coat.light }
            ellipse { cx: "148", cy: "88", rx: "9", ry: "6", fill: coat.light }
        },
        _ => rsx! {},
    }
}

//! Any other animal: two friendly eyes in a den, because a drawing must not claim fur where there are feathers.

use dioxus::prelude::*;

use super::look::Look;
use super::purpose;

const IRISES: &[&str] = &["#F2C14E", "#9FD0A4", "#8FC3DB", "#F0A66B"];

pub(super) fn draw(look: Look) -> Element {
    let iris = look.pick(purpose::EYES, IRISES);
    rsx! {
        path { d: "M0 262 C4 140 50 64 120 64 C190 64 236 140 240 262Z", fill: "#8A6A4C" }
        path { d: "M20 262 C24 158 62 88 120 88 C178 88 216 158 220 262Z", fill: "#6E5239" }
        path { d: "M44 262 C44 176 74 116 120 116 C166 116 196 176 196 262Z", fill: "#33261E" }
        path { d: "M40 88 C58 66 84 58 90 66 C84 84 60 98 40 88Z", fill: "#5E9E72" }
        path { d: "M200 92 C186 66 160 56 152 64 C156 84 178 100 200 92Z", fill: "#4C8A61" }
        path { d: "M112 58 C108 40 118 26 126 26 C132 38 128 54 120 62Z", fill: "#6BAF80" }
        {eye(94, iris)}
        {eye(146, iris)}
        path { d: "M104 214 C112 222 128 222 136 214", stroke: iris, stroke_width: "4", stroke_linecap: "round", fill: "none" }
    }
}

fn eye(x: i32, iris: &'static str) -> Element {
    rsx! {
        circle { cx: x, cy: "180", r: "19", fill: iris }
        circle { cx: x, cy: "180", r: "11", fill: "#1D1512" }
        circle { cx: x + 5, cy: "174", r: "5", fill: "#FFFFFF" }
    }
}

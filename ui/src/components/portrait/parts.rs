//! What several animals share: eyes, mouth, shoulders, cloth.

use dioxus::prelude::*;

/// Dark of eyes and noses.
pub(super) const INK: &str = "#2B2230";
/// Inside of ears, tongues, noses of small animals.
pub(super) const ROSE: &str = "#E9989A";

/// Two round eyes with a light in them, `apart` from the middle.
pub(super) fn eyes(apart: i32, y: i32, radius: i32) -> Element {
    let (left, right) = (120 - apart, 120 + apart);
    let glint = (radius * 2 + 2) / 5;
    rsx! {
        circle { cx: left, cy: y, r: radius, fill: INK }
        circle { cx: right, cy: y, r: radius, fill: INK }
        circle { cx: left + radius / 3, cy: y - radius / 3, r: glint, fill: "#FFFFFF" }
        circle { cx: right + radius / 3, cy: y - radius / 3, r: glint, fill: "#FFFFFF" }
    }
}

/// Warm cheeks.
pub(super) fn cheeks(apart: i32, y: i32) -> Element {
    rsx! {
        ellipse { cx: 120 - apart, cy: y, rx: "12", ry: "8", fill: ROSE, opacity: "0.45" }
        ellipse { cx: 120 + apart, cy: y, rx: "12", ry: "8", fill: ROSE, opacity: "0.45" }
    }
}

/// A smile under a nose at `y`.
pub(super) fn smile(y: i32) -> Element {
    rsx! {
        path {
            d: "M120 {y} v9 M120 {y + 9} c-4 10 -19 10 -22 0 M120 {y + 9} c4 10 19 10 22 0",
            fill: "none",
            stroke: INK,
            stroke_width: "4",
            stroke_linecap: "round",
        }
    }
}

/// A tongue hanging out of a smile at `y`.
pub(super) fn tongue(y: i32) -> Element {
    rsx! {
        path { d: "M109 {y} h22 v10 a11 11 0 0 1 -22 0z", fill: "#E5707A" }
        path { d: "M120 {y + 2} v9", stroke: "#C2525E", stroke_width: "2.5", stroke_linecap: "round" }
    }
}

/// Shoulders and chest below the head.
pub(super) fn shoulders(base: &'static str, light: &'static str) -> Element {
    rsx! {
        path { d: "M44 262 C44 204 76 176 120 176 C164 176 196 204 196 262Z", fill: base }
        path { d: "M92 262 C88 226 100 196 120 196 C140 196 152 226 148 262Z", fill: light }
    }
}

/// A bandana around the neck.
pub(super) fn bandana(colour: &'static str) -> Element {
    rsx! {
        path { d: "M70 178 C96 196 144 196 170 178 L174 194 C160 204 148 207 142 208 L120 236 L98 208 C92 207 80 204 66 194Z", fill: colour }
        path { d: "M70 178 C96 196 144 196 170 178 L172 186 C146 203 94 203 68 186Z", fill: "#000000", opacity: "0.14" }
        circle { cx: "120", cy: "214", r: "4", fill: "#FFFFFF", opacity: "0.75" }
        circle { cx: "106", cy: "205", r: "3", fill: "#FFFFFF", opacity: "0.75" }
        circle { cx: "134", cy: "205", r: "3", fill: "#FFFFFF", opacity: "0.75" }
    }
}

/// A collar with a tag.
pub(super) fn collar(colour: &'static str) -> Element {
    rsx! {
        path { d: "M72 176 C98 196 142 196 168 176 L172 190 C144 209 96 209 68 190Z", fill: colour }
        circle { cx: "120", cy: "208", r: "9", fill: "#F2C14E" }
        circle { cx: "120", cy: "208", r: "3.5", fill: "#C8922A" }
    }
}

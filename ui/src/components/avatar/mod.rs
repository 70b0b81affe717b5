//! The eight pictures by which children find themselves, drawn by code into a square of 100 units.

mod small;
mod woods;

use dioxus::prelude::*;
use romp_domain::Avatar;

/// A child's picture, beside its name.
pub(crate) fn avatar_face(avatar: Avatar) -> Element {
    let ground = match avatar {
        Avatar::Fox => "#FBE3C6",
        Avatar::Bear => "#DDEBD8",
        Avatar::Owl => "#DFE0F3",
        Avatar::Frog => "#D6ECEF",
        Avatar::Otter => "#D5E6F4",
        Avatar::Panda => "#F7DCE2",
        Avatar::Hedgehog => "#E4EDCB",
        Avatar::Lion => "#FBEBB9",
    };
    rsx! {
        svg { class: "avatar", view_box: "0 0 100 100", "aria-hidden": "true",
            circle { cx: "50", cy: "50", r: "50", fill: ground }
            match avatar {
                Avatar::Fox => woods::fox(),
                Avatar::Bear => woods::bear(),
                Avatar::Owl => woods::owl(),
                Avatar::Lion => woods::lion(),
                Avatar::Frog => small::frog(),
                Avatar::Otter => small::otter(),
                Avatar::Panda => small::panda(),
                Avatar::Hedgehog => small::hedgehog(),
            }
        }
    }
}

/// Two dark eyes with a light in them.
fn eyes(apart: i32, y: i32, radius: &'static str) -> Element {
    let (left, right) = (50 - apart, 50 + apart);
    rsx! {
        circle { cx: left, cy: y, r: radius, fill: "#2B2230" }
        circle { cx: right, cy: y, r: radius, fill: "#2B2230" }
        circle { cx: left + 1, cy: y - 1, r: "1.7", fill: "#FFFFFF" }
        circle { cx: right + 1, cy: y - 1, r: "1.7", fill: "#FFFFFF" }
    }
}

/// A nose with a smile under it.
fn nose(y: i32) -> Element {
    rsx! {
        path {
            d: "M50 {y} v5 M50 {y + 5} c-2 5 -9 5 -11 0 M50 {y + 5} c2 5 9 5 11 0",
            stroke: "#2B2230",
            stroke_width: "2.2",
            stroke_linecap: "round",
            fill: "none",
        }
        ellipse { cx: "50", cy: y, rx: "5.5", ry: "4", fill: "#2B2230" }
    }
}

//! The eight pictures by which children find themselves, drawn by code into a square of 100 units.

mod small;
mod woods;

use dioxus::prelude::*;
use romp_domain::Avatar;

use super::drawing::{Colours, draw};

/// Exchanges left and right in a square of 100 units.
const MIRROR: &str = "matrix(-1 0 0 1 100 0)";

/// A child's picture, beside its name.
pub(crate) fn avatar_face(avatar: Avatar) -> Element {
    let (ground, layer) = match avatar {
        Avatar::Fox => ("#FBE3C6", woods::FOX),
        Avatar::Bear => ("#DDEBD8", woods::BEAR),
        Avatar::Owl => ("#DFE0F3", woods::OWL),
        Avatar::Frog => ("#D6ECEF", small::FROG),
        Avatar::Otter => ("#D5E6F4", small::OTTER),
        Avatar::Panda => ("#F7DCE2", small::PANDA),
        Avatar::Hedgehog => ("#E4EDCB", small::HEDGEHOG),
        Avatar::Lion => ("#FBEBB9", woods::LION),
    };
    rsx! {
        svg { class: "avatar", view_box: "0 0 100 100", "aria-hidden": "true",
            circle { cx: "50", cy: "50", r: "50", fill: ground }
            {draw(&[layer], Colours::default(), MIRROR)}
        }
    }
}

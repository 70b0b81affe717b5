//! Portraits of pets, drawn by code: no photograph, and no two alike. One file for each species.
//!
//! All of them are drawn into a square of 240 units with the head around (120, 120). `look` decides what an
//! individual looks like. Deliberately absent: likenesses of breeds.

mod cat;
mod den;
mod dog;
mod goat;
mod guinea_pig;
mod look;
mod parts;
mod pig;
mod rabbit;

use dioxus::prelude::*;
use romp_domain::{PetId, Species};

use self::look::{CLOTH, FUR, IRISES, Look, PINK, SCENES};
use super::drawing::{Colours, Layer, draw};

/// Purposes of a look's choices; a number is never reused for another purpose.
mod purpose {
    pub(super) const COAT: u64 = 1;
    pub(super) const EARS: u64 = 2;
    pub(super) const MARKING: u64 = 3;
    pub(super) const SCENE: u64 = 4;
    pub(super) const CLOTH: u64 = 5;
    pub(super) const EYES: u64 = 6;
    pub(super) const MOUTH: u64 = 7;
    pub(super) const NECK: u64 = 17;
}

/// Exchanges left and right in a square of 240 units.
const MIRROR: &str = "matrix(-1 0 0 1 240 0)";

/// A pet in its landscape, which fills whatever place there is. Decoration beside its name.
pub(crate) fn portrait(id: PetId, species: Species) -> Element {
    drawn(id, species, false)
}

/// The same with its eyes closed.
pub(crate) fn sleeping_portrait(id: PetId, species: Species) -> Element {
    drawn(id, species, true)
}

fn drawn(id: PetId, species: Species, asleep: bool) -> Element {
    let look = Look::of(id);
    let scene = look.pick(purpose::SCENE, SCENES);
    let coats = if species == Species::Pig { PINK } else { FUR };
    let coat = look.pick(purpose::COAT, coats);
    let colours = Colours {
        base: coat.base,
        dark: coat.dark,
        light: coat.light,
        cloth: look.pick(purpose::CLOTH, CLOTH),
        iris: look.pick(purpose::EYES, IRISES),
    };
    rsx! {
        svg { class: "portrait", view_box: "0 0 240 240", preserve_aspect_ratio: "xMidYMax meet", "aria-hidden": "true",
            rect { x: "-600", y: "-600", width: "1440", height: "1100", fill: scene.sky }
            circle { cx: "210", cy: "44", r: "26", fill: scene.sun }
            path { d: "M-600 170 C-420 130 -240 150 -90 172 C-20 190 40 140 120 150 C200 160 240 190 320 170 C420 146 560 140 840 180 V500 H-600Z", fill: scene.far }
            path { d: "M-600 208 C-400 190 -160 206 -20 212 C80 218 160 196 250 206 C360 218 520 196 840 212 V500 H-600Z", fill: scene.near }
            {draw(&layers(look, species, asleep), colours, MIRROR)}
        }
    }
}

/// An animal that nobody owns, for places that need a picture; `n` tells which.
pub(crate) fn sample_portrait(n: u128, species: Species) -> Element {
    portrait(PetId(uuid::Uuid::from_u128(n)), species)
}

fn layers(look: Look, species: Species, asleep: bool) -> Vec<Layer> {
    match species {
        Species::Dog => dog::draw(look, asleep),
        Species::Cat => cat::draw(look, asleep),
        Species::Rabbit => rabbit::draw(look, asleep),
        Species::GuineaPig => guinea_pig::draw(look, asleep),
        Species::Goat => goat::draw(look, asleep),
        Species::Pig => pig::draw(look, asleep),
        Species::Other => den::draw(asleep),
    }
}

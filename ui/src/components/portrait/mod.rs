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

use self::look::{CLOTH, FUR, Look, PINK, SCENES};

/// Purposes of a look's choices; a number is never reused for another purpose.
mod purpose {
    pub(super) const COAT: u64 = 1;
    pub(super) const EARS: u64 = 2;
    pub(super) const MARKING: u64 = 3;
    pub(super) const SCENE: u64 = 4;
    pub(super) const CLOTH: u64 = 5;
    pub(super) const EYES: u64 = 6;
    pub(super) const MOUTH: u64 = 7;
}

/// A pet in its landscape, as a square. Decoration beside its name.
pub(crate) fn portrait(id: PetId, species: Species) -> Element {
    draw(id, species, "0 0 240 240", "xMidYMid slice")
}

/// The same with more of the landscape to both sides, for wide places.
pub(crate) fn wide_portrait(id: PetId, species: Species) -> Element {
    draw(id, species, "-60 0 360 240", "xMidYMax slice")
}

/// An animal that nobody owns, for places that need a picture; `n` tells which.
pub(crate) fn sample_portrait(n: u128, species: Species) -> Element {
    portrait(PetId(uuid::Uuid::from_u128(n)), species)
}

fn draw(id: PetId, species: Species, view_box: &'static str, crop: &'static str) -> Element {
    let look = Look::of(id);
    let scene = look.pick(purpose::SCENE, SCENES);
    rsx! {
        svg { class: "portrait", view_box, preserve_aspect_ratio: crop, "aria-hidden": "true",
            rect { x: "-400", y: "-200", width: "1040", height: "640", fill: scene.sky }
            circle { cx: "206", cy: "44", r: "26", fill: scene.sun }
            path { d: "M-400 180 C-300 140 -180 150 -90 172 C-20 190 40 140 120 150 C200 160 240 190 320 170 C420 146 520 150 640 180 V440 H-400Z", fill: scene.far }
            path { d: "M-400 214 C-260 190 -120 206 -20 212 C80 218 160 196 250 206 C360 218 480 196 640 212 V440 H-400Z", fill: scene.near }
            {animal(look, species)}
        }
    }
}

fn animal(look: Look, species: Species) -> Element {
    let fur = look.pick(purpose::COAT, FUR);
    let cloth = look.pick(purpose::CLOTH, CLOTH);
    match species {
        Species::Dog => dog::draw(look, fur, cloth),
        Species::Cat => cat::draw(look, fur, cloth),
        Species::Rabbit => rabbit::draw(look, fur),
        Species::GuineaPig => guinea_pig::draw(look, fur),
        Species::Goat => goat::draw(look, fur, cloth),
        Species::Pig => pig::draw(look, look.pick(purpose::COAT, PINK)),
        Species::Other => den::draw(look),
    }
}

//! Rabbits.

use super::super::drawing::Paint::{Fill, Line, Veil};
use super::super::drawing::Tone::{Base, Dark, Hex, Ink, Light, Rose, White};
use super::super::drawing::{Layer, both, one};
use super::look::Look;
use super::parts::SHOULDERS;
use super::purpose;

/// From back to front.
pub(super) fn draw(look: Look, asleep: bool) -> Vec<Layer> {
    vec![
        SHOULDERS,
        look.pick(purpose::EARS, &[BENT, UP, UP]),
        HEAD,
        look.pick(purpose::MARKING, &[BLAZE, RINGS, STAR, &[]]),
        FACE,
        if asleep { LIDS } else { EYES },
    ]
}

/// One ear up, one bent.
const BENT: Layer = &[
    one(Fill(Base), "M86 92 C66 60 66 16 84 8 C104 10 112 54 110 84Z"),
    one(Fill(Rose), "M90 82 C78 58 78 30 86 22 C98 28 102 58 101 80Z"),
    one(
        Fill(Base),
        "M132 84 C132 60 142 34 158 30 C186 30 208 52 208 74 C196 80 176 66 164 64 C160 72 156 82 152 90Z",
    ),
    one(
        Fill(Dark),
        "M158 30 C186 30 208 52 208 74 C196 80 176 66 164 64 C156 56 154 42 158 30Z",
    ),
];

/// Both ears up.
const UP: Layer = &[
    both(Fill(Base), "M86 92 C62 60 62 12 80 4 C102 6 112 54 110 84Z"),
    both(Fill(Rose), "M90 82 C74 58 74 28 83 20 C97 26 103 58 101 80Z"),
];

/// The head.
const HEAD: Layer = &[one(
    Fill(Base),
    "M120 72 C154 72 176 98 178 130 C180 164 152 186 120 186 C88 186 60 164 62 130 C64 98 86 72 120 72Z",
)];

/// A wide light stripe.
const BLAZE: Layer = &[one(
    Fill(Light),
    "M120 72 C132 74 134 96 136 116 C140 140 164 146 168 158 C156 178 140 186 120 186 C100 186 84 178 72 158 C76 146 100 140 104 116 C106 96 108 74 120 72Z",
)];

/// Dark around the eyes.
const RINGS: Layer = &[both(Veil(Dark, "0.8"), "M68 122 a18 20 0 1 0 0 -.01")];

/// A star on the forehead.
const STAR: Layer = &[one(
    Fill(Light),
    "M120 82 l6 12 13 2 -9 9 2 13 -12 -6 -12 6 2 -13 -9 -9 13 -2Z",
)];

/// Cheeks, teeth, mouth, nose.
const FACE: Layer = &[
    both(Fill(Light), "M81 160 a21 17 0 1 0 0 -.01"),
    both(
        Fill(White),
        "M114 166 h2.5 a3 3 0 0 1 3 3 v8 a3 3 0 0 1 -3 3 h-2.5 a3 3 0 0 1 -3 -3 v-8 a3 3 0 0 1 3 -3Z",
    ),
    one(
        Line(Ink, "3.5"),
        "M120 154 v8 M120 162 c-4 7 -15 7 -19 1 M120 162 c4 7 15 7 19 1",
    ),
    one(
        Fill(Hex("#D9757B")),
        "M109 144 C112 139 128 139 131 144 C131 151 124 155 120 155 C116 155 109 151 109 144Z",
    ),
    both(Veil(Rose, "0.45"), "M64 148 a12 8 0 1 0 0 -.01"),
];

/// Eyes.
const EYES: Layer = &[
    both(Fill(Ink), "M75 122 a11 11 0 1 0 0 -.01"),
    one(Fill(White), "M84.6 119 a4.4 4.4 0 1 0 0 -.01"),
    one(Fill(White), "M152.6 119 a4.4 4.4 0 1 0 0 -.01"),
];

/// The same, closed: seen on dark fur, too.
const LIDS: Layer = &[
    both(Line(Light, "10"), "M74 122 q12 9 24 0"),
    both(Line(Ink, "4.5"), "M74 122 q12 9 24 0"),
];

//! Pigs.

use super::super::drawing::Paint::{Fill, Line, Veil};
use super::super::drawing::Tone::{Base, Dark, Ink, Light, Rose, White};
use super::super::drawing::{Layer, both, one};
use super::look::Look;
use super::purpose;

/// From back to front.
pub(super) fn draw(look: Look, asleep: bool) -> Vec<Layer> {
    vec![
        BODY,
        look.pick(purpose::MARKING, &[SPOTS, FRONT, &[]]),
        look.pick(purpose::EARS, &[UP, DOWN]),
        FACE,
        if asleep { LIDS } else { EYES },
    ]
}

/// Shoulders and head.
const BODY: Layer = &[
    one(
        Fill(Base),
        "M40 262 C40 204 74 174 120 174 C166 174 200 204 200 262Z",
    ),
    one(Fill(Base), "M50 122 a70 70 0 1 0 0 -.01"),
];

/// Spots.
const SPOTS: Layer = &[
    one(
        Veil(Dark, "0.6"),
        "M132 86 C144 70 172 76 184 104 C184 122 168 132 150 126 C132 120 124 102 132 86Z",
    ),
    one(Veil(Dark, "0.5"), "M65 152 a9 9 0 1 0 0 -.01"),
    one(Veil(Dark, "0.5"), "M50 210 a16 16 0 1 0 0 -.01"),
];

/// A light front.
const FRONT: Layer = &[one(
    Fill(Light),
    "M42 222 C70 206 170 206 198 222 C200 236 200 250 200 262 H40 C40 250 40 236 42 222Z",
)];

/// Ears up.
const UP: Layer = &[both(
    Fill(Dark),
    "M56 96 C44 66 50 40 60 34 C80 40 96 54 100 66 C84 72 68 82 56 96Z",
)];

/// Ears down.
const DOWN: Layer = &[both(
    Fill(Dark),
    "M98 56 C74 44 46 58 42 88 C42 104 54 108 64 98 C74 86 86 70 98 62Z",
)];

/// Eyes, mouth and snout.
const FACE: Layer = &[
    both(Veil(Rose, "0.45"), "M58 132 a12 8 0 1 0 0 -.01"),
    one(Line(Ink, "4"), "M92 166 C104 182 136 182 148 166"),
    one(Fill(Dark), "M88 142 a32 24 0 1 0 0 -.01"),
    one(Fill(Light), "M89 139 a31 22 0 1 0 0 -.01"),
    both(Fill(Dark), "M103.5 140 a5.5 8 0 1 0 0 -.01"),
];

/// Eyes.
const EYES: Layer = &[
    both(Fill(Ink), "M77 108 a9 9 0 1 0 0 -.01"),
    one(Fill(White), "M85 105 a4 4 0 1 0 0 -.01"),
    one(Fill(White), "M153 105 a4 4 0 1 0 0 -.01"),
];

/// The same, closed: seen on dark fur, too.
const LIDS: Layer = &[
    both(Line(Light, "10"), "M76 108 q10 8 20 0"),
    both(Line(Ink, "4.5"), "M76 108 q10 8 20 0"),
];

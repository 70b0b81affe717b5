//! Any other animal: two friendly eyes in a den, because a drawing must not claim fur where there are feathers.

use super::super::drawing::Paint::{Fill, Line};
use super::super::drawing::Tone::{Hex, Iris, White};
use super::super::drawing::{Layer, both, one};

/// From back to front.
pub(super) fn draw(asleep: bool) -> Vec<Layer> {
    vec![DEN, if asleep { LIDS } else { EYES }]
}

/// The den, its leaves and a smile.
const DEN: Layer = &[
    one(
        Fill(Hex("#8A6A4C")),
        "M0 262 C4 140 50 64 120 64 C190 64 236 140 240 262Z",
    ),
    one(
        Fill(Hex("#6E5239")),
        "M20 262 C24 158 62 88 120 88 C178 88 216 158 220 262Z",
    ),
    one(
        Fill(Hex("#33261E")),
        "M44 262 C44 176 74 116 120 116 C166 116 196 176 196 262Z",
    ),
    one(
        Fill(Hex("#5E9E72")),
        "M40 88 C58 66 84 58 90 66 C84 84 60 98 40 88Z",
    ),
    one(
        Fill(Hex("#4C8A61")),
        "M200 92 C186 66 160 56 152 64 C156 84 178 100 200 92Z",
    ),
    one(
        Fill(Hex("#6BAF80")),
        "M112 58 C108 40 118 26 126 26 C132 38 128 54 120 62Z",
    ),
    one(Line(Iris, "4"), "M104 214 C112 222 128 222 136 214"),
];

/// Eyes.
const EYES: Layer = &[
    both(Fill(Iris), "M75 180 a19 19 0 1 0 0 -.01"),
    both(Fill(Hex("#1D1512")), "M83 180 a11 11 0 1 0 0 -.01"),
    one(Fill(White), "M94 174 a5 5 0 1 0 0 -.01"),
    one(Fill(White), "M146 174 a5 5 0 1 0 0 -.01"),
];

/// The same, closed.
const LIDS: Layer = &[both(Line(Iris, "5"), "M76 180 q18 14 36 0")];

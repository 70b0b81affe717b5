//! Goats.

use super::super::drawing::Paint::{Fill, Line, Veil};
use super::super::drawing::Tone::{Base, Dark, Hex, Ink, Light, Rose, White};
use super::super::drawing::{Layer, both, one};
use super::look::Look;
use super::parts::{COLLAR, SHOULDERS};
use super::purpose;

/// From back to front.
pub(super) fn draw(look: Look, asleep: bool) -> Vec<Layer> {
    vec![
        SHOULDERS,
        COLLAR,
        look.pick(purpose::EARS, &[HORNS, BUDS, &[]]),
        HEAD,
        look.pick(purpose::MARKING, &[BLAZE, SIDES, &[]]),
        FACE,
        if asleep { LIDS } else { EYES },
        look.pick(purpose::MOUTH, &[TUFT, &[]]),
    ]
}

/// Grown horns.
const HORNS: Layer = &[
    both(
        Fill(Hex("#8B7A66")),
        "M92 72 C82 48 66 34 50 34 C52 52 66 76 84 88Z",
    ),
    one(
        Line(Hex("#6A5B4A"), "3"),
        "M66 44 l-8 10 M78 54 l-10 10 M174 44 l8 10 M162 54 l10 10",
    ),
];

/// Small horns.
const BUDS: Layer = &[both(
    Fill(Hex("#8B7A66")),
    "M90 70 C84 54 86 44 92 38 C102 44 106 56 106 66Z",
)];

/// Ears, beard and head.
const HEAD: Layer = &[
    both(Fill(Dark), "M80 92 C56 80 28 88 20 106 C34 122 64 122 82 110Z"),
    both(Fill(Rose), "M74 98 C58 92 42 96 34 105 C46 113 62 113 76 106Z"),
    one(
        Fill(Light),
        "M104 184 C106 212 116 226 122 230 C132 220 136 204 136 184Z",
    ),
    one(
        Fill(Base),
        "M120 58 C150 58 168 76 166 104 C165 128 152 148 148 166 C145 184 134 192 120 192 C106 192 95 184 92 166 C88 148 75 128 74 104 C72 76 90 58 120 58Z",
    ),
];

/// A light stripe.
const BLAZE: Layer = &[one(
    Fill(Light),
    "M120 59 C130 60 132 92 132 120 C134 136 142 150 140 162 H100 C98 150 106 136 108 120 C108 92 110 60 120 59Z",
)];

/// Dark sides.
const SIDES: Layer = &[one(
    Veil(Dark, "0.75"),
    "M84 74 C96 84 98 120 92 150 C82 134 74 122 74 104 C74 90 78 80 84 74Z M156 74 C144 84 142 120 148 150 C158 134 166 122 166 104 C166 90 162 80 156 74Z",
)];

/// Muzzle, mouth.
const FACE: Layer = &[
    one(
        Fill(Light),
        "M120 146 C142 146 150 160 147 172 C144 186 134 192 120 192 C106 192 96 186 93 172 C90 160 98 146 120 146Z",
    ),
    one(Line(Ink, "4"), "M108 160 q4 5 8 2 M132 160 q-4 5 -8 2"),
    one(
        Line(Ink, "3.5"),
        "M120 166 v6 M120 172 c-3 8 -14 8 -17 1 M120 172 c3 8 14 8 17 1",
    ),
    both(Fill(Hex("#F0C463")), "M82 110 a13 12 0 1 0 0 -.01"),
];

/// A tuft.
const TUFT: Layer = &[one(
    Fill(Light),
    "M104 62 C102 46 114 44 118 54 C122 42 136 46 134 62 C126 72 112 72 104 62Z",
)];

/// Eyes.
const EYES: Layer = &[
    both(Fill(Ink), "M91 105 h8 a5 5 0 0 1 0 10 h-8 a5 5 0 0 1 0 -10Z"),
    one(Fill(White), "M95.5 106 a3.5 3.5 0 1 0 0 -.01"),
    one(Fill(White), "M145.5 106 a3.5 3.5 0 1 0 0 -.01"),
];

/// The same, closed: seen on dark fur, too.
const LIDS: Layer = &[
    both(Line(Light, "10"), "M84 110 q11 8 22 0"),
    both(Line(Ink, "4.5"), "M84 110 q11 8 22 0"),
];

//! Guinea pigs.

use super::super::drawing::Paint::{Fill, Line, Veil};
use super::super::drawing::Tone::{Base, Dark, Hex, Ink, Light, Rose, White};
use super::super::drawing::{Layer, both, one};
use super::look::Look;
use super::purpose;

/// From back to front.
pub(super) fn draw(look: Look, asleep: bool) -> Vec<Layer> {
    vec![
        BODY,
        look.pick(purpose::MARKING, &[THREE, PATCH, FRONT, &[]]),
        FACE,
        if asleep { LIDS } else { EYES },
        look.pick(purpose::EARS, &[CREST, &[]]),
    ]
}

/// Ears and body, which are all there is of it.
const BODY: Layer = &[
    both(Fill(Dark), "M60 100 C36 84 22 100 28 120 C34 138 54 138 66 124Z"),
    both(Fill(Rose), "M56 106 C42 98 34 106 38 118 C42 128 54 128 60 120Z"),
    one(
        Fill(Base),
        "M120 64 C172 62 206 98 208 150 C210 206 196 250 188 262 H52 C44 250 30 206 32 150 C34 98 68 62 120 64Z",
    ),
];

/// Three colours.
const THREE: Layer = &[
    one(
        Fill(Light),
        "M120 64 C132 66 136 96 134 126 C138 140 152 142 158 156 C146 150 94 150 82 156 C88 142 102 140 106 126 C104 96 108 66 120 64Z",
    ),
    one(
        Fill(Dark),
        "M34 140 C38 98 68 68 102 65 C104 96 100 128 78 148 C62 156 44 154 34 140Z",
    ),
];

/// A patch over one eye.
const PATCH: Layer = &[one(
    Fill(Dark),
    "M136 65 C172 70 204 98 207 146 C190 156 160 146 148 120 C140 102 138 82 136 65Z",
)];

/// A light front.
const FRONT: Layer = &[one(
    Fill(Light),
    "M33 190 C60 176 180 176 207 190 C205 222 196 250 188 262 H52 C44 250 35 222 33 190Z",
)];

/// Muzzle, nose, teeth, paws.
const FACE: Layer = &[
    one(
        Fill(Light),
        "M120 138 C142 132 164 146 162 168 C160 192 140 198 120 198 C100 198 80 192 78 168 C76 146 98 132 120 138Z",
    ),
    one(
        Fill(Hex("#D9757B")),
        "M106 152 C110 144 130 144 134 152 C134 162 126 167 120 167 C114 167 106 162 106 152Z",
    ),
    both(
        Fill(White),
        "M115 178 h1.5 a3 3 0 0 1 3 3 v6 a3 3 0 0 1 -3 3 h-1.5 a3 3 0 0 1 -3 -3 v-6 a3 3 0 0 1 3 -3Z",
    ),
    one(
        Line(Ink, "3.5"),
        "M120 167 v8 M120 175 c-4 7 -16 7 -20 0 M120 175 c4 7 16 7 20 0",
    ),
    both(Fill(Light), "M74 246 a18 10 0 1 0 0 -.01"),
    both(Veil(Rose, "0.45"), "M50 156 a12 8 0 1 0 0 -.01"),
];

/// A tuft.
const CREST: Layer = &[one(
    Fill(Dark),
    "M104 68 C98 52 106 42 112 52 C112 38 124 34 124 50 C130 40 142 46 136 66 C128 74 112 74 104 68Z",
)];

/// Eyes.
const EYES: Layer = &[
    both(Fill(Ink), "M62 126 a12 12 0 1 0 0 -.01"),
    one(Fill(White), "M73 122 a5 5 0 1 0 0 -.01"),
    one(Fill(White), "M165 122 a5 5 0 1 0 0 -.01"),
];

/// The same, closed: seen on dark fur, too.
const LIDS: Layer = &[
    both(Line(Light, "10"), "M61 126 q13 10 26 0"),
    both(Line(Ink, "4.5"), "M61 126 q13 10 26 0"),
];

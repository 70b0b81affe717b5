//! Cats.

use super::super::drawing::Paint::{Fill, Line, Veil};
use super::super::drawing::Tone::{Base, Dark, Hex, Ink, Iris, Light, Rose, White};
use super::super::drawing::{Layer, both, one};
use super::look::Look;
use super::parts::{COLLAR, SHOULDERS};
use super::purpose;

/// From back to front.
pub(super) fn draw(look: Look, asleep: bool) -> Vec<Layer> {
    vec![
        SHOULDERS,
        COLLAR,
        HEAD,
        look.pick(purpose::MARKING, &[TABBY, TUXEDO, PATCHES, POINTS, &[]]),
        FACE,
        if asleep { LIDS } else { EYES },
    ]
}

/// Ears and head.
const HEAD: Layer = &[
    both(Fill(Base), "M52 112 C44 76 46 42 54 34 C70 38 96 54 106 70Z"),
    both(Fill(Rose), "M60 88 C56 68 58 54 61 50 C70 54 84 62 90 70Z"),
    one(
        Fill(Base),
        "M120 62 C158 60 190 84 192 122 C193 156 164 182 120 182 C76 182 47 156 48 122 C50 84 82 60 120 62Z",
    ),
];

/// Stripes.
const TABBY: Layer = &[one(
    Line(Dark, "7"),
    "M120 64 v26 M100 67 l5 20 M140 67 l-5 20 M52 122 l20 4 M54 140 l18 0 M188 122 l-20 4 M186 140 l-18 0",
)];

/// A light front.
const TUXEDO: Layer = &[one(
    Fill(Light),
    "M120 82 C128 98 132 112 150 126 C172 142 160 182 120 182 C80 182 68 142 90 126 C108 112 112 98 120 82Z",
)];

/// Two patches.
const PATCHES: Layer = &[
    one(
        Fill(Dark),
        "M122 62 C158 61 190 84 192 120 C176 134 148 130 138 112 C130 98 126 80 122 62Z",
    ),
    one(
        Fill(Hex("#D98F4E")),
        "M49 116 C52 98 64 80 82 71 C92 84 86 112 72 122 C62 128 52 126 49 116Z",
    ),
];

/// A dark face.
const POINTS: Layer = &[one(
    Veil(Dark, "0.6"),
    "M120 100 C150 92 176 110 164 144 C156 166 138 176 120 176 C102 176 84 166 76 144 C64 110 90 92 120 100Z",
)];

/// Muzzle, nose, mouth and whiskers.
const FACE: Layer = &[
    one(
        Fill(Light),
        "M120 140 C134 132 154 140 152 156 C150 172 134 178 120 178 C106 178 90 172 88 156 C86 140 106 132 120 140Z",
    ),
    one(
        Fill(Hex("#D9757B")),
        "M110 140 C112 136 128 136 130 140 C130 146 123 151 120 151 C117 151 110 146 110 140Z",
    ),
    one(
        Line(Ink, "3.5"),
        "M120 151 v5 M120 156 c-4 9 -16 9 -19 1 M120 156 c4 9 16 9 19 1",
    ),
    one(
        Line(White, "2.5"),
        "M82 150 L42 142 M82 158 L44 164 M158 150 L198 142 M158 158 L196 164",
    ),
    both(Veil(Rose, "0.45"), "M56 146 a12 8 0 1 0 0 -.01"),
];

/// Eyes.
const EYES: Layer = &[
    both(Fill(Ink), "M72 116 a16 15 0 1 0 0 -.01"),
    both(Fill(Iris), "M74.5 116 a13.5 12.5 0 1 0 0 -.01"),
    both(Fill(Ink), "M81.5 116 a6.5 11 0 1 0 0 -.01"),
    one(Fill(White), "M88 110 a4 4 0 1 0 0 -.01"),
    one(Fill(White), "M152 110 a4 4 0 1 0 0 -.01"),
];

/// The same, closed: seen on dark fur, too.
const LIDS: Layer = &[
    both(Line(Light, "10"), "M73 116 q15 12 30 0"),
    both(Line(Ink, "4.5"), "M73 116 q15 12 30 0"),
];

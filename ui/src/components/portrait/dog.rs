//! Dogs.

use super::super::drawing::Paint::{Fill, Line, Veil};
use super::super::drawing::Tone::{Base, Dark, Hex, Ink, Light, Rose, White};
use super::super::drawing::{Layer, both, one};
use super::look::Look;
use super::parts::{BANDANA, COLLAR, SHOULDERS};
use super::purpose;

/// From back to front.
pub(super) fn draw(look: Look, asleep: bool) -> Vec<Layer> {
    let ears = look.choose(purpose::EARS, EARS.len());
    vec![
        SHOULDERS,
        look.pick(purpose::NECK, &[BANDANA, COLLAR]),
        EARS[ears].0,
        HEAD,
        look.pick(purpose::MARKING, &[BLAZE, PATCH, MASK, BROWS, &[]]),
        MUZZLE,
        look.pick(purpose::MOUTH, &[TONGUE, &[]]),
        FACE,
        if asleep { LIDS } else { EYES },
        EARS[ears].1,
    ]
}

/// Ears, behind the head and in front of it: floppy, upright, folded, long.
const EARS: &[(Layer, Layer)] = &[(&[], FLOPPY), (UPRIGHT, &[]), (&[], FOLDED), (LONG, &[])];

/// Hanging at the side.
const FLOPPY: Layer = &[both(
    Fill(Dark),
    "M84 52 C58 44 36 66 36 100 C36 124 52 134 62 122 C72 108 72 78 92 58Z",
)];

/// Pointing up.
const UPRIGHT: Layer = &[
    both(Fill(Dark), "M62 92 C52 56 56 24 64 20 C76 22 100 42 108 60Z"),
    both(Veil(Rose, "0.7"), "M70 78 C64 56 66 40 68 36 C78 42 90 52 94 60Z"),
];

/// Upright with a folded tip.
const FOLDED: Layer = &[
    both(Fill(Dark), "M60 88 C50 62 56 36 68 30 C84 34 100 46 106 56Z"),
    both(Fill(Base), "M66 31 C50 40 44 62 48 78 C62 78 76 62 80 44Z"),
    both(Line(Dark, "2"), "M48 78 C62 78 76 62 80 44"),
];

/// Long and low.
const LONG: Layer = &[both(
    Fill(Dark),
    "M70 62 C40 66 26 112 32 160 C36 182 58 182 66 162 C74 140 76 100 86 70Z",
)];

/// The head.
const HEAD: Layer = &[one(
    Fill(Base),
    "M120 44 C166 44 186 76 184 112 C183 132 176 142 166 154 C154 176 138 186 120 186 C102 186 86 176 74 154 C64 142 57 132 56 112 C54 76 74 44 120 44Z",
)];

/// A light stripe down the middle.
const BLAZE: Layer = &[one(
    Fill(Light),
    "M120 45 C132 46 134 74 130 98 C134 112 150 122 154 144 C140 130 100 130 86 144 C90 122 106 112 110 98 C106 74 108 46 120 45Z",
)];

/// A dark patch around one eye.
const PATCH: Layer = &[one(
    Fill(Dark),
    "M128 92 C134 72 168 68 178 90 C184 112 172 130 152 128 C134 126 124 110 128 92Z",
)];

/// A dark mask.
const MASK: Layer = &[one(
    Veil(Dark, "0.55"),
    "M76 96 C84 84 104 86 112 100 C116 106 124 106 128 100 C136 86 156 84 164 96 C172 116 160 160 120 182 C80 160 68 116 76 96Z",
)];

/// Light brows.
const BROWS: Layer = &[both(Fill(Light), "M83 88 a9 6 0 1 0 0 -.01")];

/// The muzzle.
const MUZZLE: Layer = &[one(Fill(Light), "M83 152 a37 30 0 1 0 0 -.01")];

/// A tongue hanging out.
const TONGUE: Layer = &[
    one(Fill(Hex("#E5707A")), "M109 160 h22 v10 a11 11 0 0 1 -22 0z"),
    one(Line(Hex("#C2525E"), "2.5"), "M120 162 v9"),
];

/// Mouth, nose.
const FACE: Layer = &[
    one(
        Line(Ink, "4"),
        "M120 142 v9 M120 151 c-4 10 -19 10 -22 0 M120 151 c4 10 19 10 22 0",
    ),
    one(
        Fill(Ink),
        "M104 130 C104 122 136 122 136 130 C136 140 126 147 120 147 C114 147 104 140 104 130Z",
    ),
    one(Veil(White, "0.55"), "M109 129 a5 2.5 0 1 0 0 -.01"),
];

/// Eyes.
const EYES: Layer = &[
    both(Fill(Ink), "M80 106 a10 10 0 1 0 0 -.01"),
    one(Fill(White), "M89 103 a4 4 0 1 0 0 -.01"),
    one(Fill(White), "M149 103 a4 4 0 1 0 0 -.01"),
];

/// The same, closed: seen on dark fur, too.
const LIDS: Layer = &[
    both(Line(Light, "10"), "M79 106 q11 9 22 0"),
    both(Line(Ink, "4.5"), "M79 106 q11 9 22 0"),
];

//! Frog, otter, panda and hedgehog.

use super::super::drawing::Paint::{Fill, Line, Veil};
use super::super::drawing::Tone::{Hex, Ink, Rose, White};
use super::super::drawing::{Layer, both, one};

/// A frog.
pub(super) const FROG: Layer = &[
    both(Fill(Hex("#6DAE4F")), "M14 30 a15 15 0 1 0 0 -.01"),
    one(
        Fill(Hex("#7BBF5A")),
        "M50 28 C76 28 90 44 90 60 C90 78 72 88 50 88 C28 88 10 78 10 60 C10 44 24 28 50 28Z",
    ),
    one(
        Fill(Hex("#CFE8A9")),
        "M50 62 C68 62 80 66 84 72 C78 82 66 88 50 88 C34 88 22 82 16 72 C20 66 32 62 50 62Z",
    ),
    both(Fill(White), "M19 29 a10 10 0 1 0 0 -.01"),
    both(Fill(Ink), "M23 30 a6 6 0 1 0 0 -.01"),
    one(Fill(White), "M28.5 28.8 a1.7 1.7 0 1 0 0 -.01"),
    one(Fill(White), "M70.5 28.8 a1.7 1.7 0 1 0 0 -.01"),
    one(Line(Ink, "2.6"), "M24 60 C36 74 64 74 76 60"),
    both(Veil(Rose, "0.7"), "M17 56 a5 3.4 0 1 0 0 -.01"),
];

/// An otter.
pub(super) const OTTER: Layer = &[
    both(Fill(Hex("#6E4A35")), "M12 42 a8 8 0 1 0 0 -.01"),
    one(
        Fill(Hex("#8A6047")),
        "M50 16 C74 16 86 34 84 54 C83 76 68 90 50 90 C32 90 17 76 16 54 C14 34 26 16 50 16Z",
    ),
    one(
        Fill(Hex("#EFD9BE")),
        "M50 52 C70 46 80 56 79 66 C76 82 64 90 50 90 C36 90 24 82 21 66 C20 56 30 46 50 52Z",
    ),
    both(Fill(Ink), "M28.4 46 a4.6 4.6 0 1 0 0 -.01"),
    one(Fill(White), "M32.5 44.8 a1.7 1.7 0 1 0 0 -.01"),
    one(Fill(White), "M66.5 44.8 a1.7 1.7 0 1 0 0 -.01"),
    one(
        Line(Hex("#6E4A35"), "1.8"),
        "M30 66 L12 62 M30 71 L14 74 M70 66 L88 62 M70 71 L86 74",
    ),
    one(
        Line(Ink, "2.2"),
        "M50 59 v5 M50 64 c-2 5 -9 5 -11 0 M50 64 c2 5 9 5 11 0",
    ),
    one(Fill(Ink), "M44.5 59 a5.5 4 0 1 0 0 -.01"),
];

/// A panda.
pub(super) const PANDA: Layer = &[
    both(Fill(Hex("#3A3440")), "M9 26 a13 13 0 1 0 0 -.01"),
    one(Fill(White), "M14 54 a36 36 0 1 0 0 -.01"),
    one(
        Fill(Hex("#3A3440")),
        "M40 42 C34 34 20 44 22 56 C24 66 36 64 41 56 C44 50 43 46 40 42Z M60 42 C66 34 80 44 78 56 C76 66 64 64 59 56 C56 50 57 46 60 42Z",
    ),
    both(Fill(White), "M29 51 a5 5 0 1 0 0 -.01"),
    both(Fill(Ink), "M30.4 51 a3.6 3.6 0 1 0 0 -.01"),
    one(Fill(White), "M33.5 49.8 a1.7 1.7 0 1 0 0 -.01"),
    one(Fill(White), "M65.5 49.8 a1.7 1.7 0 1 0 0 -.01"),
    both(Veil(Rose, "0.6"), "M21 70 a5 3.4 0 1 0 0 -.01"),
    one(
        Line(Ink, "2.2"),
        "M50 67 v5 M50 72 c-2 5 -9 5 -11 0 M50 72 c2 5 9 5 11 0",
    ),
    one(Fill(Ink), "M44.5 67 a5.5 4 0 1 0 0 -.01"),
];

/// A hedgehog.
pub(super) const HEDGEHOG: Layer = &[
    one(
        Fill(Hex("#6B4F3D")),
        "M50 10 L57 18 L68 12 L71 23 L83 21 L82 33 L93 37 L87 47 L96 56 L86 63 L90 75 L78 77 L76 88 H24 L22 77 L10 75 L14 63 L4 56 L13 47 L7 37 L18 33 L17 21 L29 23 L32 12 L43 18Z",
    ),
    one(
        Fill(Hex("#F0D5B5")),
        "M50 34 C58 26 78 34 80 56 C81 76 68 90 50 90 C32 90 19 76 20 56 C22 34 42 26 50 34Z",
    ),
    both(Fill(Hex("#D9A679")), "M16 44 a6 6 0 1 0 0 -.01"),
    both(Fill(Ink), "M30.2 54 a4.8 4.8 0 1 0 0 -.01"),
    one(Fill(White), "M34.5 52.8 a1.7 1.7 0 1 0 0 -.01"),
    one(Fill(White), "M64.5 52.8 a1.7 1.7 0 1 0 0 -.01"),
    both(Veil(Rose, "0.7"), "M22.5 67 a5.5 3.6 0 1 0 0 -.01"),
    one(
        Line(Ink, "2.2"),
        "M50 66 v5 M50 71 c-2 5 -9 5 -11 0 M50 71 c2 5 9 5 11 0",
    ),
    one(Fill(Ink), "M44.5 66 a5.5 4 0 1 0 0 -.01"),
];

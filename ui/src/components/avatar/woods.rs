//! Fox, bear, owl and lion.

use super::super::drawing::Paint::{Fill, Line};
use super::super::drawing::Tone::{Hex, Ink, White};
use super::super::drawing::{Layer, both, one};

/// A fox.
pub(super) const FOX: Layer = &[
    one(
        Fill(Hex("#D9692F")),
        "M20 52 C14 32 16 16 21 12 C30 15 40 24 44 32Z M80 52 C86 32 84 16 79 12 C70 15 60 24 56 32Z",
    ),
    one(
        Fill(Hex("#4A2B22")),
        "M23 36 C21 26 22 20 24 19 C30 22 35 27 37 31Z M77 36 C79 26 78 20 76 19 C70 22 65 27 63 31Z",
    ),
    one(
        Fill(Hex("#E5793A")),
        "M50 26 C72 26 84 42 86 56 C80 72 62 88 50 88 C38 88 20 72 14 56 C16 42 28 26 50 26Z",
    ),
    one(
        Fill(Hex("#FFF6EA")),
        "M14 56 C26 52 40 56 50 70 C60 56 74 52 86 56 C80 72 62 88 50 88 C38 88 20 72 14 56Z",
    ),
    both(Fill(Ink), "M29.4 51 a4.6 4.6 0 1 0 0 -.01"),
    one(Fill(White), "M33.5 49.8 a1.7 1.7 0 1 0 0 -.01"),
    one(Fill(White), "M65.5 49.8 a1.7 1.7 0 1 0 0 -.01"),
    one(
        Line(Ink, "2.2"),
        "M50 72 v5 M50 77 c-2 5 -9 5 -11 0 M50 77 c2 5 9 5 11 0",
    ),
    one(Fill(Ink), "M44.5 72 a5.5 4 0 1 0 0 -.01"),
];

/// A bear.
pub(super) const BEAR: Layer = &[
    both(Fill(Hex("#8A5A3B")), "M12 28 a13 13 0 1 0 0 -.01"),
    both(Fill(Hex("#D9A679")), "M18 28 a7 7 0 1 0 0 -.01"),
    one(Fill(Hex("#9C6845")), "M16 54 a34 34 0 1 0 0 -.01"),
    one(Fill(Hex("#E9CBA7")), "M33 67 a17 14 0 1 0 0 -.01"),
    both(Fill(Ink), "M30.4 48 a4.6 4.6 0 1 0 0 -.01"),
    one(Fill(White), "M34.5 46.8 a1.7 1.7 0 1 0 0 -.01"),
    one(Fill(White), "M64.5 46.8 a1.7 1.7 0 1 0 0 -.01"),
    one(
        Line(Ink, "2.2"),
        "M50 62 v5 M50 67 c-2 5 -9 5 -11 0 M50 67 c2 5 9 5 11 0",
    ),
    one(Fill(Ink), "M44.5 62 a5.5 4 0 1 0 0 -.01"),
];

/// An owl.
pub(super) const OWL: Layer = &[
    one(
        Fill(Hex("#7A6A95")),
        "M18 20 C30 22 40 26 50 26 C60 26 70 22 82 20 C88 34 88 48 86 58 C84 80 68 92 50 92 C32 92 16 80 14 58 C12 48 12 34 18 20Z",
    ),
    one(
        Fill(Hex("#CFC5E3")),
        "M50 50 C66 50 72 66 70 78 C64 88 58 92 50 92 C42 92 36 88 30 78 C28 66 34 50 50 50Z",
    ),
    both(Fill(Hex("#F6F0FF")), "M16 46 a17 17 0 1 0 0 -.01"),
    both(Fill(Hex("#F2B544")), "M22 46 a11 11 0 1 0 0 -.01"),
    both(Fill(Ink), "M26.5 46 a6.5 6.5 0 1 0 0 -.01"),
    one(Fill(White), "M32.5 44.8 a1.7 1.7 0 1 0 0 -.01"),
    one(Fill(White), "M66.5 44.8 a1.7 1.7 0 1 0 0 -.01"),
    one(Fill(Hex("#E58A2F")), "M43 56 H57 L50 68Z"),
    one(Line(Hex("#7A6A95"), "2.5"), "M42 76 l4 4 4 -4 4 4 4 -4"),
];

/// A lion.
pub(super) const LION: Layer = &[
    one(
        Fill(Hex("#B9652B")),
        "M50 6 L60 13 L72 10 L77 21 L89 25 L88 37 L96 47 L89 57 L92 69 L81 75 L78 87 L66 87 L57 95 L50 90 L43 95 L34 87 L22 87 L19 75 L8 69 L11 57 L4 47 L12 37 L11 25 L23 21 L28 10 L40 13Z",
    ),
    both(Fill(Hex("#F2BC5B")), "M19 30 a9 9 0 1 0 0 -.01"),
    one(Fill(Hex("#F2BC5B")), "M21 52 a29 29 0 1 0 0 -.01"),
    both(Fill(Hex("#FFF1D2")), "M31 66 a11 9 0 1 0 0 -.01"),
    both(Fill(Ink), "M32.6 47 a4.4 4.4 0 1 0 0 -.01"),
    one(Fill(White), "M36.5 45.8 a1.7 1.7 0 1 0 0 -.01"),
    one(Fill(White), "M62.5 45.8 a1.7 1.7 0 1 0 0 -.01"),
    one(
        Line(Ink, "2.2"),
        "M50 61 v5 M50 66 c-2 5 -9 5 -11 0 M50 66 c2 5 9 5 11 0",
    ),
    one(Fill(Ink), "M44.5 61 a5.5 4 0 1 0 0 -.01"),
];

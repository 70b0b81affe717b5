//! What several animals wear and have.

use super::super::drawing::Paint::{Fill, Veil};
use super::super::drawing::Tone::{Base, Cloth, Hex, Light, White};
use super::super::drawing::{Layer, both, one};

/// Shoulders and chest below the head.
pub(super) const SHOULDERS: Layer = &[
    one(
        Fill(Base),
        "M44 262 C44 204 76 176 120 176 C164 176 196 204 196 262Z",
    ),
    one(
        Fill(Light),
        "M92 262 C88 226 100 196 120 196 C140 196 152 226 148 262Z",
    ),
];

/// A bandana around the neck.
pub(super) const BANDANA: Layer = &[
    one(
        Fill(Cloth),
        "M70 178 C96 196 144 196 170 178 L174 194 C160 204 148 207 142 208 L120 236 L98 208 C92 207 80 204 66 194Z",
    ),
    one(
        Veil(Hex("#000000"), "0.14"),
        "M70 178 C96 196 144 196 170 178 L172 186 C146 203 94 203 68 186Z",
    ),
    one(Veil(White, "0.75"), "M116 214 a4 4 0 1 0 0 -.01"),
    both(Veil(White, "0.75"), "M103 205 a3 3 0 1 0 0 -.01"),
];

/// A collar with a tag.
pub(super) const COLLAR: Layer = &[
    one(
        Fill(Cloth),
        "M72 176 C98 196 142 196 168 176 L172 190 C144 209 96 209 68 190Z",
    ),
    one(Fill(Hex("#F2C14E")), "M111 208 a9 9 0 1 0 0 -.01"),
    one(Fill(Hex("#C8922A")), "M116.5 208 a3.5 3.5 0 1 0 0 -.01"),
];

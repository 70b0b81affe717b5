//! Drawings as tables: layers of shapes, painted in tones that an individual gives their colours.
//!
//! A shape is an outline in the language of SVG paths; a circle of radius r around (x, y) is there as
//! `M{x-r} {y} a{r} {r} 0 1 0 0 -.01`, one arc that ends where it began, nearly. Tables rather than markup, because a hundred shapes
//! then cost their outlines and nothing more.

use dioxus::prelude::*;

/// A colour by its part in the drawing.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tone {
    /// Most of the fur.
    Base,
    /// Dark fur.
    Dark,
    /// Light fur.
    Light,
    /// What it wears.
    Cloth,
    /// Its eyes.
    Iris,
    /// Pupils, noses and mouths.
    Ink,
    /// Inside of ears, warm cheeks.
    Rose,
    /// Lights in eyes, teeth.
    White,
    /// The same on everybody.
    Hex(&'static str),
}

/// How a shape is painted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Paint {
    /// Filled.
    Fill(Tone),
    /// Filled so that what is below shines through; with the opacity.
    Veil(Tone, &'static str),
    /// A round line; with its width.
    Line(Tone, &'static str),
}

/// A shape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    paint: Paint,
    outline: &'static str,
    mirrored: bool,
}

/// Shapes from back to front.
pub(crate) type Layer = &'static [Shape];

/// A shape as it is.
pub(crate) const fn one(paint: Paint, outline: &'static str) -> Shape {
    Shape {
        paint,
        outline,
        mirrored: false,
    }
}

/// A shape and its mirror image.
pub(crate) const fn both(paint: Paint, outline: &'static str) -> Shape {
    Shape {
        paint,
        outline,
        mirrored: true,
    }
}

/// The colours of an individual.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Colours {
    pub(crate) base: &'static str,
    pub(crate) dark: &'static str,
    pub(crate) light: &'static str,
    pub(crate) cloth: &'static str,
    pub(crate) iris: &'static str,
}

impl Colours {
    fn of(self, tone: Tone) -> &'static str {
        match tone {
            Tone::Base => self.base,
            Tone::Dark => self.dark,
            Tone::Light => self.light,
            Tone::Cloth => self.cloth,
            Tone::Iris => self.iris,
            Tone::Ink => "#2B2230",
            Tone::Rose => "#E9989A",
            Tone::White => "#FFFFFF",
            Tone::Hex(colour) => colour,
        }
    }
}

/// Draws layers; `mirror` is the transform that exchanges left and right.
pub(crate) fn draw(layers: &[Layer], colours: Colours, mirror: &'static str) -> Element {
    let shapes = layers.iter().copied().flatten().flat_map(|shape| {
        let again = shape.mirrored.then_some((shape, mirror));
        std::iter::once((shape, "")).chain(again)
    });
    rsx! {
        for (shape , transform) in shapes {
            {path(shape, colours, transform)}
        }
    }
}

fn path(shape: &Shape, colours: Colours, transform: &'static str) -> Element {
    let (fill, opacity, stroke, width) = match shape.paint {
        Paint::Fill(tone) => (colours.of(tone), "1", "none", "0"),
        Paint::Veil(tone, opacity) => (colours.of(tone), opacity, "none", "0"),
        Paint::Line(tone, width) => ("none", "1", colours.of(tone), width),
    };
    rsx! {
        path {
            d: shape.outline,
            fill,
            opacity,
            stroke,
            stroke_width: width,
            stroke_linecap: "round",
            stroke_linejoin: "round",
            transform,
        }
    }
}

//! Icons: one line drawing each, in a square of 24 units, in the colour of the text around them.

use dioxus::prelude::*;
use romp_domain::{PlayStyle, Reason};

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glyph {
    Alert,
    Back,
    Ball,
    Bolt,
    Bounce,
    Calendar,
    Cards,
    Check,
    Clock,
    Cloud,
    CloudOff,
    Cross,
    Device,
    Door,
    Eye,
    Feather,
    Heart,
    House,
    Hand,
    Key,
    Lock,
    Moon,
    More,
    Paw,
    People,
    Pin,
    Plus,
    Ruler,
    Run,
    Save,
    Spark,
    Sync,
    Tug,
    Undo,
    Venue,
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Self::Alert => "M12 4 L21 19.5 H3Z M12 10 v4.5 M12 17.2 v.1",
            Self::Back => "M15 5 L8 12 L15 19",
            Self::Ball => {
                "M12 3.5 a8.5 8.5 0 1 0 .01 0 M5.5 6.5 C10 9 10 15 5.5 17.5 M18.5 6.5 C14 9 14 15 18.5 17.5"
            }
            Self::Bolt => "M13 3 L5 13.5 H11.5 L10.5 21 L19 10 H12.5Z",
            Self::Bounce => {
                "M3 19 C5 9 9 9 11 19 C12.5 12 15 12 16.5 19 C17.5 15.5 19.5 15.5 21 19 M7 5.5 a2 2 0 1 0 .01 0"
            }
            Self::Calendar => {
                "M5 6 h14 a1.5 1.5 0 0 1 1.5 1.5 v11 a1.5 1.5 0 0 1 -1.5 1.5 h-14 a1.5 1.5 0 0 1 -1.5 -1.5 v-11 a1.5 1.5 0 0 1 1.5 -1.5Z M3.5 10.5 h17 M8 3.5 v4 M16 3.5 v4"
            }
            Self::Cards => {
                "M9 4.5 h9 a2 2 0 0 1 2 2 v11 a2 2 0 0 1 -2 2 h-9 a2 2 0 0 1 -2 -2 v-11 a2 2 0 0 1 2 -2Z M4 7.5 v9.5 M11 13.5 c1.4 1.8 3.6 1.8 5 0 M11.6 9.5 v.1 M15.4 9.5 v.1"
            }
            Self::Check => "M4.5 12.5 L10 18 L19.5 7",
            Self::Clock => "M12 3.5 a8.5 8.5 0 1 0 .01 0 M12 7.5 v4.8 l3.2 2",
            Self::Cloud => {
                "M7 18.5 a4.2 4.2 0 0 1 -.4 -8.4 a5.6 5.6 0 0 1 10.8 -.6 a4.5 4.5 0 0 1 -.4 9Z M9.5 13.5 l2 2 l3.5 -3.8"
            }
            Self::CloudOff => {
                "M7 18.5 a4.2 4.2 0 0 1 -.4 -8.4 a5.6 5.6 0 0 1 1.4 -2.4 M11 6.1 a5.6 5.6 0 0 1 6.4 3.4 a4.5 4.5 0 0 1 2.4 7.2 M4 4 L20 20"
            }
            Self::Cross => "M6 6 L18 18 M18 6 L6 18",
            Self::Device => {
                "M8 3.5 h8 a2 2 0 0 1 2 2 v13 a2 2 0 0 1 -2 2 h-8 a2 2 0 0 1 -2 -2 v-13 a2 2 0 0 1 2 -2Z M11 17.5 h2"
            }
            Self::Door => {
                "M13 4.5 h5 a1.5 1.5 0 0 1 1.5 1.5 v12 a1.5 1.5 0 0 1 -1.5 1.5 h-5 M4 12 h10 M10.5 8 L14.5 12 L10.5 16"
            }
            Self::Eye => "M2.5 12 C6 6 18 6 21.5 12 C18 18 6 18 2.5 12Z M12 9.2 a2.8 2.8 0 1 0 .01 0",
            Self::Feather => "M19.5 4.5 C12 4 6.5 9 6.5 16 C13.5 17 19.5 12 19.5 4.5Z M4 20 L13 11",
            Self::Heart => {
                "M12 20 C5 15 3 11.5 3 8.7 A4.6 4.6 0 0 1 12 7.5 A4.6 4.6 0 0 1 21 8.7 C21 11.5 19 15 12 20Z"
            }
            Self::House => "M3.5 11.5 L12 4 L20.5 11.5 M6 10 v9.5 h12 v-9.5 M10 19.5 v-5 h4 v5",
            Self::Key => "M8 8 a4 4 0 1 0 .01 0 M11 14 L19.5 5.5 M16 9 l3 3",
            Self::Hand => {
                "M8 12.5 V6.5 a1.5 1.5 0 0 1 3 0 V11 M11 10.5 V5 a1.5 1.5 0 0 1 3 0 v6 M14 11 V7 a1.5 1.5 0 0 1 3 0 v7.5 c0 3.5 -2 5.5 -5 5.5 c-3 0 -4.5 -1.6 -6.5 -5.5 c-1 -2 1 -3 2.5 -1"
            }
            Self::Lock => {
                "M6.5 11 h11 a1.5 1.5 0 0 1 1.5 1.5 v6.5 a1.5 1.5 0 0 1 -1.5 1.5 h-11 a1.5 1.5 0 0 1 -1.5 -1.5 v-6.5 a1.5 1.5 0 0 1 1.5 -1.5Z M8 11 V8 a4 4 0 0 1 8 0 v3"
            }
            Self::Moon => "M19.5 14.5 A8 8 0 1 1 9.5 4.5 A6.5 6.5 0 0 0 19.5 14.5Z",
            Self::More => "M5 12 v.1 M12 12 v.1 M19 12 v.1",
            Self::Paw => {
                "M12 14 c2.2 0 3.6 2 3.6 3.2 c0 .9 -.8 1 -1.6 .8 c-1.2 -.3 -2.8 -.3 -4 0 c-.8 .2 -1.6 .1 -1.6 -.8 c0 -1.2 1.4 -3.2 3.6 -3.2Z M4.6 11 v.1 M19.4 11 v.1 M9 6.2 v.1 M15 6.2 v.1"
            }
            Self::People => {
                "M9 4.5 a3.2 3.2 0 1 0 .01 0 M3 19.5 c0 -4 2.6 -6 6 -6 s6 2 6 6 M16.5 8 a2.5 2.5 0 1 0 .01 0 M17.5 14.2 c2.2 .3 3.5 2 3.5 4.3"
            }
            Self::Pin => {
                "M12 21 C7 15.5 5.5 12.5 5.5 10 a6.5 6.5 0 0 1 13 0 C18.5 12.5 17 15.5 12 21Z M12 7.7 a2.3 2.3 0 1 0 .01 0"
            }
            Self::Plus => "M12 5 v14 M5 12 h14",
            Self::Ruler => "M3.5 15 L15 3.5 L20.5 9 L9 20.5Z M7.5 11 l2 2 M10.5 8 l2.8 2.8 M13.5 5 l2 2",
            Self::Run => {
                "M4 19 c3 0 4.5 -1 6 -4 l3 2.5 v3 M14.5 4 a1.8 1.8 0 1 0 .01 0 M6 11 l4 -3 l4 1.5 l2 3 l4 .5 M10 15 l2.5 -5.5"
            }
            Self::Save => "M12 4 v10.5 M7.5 10.5 L12 15 L16.5 10.5 M4.5 19.5 h15",
            Self::Spark => {
                "M12 3.5 C12.6 9 15 11.4 20.5 12 C15 12.6 12.6 15 12 20.5 C11.4 15 9 12.6 3.5 12 C9 11.4 11.4 9 12 3.5Z"
            }
            Self::Sync => {
                "M19.5 10 A8 8 0 0 0 5.5 7.5 L4 9.5 M4 4.5 v5 h5 M4.5 14 A8 8 0 0 0 18.5 16.5 L20 14.5 M20 19.5 v-5 h-5"
            }
            Self::Tug => "M4 9 a3 3 0 1 1 3 -3 M20 15 a3 3 0 1 1 -3 3 M6.5 8.5 L15.5 17.5 M9 6 L18 15",
            Self::Undo => "M8.5 5 L4 9.5 L8.5 14 M4.5 9.5 H14 a5.5 5.5 0 0 1 0 11 H9",
            Self::Venue => {
                "M12 3.5 C8 3.5 6 6.5 6.8 9 C4 9.5 4 14.5 8 14.5 H16 C20 14.5 20 9.5 17.2 9 C18 6.5 16 3.5 12 3.5Z M12 10 v10.5 M8.5 20.5 h7"
            }
        }
    }

    /// The picture of a way to play.
    pub(crate) const fn of_style(style: PlayStyle) -> Self {
        match style {
            PlayStyle::Chaser => Self::Run,
            PlayStyle::Wrestler => Self::People,
            PlayStyle::Tugger => Self::Tug,
            PlayStyle::BodySlammer => Self::Bounce,
            PlayStyle::Cheerleader => Self::Spark,
            PlayStyle::Gentle => Self::Feather,
        }
    }

    /// The picture of a reason.
    pub(crate) const fn of_reason(reason: Reason) -> Self {
        match reason {
            Reason::BothPlay { style } => Self::of_style(style),
            Reason::BothFree { .. } => Self::Calendar,
            Reason::SameSize => Self::Ruler,
            Reason::SameEnergy => Self::Bolt,
            Reason::Nearby => Self::Pin,
        }
    }
}

/// An icon; always beside words or inside something that has a label.
pub(crate) fn icon(glyph: Glyph) -> Element {
    rsx! {
        svg { class: if glyph == Glyph::Paw { "icon paw" } else { "icon" }, view_box: "0 0 24 24", "aria-hidden": "true",
            path { d: glyph.path() }
        }
    }
}

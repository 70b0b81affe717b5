//! What is on a proposal's card: who, when, where, and what to mind.

use dioxus::prelude::*;
use romp_domain::view::PlaydateView;

use super::card_face::reasons;
use super::playdate::{day_tile, pair};
use super::{Glyph, icon};
use crate::text;

/// The face of a proposed playdate.
pub(super) fn proposal_face(view: &PlaydateView) -> Element {
    let playdate = &view.playdate;
    let ours = text::pet_name(&view.pet.pet);
    let theirs = text::public_name(&playdate.other);
    rsx! {
        div { class: "face proposal-face",
            {pair(view, true)}
            div { class: "face-words",
                h2 { class: "face-name", "{ours} and {theirs}" }
                div { class: "when",
                    {day_tile(&view.local)}
                    div {
                        strong { {text::day_and_time(&view.local)} }
                        span { {text::span(view.local.start, view.local.end)} }
                    }
                }
                ul { class: "reasons",
                    li {
                        span { class: "reason-mark", {icon(Glyph::Venue)} }
                        span { {text::meeting_place(playdate.venue)} }
                    }
                }
                {reasons(&playdate.reasons)}
                if playdate.first_meeting {
                    p { class: "face-note",
                        {icon(Glyph::Feather)}
                        {text::first_meeting(view.pet.pet.species, playdate.other.species)}
                    }
                }
                if playdate.other_accepted {
                    p { class: "face-note good",
                        {icon(Glyph::Check)}
                        "The other family has said yes."
                    }
                }
            }
        }
    }
}

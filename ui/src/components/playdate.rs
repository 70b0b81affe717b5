//! A playdate: as a row with words for owners, as a picture for children.

use dioxus::prelude::*;
use romp_domain::PlaydateState;
use romp_domain::view::{LocalSpan, PlaydateView};

use super::{Glyph, icon, portrait};
use crate::text;

/// The two pets side by side.
pub(super) fn pair(view: &PlaydateView, wide: bool) -> Element {
    rsx! {
        div { class: if wide { "pair wide" } else { "pair" },
            {portrait(view.pet.id, view.pet.pet.species)}
            {portrait(view.playdate.other.id, view.playdate.other.species)}
        }
    }
}

/// A leaf of a calendar.
pub(super) fn day_tile(local: &LocalSpan) -> Element {
    let weekday: String = text::weekday(local.weekday).chars().take(3).collect();
    let month: String = text::month_name(local.day.month()).chars().take(3).collect();
    rsx! {
        div { class: "day-tile", "aria-hidden": "true",
            span { class: "day-week", "{weekday}" }
            span { class: "day-number", "{local.day.day()}" }
            span { class: "day-month", "{month}" }
        }
    }
}

/// Where a playdate stands, in a word.
fn state_badge(view: &PlaydateView) -> Element {
    let (class, words) = match (view.waiting, view.playdate.state) {
        (Some(act), _) => ("badge later", text::waiting(act)),
        (None, PlaydateState::Confirmed) if view.past => ("badge", "Over"),
        (None, PlaydateState::Confirmed) => ("badge yes", "Agreed"),
        (None, PlaydateState::Proposed) if view.playdate.accepted => {
            ("badge later", "Waiting for the other family")
        }
        (None, PlaydateState::Proposed) => ("badge later", "Waiting for your answer"),
        (None, PlaydateState::Declined) => ("badge", "Declined"),
        (None, PlaydateState::Cancelled) => ("badge", "Called off"),
    };
    rsx! {
        span { class, "{words}" }
    }
}

/// A playdate with everything the family may know; with its buttons.
pub(crate) fn playdate_card(view: &PlaydateView, buttons: Element) -> Element {
    let playdate = &view.playdate;
    let ours = text::pet_name(&view.pet.pet);
    let theirs = text::public_name(&playdate.other);
    let over = view.past || playdate.state.is_final();
    rsx! {
        article {
            key: "{view.id}",
            class: if over { "playdate over" } else { "playdate" },
            "data-testid": "playdate-item",
            "data-state": playdate.state.word(),
            "data-id": "{view.id}",
            {pair(view, false)}
            {day_tile(&view.local)}
            div { class: "playdate-words",
                h3 { "{ours} and {theirs}" }
                p {
                    {text::day_and_time(&view.local)}
                    ", "
                    {text::span(view.local.start, view.local.end)}
                }
                p { class: "hint",
                    {icon(Glyph::Venue)}
                    {text::venue(playdate.venue)}
                    if playdate.first_meeting { " · first meeting" }
                }
                if let Some(reason) = playdate.cancelled {
                    p { class: "hint", {text::cancel_reason(reason)} }
                }
            }
            div { class: "playdate-side",
                {state_badge(view)}
                {buttons}
            }
        }
    }
}

/// A playdate as a child sees it: two faces and a day.
pub(crate) fn playdate_picture(view: &PlaydateView) -> Element {
    let off = view.playdate.state == PlaydateState::Cancelled;
    let morning = view.local.start.get() < 12 * 60;
    let part = if morning {
        "in the morning"
    } else {
        "in the afternoon"
    };
    let theirs = text::public_name(&view.playdate.other);
    let label = format!(
        "{} and {theirs}, {} {part}{}",
        text::pet_name(&view.pet.pet),
        text::weekday(view.local.weekday),
        if off { ", called off" } else { "" }
    );
    rsx! {
        li {
            key: "{view.id}",
            class: if off { "picture off" } else { "picture" },
            "data-testid": "playdate-item",
            "data-state": view.playdate.state.word(),
            "data-id": "{view.id}",
            "aria-label": label,
            {pair(view, false)}
            {day_tile(&view.local)}
            span { class: "picture-name", "aria-hidden": "true", "{theirs}" }
            if off {
                span { class: "picture-off", "aria-hidden": "true", {icon(Glyph::Cross)} "Not today" }
            }
        }
    }
}

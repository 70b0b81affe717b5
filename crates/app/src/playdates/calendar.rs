//! Playdates as an iCalendar file (RFC 5545). Pure.
//!
//! In it: when, the two pets' names, whether it was called off. Not in it: where, who, or anything else of the
//! other family, because calendars are shared and synced to places nobody here knows.

use icalendar::{Calendar, Component, Event, EventStatus};
use jiff::Timestamp;
use romp_domain::text::PetName;
use romp_domain::view::PlaydateView;
use romp_domain::{PlaydateState, UtcMs};

/// Whether a playdate belongs into the calendar: agreed, or called off after it was.
pub(super) fn belongs(view: &PlaydateView) -> bool {
    let called_off = view.playdate.state == PlaydateState::Cancelled && view.playdate.confirmed_at.is_some();
    view.playdate.state == PlaydateState::Confirmed || called_off
}

/// The text of the file.
pub(super) fn calendar(views: &[PlaydateView], now: UtcMs) -> String {
    let mut calendar = Calendar::new();
    calendar.name("Romp");
    for view in views {
        calendar.push(event(view, now));
    }
    calendar.done().to_string()
}

fn event(view: &PlaydateView, now: UtcMs) -> Event {
    let playdate = &view.playdate;
    let status = match playdate.state {
        PlaydateState::Cancelled => EventStatus::Cancelled,
        _ => EventStatus::Confirmed,
    };
    let summary = format!(
        "Playdate: {} and {}",
        name(view.pet.pet.name.as_ref()),
        name(playdate.other.name.as_ref())
    );
    Event::new()
        .uid(&view.id.to_string())
        .add_property("DTSTAMP", utc(now))
        .add_property("DTSTART", utc(playdate.slot.start()))
        .add_property("DTEND", utc(playdate.slot.end()))
        .add_property("SEQUENCE", playdate.rev.to_string())
        .summary(&summary)
        .status(status)
        .done()
}

fn name(name: Option<&PetName>) -> &str {
    name.map_or("a pet without a name", PetName::as_str)
}

/// "20260704T170000Z"
fn utc(at: UtcMs) -> String {
    Timestamp::from_millisecond(at.0)
        .unwrap_or(Timestamp::MAX)
        .strftime("%Y%m%dT%H%M%SZ")
        .to_string()
}

//! An hour, a kind of venue and a coarse area at which a matched pair could meet.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use romp_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use romp_domain::{Area, TimeSpan, UtcMs, Venue};

use crate::candidate::Candidate;
use crate::eligible::shared_venues;
use crate::{HORIZON_DAYS, MEETING_MS};

/// Meetings start on a quarter hour: every zone's offset is a multiple of it.
pub const STEP_MS: i64 = 15 * MINUTE_MS;

/// The shortest notice: both owners need a day to see the proposal and to answer.
pub const NOTICE_MS: i64 = 24 * HOUR_MS;

/// Reasonable hours on both families' clocks: from nine …
const DAY_FROM: i8 = 9;
/// … until this hour, at which the meeting is over.
const DAY_UNTIL: i8 = 19;

/// What the server proposes to both owners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// When: [`MEETING_MS`] long.
    pub slot: TimeSpan,
    /// What kind of place.
    pub venue: Venue,
    /// Roughly where, half way; see [`Area::between`].
    pub area: Area,
}

/// The earliest hour that suits both: inside both families' free time, off everything in `busy_a`, `busy_b` and
/// `taken` (slots already declined), on a quarter hour, with a day's notice, within [`HORIZON_DAYS`] of `now`.
/// Hours of daytime in both zones come before all others.
///
/// `None` when there is no such hour or no venue suits both. The pair is taken to be eligible. The answer is the
/// same with the two sides exchanged.
pub fn propose(
    a: &Candidate<'_>,
    b: &Candidate<'_>,
    busy_a: &[TimeSpan],
    busy_b: &[TimeSpan],
    taken: &[TimeSpan],
    now: UtcMs,
    first_meeting: bool,
) -> Option<Offer> {
    let venue = shared_venues(a, b).min_by_key(|venue| preference(*venue, first_meeting))?;
    let window = TimeSpan::new(now.plus_ms(NOTICE_MS), now.plus_ms(HORIZON_DAYS * DAY_MS)).ok()?;
    let shared = a
        .party
        .free
        .minus(busy_a)
        .intersection(&b.party.free.minus(busy_b))
        .minus(taken);
    let (zone_a, zone_b) = (a.party.zone.rules(), b.party.zone.rules());

    let slots = || {
        let inside = shared.spans().iter().filter_map(|span| span.intersection(window));
        inside.flat_map(slots_in)
    };
    let slot = slots()
        .find(|slot| by_day(*slot, &zone_a) && by_day(*slot, &zone_b))
        .or_else(|| slots().next())?;
    Some(Offer {
        slot,
        venue,
        area: a.party.area.between(b.party.area),
    })
}

/// Which venue first. Pets that have never met do so on ground that is nobody's; later a fence is worth more,
/// because it lets them off the lead.
fn preference(venue: Venue, first_meeting: bool) -> u8 {
    match (venue, first_meeting) {
        (Venue::NeutralPark, true) | (Venue::FencedHire, false) => 0,
        (Venue::Walk, true) | (Venue::NeutralPark, false) => 1,
        (Venue::FencedHire, true) | (Venue::Yard, false) => 2,
        (Venue::Yard, true) | (Venue::Walk, false) => 3,
        (Venue::Indoor, _) => 4,
    }
}

/// Every meeting that fits into a span, earliest first.
fn slots_in(span: TimeSpan) -> impl Iterator<Item = TimeSpan> {
    let late = span.start().0.rem_euclid(STEP_MS);
    let first = span.start().plus_ms(if late == 0 { 0 } else { STEP_MS - late });
    std::iter::successors(Some(first), |start| Some(start.plus_ms(STEP_MS))).map_while(move |start| {
        let end = start.plus_ms(MEETING_MS);
        (end <= span.end())
            .then(|| TimeSpan::new(start, end).ok())
            .flatten()
    })
}

/// Whether the slot lies in reasonable hours of one local day.
fn by_day(slot: TimeSpan, zone: &TimeZone) -> bool {
    let local = |at: UtcMs| {
        Timestamp::from_millisecond(at.0)
            .ok()
            .map(|at| zone.to_datetime(at))
    };
    let (Some(start), Some(end)) = (local(slot.start()), local(slot.end())) else {
        return false;
    };
    start.date() == end.date()
        && start.hour() >= DAY_FROM
        && (end.hour() < DAY_UNTIL || (end.hour() == DAY_UNTIL && end.minute() == 0))
}

#[cfg(test)]
mod tests;

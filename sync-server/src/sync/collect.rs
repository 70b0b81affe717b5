//! Forgetting removals that every device knows of.
//!
//! A removed row leaves a note in the feed, so that devices take it away; once the cursors of all active devices have
//! passed it, the note goes. What the household itself removed is kept as an empty row that says so, for ever: a
//! device that was away for years cannot bring it back. Only devices that were here lately hold notes back; one that
//! was away for longer is told to pull everything anew.

use romp_domain::time::DAY_MS;
use romp_domain::{HouseholdId, Kind, row::DELETED};
use romp_sync::Registers;

use super::work::Work;
use crate::accounts::DEVICES_TOLD_MS;
use crate::db::Fault;

/// How often a household's notes are looked through.
const EVERY_MS: i64 = DAY_MS;
/// A device that was not here for so long holds nothing back.
const AWAY_MS: i64 = 90 * DAY_MS;
/// Most notes in one go: what is left waits for the next one, at once.
const MOST: usize = 500;

/// Forgets what can be forgotten, if it is time to look.
pub(super) fn collect(work: &mut Work<'_>, household: HouseholdId) -> Result<(), Fault> {
    let now = work.now;
    let due = work
        .household(household)?
        .is_some_and(|known| now.since_ms(known.collected_at) >= EVERY_MS);
    if !due {
        return Ok(());
    }
    work.tx.forget_erased(now.plus_ms(-DEVICES_TOLD_MS))?;
    let passed = work
        .tx
        .devices(household)?
        .iter()
        .filter(|device| device.session.is_some() && now.since_ms(device.seen_at) < AWAY_MS)
        .map(|device| device.cursor)
        .min()
        .unwrap_or(0);
    let notes = work.tx.gone(household, passed, MOST)?;
    for note in &notes {
        if !matches!(note.kind, Kind::Card | Kind::Match | Kind::Playdate)
            && let Some(row) = work.tx.row(household, note.kind, note.id)?
        {
            work.tx.put_row(household, note.kind, note.id, &buried(&row))?;
        }
        work.tx.unmark(household, note.kind, note.id)?;
    }
    let floor = notes.last().map_or(0, |note| note.seq);
    let looked_at = if notes.len() < MOST {
        now
    } else {
        now.plus_ms(-EVERY_MS)
    };
    work.tx.set_collected(household, floor, looked_at)
}

/// What stays of a removed row.
fn buried(row: &Registers) -> Registers {
    let mut rest = Registers::default();
    if let (Some(value), Some(stamp)) = (row.fields.0.get(DELETED), row.stamps.get(DELETED)) {
        rest.fields.0.insert(DELETED.to_owned(), value.clone());
        rest.stamps.insert(DELETED.to_owned(), *stamp);
    }
    rest
}

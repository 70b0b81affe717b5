//! The feed: which row of a household changed at which commit; and when a field was last restricted.
//!
//! Of a swipe, both stand in its own row, see `swipes`; which commit changed which is listed by `swipe_notes`.

use romp_domain::{DeviceId, ErrorCode, Hlc, HouseholdId, Kind, Problem, UtcMs};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use uuid::Uuid;

use super::columns::{Id, Num};
use super::{swipe_notes, swipes};
use crate::db::stored::{Page, page};
use crate::db::{Fault, FeedEntry, RELEASED, Restriction};

pub(super) fn begin_commit(
    c: &Connection,
    household: HouseholdId,
    clock: Hlc,
    swipes: u64,
) -> Result<u64, Fault> {
    let seq: Option<Num> = c
        .prepare_cached(
            "UPDATE households SET head_seq = head_seq + 1, clock = max(clock, ?2), swipes = swipes + ?3
             WHERE id = ?1 RETURNING head_seq",
        )?
        .query_one(params![Id(household.0), Num(clock.0), Num(swipes)], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(seq.ok_or_else(|| Problem::new(ErrorCode::NotFound))?.0)
}

pub(super) fn raise_clock(c: &Connection, household: HouseholdId, clock: Hlc) -> Result<(), Fault> {
    c.prepare_cached("UPDATE households SET clock = ?2 WHERE id = ?1 AND clock < ?2")?
        .execute(params![Id(household.0), Num(clock.0)])?;
    Ok(())
}

pub(super) fn mark_all(c: &Connection, household: HouseholdId, notes: &[FeedEntry]) -> Result<(), Fault> {
    let (swipes, rows): (Vec<_>, Vec<_>) = notes.iter().partition(|note| note.kind == Kind::Swipe);
    swipe_notes::mark(c, household, &swipes)?;
    let mut mark = c.prepare_cached(
        "INSERT INTO feed (household_id, kind, id, seq, gone) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (household_id, kind, id) DO UPDATE SET seq = ?4, gone = ?5",
    )?;
    for note in rows {
        mark.execute(params![
            Id(household.0),
            note.kind.word(),
            Id(note.id),
            Num(note.seq),
            note.gone
        ])?;
    }
    Ok(())
}

pub(super) fn unmark(c: &Connection, household: HouseholdId, kind: Kind, id: Uuid) -> Result<(), Fault> {
    if kind == Kind::Swipe {
        return swipe_notes::unmark(c, household, id);
    }
    c.prepare_cached("DELETE FROM feed WHERE household_id = ?1 AND kind = ?2 AND id = ?3")?
        .execute(params![Id(household.0), kind.word(), Id(id)])?;
    Ok(())
}

pub(super) fn set_collected(
    c: &Connection,
    household: HouseholdId,
    gc_floor: u64,
    at: UtcMs,
) -> Result<(), Fault> {
    c.prepare_cached("UPDATE households SET gc_floor = max(gc_floor, ?2), collected_at = ?3 WHERE id = ?1")?
        .execute(params![Id(household.0), Num(gc_floor), at.0])?;
    Ok(())
}

/// Asks for one more than wanted, to see whether the last commit is complete.
pub(super) fn feed(
    c: &Connection,
    household: HouseholdId,
    after: u64,
    forgotten: u64,
    limit: usize,
) -> Result<Vec<FeedEntry>, Fault> {
    let one_more = limit + 1;
    let values = params![Id(household.0), Num(after), Num(forgotten), Num(one_more as u64)];
    let rows = list(
        c,
        "SELECT kind, id, seq, gone FROM feed
         WHERE household_id = ?1 AND seq > ?2 AND (gone = 0 OR seq > ?3) ORDER BY seq, kind, id LIMIT ?4",
        values,
    )?;
    let swipes = swipe_notes::listed(c, household, [after, u64::MAX], forgotten, one_more)?;
    match page(in_order(rows, swipes, one_more), limit) {
        Page::Entries(entries) => Ok(entries),
        Page::Commit(seq) => commit(c, household, seq, forgotten),
    }
}

/// One commit's notes.
fn commit(c: &Connection, household: HouseholdId, seq: u64, forgotten: u64) -> Result<Vec<FeedEntry>, Fault> {
    let values = params![Id(household.0), Num(seq), Num(forgotten)];
    let rows = list(
        c,
        "SELECT kind, id, seq, gone FROM feed
         WHERE household_id = ?1 AND seq = ?2 AND (gone = 0 OR seq > ?3) ORDER BY kind, id",
        values,
    )?;
    let swipes = swipe_notes::listed(c, household, [seq - 1, seq], forgotten, usize::MAX)?;
    Ok(in_order(rows, swipes, usize::MAX))
}

pub(super) fn gone(
    c: &Connection,
    household: HouseholdId,
    up_to: u64,
    limit: usize,
) -> Result<Vec<FeedEntry>, Fault> {
    let values = params![Id(household.0), Num(up_to), Num(limit as u64)];
    let rows = list(
        c,
        "SELECT kind, id, seq, gone FROM feed
         WHERE household_id = ?1 AND gone = 1 AND seq <= ?2 ORDER BY seq, kind, id LIMIT ?3",
        values,
    )?;
    let swipes = list(
        c,
        "SELECT 'swipe', id, seq, deleted FROM interactions
         WHERE household_id = ?1 AND deleted = 1 AND seq <= ?2 ORDER BY seq, id LIMIT ?3",
        values,
    )?;
    Ok(in_order(rows, swipes, limit))
}

fn list(c: &Connection, sql: &str, values: impl Params) -> Result<Vec<FeedEntry>, Fault> {
    c.prepare_cached(sql)?.query_and_then(values, entry)?.collect()
}

/// Both, by commit, kind and id, as far as they are wanted.
fn in_order(mut rows: Vec<FeedEntry>, swipes: Vec<FeedEntry>, limit: usize) -> Vec<FeedEntry> {
    rows.extend(swipes);
    // Two runs that are in order: sorting only puts them into each other.
    rows.sort_by_key(|entry| (entry.seq, entry.kind.word(), entry.id));
    rows.truncate(limit);
    rows
}

fn entry(row: &Row<'_>) -> Result<FeedEntry, Fault> {
    Ok(FeedEntry {
        kind: kind_of(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?,
        id: row.get::<_, Id>(1)?.0,
        seq: row.get::<_, Num>(2)?.0,
        gone: row.get(3)?,
    })
}

fn kind_of(word: &str) -> Result<Kind, Fault> {
    Kind::from_word(word).ok_or_else(|| Fault::Backend("a note of an unknown kind".into()))
}

pub(super) fn restriction(
    c: &Connection,
    household: HouseholdId,
    kind: Kind,
    id: Uuid,
    field: &str,
) -> Result<Option<Restriction>, Fault> {
    if kind == Kind::Swipe && field == RELEASED {
        return swipes::withheld(c, household, id);
    }
    let found = c
        .prepare_cached(
            "SELECT seq, device_id FROM restrictions
             WHERE household_id = ?1 AND kind = ?2 AND id = ?3 AND field = ?4",
        )?
        .query_one(params![Id(household.0), kind.word(), Id(id), field], |row| {
            Ok(Restriction {
                kind,
                id,
                field: field.to_owned(),
                seq: row.get::<_, Num>(0)?.0,
                device: DeviceId(row.get::<_, Id>(1)?.0),
            })
        })
        .optional()?;
    Ok(found)
}

pub(super) fn put_restriction(
    c: &Connection,
    household: HouseholdId,
    restriction: &Restriction,
) -> Result<(), Fault> {
    if restriction.kind == Kind::Swipe && restriction.field == RELEASED {
        return swipes::withhold(c, household, restriction);
    }
    c.prepare_cached(
        "INSERT INTO restrictions (household_id, kind, id, field, seq, device_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (household_id, kind, id, field) DO UPDATE SET seq = ?5, device_id = ?6",
    )?
    .execute(params![
        Id(household.0),
        restriction.kind.word(),
        Id(restriction.id),
        restriction.field,
        Num(restriction.seq),
        Id(restriction.device.0)
    ])?;
    Ok(())
}

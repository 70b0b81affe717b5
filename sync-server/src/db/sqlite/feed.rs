//! The feed: which row of a household changed at which commit.

use romp_domain::{ErrorCode, Hlc, HouseholdId, Kind, Problem};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::columns::{Id, Num};
use crate::db::stored::{Page, page};
use crate::db::{Fault, FeedEntry};

pub(super) fn next_seq(c: &Connection, household: HouseholdId) -> Result<u64, Fault> {
    let seq: Option<Num> = c
        .prepare_cached("UPDATE households SET head_seq = head_seq + 1 WHERE id = ?1 RETURNING head_seq")?
        .query_one([Id(household.0)], |row| row.get(0))
        .optional()?;
    Ok(seq.ok_or_else(|| Problem::new(ErrorCode::NotFound))?.0)
}

pub(super) fn raise_clock(c: &Connection, household: HouseholdId, clock: Hlc) -> Result<(), Fault> {
    c.prepare_cached("UPDATE households SET clock = ?2 WHERE id = ?1 AND clock < ?2")?
        .execute(params![Id(household.0), Num(clock.0)])?;
    Ok(())
}

pub(super) fn mark(
    c: &Connection,
    household: HouseholdId,
    kind: Kind,
    id: Uuid,
    seq: u64,
) -> Result<(), Fault> {
    c.prepare_cached(
        "INSERT INTO feed (household_id, kind, id, seq) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (household_id, kind, id) DO UPDATE SET seq = ?4",
    )?
    .execute(params![Id(household.0), kind.word(), Id(id), Num(seq)])?;
    Ok(())
}

/// Asks for one more than wanted, to see whether the last commit is complete.
pub(super) fn feed(
    c: &Connection,
    household: HouseholdId,
    after: u64,
    limit: usize,
) -> Result<Vec<FeedEntry>, Fault> {
    let one_more = Num(limit as u64 + 1);
    let entries = c
        .prepare_cached(
            "SELECT kind, id, seq FROM feed WHERE household_id = ?1 AND seq > ?2 ORDER BY seq, kind, id LIMIT ?3",
        )?
        .query_and_then(params![Id(household.0), Num(after), one_more], entry)?
        .collect::<Result<Vec<_>, _>>()?;
    match page(entries, limit) {
        Page::Entries(entries) => Ok(entries),
        Page::Commit(seq) => commit(c, household, seq),
    }
}

/// One commit's notes.
fn commit(c: &Connection, household: HouseholdId, seq: u64) -> Result<Vec<FeedEntry>, Fault> {
    c.prepare_cached("SELECT kind, id, seq FROM feed WHERE household_id = ?1 AND seq = ?2 ORDER BY kind, id")?
        .query_and_then(params![Id(household.0), Num(seq)], entry)?
        .collect()
}

fn entry(row: &Row<'_>) -> Result<FeedEntry, Fault> {
    let kind: String = row.get(0)?;
    Ok(FeedEntry {
        kind: Kind::from_word(&kind).ok_or_else(|| Fault::Backend("a note of an unknown kind".into()))?,
        id: row.get::<_, Id>(1)?.0,
        seq: row.get::<_, Num>(2)?.0,
    })
}

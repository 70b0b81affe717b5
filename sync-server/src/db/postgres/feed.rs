//! The feed: which row of a household changed at which commit.

use romp_domain::{ErrorCode, Hlc, HouseholdId, Kind, Problem};
use tokio_postgres::Row;
use uuid::Uuid;

use super::statements::PgTx;
use super::values::{Num, column, num};
use crate::db::stored::{Page, page};
use crate::db::{Fault, FeedEntry};

pub(super) fn next_seq(tx: &mut PgTx<'_>, household: HouseholdId) -> Result<u64, Fault> {
    tx.about(household);
    let seq = tx.find(
        "UPDATE households SET head_seq = head_seq + 1 WHERE id = $1 RETURNING head_seq",
        &[&household.0],
        |row| num(row, 0),
    )?;
    Ok(seq.ok_or_else(|| Problem::new(ErrorCode::NotFound))?)
}

pub(super) fn raise_clock(tx: &mut PgTx<'_>, household: HouseholdId, clock: Hlc) -> Result<(), Fault> {
    tx.execute(
        "UPDATE households SET clock = $2 WHERE id = $1 AND clock < $2",
        &[&household.0, &Num(clock.0)],
    )?;
    Ok(())
}

pub(super) fn mark(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    kind: Kind,
    id: Uuid,
    seq: u64,
) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO feed (household_id, kind, id, seq) VALUES ($1, $2, $3, $4)
         ON CONFLICT (household_id, kind, id) DO UPDATE SET seq = $4",
        &[&household.0, &kind.word(), &id, &Num(seq)],
    )?;
    Ok(())
}

/// Asks for one more than wanted, to see whether the last commit is complete.
pub(super) fn feed(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    after: u64,
    limit: usize,
) -> Result<Vec<FeedEntry>, Fault> {
    let entries = tx.all(
        "SELECT kind, id, seq FROM feed WHERE household_id = $1 AND seq > $2 ORDER BY seq, kind, id LIMIT $3",
        &[&household.0, &Num(after), &Num(limit as u64 + 1)],
        entry,
    )?;
    match page(entries, limit) {
        Page::Entries(entries) => Ok(entries),
        Page::Commit(seq) => tx.all(
            "SELECT kind, id, seq FROM feed WHERE household_id = $1 AND seq = $2 ORDER BY kind, id",
            &[&household.0, &Num(seq)],
            entry,
        ),
    }
}

fn entry(row: &Row) -> Result<FeedEntry, Fault> {
    Ok(FeedEntry {
        kind: Kind::from_word(column(row, 0)?)
            .ok_or_else(|| Fault::Backend("a note of an unknown kind".into()))?,
        id: column(row, 1)?,
        seq: num(row, 2)?,
    })
}

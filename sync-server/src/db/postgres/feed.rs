//! The feed: which row of a household changed at which commit; and when a field was last restricted.

use romp_domain::{DeviceId, ErrorCode, Hlc, HouseholdId, Kind, Problem, UtcMs};
use tokio_postgres::Row;
use uuid::Uuid;

use super::statements::PgTx;
use super::values::{Num, column, num};
use crate::db::stored::{Page, page};
use crate::db::{Fault, FeedEntry, Restriction};

pub(super) fn begin_commit(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    clock: Hlc,
    swipes: u64,
) -> Result<u64, Fault> {
    tx.about(household);
    let seq = tx.find(
        "UPDATE households SET head_seq = head_seq + 1, clock = greatest(clock, $2), swipes = swipes + $3
         WHERE id = $1 RETURNING head_seq",
        &[&household.0, &Num(clock.0), &Num(swipes)],
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

pub(super) fn mark_all(tx: &mut PgTx<'_>, household: HouseholdId, notes: &[FeedEntry]) -> Result<(), Fault> {
    let kinds: Vec<&str> = notes.iter().map(|note| note.kind.word()).collect();
    let ids: Vec<Uuid> = notes.iter().map(|note| note.id).collect();
    let seqs: Vec<Num> = notes.iter().map(|note| Num(note.seq)).collect();
    let gone: Vec<bool> = notes.iter().map(|note| note.gone).collect();
    tx.execute(
        "INSERT INTO feed (household_id, kind, id, seq, gone)
         SELECT $1::uuid, * FROM unnest($2::text[], $3::uuid[], $4::bigint[], $5::boolean[])
         ON CONFLICT (household_id, kind, id) DO UPDATE SET seq = excluded.seq, gone = excluded.gone",
        &[&household.0, &kinds, &ids, &seqs, &gone],
    )?;
    Ok(())
}

pub(super) fn unmark(tx: &mut PgTx<'_>, household: HouseholdId, kind: Kind, id: Uuid) -> Result<(), Fault> {
    tx.execute(
        "DELETE FROM feed WHERE household_id = $1 AND kind = $2 AND id = $3",
        &[&household.0, &kind.word(), &id],
    )?;
    Ok(())
}

pub(super) fn set_collected(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    gc_floor: u64,
    at: UtcMs,
) -> Result<(), Fault> {
    tx.execute(
        "UPDATE households SET gc_floor = greatest(gc_floor, $2), collected_at = $3 WHERE id = $1",
        &[&household.0, &Num(gc_floor), &at.0],
    )?;
    Ok(())
}

/// Asks for one more than wanted, to see whether the last commit is complete.
pub(super) fn feed(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    after: u64,
    forgotten: u64,
    limit: usize,
) -> Result<Vec<FeedEntry>, Fault> {
    let entries = tx.all(
        "SELECT kind, id, seq, gone FROM feed
         WHERE household_id = $1 AND seq > $2 AND (NOT gone OR seq > $3) ORDER BY seq, kind, id LIMIT $4",
        &[&household.0, &Num(after), &Num(forgotten), &Num(limit as u64 + 1)],
        entry,
    )?;
    match page(entries, limit) {
        Page::Entries(entries) => Ok(entries),
        Page::Commit(seq) => tx.all(
            "SELECT kind, id, seq, gone FROM feed
             WHERE household_id = $1 AND seq = $2 AND (NOT gone OR seq > $3) ORDER BY kind, id",
            &[&household.0, &Num(seq), &Num(forgotten)],
            entry,
        ),
    }
}

pub(super) fn gone(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    up_to: u64,
    limit: usize,
) -> Result<Vec<FeedEntry>, Fault> {
    tx.all(
        "SELECT kind, id, seq, gone FROM feed
         WHERE household_id = $1 AND gone AND seq <= $2 ORDER BY seq, kind, id LIMIT $3",
        &[&household.0, &Num(up_to), &Num(limit as u64)],
        entry,
    )
}

fn entry(row: &Row) -> Result<FeedEntry, Fault> {
    Ok(FeedEntry {
        kind: Kind::from_word(column(row, 0)?)
            .ok_or_else(|| Fault::Backend("a note of an unknown kind".into()))?,
        id: column(row, 1)?,
        seq: num(row, 2)?,
        gone: column(row, 3)?,
    })
}

pub(super) fn restriction(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    kind: Kind,
    id: Uuid,
    field: &str,
) -> Result<Option<Restriction>, Fault> {
    tx.find(
        "SELECT seq, device_id FROM restrictions
         WHERE household_id = $1 AND kind = $2 AND id = $3 AND field = $4",
        &[&household.0, &kind.word(), &id, &field],
        |row| {
            Ok(Restriction {
                kind,
                id,
                field: field.to_owned(),
                seq: num(row, 0)?,
                device: DeviceId(column(row, 1)?),
            })
        },
    )
}

pub(super) fn put_restriction(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    restriction: &Restriction,
) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO restrictions (household_id, kind, id, field, seq, device_id) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (household_id, kind, id, field) DO UPDATE SET seq = $5, device_id = $6",
        &[
            &household.0,
            &restriction.kind.word(),
            &restriction.id,
            &restriction.field,
            &Num(restriction.seq),
            &restriction.device.0,
        ],
    )?;
    Ok(())
}

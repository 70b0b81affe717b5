//! The notes of swipes in the feed: for each commit, the ids of those that it was the last to change.
//!
//! State, not history, like the rest of the feed: a swipe that changes again leaves the list it was in. Its row says
//! which that is, and whether it was removed.

use std::collections::{BTreeMap, BTreeSet};

use romp_domain::{HouseholdId, Kind};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::columns::{Id, Num};
use super::swipes;
use crate::db::{Fault, FeedEntry};

/// Bytes of an id.
const ID: usize = 16;

/// The commits that were the last to change these swipes.
pub(super) fn noted(
    c: &Connection,
    household: HouseholdId,
    ids: &[Uuid],
) -> Result<BTreeMap<u64, BTreeSet<Uuid>>, Fault> {
    let mut noted: BTreeMap<u64, BTreeSet<Uuid>> = BTreeMap::new();
    swipes::each(c, household, ids, |id, row| {
        if let Some(Num(seq)) = row.get(swipes::SEQ)? {
            noted.entry(seq).or_default().insert(id);
        }
        Ok(())
    })?;
    Ok(noted)
}

/// Sets the numbers of swipes' notes.
pub(super) fn mark(c: &Connection, household: HouseholdId, notes: &[&FeedEntry]) -> Result<(), Fault> {
    for of_commit in notes.chunk_by(|one, other| one.seq == other.seq) {
        let ids: Vec<Uuid> = of_commit.iter().map(|note| note.id).collect();
        let before = noted(c, household, &ids)?;
        let Some(seq) = of_commit.first().map(|note| note.seq) else {
            continue;
        };
        for id in &ids {
            if !numbered(c, household, *id, Some(seq))? {
                return Err(Fault::Backend("a note of a swipe that is not there".into()));
            }
        }
        moved(c, household, &before, seq, ids.into_iter())?;
    }
    Ok(())
}

/// Forgets the note of a swipe.
pub(super) fn unmark(c: &Connection, household: HouseholdId, id: Uuid) -> Result<(), Fault> {
    for (seq, ids) in noted(c, household, &[id])? {
        taken_out(c, household, seq, &ids)?;
    }
    numbered(c, household, id, None).map(drop)
}

fn numbered(c: &Connection, household: HouseholdId, id: Uuid, seq: Option<u64>) -> Result<bool, Fault> {
    let numbered = c
        .prepare_cached("UPDATE interactions SET seq = ?3 WHERE household_id = ?1 AND id = ?2")?
        .execute(params![Id(household.0), Id(id), seq.map(Num)])?;
    Ok(numbered > 0)
}

/// Moves swipes from the lists they are in (by commit) to that of commit `seq`.
pub(super) fn moved(
    c: &Connection,
    household: HouseholdId,
    from: &BTreeMap<u64, BTreeSet<Uuid>>,
    seq: u64,
    ids: impl Iterator<Item = Uuid>,
) -> Result<(), Fault> {
    for (before, ids) in from.iter().filter(|(before, _)| **before != seq) {
        taken_out(c, household, *before, ids)?;
    }
    let mut list: BTreeSet<Uuid> = ids.collect();
    list.extend(ids_of(c, household, seq)?);
    put(c, household, seq, &list)
}

/// Takes swipes out of a commit's list.
fn taken_out(c: &Connection, household: HouseholdId, seq: u64, gone: &BTreeSet<Uuid>) -> Result<(), Fault> {
    let mut list = ids_of(c, household, seq)?;
    list.retain(|id| !gone.contains(id));
    put(c, household, seq, &list)
}

fn ids_of(c: &Connection, household: HouseholdId, seq: u64) -> Result<BTreeSet<Uuid>, Fault> {
    let found = c
        .prepare_cached("SELECT ids FROM swipe_notes WHERE household_id = ?1 AND seq = ?2")?
        .query_one(params![Id(household.0), Num(seq)], |row| {
            Ok(ids(row.get_ref(0)?.as_blob()?).collect())
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

fn put(c: &Connection, household: HouseholdId, seq: u64, list: &BTreeSet<Uuid>) -> Result<(), Fault> {
    if list.is_empty() {
        c.prepare_cached("DELETE FROM swipe_notes WHERE household_id = ?1 AND seq = ?2")?
            .execute(params![Id(household.0), Num(seq)])?;
        return Ok(());
    }
    let mut bytes = Vec::with_capacity(list.len() * ID);
    for id in list {
        bytes.extend_from_slice(id.as_bytes());
    }
    c.prepare_cached(
        "INSERT INTO swipe_notes (household_id, seq, ids) VALUES (?1, ?2, ?3)
         ON CONFLICT (household_id, seq) DO UPDATE SET ids = excluded.ids",
    )?
    .execute(params![Id(household.0), Num(seq), bytes])?;
    Ok(())
}

fn ids(bytes: &[u8]) -> impl Iterator<Item = Uuid> {
    bytes
        .chunks_exact(ID)
        .filter_map(|bytes| Uuid::from_slice(bytes).ok())
}

/// Notes after commit `after` up to commit `last`, in order, at most `limit`. Without those of removals up to commit
/// `forgotten`.
pub(super) fn listed(
    c: &Connection,
    household: HouseholdId,
    [after, last]: [u64; 2],
    forgotten: u64,
    limit: usize,
) -> Result<Vec<FeedEntry>, Fault> {
    let between = params![Id(household.0), Num(after), Num(last)];
    let removed: BTreeSet<Uuid> = c
        .prepare_cached(
            "SELECT id FROM interactions WHERE household_id = ?1 AND deleted = 1 AND seq > ?2 AND seq <= ?3",
        )?
        .query_map(between, |row| Ok(row.get::<_, Id>(0)?.0))?
        .collect::<Result<_, _>>()?;
    let mut lists = c.prepare_cached(
        "SELECT seq, ids FROM swipe_notes WHERE household_id = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq",
    )?;
    let mut lists = lists.query(between)?;
    let mut notes = Vec::new();
    while notes.len() < limit
        && let Some(row) = lists.next()?
    {
        let seq = row.get::<_, Num>(0)?.0;
        let of_commit = ids(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?).map(|id| FeedEntry {
            kind: Kind::Swipe,
            id,
            seq,
            gone: removed.contains(&id),
        });
        notes.extend(of_commit.filter(|note| !note.gone || seq > forgotten));
    }
    notes.truncate(limit);
    Ok(notes)
}

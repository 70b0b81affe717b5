//! What the server writes: decks, cards, matches, playdates.

use romp_domain::{Card, CardId, HouseholdId, MatchId, PetId, PlaydateId, UtcMs};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::columns::{Id, Json, Num};
use crate::db::{DeckRecord, Fault, MatchRecord, Period, PlaydateRecord, Quota};

fn data<T: DeserializeOwned>(row: &Row<'_>) -> rusqlite::Result<T> {
    Ok(row.get::<_, Json<T>>(0)?.0)
}

fn deck_record(row: &Row<'_>) -> rusqlite::Result<DeckRecord> {
    Ok(DeckRecord {
        pet: PetId(row.get::<_, Id>(0)?.0),
        household: HouseholdId(row.get::<_, Id>(1)?.0),
        built_at: UtcMs(row.get(2)?),
        stale: row.get(3)?,
        generation: row.get::<_, Num>(4)?.0,
        asks: row.get(5)?,
        dealt: row.get::<_, Num>(6)?.0,
    })
}

pub(super) fn spend(c: &Connection, household: HouseholdId, quota: Quota, now: UtcMs) -> Result<bool, Fault> {
    // A window that has passed, or lies in the future after the clock was set back, begins anew.
    let used = c
        .prepare_cached(
            "INSERT INTO quotas (household_id, what, since, used) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT (household_id, what) DO UPDATE SET
                 used = CASE WHEN since > ?3 - ?4 AND since <= ?3 THEN used + 1 ELSE 1 END,
                 since = CASE WHEN since > ?3 - ?4 AND since <= ?3 THEN since ELSE ?3 END
             RETURNING used",
        )?
        .query_one(
            params![Id(household.0), quota.what, now.0, quota.window_ms],
            |row| row.get::<_, i64>(0),
        )?;
    Ok(used <= i64::from(quota.most))
}

pub(super) fn is_used_up(
    c: &Connection,
    household: HouseholdId,
    quota: Quota,
    now: UtcMs,
) -> Result<bool, Fault> {
    let used = c
        .prepare_cached(
            "SELECT used FROM quotas
             WHERE household_id = ?1 AND what = ?2 AND since > ?3 - ?4 AND since <= ?3",
        )?
        .query_one(
            params![Id(household.0), quota.what, now.0, quota.window_ms],
            |row| row.get::<_, i64>(0),
        )
        .optional()?;
    Ok(used.is_some_and(|used| used >= i64::from(quota.most)))
}

pub(super) fn tally(
    c: &Connection,
    household: HouseholdId,
    what: &'static str,
    subject: Uuid,
    period: Period,
    by: i64,
) -> Result<Option<u64>, Fault> {
    let used = c
        .prepare_cached(
            "INSERT INTO tallies (household_id, what, subject, period, used) VALUES (?1, ?2, ?3, ?4, max(?5, 0))
             ON CONFLICT (household_id, what, subject) DO UPDATE SET
                 used = CASE WHEN period = ?4 THEN max(used + ?5, 0) ELSE max(?5, 0) END, period = ?4
             WHERE period <= ?4 OR period > ?6 RETURNING used",
        )?
        .query_row(params![Id(household.0), what, Id(subject), period.of, by, period.now], |row| {
            row.get::<_, Num>(0)
        })
        .optional()?;
    Ok(used.map(|used| used.0))
}

pub(super) fn forget_tallies(c: &Connection, household: HouseholdId, subject: Uuid) -> Result<(), Fault> {
    c.prepare_cached("DELETE FROM tallies WHERE household_id = ?1 AND subject = ?2")?
        .execute(params![Id(household.0), Id(subject)])?;
    Ok(())
}

pub(super) fn deck(c: &Connection, pet: PetId) -> Result<Option<DeckRecord>, Fault> {
    let found = c
        .prepare_cached(
            "SELECT pet_id, household_id, built_at, stale, generation, asks, dealt FROM decks WHERE pet_id = ?1",
        )?
        .query_one([Id(pet.0)], deck_record)
        .optional()?;
    Ok(found)
}

pub(super) fn put_deck(c: &Connection, deck: &DeckRecord) -> Result<(), Fault> {
    c.prepare_cached(
        "INSERT INTO decks (pet_id, household_id, built_at, stale, generation, asks, dealt)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (pet_id) DO UPDATE SET
             household_id = ?2, built_at = ?3, stale = ?4, generation = ?5, asks = ?6, dealt = ?7",
    )?
    .execute(params![
        Id(deck.pet.0),
        Id(deck.household.0),
        deck.built_at.0,
        deck.stale,
        Num(deck.generation),
        deck.asks,
        Num(deck.dealt)
    ])?;
    Ok(())
}

pub(super) fn decks(c: &Connection, household: HouseholdId) -> Result<Vec<DeckRecord>, Fault> {
    let found = c
        .prepare_cached(
            "SELECT pet_id, household_id, built_at, stale, generation, asks, dealt FROM decks
             WHERE household_id = ?1 ORDER BY pet_id",
        )?
        .query_map([Id(household.0)], deck_record)?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

pub(super) fn card(c: &Connection, household: HouseholdId, id: Uuid) -> Result<Option<Card>, Fault> {
    let found = c
        .prepare_cached("SELECT data FROM cards WHERE household_id = ?1 AND id = ?2")?
        .query_one([Id(household.0), Id(id)], data)
        .optional()?;
    Ok(found)
}

pub(super) fn cards_for(c: &Connection, pet: PetId) -> Result<Vec<Card>, Fault> {
    let found = c
        .prepare_cached("SELECT data FROM cards WHERE for_pet = ?1 ORDER BY rank, id")?
        .query_map([Id(pet.0)], data)?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

pub(super) fn shown_to(c: &Connection, pet: PetId) -> Result<Vec<PetId>, Fault> {
    let found = c
        .prepare_cached("SELECT shown_pet FROM cards WHERE for_pet = ?1 ORDER BY rank, id")?
        .query_map([Id(pet.0)], |row| Ok(PetId(row.get::<_, Id>(0)?.0)))?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

pub(super) fn cards_showing(c: &Connection, pet: PetId) -> Result<Vec<(HouseholdId, Card)>, Fault> {
    let found = c
        .prepare_cached(
            "SELECT data, household_id FROM cards WHERE shown_pet = ?1 ORDER BY household_id, id",
        )?
        .query_map([Id(pet.0)], |row| {
            Ok((HouseholdId(row.get::<_, Id>(1)?.0), data(row)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

pub(super) fn put_card(c: &Connection, household: HouseholdId, card: &Card) -> Result<(), Fault> {
    let id = CardId::of(card.for_pet, card.pet.id);
    c.prepare_cached(
        "INSERT INTO cards (household_id, id, for_pet, shown_pet, rank, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (household_id, id) DO UPDATE SET for_pet = ?3, shown_pet = ?4, rank = ?5, data = ?6",
    )?
    .execute(params![
        Id(household.0),
        Id(id.0),
        Id(card.for_pet.0),
        Id(card.pet.id.0),
        card.rank,
        Json(card)
    ])?;
    Ok(())
}

pub(super) fn remove_card(c: &Connection, household: HouseholdId, id: Uuid) -> Result<(), Fault> {
    c.prepare_cached("DELETE FROM cards WHERE household_id = ?1 AND id = ?2")?
        .execute([Id(household.0), Id(id)])?;
    Ok(())
}

pub(super) fn matched(c: &Connection, id: MatchId) -> Result<Option<MatchRecord>, Fault> {
    let found = c
        .prepare_cached("SELECT data FROM matches WHERE id = ?1")?
        .query_one([Id(id.0)], data)
        .optional()?;
    Ok(found)
}

pub(super) fn put_match(c: &Connection, record: &MatchRecord) -> Result<(), Fault> {
    let [one, other] = &record.sides;
    c.prepare_cached(
        "INSERT INTO matches (id, household_one, household_other, data) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET household_one = ?2, household_other = ?3, data = ?4",
    )?
    .execute(params![
        Id(record.id.0),
        Id(one.household.0),
        Id(other.household.0),
        Json(record)
    ])?;
    Ok(())
}

pub(super) fn remove_match(c: &Connection, id: MatchId) -> Result<(), Fault> {
    c.prepare_cached("DELETE FROM playdates WHERE match_id = ?1")?
        .execute([Id(id.0)])?;
    c.prepare_cached("DELETE FROM matches WHERE id = ?1")?
        .execute([Id(id.0)])?;
    Ok(())
}

pub(super) fn matches_of(c: &Connection, household: HouseholdId) -> Result<Vec<MatchRecord>, Fault> {
    let found = c
        .prepare_cached(
            "SELECT data FROM matches WHERE household_one = ?1 OR household_other = ?1 ORDER BY id",
        )?
        .query_map([Id(household.0)], data)?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

pub(super) fn playdate(c: &Connection, id: PlaydateId) -> Result<Option<PlaydateRecord>, Fault> {
    let found = c
        .prepare_cached("SELECT data FROM playdates WHERE id = ?1")?
        .query_one([Id(id.0)], data)
        .optional()?;
    Ok(found)
}

pub(super) fn put_playdate(c: &Connection, record: &PlaydateRecord) -> Result<(), Fault> {
    let [one, other] = &record.sides;
    c.prepare_cached(
        "INSERT INTO playdates (id, match_id, attempt, household_one, household_other, state, starts_at, ends_at, data)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (id) DO UPDATE SET match_id = ?2, attempt = ?3, household_one = ?4, household_other = ?5,
             state = ?6, starts_at = ?7, ends_at = ?8, data = ?9",
    )?
    .execute(params![
        Id(record.id.0),
        Id(record.matched.0),
        record.attempt,
        Id(one.household.0),
        Id(other.household.0),
        record.state.word(),
        record.slot.start().0,
        record.slot.end().0,
        Json(record)
    ])?;
    Ok(())
}

pub(super) fn playdates_of(
    c: &Connection,
    household: HouseholdId,
    since: UtcMs,
) -> Result<Vec<PlaydateRecord>, Fault> {
    let found = c
        .prepare_cached(
            "SELECT data FROM playdates
             WHERE (household_one = ?1 AND ends_at > ?2) OR (household_other = ?1 AND ends_at > ?2)
             ORDER BY starts_at, id",
        )?
        .query_map(params![Id(household.0), since.0], data)?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

pub(super) fn playdates_of_match(c: &Connection, id: MatchId) -> Result<Vec<PlaydateRecord>, Fault> {
    let found = c
        .prepare_cached("SELECT data FROM playdates WHERE match_id = ?1 ORDER BY attempt")?
        .query_map([Id(id.0)], data)?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

//! What the server writes: decks, cards, matches, playdates.

use romp_domain::{Card, CardId, HouseholdId, MatchId, PetId, PlaydateId, UtcMs};
use serde::de::DeserializeOwned;
use tokio_postgres::Row;
use uuid::Uuid;

use super::statements::PgTx;
use super::values::{Json, Num, column, id, json, num};
use crate::db::{DeckRecord, Fault, MatchRecord, Period, PlaydateRecord, Quota};

fn data<T: DeserializeOwned>(row: &Row) -> Result<T, Fault> {
    json(row, 0)
}

fn deck_record(row: &Row) -> Result<DeckRecord, Fault> {
    Ok(DeckRecord {
        pet: id(row, 0, PetId)?,
        household: id(row, 1, HouseholdId)?,
        built_at: UtcMs(column(row, 2)?),
        stale: column(row, 3)?,
        generation: num(row, 4)?,
        asks: column(row, 5)?,
        dealt: num(row, 6)?,
    })
}

pub(super) fn spend(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    quota: Quota,
    now: UtcMs,
) -> Result<bool, Fault> {
    tx.about(household);
    // A window that has passed, or lies in the future after the clock was set back, begins anew.
    let used: Option<i64> = tx.find(
        "INSERT INTO quotas AS q (household_id, what, since, used) VALUES ($1, $2, $3, 1)
         ON CONFLICT (household_id, what) DO UPDATE SET
             used = CASE WHEN q.since > $3 - $4::bigint AND q.since <= $3 THEN q.used + 1 ELSE 1 END,
             since = CASE WHEN q.since > $3 - $4::bigint AND q.since <= $3 THEN q.since ELSE $3 END
         RETURNING q.used",
        &[&household.0, &quota.what, &now.0, &quota.window_ms],
        |row| column(row, 0),
    )?;
    Ok(used.is_some_and(|used| used <= i64::from(quota.most)))
}

pub(super) fn is_used_up(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    quota: Quota,
    now: UtcMs,
) -> Result<bool, Fault> {
    let used: Option<i64> = tx.find(
        "SELECT used FROM quotas
         WHERE household_id = $1 AND what = $2 AND since > $3 - $4::bigint AND since <= $3",
        &[&household.0, &quota.what, &now.0, &quota.window_ms],
        |row| column(row, 0),
    )?;
    Ok(used.is_some_and(|used| used >= i64::from(quota.most)))
}

pub(super) fn tally(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    what: &'static str,
    subject: Uuid,
    period: Period,
    by: i64,
) -> Result<Option<u64>, Fault> {
    tx.about(household);
    tx.find(
        "INSERT INTO tallies AS t (household_id, what, subject, period, used)
         VALUES ($1, $2, $3, $4, greatest($5::bigint, 0))
         ON CONFLICT (household_id, what, subject) DO UPDATE SET
             used = CASE WHEN t.period = $4 THEN greatest(t.used + $5::bigint, 0) ELSE greatest($5::bigint, 0) END,
             period = $4
         WHERE t.period <= $4 OR t.period > $6 RETURNING t.used",
        &[&household.0, &what, &subject, &period.of, &by, &period.now],
        |row| num(row, 0),
    )
}

pub(super) fn forget_tallies(tx: &mut PgTx<'_>, household: HouseholdId, subject: Uuid) -> Result<(), Fault> {
    tx.about(household);
    tx.execute(
        "DELETE FROM tallies WHERE household_id = $1 AND subject = $2",
        &[&household.0, &subject],
    )?;
    Ok(())
}

pub(super) fn deck(tx: &mut PgTx<'_>, pet: PetId) -> Result<Option<DeckRecord>, Fault> {
    tx.find(
        "SELECT pet_id, household_id, built_at, stale, generation, asks, dealt FROM decks WHERE pet_id = $1",
        &[&pet.0],
        deck_record,
    )
}

pub(super) fn put_deck(tx: &mut PgTx<'_>, deck: &DeckRecord) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO decks (pet_id, household_id, built_at, stale, generation, asks, dealt)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (pet_id) DO UPDATE SET
             household_id = $2, built_at = $3, stale = $4, generation = $5, asks = $6, dealt = $7",
        &[
            &deck.pet.0,
            &deck.household.0,
            &deck.built_at.0,
            &deck.stale,
            &Num(deck.generation),
            &deck.asks,
            &Num(deck.dealt),
        ],
    )?;
    Ok(())
}

pub(super) fn decks(tx: &mut PgTx<'_>, household: HouseholdId) -> Result<Vec<DeckRecord>, Fault> {
    tx.all(
        "SELECT pet_id, household_id, built_at, stale, generation, asks, dealt FROM decks
         WHERE household_id = $1 ORDER BY pet_id",
        &[&household.0],
        deck_record,
    )
}

pub(super) fn card(tx: &mut PgTx<'_>, household: HouseholdId, id: Uuid) -> Result<Option<Card>, Fault> {
    tx.find(
        "SELECT data FROM cards WHERE household_id = $1 AND id = $2",
        &[&household.0, &id],
        data,
    )
}

pub(super) fn cards_for(tx: &mut PgTx<'_>, pet: PetId) -> Result<Vec<Card>, Fault> {
    tx.all(
        "SELECT data FROM cards WHERE for_pet = $1 ORDER BY rank, id",
        &[&pet.0],
        data,
    )
}

pub(super) fn shown_to(tx: &mut PgTx<'_>, pet: PetId) -> Result<Vec<PetId>, Fault> {
    tx.all(
        "SELECT shown_pet FROM cards WHERE for_pet = $1 ORDER BY rank, id",
        &[&pet.0],
        |row| id(row, 0, PetId),
    )
}

pub(super) fn cards_showing(tx: &mut PgTx<'_>, pet: PetId) -> Result<Vec<(HouseholdId, Card)>, Fault> {
    tx.all(
        "SELECT data, household_id FROM cards WHERE shown_pet = $1 ORDER BY household_id, id",
        &[&pet.0],
        |row| Ok((id(row, 1, HouseholdId)?, data(row)?)),
    )
}

pub(super) fn put_card(tx: &mut PgTx<'_>, household: HouseholdId, card: &Card) -> Result<(), Fault> {
    let id = CardId::of(card.for_pet, card.pet.id);
    tx.execute(
        "INSERT INTO cards (household_id, id, for_pet, shown_pet, rank, data) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (household_id, id) DO UPDATE SET for_pet = $3, shown_pet = $4, rank = $5, data = $6",
        &[
            &household.0,
            &id.0,
            &card.for_pet.0,
            &card.pet.id.0,
            &i64::from(card.rank),
            &Json(card),
        ],
    )?;
    Ok(())
}

pub(super) fn remove_card(tx: &mut PgTx<'_>, household: HouseholdId, id: Uuid) -> Result<(), Fault> {
    tx.execute(
        "DELETE FROM cards WHERE household_id = $1 AND id = $2",
        &[&household.0, &id],
    )?;
    Ok(())
}

pub(super) fn matched(tx: &mut PgTx<'_>, id: MatchId) -> Result<Option<MatchRecord>, Fault> {
    tx.find("SELECT data FROM matches WHERE id = $1", &[&id.0], data)
}

pub(super) fn put_match(tx: &mut PgTx<'_>, record: &MatchRecord) -> Result<(), Fault> {
    let [one, other] = &record.sides;
    tx.execute(
        "INSERT INTO matches (id, household_one, household_other, data) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET household_one = $2, household_other = $3, data = $4",
        &[&record.id.0, &one.household.0, &other.household.0, &Json(record)],
    )?;
    Ok(())
}

pub(super) fn remove_match(tx: &mut PgTx<'_>, id: MatchId) -> Result<(), Fault> {
    tx.execute("DELETE FROM playdates WHERE match_id = $1", &[&id.0])?;
    tx.execute("DELETE FROM matches WHERE id = $1", &[&id.0])?;
    Ok(())
}

pub(super) fn matches_of(tx: &mut PgTx<'_>, household: HouseholdId) -> Result<Vec<MatchRecord>, Fault> {
    tx.all(
        "SELECT data FROM matches WHERE household_one = $1 OR household_other = $1 ORDER BY id",
        &[&household.0],
        data,
    )
}

pub(super) fn playdate(tx: &mut PgTx<'_>, id: PlaydateId) -> Result<Option<PlaydateRecord>, Fault> {
    tx.find("SELECT data FROM playdates WHERE id = $1", &[&id.0], data)
}

pub(super) fn put_playdate(tx: &mut PgTx<'_>, record: &PlaydateRecord) -> Result<(), Fault> {
    let [one, other] = &record.sides;
    tx.execute(
        "INSERT INTO playdates (id, match_id, attempt, household_one, household_other, state, starts_at, ends_at, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (id) DO UPDATE SET match_id = $2, attempt = $3, household_one = $4, household_other = $5,
             state = $6, starts_at = $7, ends_at = $8, data = $9",
        &[
            &record.id.0,
            &record.matched.0,
            &i64::from(record.attempt),
            &one.household.0,
            &other.household.0,
            &record.state.word(),
            &record.slot.start().0,
            &record.slot.end().0,
            &Json(record),
        ],
    )?;
    Ok(())
}

pub(super) fn playdates_of(
    tx: &mut PgTx<'_>,
    household: HouseholdId,
    since: UtcMs,
) -> Result<Vec<PlaydateRecord>, Fault> {
    tx.all(
        "SELECT data FROM playdates
         WHERE (household_one = $1 AND ends_at > $2) OR (household_other = $1 AND ends_at > $2)
         ORDER BY starts_at, id",
        &[&household.0, &since.0],
        data,
    )
}

pub(super) fn playdates_of_match(tx: &mut PgTx<'_>, id: MatchId) -> Result<Vec<PlaydateRecord>, Fault> {
    tx.all(
        "SELECT data FROM playdates WHERE match_id = $1 ORDER BY attempt",
        &[&id.0],
        data,
    )
}

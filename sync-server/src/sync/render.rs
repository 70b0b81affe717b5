//! What one session may see of one row. Every byte that reaches a device passes through here.

use romp_domain::playdate::CancelReason;
use romp_domain::policy::{FieldSet, may_read};
use romp_domain::{
    CardId, Entity, ErrorCode, Fields, HouseholdId, Kind, MatchId, Matched, Playdate, PlaydateId, Problem,
    Role, Switch,
};
use uuid::Uuid;

use super::switches;
use super::work::Work;
use crate::db::{Fault, PlaydateRecord, SessionRecord, Side};

/// How a row looks to a session.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// These fields.
    Fields(Fields),
    /// It is gone.
    Removed,
    /// The session's role never sees it.
    Never,
}

/// A row as a session may see it.
pub(super) fn render(
    work: &mut Work<'_>,
    session: &SessionRecord,
    kind: Kind,
    id: Uuid,
) -> Result<Seen, Fault> {
    let (household, role) = (session.household, session.role);
    let readable = may_read(role, kind);
    if readable == FieldSet::None {
        return Ok(Seen::Never);
    }
    let fields = match kind {
        Kind::Household
        | Kind::Child
        | Kind::Pet
        | Kind::Slot
        | Kind::Exception
        | Kind::Swipe
        | Kind::Block => work
            .row_once(household, kind, id)?
            .filter(|row| !row.fields.is_deleted())
            .map(|row| row.fields),
        Kind::Switch => switch(work, session, id)?,
        Kind::Card => work.tx.card(household, id)?.map(|card| {
            debug_assert_eq!(
                CardId::of(card.for_pet, card.pet.id).0,
                id,
                "a card is stored under its own id"
            );
            card.to_fields()
        }),
        Kind::Match => matched(work, household, MatchId(id))?.map(|matched| matched.to_fields()),
        Kind::Playdate => match work.tx.playdate(PlaydateId(id))? {
            Some(record) if role == Role::Child && record.confirmed_at.is_none() => return Ok(Seen::Never),
            Some(record) => Some(playdate(work, household, &record)?.to_fields()),
            None => None,
        },
    };
    Ok(fields.map_or(Seen::Removed, |mut fields| {
        fields.0.retain(|name, _| readable.contains(name));
        Seen::Fields(fields)
    }))
}

/// A switch. A child's device is told of those that it can meet; one that is for another device now is gone for it.
fn switch(work: &mut Work<'_>, session: &SessionRecord, id: Uuid) -> Result<Option<Fields>, Fault> {
    let row = work.tx.row(session.household, Kind::Switch, id)?;
    let Some(row) = row.filter(|row| !row.fields.is_deleted()) else {
        return Ok(None);
    };
    let told = match Switch::read_known(&row.fields) {
        Some(switch) if session.role == Role::Child => switches::concerns(work, session, switch.scope)?,
        known => known.is_some() || session.role == Role::Owner,
    };
    let mut fields = row.fields;
    if session.role == Role::Child {
        let zone = work.settings(session.household)?.zone;
        fields.0.insert("zone".to_owned(), serde_json::json!(zone));
    }
    Ok(told.then_some(fields))
}

/// The two sides, own first.
fn sides(sides: &[Side; 2], household: HouseholdId) -> Result<(&Side, &Side), Fault> {
    match sides {
        [own, other] | [other, own] if own.household == household => Ok((own, other)),
        _ => Err(Problem::new(ErrorCode::NotFound).into()),
    }
}

fn matched(work: &mut Work<'_>, household: HouseholdId, id: MatchId) -> Result<Option<Matched>, Fault> {
    let Some(record) = work.tx.matched(id)?.filter(|record| !record.ended) else {
        return Ok(None);
    };
    let (own, other) = sides(&record.sides, household)?;
    Ok(Some(Matched {
        pet: own.pet,
        other: other.face.clone(),
        reasons: record.reasons.clone(),
        since: record.since,
    }))
}

/// Why a playdate was called off, as a family is told. That a pet rests says something about its health, so only its
/// own family hears it.
fn told(reason: CancelReason, own_doing: bool) -> CancelReason {
    match reason {
        CancelReason::PetRests if !own_doing => CancelReason::Changed,
        other => other,
    }
}

fn playdate(work: &mut Work<'_>, household: HouseholdId, record: &PlaydateRecord) -> Result<Playdate, Fault> {
    let (own, other) = sides(&record.sides, household)?;
    Ok(Playdate {
        pet: own.pet,
        other: other.face.clone(),
        slot: record.slot,
        zone: work.settings(household)?.zone,
        venue: record.venue,
        area: Some(record.area),
        state: record.state,
        cancelled: record
            .cancelled
            .map(|reason| told(reason, record.cancelled_by == Some(household))),
        accepted: own.accepted,
        other_accepted: other.accepted,
        first_meeting: record.first_meeting,
        reasons: record.reasons.clone(),
        rev: record.rev,
        confirmed_at: record.confirmed_at,
    })
}

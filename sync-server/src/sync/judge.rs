//! Whether a pushed patch may be applied. Judged from the session and the stored rows, never from what the payload
//! says about itself. Writes nothing.

use romp_domain::entity::check_patch;
use romp_domain::policy::{FieldSet, may_write};
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::{
    Child, Entity, ErrorCode, HouseholdId, Invalid, InvalidReason, Kind, MatchId, Mutation, Pet, PetId,
    Problem, Role, Swipe, SwipeId,
};
use romp_sync::Registers;

use super::work::Work;
use crate::db::{Fault, SessionRecord};

/// Most rows of a kind that a household may have, removed ones included: far above any family, far below an attack.
const fn most_rows(kind: Kind) -> u64 {
    match kind {
        Kind::Household => 1,
        Kind::Child | Kind::Pet => 200,
        Kind::Slot | Kind::Exception => 1_000,
        Kind::Swipe => 100_000,
        Kind::Card | Kind::Match | Kind::Playdate => 0,
    }
}

/// Refuses a patch that the session's role may not make, whatever row it is for.
pub(super) fn allowed(
    session: &SessionRecord,
    mutation: &Mutation,
    patch: &Registers,
) -> Result<(), Problem> {
    let writable = may_write(session.role, mutation.kind);
    if writable == FieldSet::None {
        return Err(ErrorCode::Forbidden.into());
    }
    if patch.fields.0.is_empty() {
        return Err(Problem::saying(
            ErrorCode::BadRequest,
            "This change changes nothing.",
        ));
    }
    check_patch(mutation.kind, &patch.fields, None)?;
    if patch.fields.0.keys().all(|field| writable.contains(field)) {
        Ok(())
    } else {
        Err(ErrorCode::Forbidden.into())
    }
}

/// Refuses a patch that would leave an invalid row.
pub(super) fn patch(
    work: &mut Work<'_>,
    session: &SessionRecord,
    mutation: &Mutation,
    patch: &Registers,
    before: Option<&Registers>,
    after: &Registers,
) -> Result<(), Fault> {
    check_patch(mutation.kind, &patch.fields, Some(&after.fields)).map_err(Problem::from)?;
    if before.is_none() && work.tx.count_rows(session.household, mutation.kind)? >= most_rows(mutation.kind) {
        return Err(Problem::saying(ErrorCode::TooLarge, "There are too many of these already.").into());
    }
    match mutation.kind {
        Kind::Household if mutation.id != HOUSEHOLD_ROW => Err(invalid("id", InvalidReason::Mismatch)),
        Kind::Household if after.fields.is_deleted() => Err(Problem::new(ErrorCode::Forbidden).into()),
        Kind::Pet => free_pet_id(work, session.household, PetId(mutation.id)),
        Kind::Swipe => swipe(work, session, mutation, after),
        _ => Ok(()),
    }
}

fn invalid(field: &str, reason: InvalidReason) -> Fault {
    Problem::from(Invalid::new(field, reason)).into()
}

/// A pet's id is known to other families from its card; nobody may take it for a pet of their own.
fn free_pet_id(work: &mut Work<'_>, household: HouseholdId, pet: PetId) -> Result<(), Fault> {
    match work.tx.owner_of_pet(pet)? {
        Some(owner) if owner != household => Err(Problem::new(ErrorCode::NotFound).into()),
        _ => Ok(()),
    }
}

fn swipe(
    work: &mut Work<'_>,
    session: &SessionRecord,
    mutation: &Mutation,
    after: &Registers,
) -> Result<(), Fault> {
    let household = session.household;
    let swipe = Swipe::read(&after.fields).map_err(Problem::from)?;
    if SwipeId::of(swipe.actor_pet, swipe.target_pet).0 != mutation.id {
        return Err(invalid("id", InvalidReason::Mismatch));
    }
    if work.one::<Pet>(household, swipe.actor_pet.0)?.is_none() {
        return Err(invalid("actor_pet", InvalidReason::ForeignPet));
    }
    // Whether the target exists is not asked: the answer would tell a stranger which ids are pets.
    if work.tx.owner_of_pet(swipe.target_pet)? == Some(household) {
        return Err(invalid("target_pet", InvalidReason::OwnPet));
    }
    match swipe.by_child {
        Some(child) if work.one::<Child>(household, child.0)?.is_none() => {
            return Err(invalid(
                "by_child",
                InvalidReason::Unreadable("not a child of this family".into()),
            ));
        }
        None if session.role == Role::Child => return Err(invalid("by_child", InvalidReason::Missing)),
        _ => {}
    }
    let matched = work.tx.matched(MatchId::of(swipe.actor_pet, swipe.target_pet))?;
    if matched.is_some_and(|matched| !matched.ended) {
        return Err(Problem::saying(ErrorCode::Frozen, "These two already matched.").into());
    }
    Ok(())
}

//! Whether a pushed patch may be applied. Judged from the session and the stored rows, never from what the payload
//! says about itself. Writes nothing but what it counts.

use romp_domain::entity::{canonical_patch, check_row};
use romp_domain::policy::{FieldSet, may_write};
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::switch::MOST_SWITCHES;
use romp_domain::time::DAY_MS;
use romp_domain::{
    Child, Entity, ErrorCode, Fields, HouseholdId, Invalid, InvalidReason, Kind, Mutation, PetId, Problem,
    Role, Swipe, SwipeId,
};
use romp_sync::{Registers, Stamp, TOLD_AGAIN_BEFORE};

use super::switches;
use super::work::Work;
use crate::db::{Fault, Period, Quota, SessionRecord};

/// Most rows of a kind that a household may have, removed ones included: far above any family, far below an attack.
const fn most_rows(kind: Kind) -> u64 {
    match kind {
        Kind::Household => 1,
        Kind::Child | Kind::Pet => 200,
        // Each is looked up whenever the family is looked at, also for its neighbours.
        Kind::Block => 500,
        Kind::Slot | Kind::Exception => 1_000,
        // One that Romp makes itself is made again and again, so only people's count.
        Kind::Switch => 5_000,
        Kind::Swipe => 20_000,
        Kind::Card | Kind::Match | Kind::Playdate => 0,
    }
}

/// Refuses a patch that the session's role may not make, whatever row it is for. Returns it as it will be stored.
pub(super) fn allowed(
    session: &SessionRecord,
    mutation: &Mutation,
    fields: &Fields,
) -> Result<Fields, Problem> {
    let writable = may_write(session.role, mutation.kind);
    if writable == FieldSet::None {
        return Err(ErrorCode::Forbidden.into());
    }
    if fields.0.is_empty() {
        return Err(Problem::saying(
            ErrorCode::BadRequest,
            "This change changes nothing.",
        ));
    }
    let canonical = canonical_patch(mutation.kind, fields)?;
    if fields.0.keys().all(|field| writable.contains(field)) {
        Ok(canonical)
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
    if mutation.kind != Kind::Swipe {
        // A swipe is read below.
        check_row(mutation.kind, &after.fields).map_err(Problem::from)?;
    }
    if before.is_none() {
        may_be_one_more(work, session, mutation, patch)?;
    }
    match mutation.kind {
        Kind::Household if mutation.id != HOUSEHOLD_ROW => Err(invalid("id", InvalidReason::Mismatch)),
        Kind::Household if after.fields.is_deleted() => Err(Problem::new(ErrorCode::Forbidden).into()),
        Kind::Household => moves(work, session.household, before, after),
        Kind::Pet => free_pet_id(work, session.household, PetId(mutation.id)),
        // Whether there is such a pet is not asked, as with a swipe.
        Kind::Block if work.pets(session.household)?.contains_key(&PetId(mutation.id)) => {
            Err(invalid("id", InvalidReason::OwnPet))
        }
        Kind::Swipe => swipe(work, session, mutation, patch, before, after),
        Kind::Switch => switch(work, session.household, before, after),
        _ => Ok(()),
    }
}

/// Of the family's choices, so many are left for its owners: no child's device can use them up.
const LEFT_FOR_OWNERS: u64 = 2_000;
/// New choices of a child's device in a day, by when they get here: more than a child makes in weeks. Whoever has got hold of
/// a tablet must not fill the family's rows before somebody notices.
const MOST_NEW_A_DAY: u64 = 500;
/// Of those that a device tells again because a server lost them, so many in its session.
const MOST_TOLD_AGAIN: u64 = 2_000;
/// Most pets that a family may keep away where it has used up what it may keep away unasked.
const MOST_BLOCKED_PETS: u64 = 2_000;

/// Refuses a new row where there are enough of its kind.
fn may_be_one_more(
    work: &mut Work<'_>,
    session: &SessionRecord,
    mutation: &Mutation,
    patch: &Registers,
) -> Result<(), Fault> {
    let household = session.household;
    let by_child = mutation.kind == Kind::Swipe && session.role == Role::Child;
    let number = work.number_of(household, mutation.kind)?;
    let mut most = most_rows(mutation.kind);
    if by_child {
        most -= LEFT_FOR_OWNERS;
    }
    // Nothing may keep a family from blocking another one, whatever somebody has blocked before in its name.
    if mutation.kind == Kind::Block && number >= most && work.tx.owner_of_pet(PetId(mutation.id))?.is_some() {
        most = MOST_BLOCKED_PETS;
    }
    if number >= most {
        return Err(Problem::saying(ErrorCode::TooLarge, "There are too many of these already.").into());
    }
    if by_child {
        // By the stamp as it is stored: a clock that is wrong tells nothing again.
        let told_again = patch.stamps.values().any(|stamp| stamp.0 < TOLD_AGAIN_BEFORE);
        let today = work.now.0.div_euclid(DAY_MS);
        let (what, period, most) = if told_again {
            ("told_choices", 0, MOST_TOLD_AGAIN)
        } else {
            ("new_choices", today, MOST_NEW_A_DAY)
        };
        let times = work
            .tx
            .tally(household, what, session.id.0, Period::present(period), 1)?;
        if times.is_some_and(|times| times > most) {
            return Err(Problem::new(ErrorCode::TooMany).into());
        }
    }
    Ok(())
}

/// How often a family may say that it lives somewhere else. Distances are told in wide steps; whoever could move a
/// thousand times would find a family's cell all the same (R7).
const MOVES: Quota = Quota {
    what: "moves",
    most: 5,
    window_ms: DAY_MS,
};

fn moves(
    work: &mut Work<'_>,
    household: HouseholdId,
    before: Option<&Registers>,
    after: &Registers,
) -> Result<(), Fault> {
    let area = |row: &Registers| row.fields.0.get("area").filter(|area| !area.is_null()).cloned();
    let moved = area(after).is_some() && before.and_then(area) != area(after);
    if moved && !work.tx.spend(household, MOVES, work.now)? {
        let sentence = "The family's place was changed too often. Please try again tomorrow.";
        return Err(Problem::saying(ErrorCode::TooMany, sentence).into());
    }
    Ok(())
}

fn switch(
    work: &mut Work<'_>,
    household: HouseholdId,
    before: Option<&Registers>,
    after: &Registers,
) -> Result<(), Fault> {
    if before.is_none() && work.switches(household)?.list.len() >= MOST_SWITCHES {
        return Err(Problem::saying(ErrorCode::TooLarge, "There are too many switches already.").into());
    }
    Ok(switches::may_be_removed(before, after)?)
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
    patch: &Registers,
    before: Option<&Registers>,
    after: &Registers,
) -> Result<(), Fault> {
    let household = session.household;
    let swipe = Swipe::read(&after.fields).map_err(Problem::from)?;
    if SwipeId::of(swipe.actor_pet, swipe.target_pet).0 != mutation.id {
        return Err(invalid("id", InvalidReason::Mismatch));
    }
    let own = work.pets(household)?;
    // An owner takes back also what was chosen for a pet that is gone: with a child's profile, everything of it goes.
    let takes_back = session.role == Role::Owner
        && before.is_some()
        && swipe.verdict.is_none()
        && swipe.released.is_none();
    match own.get(&swipe.actor_pet) {
        Some(is_gone) if !is_gone || takes_back => {}
        _ => return Err(invalid("actor_pet", InvalidReason::ForeignPet)),
    }
    // Whether the target exists is not asked: the answer would tell a stranger which ids are pets.
    if own.contains_key(&swipe.target_pet) {
        return Err(invalid("target_pet", InvalidReason::OwnPet));
    }
    // Only who is named now is looked for: an owner can still decide on a yes whose child's profile is gone, and tell it
    // again to a server that lost it.
    let named = patch.stamps.get("by_child");
    let only_told = |stamp: &Stamp| session.role == Role::Owner && stamp.0 < TOLD_AGAIN_BEFORE;
    match swipe.by_child {
        Some(child)
            if named.is_some_and(|stamp| !only_told(stamp))
                && work.one::<Child>(household, child.0)?.is_none() =>
        {
            Err(invalid(
                "by_child",
                InvalidReason::Unreadable("not a child of this family".into()),
            ))
        }
        None if session.role == Role::Child => Err(invalid("by_child", InvalidReason::Missing)),
        _ => Ok(()),
    }
}

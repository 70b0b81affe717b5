//! The state machine of a playdate, as pure functions. See `romp_domain::playdate` for the states.
//!
//! `rev` names what is proposed. The other family's acceptance does not change it, so two owners can accept the same
//! proposal without knowing of each other; every other change does, so nobody accepts what they have not seen.

use romp_domain::playdate::CancelReason;
use romp_domain::{ErrorCode, HouseholdId, PlaydateAct, PlaydateState, Problem, UtcMs};

use crate::db::PlaydateRecord;

/// What an owner's act makes of a playdate. `Ok(None)`: it changes nothing, because it was done before.
pub(crate) fn answer(
    playdate: &PlaydateRecord,
    household: HouseholdId,
    act: PlaydateAct,
    expect_rev: u32,
    now: UtcMs,
) -> Result<Option<PlaydateRecord>, Problem> {
    let side = playdate
        .sides
        .iter()
        .position(|side| side.household == household)
        .ok_or_else(|| Problem::new(ErrorCode::NotFound))?;
    if act == PlaydateAct::Cancel {
        let off = cancelled(playdate, CancelReason::ByOwner, Some(household));
        return match off {
            Some(_) if playdate.slot.end() <= now => Err(passed()),
            off => Ok(off),
        };
    }
    if playdate.state.is_final() {
        return Err(Problem::saying(
            ErrorCode::Frozen,
            "This playdate was already called off.",
        ));
    }
    if expect_rev != playdate.rev {
        return Err(Problem::new(ErrorCode::Stale));
    }
    if playdate.slot.start() <= now {
        return Err(passed());
    }
    let mut next = playdate.clone();
    match (act, playdate.state) {
        (PlaydateAct::Accept, _) if playdate.sides[side].accepted => return Ok(None),
        (PlaydateAct::Accept, _) => {
            next.sides[side].accepted = true;
            if next.sides.iter().all(|side| side.accepted) {
                next.state = PlaydateState::Confirmed;
                next.confirmed_at = Some(now);
            }
        }
        (PlaydateAct::Decline, PlaydateState::Proposed) => {
            next.state = PlaydateState::Declined;
            next.rev += 1;
        }
        (PlaydateAct::Decline | PlaydateAct::Cancel, _) => {
            return Err(Problem::saying(
                ErrorCode::Frozen,
                "Both families agreed to this playdate. Cancel it instead.",
            ));
        }
    }
    Ok(Some(next))
}

/// What has been stays as it was: an owner cannot change what the other family, which may be apart from this one by now,
/// keeps of it.
fn passed() -> Problem {
    Problem::saying(ErrorCode::Frozen, "The time of this playdate has passed.")
}

/// The playdate called off by a family's change (none when by time alone); `None` when it is over already.
pub(crate) fn cancelled(
    playdate: &PlaydateRecord,
    reason: CancelReason,
    by: Option<HouseholdId>,
) -> Option<PlaydateRecord> {
    (!playdate.state.is_final()).then(|| PlaydateRecord {
        state: PlaydateState::Cancelled,
        cancelled: Some(reason),
        cancelled_by: by,
        rev: playdate.rev + 1,
        ..playdate.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Side;
    use romp_domain::{Area, MatchId, Pet, PetId, PlaydateId, PublicPet, Species, TimeSpan, Venue};
    use uuid::Uuid;

    const SOON: UtcMs = UtcMs(1_000);
    const NOW: UtcMs = UtcMs(0);

    fn household(n: u128) -> HouseholdId {
        HouseholdId(Uuid::from_u128(n))
    }

    fn proposal() -> PlaydateRecord {
        let pet = |n| PetId(Uuid::from_u128(n));
        let matched = MatchId::of(pet(1), pet(2));
        let side = |n| Side {
            household: household(n),
            pet: pet(n),
            face: PublicPet::of(pet(n), &Pet::new(Species::Dog), jiff::civil::date(2026, 1, 1)),
            accepted: false,
        };
        PlaydateRecord {
            id: PlaydateId::of(matched, 0),
            matched,
            attempt: 0,
            sides: [side(1), side(2)],
            slot: TimeSpan::new(SOON, UtcMs(2_000)).unwrap(),
            venue: Venue::Walk,
            area: Area::around(0.0, 0.0).unwrap(),
            state: PlaydateState::Proposed,
            cancelled: None,
            cancelled_by: None,
            first_meeting: true,
            reasons: Vec::new(),
            rev: 0,
            confirmed_at: None,
        }
    }

    fn after(playdate: &PlaydateRecord, who: u128, act: PlaydateAct) -> PlaydateRecord {
        answer(playdate, household(who), act, playdate.rev, NOW)
            .unwrap()
            .unwrap()
    }

    #[test]
    fn both_accept_the_same_revision_and_it_is_confirmed() {
        let one = after(&proposal(), 1, PlaydateAct::Accept);
        assert_eq!(one.state, PlaydateState::Proposed);
        let both = answer(&one, household(2), PlaydateAct::Accept, 0, NOW)
            .unwrap()
            .unwrap();
        assert_eq!(
            (both.state, both.confirmed_at),
            (PlaydateState::Confirmed, Some(NOW))
        );
    }

    #[test]
    fn nobody_accepts_what_they_have_not_seen() {
        let changed = PlaydateRecord { rev: 1, ..proposal() };
        for seen in [0, 7] {
            let error = answer(&changed, household(1), PlaydateAct::Accept, seen, NOW).unwrap_err();
            assert_eq!(error.code, ErrorCode::Stale, "{seen}");
        }
    }

    #[test]
    fn a_stranger_learns_nothing() {
        let error = answer(&proposal(), household(3), PlaydateAct::Cancel, 0, NOW).unwrap_err();
        assert_eq!(error, Problem::new(ErrorCode::NotFound));
    }

    #[test]
    fn the_end_absorbs_everything() {
        let off = after(
            &after(&proposal(), 1, PlaydateAct::Accept),
            2,
            PlaydateAct::Cancel,
        );
        assert_eq!(off.state, PlaydateState::Cancelled);
        assert_eq!(
            answer(&off, household(1), PlaydateAct::Cancel, 0, NOW).unwrap(),
            None
        );
        assert!(answer(&off, household(1), PlaydateAct::Accept, off.rev, NOW).is_err());
    }

    #[test]
    fn a_confirmed_playdate_is_cancelled_not_declined_and_the_past_is_past() {
        let both = after(
            &after(&proposal(), 1, PlaydateAct::Accept),
            2,
            PlaydateAct::Accept,
        );
        assert!(answer(&both, household(1), PlaydateAct::Decline, both.rev, NOW).is_err());
        assert!(answer(&proposal(), household(1), PlaydateAct::Accept, 0, SOON).is_err());
        let over = answer(&both, household(1), PlaydateAct::Cancel, both.rev, UtcMs(2_000));
        assert_eq!(over.unwrap_err().code, ErrorCode::Frozen);
        assert!(answer(&both, household(1), PlaydateAct::Cancel, both.rev, UtcMs(1_999)).is_ok());
    }

    #[test]
    fn accepting_twice_changes_nothing() {
        let one = after(&proposal(), 1, PlaydateAct::Accept);
        assert_eq!(
            answer(&one, household(1), PlaydateAct::Accept, 0, NOW).unwrap(),
            None
        );
    }
}

//! Whether what was matched and proposed still stands: after a change of a family's terms, when a pet or a family
//! leaves, and when time has passed.

use romp_domain::playdate::CancelReason;
use romp_domain::time::DAY_MS;
use romp_domain::{HouseholdId, Kind, PetId, PlaydateState, Reason, TimeSpan, UtcMs};
use romp_matching::{Candidate, Exclusion, FreeTime, rests};

use super::effects::cancel;
use super::matchmaking::is_answered;
use super::parties::{days, forbidden};
use super::playdates;
use super::work::Work;
use crate::db::{Fault, MatchRecord, NOBODY, PlaydateRecord, Quota, Side};

/// A pet is gone, or (`None`) the whole family shows its pets to nobody any more: its matches end, its playdates are
/// called off, and the other families keep of it only that there was one.
pub(super) fn leave(work: &mut Work<'_>, household: HouseholdId, pet: Option<PetId>) -> Result<(), Fault> {
    for record in work.tx.matches_of(household)? {
        let leaving = |side: &Side| side.household == household && pet.is_none_or(|pet| side.pet == pet);
        end(work, record, household, leaving)?;
    }
    Ok(())
}

/// A family wants to be apart from another one: what is between them ends like that for both, and neither keeps more of
/// the other.
pub(super) fn part(work: &mut Work<'_>, household: HouseholdId, other: HouseholdId) -> Result<(), Fault> {
    for record in work.tx.matches_of(household)? {
        if record.sides.iter().any(|side| side.household == other) {
            end(work, record, household, |_| true)?;
        }
    }
    Ok(())
}

/// Ends a match because sides of it leave by a household's doing. Each family is told of what changes for it, and of
/// nothing else: one that was told before that the other left must not hear it once more, by which it could tell one
/// reason from another.
fn end(
    work: &mut Work<'_>,
    mut record: MatchRecord,
    by: HouseholdId,
    leaving: impl Fn(&Side) -> bool,
) -> Result<(), Fault> {
    // Why the two fitted says something about both.
    let forget = |sides: &mut [Side; 2], reasons: &mut Vec<Reason>| {
        let mut changed = !reasons.is_empty();
        reasons.clear();
        for side in sides.iter_mut().filter(|side| leaving(side)) {
            let face = side.face.forgotten();
            changed |= face != side.face;
            side.face = face;
        }
        changed
    };
    let leaves = record.sides.iter().any(&leaving);
    if !leaves || (!forget(&mut record.sides, &mut record.reasons) && record.ended) {
        return Ok(());
    }
    for playdate in work.tx.playdates_of_match(record.id)? {
        let coming = playdate.slot.end() > work.now;
        let called_off = playdates::cancelled(&playdate, CancelReason::PetGone, Some(by));
        let mut next = called_off.filter(|_| coming).unwrap_or_else(|| playdate.clone());
        forget(&mut next.sides, &mut next.reasons);
        replace(work, &playdate, &next)?;
    }
    if !record.ended {
        record.ended = true;
        for side in &record.sides {
            work.gone(side.household, Kind::Match, record.id.0);
        }
    }
    work.tx.put_match(&record)
}

/// Stores what became of a playdate, and tells each family for which that is anything new.
fn replace(work: &mut Work<'_>, before: &PlaydateRecord, after: &PlaydateRecord) -> Result<(), Fault> {
    work.tx.put_playdate(after)?;
    for (own, other) in [(0, 1), (1, 0)] {
        let news = before.state != after.state || before.reasons != after.reasons;
        if news || before.sides[other].face != after.sides[other].face {
            work.changed(after.sides[own].household, Kind::Playdate, after.id.0);
        }
    }
    Ok(())
}

/// The family's terms changed: what is proposed or agreed is judged again, for the day on which it would be. What protects
/// counts at once; what the terms would tell of the other family's, when they are dealt for ([`is_answered`]). That a pet
/// rests is put down to its own family, whoever made it come out: no other one may be told.
pub(super) fn judge_again(work: &mut Work<'_>, household: HouseholdId) -> Result<(), Fault> {
    let now = work.now;
    for playdate in work.tx.playdates_of(household, now)? {
        if let Some((reason, by)) = no_longer(work, &playdate, household)? {
            cancel(work, &playdate, reason, Some(by))?;
        }
    }
    Ok(())
}

/// Why an open playdate cannot be kept after a change of a household, if it cannot; and whose doing that is.
fn no_longer(
    work: &mut Work<'_>,
    playdate: &PlaydateRecord,
    household: HouseholdId,
) -> Result<Option<(CancelReason, HouseholdId)>, Fault> {
    if playdate.state.is_final() {
        return Ok(None);
    }
    let [one, two] = &playdate.sides;
    let families = [work.family(one.household)?, work.family(two.household)?];
    let [Some(own), Some(other)] = &families else {
        return Ok(Some((CancelReason::PetGone, household)));
    };
    let (Some(a), Some(b)) = (own.candidate(one.pet), other.candidate(two.pet)) else {
        return Ok(Some((CancelReason::PetGone, household)));
    };
    let agreed = playdate.state == PlaydateState::Confirmed;
    let answered = is_answered(work, one.pet)? && is_answered(work, two.pet)?;
    let reason = match forbidden(&a, &b, playdate.slot.start()) {
        // How far, where and when the other family would go, is not on a card: it is asked for.
        Some(Exclusion::TooFar | Exclusion::NoSharedVenue | Exclusion::NoSharedTime) if !answered => None,
        Some(exclusion) => calls_off(exclusion, agreed),
        None => None,
    };
    let within = is_free(&a, playdate.slot) && is_free(&b, playdate.slot);
    let reason = reason.or((!agreed && !within).then_some(CancelReason::Changed));
    Ok(reason.map(|reason| match reason {
        CancelReason::PetRests => (reason, whose_rests([a, b], playdate.slot.start(), household)),
        _ => (reason, household),
    }))
}

/// How often in a day a family's pets are weighed anew and compared with those that they are to meet.
const WEIGHINGS: Quota = Quota {
    what: "weighings",
    most: 5,
    window_ms: DAY_MS,
};

/// A pet has another weight than before. Two dogs that do not fit any more are kept apart at once, and by that somebody
/// could find, kilogram by kilogram, what the other one weighs: so after a few times what is open is called off unheard.
pub(super) fn weighed(work: &mut Work<'_>, household: HouseholdId, pet: PetId) -> Result<(), Fault> {
    let now = work.now;
    let coming = work.tx.playdates_of(household, now)?.into_iter();
    let open: Vec<PlaydateRecord> = coming
        .filter(|playdate| !playdate.state.is_final() && playdate.sides.iter().any(|side| side.pet == pet))
        .collect();
    if open.is_empty() || work.tx.spend(household, WEIGHINGS, now)? {
        return Ok(());
    }
    for playdate in &open {
        cancel(work, playdate, CancelReason::Changed, Some(household))?;
    }
    Ok(())
}

/// Of two families of whose pets one rests at an instant, the one whose pet it is; if both do, the one that speaks.
fn whose_rests(both: [Candidate<'_>; 2], at: UtcMs, speaker: HouseholdId) -> HouseholdId {
    let days = days(&both[0], &both[1], at);
    let resting = both
        .iter()
        .filter(|one| days.iter().any(|day| rests(one.pet, *day)));
    let mut whose: Vec<HouseholdId> = resting.map(|one| one.party.household).collect();
    whose.sort_by_key(|household| *household != speaker);
    whose.first().copied().unwrap_or(NOBODY)
}

fn is_free(candidate: &Candidate<'_>, slot: TimeSpan) -> bool {
    candidate
        .party
        .free
        .intersection(&FreeTime::of(vec![slot]))
        .longest_ms()
        == slot.length_ms()
}

/// What a broken rule makes of a playdate. An agreed one is kept when only wishes have changed: the two families know
/// of each other and can cancel. It is never kept against a rule that protects an animal or a person.
fn calls_off(exclusion: Exclusion, agreed: bool) -> Option<CancelReason> {
    use Exclusion as E;
    match exclusion {
        E::OnHold | E::InHeat => Some(CancelReason::PetRests),
        E::Blocked => Some(CancelReason::PetGone),
        E::SameHousehold
        | E::Allergy
        | E::WeightUnknown
        | E::WeightGap
        | E::TooYoung
        | E::VaccinationExpired
        | E::NotGoodWith
        | E::BothReactive => Some(CancelReason::Changed),
        E::NotShown
        | E::SpeciesNotSought
        | E::SizeNotSought
        | E::TooFar
        | E::NoSharedVenue
        | E::NoSharedTime => (!agreed).then_some(CancelReason::Changed),
    }
}

/// How far back an unanswered proposal is looked for at every exchange. Older ones are found when decks are dealt.
pub(super) const RECENT_MS: i64 = 14 * DAY_MS;

/// Whether a recent proposal of the household has passed unanswered.
pub(super) fn is_overdue(work: &mut Work<'_>, household: HouseholdId) -> Result<bool, Fault> {
    let now = work.now;
    Ok(work
        .tx
        .playdates_of(household, now.plus_ms(-RECENT_MS))?
        .iter()
        .any(|playdate| has_passed(playdate, now)))
}

/// Ends the proposals since `since` that nobody answered in time.
pub(super) fn end_overdue(work: &mut Work<'_>, household: HouseholdId, since: UtcMs) -> Result<(), Fault> {
    let now = work.now;
    for playdate in work.tx.playdates_of(household, since)? {
        if has_passed(&playdate, now) {
            cancel(work, &playdate, CancelReason::TooLate, None)?;
        }
    }
    Ok(())
}

fn has_passed(playdate: &PlaydateRecord, now: UtcMs) -> bool {
    playdate.state == PlaydateState::Proposed && playdate.slot.start() <= now
}

//! From two released yeses to a match, and from a match to a proposal.

use romp_domain::playdate::CancelReason;
use romp_domain::time::DAY_MS;
use romp_domain::{
    Entity, HouseholdId, Kind, MatchId, Pet, PetId, PlaydateId, PlaydateState, PublicPet, Swipe, SwipeId,
    TimeSpan, UtcMs,
};
use romp_matching::{Candidate, propose, score};

use super::effects::{self, put_playdate};
use super::parties::{Family, forbidden};
use super::work::{Work, date_in};
use crate::db::{Fault, MatchRecord, Period, PlaydateRecord, Side};

/// How often a match's proposals may be declined or called off before the server stops asking.
const MOST_DECLINED: usize = 3;

/// How often in a day two pets are matched anew, or a proposal is made for them: more than two families need that think
/// again, fewer than somebody who reads the other one's hours off them.
const MOST_A_DAY: u64 = 4;

/// Most slots that are tried for one proposal: those of two weeks with a few hours a day.
const MOST_TRIED: usize = 100;

/// Most mutual yeses that are looked at again in one go.
const MOST_RECONSIDERED: usize = 500;

/// Yeses were released: where the other pet's yes is there too, the two match, in this very transaction (with other terms
/// in the same push, when decks are dealt for them). Those that were withdrawn before they were sent never leave the family.
pub(super) fn released(work: &mut Work<'_>) -> Result<(), Fault> {
    for (household, id) in std::mem::take(&mut work.let_out) {
        let row = work.row(household, Kind::Swipe, id.0)?;
        let swipe = row.and_then(|row| Swipe::read_known(&row.fields));
        if let Some(swipe) = swipe.filter(Swipe::is_released_yes)
            && let Some(other) = mutual(work, &swipe)?
        {
            try_to_match(work, household, other, &swipe)?;
        }
    }
    Ok(())
}

/// Whether the terms on which a pet would meet others have been dealt for. Until then nothing is made of them: what they
/// lead to is an answer, and answers are counted (`decks`).
pub(super) fn is_answered(work: &mut Work<'_>, pet: PetId) -> Result<bool, Fault> {
    effects::decks_of_batch(work)?;
    Ok(work.tx.deck(pet)?.is_none_or(|deck| !deck.asks))
}

/// Counts something that is done for a match's two pets; `false` when it was done often enough today.
fn once_more_today(work: &mut Work<'_>, record: &MatchRecord, what: &'static str) -> Result<bool, Fault> {
    let (of, day) = (record.sides[0].household, work.now.0.div_euclid(DAY_MS));
    let times = work.tx.tally(of, what, record.id.0, Period::present(day), 1)?;
    Ok(times.is_none_or(|times| times <= MOST_A_DAY))
}

/// The household whose released yes answers this one, unless the two pets match already.
fn mutual(work: &mut Work<'_>, swipe: &Swipe) -> Result<Option<HouseholdId>, Fault> {
    let answer = SwipeId::of(swipe.target_pet, swipe.actor_pet);
    let reverse = work.tx.answer(swipe.target_pet, answer)?;
    let Some(reverse) = reverse.filter(|reverse| reverse.swipe.is_released_yes()) else {
        return Ok(None);
    };
    let matched = work.tx.matched(MatchId::of(swipe.actor_pet, swipe.target_pet))?;
    Ok(matched
        .is_none_or(|matched| matched.ended)
        .then_some(reverse.household))
}

fn try_to_match(
    work: &mut Work<'_>,
    household: HouseholdId,
    other: HouseholdId,
    swipe: &Swipe,
) -> Result<(), Fault> {
    let id = MatchId::of(swipe.actor_pet, swipe.target_pet);
    let (own, other) = (work.family(household)?, work.family(other)?);
    let (Some(own), Some(other)) = (own, other) else {
        return Ok(());
    };
    let (Some(a), Some(b)) = (own.candidate(swipe.actor_pet), other.candidate(swipe.target_pet)) else {
        return Ok(());
    };
    if !is_answered(work, a.id)? || !is_answered(work, b.id)? {
        return Ok(());
    }
    // Judged again: what was on the card may be weeks old.
    if forbidden(&a, &b, work.now).is_some() {
        return Ok(());
    }
    let record = new_match(work, id, &a, &b);
    if !once_more_today(work, &record, "matches")? {
        return Ok(());
    }
    work.tx.put_match(&record)?;
    for side in &record.sides {
        work.changed(side.household, Kind::Match, id.0);
    }
    propose_for(work, &record, &own, &other)
}

fn new_match(work: &Work<'_>, id: MatchId, a: &Candidate<'_>, b: &Candidate<'_>) -> MatchRecord {
    let today = date_in(&a.party.zone, work.now);
    let side = |c: &Candidate<'_>| Side {
        household: c.party.household,
        pet: c.id,
        face: PublicPet::of(c.id, c.pet, today),
        accepted: false,
    };
    let mut sides = [side(a), side(b)];
    sides.sort_by_key(|side| side.pet);
    MatchRecord {
        id,
        sides,
        reasons: score(a, b, today).reasons,
        since: work.now,
        ended: false,
    }
}

/// The family's terms were dealt for (hours, place, a pet): yeses that met each other before but did not fit may fit now,
/// and matches without an open proposal get a new chance.
pub(super) fn reconsider(work: &mut Work<'_>, household: HouseholdId) -> Result<(), Fault> {
    let mut tried = 0;
    let pets: Vec<PetId> = work
        .all::<Pet>(household)?
        .into_iter()
        .map(|(pet, _)| PetId(pet))
        .collect();
    for record in work.tx.swipes_by(household, &pets)? {
        if tried == MOST_RECONSIDERED {
            break;
        }
        if record.swipe.is_released_yes()
            && let Some(other) = mutual(work, &record.swipe)?
        {
            tried += 1;
            try_to_match(work, household, other, &record.swipe)?;
        }
    }
    for record in work.tx.matches_of(household)? {
        if !record.ended {
            propose_again(work, record.id)?;
        }
    }
    Ok(())
}

/// Tries to propose for a match that has no open proposal.
pub(super) fn propose_again(work: &mut Work<'_>, id: MatchId) -> Result<(), Fault> {
    let Some(record) = work.tx.matched(id)?.filter(|record| !record.ended) else {
        return Ok(());
    };
    if !wants_proposal(work.now, &work.tx.playdates_of_match(id)?) {
        return Ok(());
    }
    let [one, two] = &record.sides;
    let families = (work.family(one.household)?, work.family(two.household)?);
    match families {
        (Some(own), Some(other)) => propose_for(work, &record, &own, &other),
        _ => Ok(()),
    }
}

/// Whether a match with these earlier proposals should get another: none is open, and not too many were declined.
fn wants_proposal(now: UtcMs, earlier: &[PlaydateRecord]) -> bool {
    let turned_down = |p: &&PlaydateRecord| {
        p.state == PlaydateState::Declined || p.cancelled == Some(CancelReason::ByOwner)
    };
    let declined = earlier.iter().filter(turned_down).count();
    declined < MOST_DECLINED && earlier.iter().all(|p| p.state.is_final() || p.slot.end() <= now)
}

fn propose_for(work: &mut Work<'_>, record: &MatchRecord, own: &Family, other: &Family) -> Result<(), Fault> {
    let earlier = work.tx.playdates_of_match(record.id)?;
    if !wants_proposal(work.now, &earlier) {
        return Ok(());
    }
    let find = |pet: PetId| own.candidate(pet).or_else(|| other.candidate(pet));
    let [Some(a), Some(b)] = [find(record.sides[0].pet), find(record.sides[1].pet)] else {
        return Ok(());
    };
    if !is_answered(work, a.id)? || !is_answered(work, b.id)? || forbidden(&a, &b, work.now).is_some() {
        return Ok(());
    }
    // A slot that one side turned down, or called off, is not offered again.
    let mut taken: Vec<TimeSpan> = earlier.iter().map(|p| p.slot).collect();
    let first_meeting = !earlier
        .iter()
        .any(|p| p.state == PlaydateState::Confirmed && p.slot.end() <= work.now);
    let busy_a = busy(work, a.party.household)?;
    let busy_b = busy(work, b.party.household)?;
    // The two must fit on the day they meet, not only today: a vaccination may run out before.
    let offer = std::iter::from_fn(|| {
        let offer = propose(&a, &b, &busy_a, &busy_b, &taken, work.now, first_meeting)?;
        taken.push(offer.slot);
        Some(offer)
    })
    .take(MOST_TRIED)
    .find(|offer| forbidden(&a, &b, offer.slot.start()).is_none());
    let Some(offer) = offer else { return Ok(()) };
    if !once_more_today(work, record, "proposals")? {
        return Ok(());
    }
    let attempt = earlier.len() as u32;
    put_playdate(
        work,
        &PlaydateRecord {
            id: PlaydateId::of(record.id, attempt),
            matched: record.id,
            attempt,
            sides: record.sides.clone(),
            slot: offer.slot,
            venue: offer.venue,
            area: offer.area,
            state: PlaydateState::Proposed,
            cancelled: None,
            cancelled_by: None,
            first_meeting,
            reasons: record.reasons.clone(),
            rev: 0,
            confirmed_at: None,
        },
    )
}

/// The hours at which a family has, or may have, a playdate already.
fn busy(work: &mut Work<'_>, household: HouseholdId) -> Result<Vec<TimeSpan>, Fault> {
    let now = work.now;
    let coming = work.tx.playdates_of(household, now)?;
    Ok(coming
        .into_iter()
        .filter(|p| !p.state.is_final())
        .map(|p| p.slot)
        .collect())
}

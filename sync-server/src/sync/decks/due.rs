//! When a deck is dealt.
//!
//! Who changes the own terms asks a question, and questions are counted ([`DEALS`]). Whoever only waits does not choose
//! what is asked: that is dealt without being counted, but seldom. A deck of which nothing was used since the last deal
//! is looked at every [`REST_MS`]; what neighbours change marks it at once (`waking`).

use romp_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use romp_domain::{HouseholdId, SwipeId, Verdict};

use super::super::work::Work;
use crate::db::{DeckRecord, Fault, Quota, SwipeRecord};

/// With fewer undecided cards than this, a deck may be dealt anew …
pub(super) const FEW: usize = 5;
/// … but not more often than this; …
const PAUSE_MS: i64 = 10 * MINUTE_MS;
/// … or this, while none of its cards was used.
const REST_MS: i64 = HOUR_MS;
/// Cards whose verdicts are looked up together: those of one deal.
const LOOKED_UP: usize = romp_matching::DECK_SIZE;

/// How often in a day a family's changed terms are answered. A deck says who fits these terms, so an owner who could ask
/// without end would learn other families' hours, weights and places by changing the own ones bit by bit.
pub(super) const DEALS: Quota = Quota {
    what: "deals",
    most: 16,
    window_ms: DAY_MS,
};

/// How often in an hour cards are looked at again, by changed terms that are not answered any more. That tells nothing, and
/// takes time: after that, it waits as long as any deal.
pub(super) const LOOKED_AT_AGAIN: Quota = Quota {
    what: "looked_at_again",
    most: 60,
    window_ms: HOUR_MS,
};

/// Whether a deck of the household is to be dealt.
pub(in super::super) fn is_any_due(mut work: Work<'_>, household: HouseholdId) -> Result<bool, Fault> {
    for record in work.tx.decks(household)? {
        if is_due(&mut work, &record)? {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) fn is_due(work: &mut Work<'_>, record: &DeckRecord) -> Result<bool, Fault> {
    let age_ms = age_ms(work, record);
    if age_ms >= DAY_MS {
        return Ok(true);
    }
    if record.stale && record.asks {
        return Ok(is_rested(work, record) || !is_over(work, record.household)?);
    }
    if !record.stale && age_ms < PAUSE_MS {
        return Ok(false);
    }
    let waiting = undecided(work, record)?;
    if record.stale {
        return Ok(waiting == 0 || is_rested(work, record));
    }
    let was_used = (waiting as u64) < record.dealt;
    Ok((record.asks || waiting < FEW) && age_ms >= if was_used { PAUSE_MS } else { REST_MS })
}

/// Whether the family's changed terms are neither answered nor looked at any more, for now.
fn is_over(work: &mut Work<'_>, household: HouseholdId) -> Result<bool, Fault> {
    let now = work.now;
    Ok(work.tx.is_used_up(household, DEALS, now)? && work.tx.is_used_up(household, LOOKED_AT_AGAIN, now)?)
}

/// Whether some time has passed since a deck was dealt.
pub(super) fn is_rested(work: &Work<'_>, record: &DeckRecord) -> bool {
    age_ms(work, record) >= PAUSE_MS
}

/// How long ago a deck was dealt: long ago, if that was by a clock that was ahead.
fn age_ms(work: &Work<'_>, record: &DeckRecord) -> i64 {
    match work.now.since_ms(record.built_at) {
        ahead if ahead < 0 => DAY_MS,
        age_ms => age_ms,
    }
}

/// How many cards of a pet's deck wait for a verdict; [`FEW`] where it is more.
pub(super) fn undecided(work: &mut Work<'_>, record: &DeckRecord) -> Result<usize, Fault> {
    let shown = work.tx.shown_to(record.pet)?;
    let mut waiting = 0;
    for some in shown.chunks(LOOKED_UP) {
        let ids: Vec<SwipeId> = some.iter().map(|pet| SwipeId::of(record.pet, *pet)).collect();
        let swipes = work.tx.swipes_of(record.household, &ids)?;
        waiting += some.len() - swipes.iter().filter(|swipe| is_decided(swipe)).count();
        if waiting >= FEW {
            return Ok(FEW);
        }
    }
    Ok(waiting)
}

/// Whether there is a verdict other than "later".
pub(super) fn is_decided(record: &SwipeRecord) -> bool {
    matches!(record.swipe.verdict, Some(Verdict::Yes | Verdict::No))
}

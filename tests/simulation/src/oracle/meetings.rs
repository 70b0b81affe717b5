//! Cards, matches and playdates: who may be shown, who may match, and which way a playdate may go.

use jiff::civil::Date;
use romp_domain::playdate::CancelReason;
use romp_domain::{
    Card, CardId, Entity, HouseholdId, Kind, MatchId, Op, PetId, PlaydateAct, PlaydateState, Swipe, SwipeId,
};
use romp_server::db::{MatchRecord, PlaydateRecord};

use super::server::{Exchange, Expected, Key, Model};
use super::{Violation, broken};

impl Model {
    /// The date at a family's home.
    fn today(&self, household: HouseholdId, at: i64) -> Date {
        let zone = self.settings(household).zone.rules();
        jiff::Timestamp::from_millisecond(at)
            .unwrap()
            .to_zoned(zone)
            .date()
    }

    /// Whether other families may see a pet now.
    fn is_shown(&self, pet: PetId, now: i64) -> bool {
        let Some(home) = self.homes.get(&pet) else {
            return false;
        };
        let today = self.today(*home, now);
        self.settings(*home).share_consent.is_some()
            && self
                .pet(*home, pet)
                .is_some_and(|pet| pet.visible && !pet.rests_on(today))
    }

    pub(super) fn card_put(
        &mut self,
        household: HouseholdId,
        card: &Card,
        now: i64,
    ) -> Result<(), Violation> {
        let shown = card.pet.id;
        if !self.is_shown(shown, now) {
            return broken("8", format!("pet {shown} is on a card and is not to be shown"));
        }
        if self.homes.get(&shown) == Some(&household) || self.homes.get(&card.for_pet) != Some(&household) {
            return broken("9 I9", format!("a wrong card: {card:?}"));
        }
        let home = self.homes.get(&shown);
        if home.is_some_and(|home| self.are_apart(household, *home)) {
            return broken(
                "8",
                format!("a card between families that are kept apart: {card:?}"),
            );
        }
        let id = CardId::of(card.for_pet, shown).0;
        self.cards.insert((household, id), card.clone());
        Ok(())
    }

    /// Whether a family's yes may leave it.
    pub(crate) fn is_released_yes(&self, actor: PetId, target: PetId) -> bool {
        let home = self.homes.get(&actor);
        let row = home.and_then(|home| self.row(*home, Kind::Swipe, SwipeId::of(actor, target).0));
        row.and_then(|row| Swipe::read_known(&row.fields))
            .is_some_and(|swipe| swipe.is_released_yes())
    }

    pub(super) fn match_put(
        &mut self,
        record: &MatchRecord,
        exchange: Option<&Exchange>,
        expected: &Expected,
        now: i64,
    ) -> Result<(), Violation> {
        let [one, two] = &record.sides;
        let before = self.matches.get(&record.id);
        let is_new = !record.ended && before.is_none_or(|before| before.ended);
        if is_new {
            if !self.is_released_yes(one.pet, two.pet) || !self.is_released_yes(two.pet, one.pet) {
                return broken("6 R4", format!("a match without two released yeses: {record:?}"));
            }
            if !self.is_shown(one.pet, now) || !self.is_shown(two.pet, now) {
                return broken("6 8", format!("a match of a pet that is not shown: {record:?}"));
            }
            let (a, b) = (self.settings(one.household), self.settings(two.household));
            let (Some(here), Some(there)) = (a.area, b.area) else {
                return broken("6 I9", "a match of a family without a place");
            };
            let reach = f64::from(a.travel_km.min(b.travel_km).get());
            let species = |side: &romp_server::db::Side| self.pet(side.household, side.pet).unwrap().species;
            let forbidden = one.household == two.household
                || self.are_apart(one.household, two.household)
                || here.km_to(there) > reach
                || a.allergies.contains(&species(two))
                || b.allergies.contains(&species(one));
            if forbidden {
                return broken("6 I9", format!("a match that is forbidden: {record:?}"));
            }
            self.judged.matches += 1;
        } else if let Some(before) = before {
            if record.since != before.since || (before.ended && !record.ended) {
                return broken("6", format!("a match became another one: {record:?}"));
            }
            let stands = self.is_shown_both(record, now)
                && !self.are_apart(one.household, two.household)
                && !record
                    .sides
                    .iter()
                    .any(|side| takes_back(record.id, side.household, exchange, expected));
            if record.ended && !before.ended && stands {
                return broken("6", format!("a match ended, and both pets are there: {record:?}"));
            }
        }
        self.matches.insert(record.id, record.clone());
        Ok(())
    }

    /// Whether both pets still take part at all; a rest or a hidden pet does not end a match.
    fn is_shown_both(&self, record: &MatchRecord, _: i64) -> bool {
        record.sides.iter().all(|side| {
            self.pet(side.household, side.pet).is_some()
                && self.settings(side.household).share_consent.is_some()
        })
    }

    pub(super) fn playdate_put(
        &mut self,
        next: &PlaydateRecord,
        exchange: Option<&Exchange>,
        expected: &Expected,
        now: i64,
    ) -> Result<(), Violation> {
        match self.playdates.get(&next.id) {
            None => self.is_a_sound_proposal(next, now)?,
            Some(before) => {
                let was_over = before.state == PlaydateState::Confirmed && before.slot.end().0 <= now;
                if was_over && next.state != before.state {
                    return broken("7", format!("what was over was called off: {next:?}"));
                }
                let act = |wanted: PlaydateAct, household: HouseholdId| {
                    exchange.is_some_and(|exchange| exchange.household == household)
                        && expected.acts.iter().any(|mutation| {
                            let seen = matches!(&mutation.op, Op::Act { act, expect_rev } if *act == wanted
                                && (wanted == PlaydateAct::Cancel || *expect_rev == before.rev));
                            mutation.id == next.id.0 && seen
                        })
                        || wanted == PlaydateAct::Cancel
                            && takes_back(next.matched, household, exchange, expected)
                };
                step(before, next, act)?;
            }
        }
        if next.state == PlaydateState::Confirmed {
            self.judged.confirmed += u64::from(
                self.playdates
                    .get(&next.id)
                    .is_some_and(|before| before.state == PlaydateState::Proposed),
            );
        }
        self.playdates.insert(next.id, next.clone());
        Ok(())
    }

    fn is_a_sound_proposal(&self, next: &PlaydateRecord, now: i64) -> Result<(), Violation> {
        let fresh = next.state == PlaydateState::Proposed
            && next.rev == 0
            && next.sides.iter().all(|side| !side.accepted)
            && next.slot.start().0 > now
            && self
                .matches
                .get(&next.matched)
                .is_some_and(|record| !record.ended);
        if !fresh {
            return broken("7", format!("a playdate did not begin as a proposal: {next:?}"));
        }
        if self.are_apart(next.sides[0].household, next.sides[1].household) {
            return broken(
                "6 I9",
                format!("a playdate of families that are kept apart: {next:?}"),
            );
        }
        for other in self.playdates.values() {
            if other.state.is_final() || other.slot.end().0 <= now {
                continue;
            }
            if other.matched == next.matched {
                return broken(
                    "7 I9",
                    format!("two open proposals of one match: {other:?} {next:?}"),
                );
            }
            let shared = next
                .sides
                .iter()
                .any(|side| other.sides.iter().any(|o| o.household == side.household));
            if shared && other.slot.overlaps(next.slot) {
                return broken("I9", format!("two meetings at one time: {other:?} {next:?}"));
            }
        }
        Ok(())
    }

    /// What must have followed from a changed row by the end of its transaction.
    pub(super) fn consequences(&self, key: &Key, now: i64) -> Result<(), Violation> {
        let (household, kind, id) = *key;
        let concerned = |pet: PetId| match kind {
            Kind::Pet => pet == PetId(id),
            _ => self.homes.get(&pet) == Some(&household),
        };
        if matches!(kind, Kind::Pet | Kind::Block) {
            self.nothing_is_between_who_is_apart(household, now)?;
        }
        if !matches!(kind, Kind::Pet | Kind::Household) {
            return Ok(());
        }
        for card in self.cards.values() {
            let pet = card.pet.id;
            if concerned(pet) && !self.may_stay(pet, kind, now) {
                return broken(
                    "8",
                    format!("pet {pet} is not to be shown, and is still on a card"),
                );
            }
        }
        for playdate in self.playdates.values() {
            if playdate.state.is_final() || playdate.slot.end().0 <= now {
                continue;
            }
            for side in &playdate.sides {
                if !concerned(side.pet) {
                    continue;
                }
                let gone = self.pet(side.household, side.pet).is_none()
                    || self.settings(side.household).share_consent.is_none();
                if gone {
                    return broken("6 7", format!("a playdate with nobody: {playdate:?}"));
                }
                let day = self.today(side.household, playdate.slot.start().0);
                let rests = self
                    .pet(side.household, side.pet)
                    .is_some_and(|pet| pet.rests_on(day));
                if rests {
                    return broken("7", format!("a playdate on a day of rest: {playdate:?}"));
                }
            }
        }
        Ok(())
    }

    /// No card, match or coming playdate between a family and those from which it is kept apart, by itself or by them.
    fn nothing_is_between_who_is_apart(&self, household: HouseholdId, now: i64) -> Result<(), Violation> {
        let apart = |one: HouseholdId, two: HouseholdId| {
            (one == household || two == household) && self.are_apart(one, two)
        };
        for ((of, _), card) in &self.cards {
            if self.homes.get(&card.pet.id).is_some_and(|home| apart(*of, *home)) {
                return broken(
                    "8",
                    format!("a card stayed between families that are kept apart: {card:?}"),
                );
            }
        }
        for record in self.matches.values().filter(|record| !record.ended) {
            if apart(record.sides[0].household, record.sides[1].household) {
                return broken(
                    "6",
                    format!("a match of families that are kept apart: {record:?}"),
                );
            }
        }
        for playdate in self.playdates.values() {
            let coming = !playdate.state.is_final() && playdate.slot.end().0 > now;
            if coming && apart(playdate.sides[0].household, playdate.sides[1].household) {
                return broken(
                    "6 7",
                    format!("a playdate of families that are kept apart: {playdate:?}"),
                );
            }
        }
        Ok(())
    }

    fn may_stay(&self, pet: PetId, changed: Kind, now: i64) -> bool {
        let Some(home) = self.homes.get(&pet) else {
            return false;
        };
        if changed == Kind::Household {
            return self.settings(*home).share_consent.is_some();
        }
        let today = self.today(*home, now);
        self.pet(*home, pet)
            .is_some_and(|pet| pet.visible && !pet.rests_on(today))
    }
}

/// Whether an owner of a family takes a match back in this very exchange.
fn takes_back(id: MatchId, household: HouseholdId, exchange: Option<&Exchange>, expected: &Expected) -> bool {
    let by_it = exchange.is_some_and(|exchange| exchange.household == household);
    let is_it = |mutation: &romp_domain::Mutation| mutation.kind == Kind::Match && mutation.id == id.0;
    by_it && expected.acts.iter().any(is_it)
}

/// One step of the state machine.
fn step(
    before: &PlaydateRecord,
    next: &PlaydateRecord,
    act: impl Fn(PlaydateAct, HouseholdId) -> bool,
) -> Result<(), Violation> {
    use PlaydateState::{Cancelled, Confirmed, Declined, Proposed};
    let wrong = |why: &str| broken("7", format!("{why}: {before:?} → {next:?}"));
    let same = before.slot == next.slot
        && before.venue == next.venue
        && before.matched == next.matched
        && before.attempt == next.attempt
        && (0..2).all(|n| before.sides[n].pet == next.sides[n].pet);
    if !same {
        return wrong("a playdate became another one");
    }
    for n in 0..2 {
        let (was, is) = (&before.sides[n], &next.sides[n]);
        let newly = is.accepted && !was.accepted;
        if (was.accepted && !is.accepted) || (newly && !act(PlaydateAct::Accept, is.household)) {
            return wrong("nobody accepted this");
        }
    }
    let both = next.sides.iter().all(|side| side.accepted);
    match (before.state, next.state) {
        (was, is) if was == is => {
            if before.rev != next.rev || before.cancelled != next.cancelled {
                return wrong("a revision without a change");
            }
            if is == Proposed && both {
                return wrong("both accepted, and it is not confirmed");
            }
            Ok(())
        }
        (Proposed, Confirmed) if both && before.rev == next.rev => Ok(()),
        (Proposed, Declined) if next.rev == before.rev + 1 => {
            let declined = next
                .sides
                .iter()
                .any(|side| act(PlaydateAct::Decline, side.household));
            if declined {
                Ok(())
            } else {
                wrong("nobody declined this")
            }
        }
        (Proposed | Confirmed, Cancelled) if next.rev == before.rev + 1 => {
            let by_owner = next.cancelled == Some(CancelReason::ByOwner);
            let cancelled = next
                .sides
                .iter()
                .any(|side| act(PlaydateAct::Cancel, side.household));
            if by_owner && !cancelled {
                return wrong("nobody cancelled this");
            }
            Ok(())
        }
        _ => wrong("no such step"),
    }
}

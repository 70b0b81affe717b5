//! The deck, releases and playdates.

use romp_domain::calls::{
    Children, Deck, DeckAgain, Hours, Matches, Pets, PlaydateAnswer, Playdates, Release, Releases, Status,
    Swipe, Undo,
};
use romp_domain::{PlaydateAct, PlaydateState, Role, Verdict};

use crate::dice::Dice;
use crate::oracle::Violation;
use crate::plan::What;
use crate::world::World;

impl World {
    pub(super) fn at_the_deck(&mut self, seat: usize, what: What, dice: Dice) -> Result<(), Violation> {
        if self.places[seat].device.observer.account().is_none() {
            // Practice is played alone, and nothing of it leaves the device.
            return Ok(());
        }
        match what {
            What::Release => self.release(seat, dice),
            What::Answer => self.answer(seat, dice),
            What::Look => self.every_list(seat),
            _ => self.cards(seat, what, dice),
        }
    }

    fn cards(&mut self, seat: usize, what: What, mut dice: Dice) -> Result<(), Violation> {
        let pets = self.peek(seat, Pets {})?;
        let Some(pet) = dice.pick(&pets).map(|view| view.id) else {
            return Ok(());
        };
        match what {
            What::Undo => {
                self.ask(seat, "takes a choice back", Undo { pet })?;
            }
            What::Again => {
                self.ask(seat, "brings back the cards put off", DeckAgain { pet })?;
            }
            _ => {
                let deck = self.peek(seat, Deck { pet })?;
                // As fate has it, people often like whom they are liked by.
                let liked: Vec<_> = deck
                    .cards
                    .iter()
                    .filter(|card| self.model.is_released_yes(card.pet.id, pet))
                    .cloned()
                    .collect();
                let among = if dice.below(3) == 0 || liked.is_empty() {
                    &deck.cards
                } else {
                    &liked
                };
                let Some(card) = dice.pick(among) else {
                    return Ok(());
                };
                let target = card.pet.id;
                let verdict = match dice.below(10) {
                    0..=7 => Verdict::Yes,
                    8 => Verdict::No,
                    _ => Verdict::Later,
                };
                let children = self.peek(seat, Children {})?;
                let is_child = self.places[seat].device.role() == Role::Child;
                let child = dice
                    .pick(&children)
                    .map(|view| view.id)
                    .filter(|_| is_child || dice.clone().below(3) == 0);
                let name = card
                    .pet
                    .name
                    .as_ref()
                    .map_or("a pet", |name| name.as_str())
                    .to_owned();
                let who = if child.is_some() { "a child" } else { "an owner" };
                let sentence = format!("{who} says {} to {name}", verdict.word());
                self.ask(
                    seat,
                    &sentence,
                    Swipe {
                        actor: pet,
                        target,
                        verdict,
                        child,
                    },
                )?;
            }
        }
        Ok(())
    }

    fn release(&mut self, seat: usize, mut dice: Dice) -> Result<(), Violation> {
        if self.places[seat].device.role() == Role::Child {
            return Ok(());
        }
        let waiting = self.peek(seat, Releases {})?;
        if let Some(view) = dice.pick(&waiting) {
            let out = dice.below(10) < 8;
            let sentence = if out {
                "lets a child's yes out"
            } else {
                "keeps a child's yes in"
            };
            self.ask(
                seat,
                sentence,
                Release {
                    swipe: view.swipe,
                    out,
                },
            )?;
        }
        Ok(())
    }

    fn answer(&mut self, seat: usize, mut dice: Dice) -> Result<(), Violation> {
        if self.places[seat].device.role() == Role::Child {
            return Ok(());
        }
        let mut playdates = self.peek(seat, Playdates {})?;
        playdates.retain(|view| !view.playdate.state.is_final());
        if let Some(view) = dice.pick(&playdates) {
            let act = match (view.playdate.state, dice.below(10)) {
                (PlaydateState::Proposed, 0..=6) => PlaydateAct::Accept,
                (PlaydateState::Proposed, 7 | 8) => PlaydateAct::Decline,
                (_, 0..=6) => return Ok(()),
                _ => PlaydateAct::Cancel,
            };
            let call = PlaydateAnswer {
                id: view.id,
                act,
                expect_rev: view.playdate.rev,
            };
            self.ask(seat, &format!("says {} to a playdate", act.word()), call)?;
        }
        Ok(())
    }

    /// Reads everything that the app shows, as somebody who leafs through it would.
    fn every_list(&mut self, seat: usize) -> Result<(), Violation> {
        self.peek(seat, Status {})?;
        self.peek(seat, Playdates {})?;
        if self.places[seat].device.role() == Role::Owner {
            self.peek(seat, Matches {})?;
            self.peek(seat, Hours {})?;
        }
        self.nothing_is_seen_of_who_is_kept_away(seat)
    }
}

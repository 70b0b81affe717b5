//! Other families: kept away, not kept away any more, and matches that are taken back. Owners only.

use std::collections::BTreeSet;

use romp_domain::calls::{Block, Blocks, Deck, Matches, Pets, Playdates, Report, Unblock, Unmatch};
use romp_domain::text::Note;
use romp_domain::{PetId, Role};
use uuid::Uuid;

use crate::dice::Dice;
use crate::oracle::{Violation, broken};
use crate::plan::What;
use crate::privacy::owners_only;
use crate::world::World;

impl World {
    pub(super) fn with_others(&mut self, seat: usize, what: What, mut dice: Dice) -> Result<(), Violation> {
        let device = &self.places[seat].device;
        if device.role() == Role::Child || device.observer.account().is_none() {
            return Ok(());
        }
        match what {
            What::Block => {
                let met: Vec<PetId> = self.met(seat)?.into_iter().collect();
                if let Some(pet) = dice.pick(&met).copied() {
                    let done = self.ask(seat, "keeps a family away", Block { pet })?;
                    self.count_if("family kept away", done.is_some());
                    if done.is_some() && dice.below(2) == 0 {
                        let text = format!("{} bit us", owners_only(self.places[seat].seat.family));
                        let text = Note::new(&text).unwrap();
                        let told = self.ask(seat, "reports it", Report { pet, text })?;
                        self.count_if("family reported", told.is_some());
                    }
                }
            }
            What::Unblock => {
                let blocks = self.peek(seat, Blocks {})?;
                if let Some(pet) = dice.pick(&blocks).map(|view| view.pet) {
                    let done = self.ask(seat, "does not keep a family away any more", Unblock { pet })?;
                    self.count_if("family not kept away any more", done.is_some());
                }
            }
            _ => {
                let matches = self.peek(seat, Matches {})?;
                if let Some(id) = dice.pick(&matches).map(|view| view.id) {
                    let done = self.ask(seat, "takes a match back", Unmatch { id })?;
                    self.count_if("match taken back", done.is_some());
                }
            }
        }
        Ok(())
    }

    fn count_if(&mut self, what: &'static str, happened: bool) {
        if happened {
            self.fault(what);
        }
    }

    /// The pets of others that are seen on a device: on cards, in matches and in playdates.
    fn met(&self, seat: usize) -> Result<BTreeSet<PetId>, Violation> {
        let mut met = BTreeSet::new();
        for own in self.peek(seat, Pets {})? {
            let deck = self.peek(seat, Deck { pet: own.id })?;
            met.extend(deck.cards.iter().map(|card| card.pet.id));
        }
        if self.places[seat].device.role() == Role::Owner {
            let matches = self.peek(seat, Matches {})?;
            met.extend(matches.iter().map(|view| view.matched.other.id));
        }
        let playdates = self.peek(seat, Playdates {})?;
        met.extend(playdates.iter().map(|view| view.playdate.other.id));
        Ok(met)
    }

    /// Nothing is seen of a pet from the moment in which it was blocked on this device, or the device heard of that.
    pub(super) fn nothing_is_seen_of_who_is_kept_away(&self, seat: usize) -> Result<(), Violation> {
        let rows = &self.places[seat].device.observer.memory.rows;
        let blocked: BTreeSet<Uuid> = rows
            .iter()
            .filter(|((kind, _), held)| {
                let shown = held.shown.as_deref().unwrap_or("");
                kind == "block" && shown.contains("\"blocked\":true")
            })
            .map(|((_, id), _)| *id)
            .collect();
        if blocked.is_empty() {
            return Ok(());
        }
        let seen = self.met(seat)?;
        seen.iter()
            .find(|pet| blocked.contains(&pet.0))
            .map_or(Ok(()), |pet| {
                let name = &self.places[seat].seat.name;
                broken("8", format!("{name} has blocked pet {pet}, and still sees it"))
            })
    }
}

//! The open deck: cards leave at once, calls follow, and a card whose call failed comes back.
//!
//! It belongs to the root, not to a view: a choice made just before leaving the deck is still sent, and its answer
//! still finds a place. Answers of a deck that is no longer open, or older than one already shown, are dropped.

use dioxus::core::spawn_forever;
use dioxus::prelude::*;
use romp_domain::calls::{Deck, DeckAgain, Swipe, Undo};
use romp_domain::view::{DeckView, UndoneView};
use romp_domain::{Card, ChildId, ErrorCode, PetId, Problem, Verdict};

use crate::ipc;
use crate::ipc::{Ask, Request};

/// What is on the table.
#[derive(Debug, Default)]
pub(crate) struct Table {
    open: Option<PetId>,
    /// What the core last said.
    pub(crate) view: Option<Result<DeckView, Problem>>,
    /// The last thing that went wrong here.
    pub(crate) problem: Option<Problem>,
    /// Cards that left the screen before the core said so.
    gone: Vec<PetId>,
    /// Calls under way.
    pending: u32,
    /// Numbers of the last deck asked for, and of the last one shown.
    asked: u32,
    shown: u32,
}

impl Table {
    /// The cards on the table, top first.
    pub(crate) fn cards(&self, view: &DeckView) -> Vec<Card> {
        let on_table = |card: &&Card| !self.gone.contains(&card.pet.id);
        view.cards.iter().filter(on_table).cloned().collect()
    }

    /// Whether a choice can be taken back now. Not while one is on its way: undo takes back the last that arrived.
    pub(crate) fn can_undo(&self, view: &DeckView) -> bool {
        view.can_undo && self.pending == 0
    }

    /// Why nothing can be chosen now, if that is what the core said last.
    pub(crate) fn refusal(&self) -> Option<&Problem> {
        let view = self.view.as_ref().and_then(|view| view.as_ref().err());
        view.or(self.problem.as_ref())
    }

    /// The filter for `target` ends: the core's deck alone decides again.
    fn put_back(&mut self, target: PetId) {
        self.gone.retain(|id| *id != target);
    }

    /// Shows a deck, unless it is late. Says whether it was a deck.
    fn show(&mut self, pet: PetId, number: u32, answer: Result<DeckView, Problem>) -> bool {
        if self.open != Some(pet) {
            return false;
        }
        let arrived = answer.is_ok();
        let is_off = |problem: &Problem| problem.code == ErrorCode::SwitchedOff;
        if arrived && self.problem.as_ref().is_some_and(is_off) {
            self.problem = None;
        }
        // A deck on the table is better than a message in its place, but for the one that it rests.
        let told = arrived || answer.as_ref().err().is_some_and(is_off) || !matches!(self.view, Some(Ok(_)));
        if number > self.shown && told {
            self.shown = number;
            self.view = Some(answer);
        }
        arrived
    }
}

/// The open deck, for views.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct DeckState(Signal<Table>);

/// Makes it; called once, by the root.
pub(crate) fn use_deck_provider() {
    let table = use_signal(Table::default);
    use_context_provider(|| DeckState(table));
}

/// The open deck.
#[inline(never)]
pub(crate) fn use_deck() -> DeckState {
    use_context()
}

impl DeckState {
    /// What is on the table.
    pub(crate) fn table(&self) -> ReadableRef<'_, Signal<Table>> {
        self.0.read()
    }

    /// Opens the deck of a pet, or asks for it again.
    pub(crate) fn open(mut self, pet: PetId) {
        if self.0.peek().open != Some(pet) {
            // The numbers go on: an answer to the deck before must stay older than any to this one.
            let mut table = self.0.write();
            let asked = table.asked;
            *table = Table {
                open: Some(pet),
                asked,
                shown: asked,
                ..Table::default()
            };
        }
        spawn_forever(async move {
            self.fetch(pet).await;
        });
    }

    /// Gives a verdict on a card.
    pub(crate) fn swipe(mut self, child: Option<ChildId>, target: PetId, verdict: Verdict) {
        let Some(actor) = self.0.peek().open else { return };
        self.0.write().gone.push(target);
        let swipe = Swipe {
            actor,
            target,
            verdict,
            child,
        };
        self.act(actor, swipe.ask(), Some(target));
    }

    /// Takes back the last choice.
    pub(crate) fn undo(self) {
        let open = self.0.peek().open;
        if let Some(pet) = open {
            self.act(pet, Undo { pet }.ask(), None);
        }
    }

    /// Brings back the cards marked "later".
    pub(crate) fn again(mut self) {
        let open = self.0.peek().open;
        if let Some(pet) = open {
            self.0.write().gone.clear();
            self.act(pet, DeckAgain { pet }.ask(), None);
        }
    }

    /// Has the core do something with the open deck, then asks for it again.
    fn act(mut self, pet: PetId, request: Request, target: Option<PetId>) {
        {
            let mut table = self.0.write();
            table.problem = None;
            table.pending += 1;
        }
        spawn_forever(async move {
            let answer = ipc::send(request).await;
            let mut back = target;
            {
                let mut table = self.0.write();
                table.pending = table.pending.saturating_sub(1);
                match &answer {
                    Ok(reply) if target.is_none() => {
                        back = ipc::read::<Option<UndoneView>>(reply)
                            .ok()
                            .flatten()
                            .map(|undone| undone.target);
                    }
                    Ok(_) => {}
                    Err(problem) => table.problem = Some(problem.clone()),
                }
                if let Some(pet) = back.filter(|_| answer.is_err() || target.is_none()) {
                    table.put_back(pet);
                }
            }
            let arrived = self.fetch(pet).await;
            if let Some(target) = back.filter(|_| arrived) {
                self.0.write().put_back(target);
            }
        });
    }

    /// Asks for the deck and shows it. Says whether a deck arrived that is as new as this question.
    async fn fetch(mut self, pet: PetId) -> bool {
        let number = {
            let mut table = self.0.write();
            table.asked += 1;
            table.asked
        };
        let answer = ipc::call(Deck { pet }).await;
        self.0.write().show(pet, number, answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn deck(pet: PetId) -> DeckView {
        DeckView {
            pet,
            cards: Vec::new(),
            decided: 0,
            later: 0,
            can_undo: true,
            practice: false,
            empty: None,
        }
    }

    #[test]
    fn a_late_answer_never_replaces_a_newer_one() {
        let (one, other) = (PetId(Uuid::from_u128(1)), PetId(Uuid::from_u128(2)));
        let mut table = Table {
            open: Some(one),
            ..Table::default()
        };
        assert!(!table.show(other, 9, Ok(deck(other))), "another deck");
        assert!(table.show(
            one,
            2,
            Ok(DeckView {
                decided: 7,
                ..deck(one)
            })
        ));
        assert!(table.show(one, 1, Ok(deck(one))));
        assert!(matches!(&table.view, Some(Ok(view)) if view.decided == 7));
    }

    #[test]
    fn a_deck_stays_on_the_table_when_asking_again_fails() {
        let pet = PetId(Uuid::from_u128(1));
        let mut table = Table {
            open: Some(pet),
            ..Table::default()
        };
        table.show(pet, 1, Ok(deck(pet)));
        assert!(!table.show(pet, 2, Err(romp_domain::ErrorCode::Internal.into())));
        assert!(matches!(table.view, Some(Ok(_))));
    }

    #[test]
    fn nothing_is_taken_back_while_a_choice_is_on_its_way() {
        let mut table = Table::default();
        let view = deck(PetId(Uuid::nil()));
        assert!(table.can_undo(&view));
        table.pending = 1;
        assert!(!table.can_undo(&view));
    }
}

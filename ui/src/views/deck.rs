//! The deck of a pet, for whoever swipes: the board that children and owners share, and the owner's way to it.

use std::rc::Rc;

use dioxus::prelude::*;
use romp_domain::calls::{Children, Pets};
use romp_domain::view::{DeckView, EmptyDeck, PetView};
use romp_domain::{ChildId, PetId, Species, Verdict};

use super::resting::{Resting, rest_of, use_rests};
use crate::components::{
    Button, Deck, DeckWords, Empty, Face, Glyph, child_pick, failed, hint, icon, loaded, loading, pet_pick,
    pick_me, portrait, pressed, sample_portrait, warning,
};
use crate::state::{App, Screen, use_app, use_deck, use_query};
use crate::text;
use romp_json::Value;

const WORDS: DeckWords = DeckWords {
    choices: ["No", "Later", "Yes"],
    hooks: ["deck-card", "deck-no", "deck-later", "deck-yes"],
};

/// The owner's way to a deck: who chooses, for which pet.
#[component]
pub(crate) fn OwnerDeck() -> Element {
    let app = use_app();
    let children = use_query(Children {});
    let pets = use_query(Pets {});
    let mut child = use_signal(Option::<ChildId>::default);
    let pet = use_signal(Option::<PetId>::default);
    let choose = move |id| pressed(move || child.set(id));
    loaded(pets, |pets| {
        let Some(chosen) = pets
            .iter()
            .find(|p| Some(p.id) == pet())
            .or(pets.first())
            .cloned()
        else {
            return no_pets(app);
        };
        let all = children.known().unwrap_or_default();
        rsx! {
            main { class: "deck-page",
                header { class: "deck-bar",
                    div { class: "deck-who", role: "group", "aria-label": "Who chooses",
                        if !all.is_empty() {
                            {pick_me(child().is_none(), choose(None))}
                        }
                        for one in &all {
                            {child_pick(one, true, child() == Some(one.id), choose(Some(one.id)))}
                        }
                    }
                    {pet_row(&pets, chosen.id, pet)}
                }
                Board { key: "{chosen.id}", pet: chosen, child: child(), for_child: false }
            }
        }
    })
}

fn no_pets(app: App) -> Element {
    let empty = Empty {
        title: "Who is looking for a friend?",
        text: "Add your pet first. Then its cards appear here.",
        testid: "deck-no-pets",
    };
    let add = Button::new("Add a pet").glyph(Glyph::Plus).primary();
    rsx! {
        main { class: "page narrow",
            {empty.draw(
                sample_portrait(0x2a, Species::Dog),
                add.draw(move || app.go(Screen::PetEditor(None))),
            )}
        }
    }
}

/// The pets to choose from.
pub(super) fn pet_row(pets: &[PetView], chosen: PetId, mut pet: Signal<Option<PetId>>) -> Element {
    rsx! {
        div { class: "deck-pets", role: "group", "aria-label": "Whose friends",
            for one in pets {
                {pet_pick(one, one.id == chosen, pressed({
                    let id = one.id;
                    move || pet.set(Some(id))
                }))}
            }
        }
    }
}

/// The deck itself, with undo, the count and what went wrong.
#[component]
pub(super) fn Board(pet: PetView, child: Option<ChildId>, for_child: bool) -> Element {
    let app = use_app();
    let deck = use_deck();
    let rests = use_rests();
    let id = pet.id;
    use_effect(move || {
        app.depend_on_changes();
        deck.open(id);
    });
    let table = deck.table();
    let rest = rest_of(
        &rests.known().unwrap_or(Value::Null),
        child,
        table.refusal(),
        app.now(),
    );
    if let Some(rest) = rest {
        return rsx! {
            div { class: "board", Resting { rest, pet } }
        };
    }
    let view = match &table.view {
        None => return loading(),
        Some(Err(problem)) => return failed(problem),
        Some(Ok(view)) => view,
    };
    let cards = table.cards(view);
    let name = text::pet_name(&pet.pet);
    let total = (view.decided + view.later) as usize + view.cards.len();
    let can_undo = table.can_undo(view);
    let foot = rsx! {
        div { class: "deck-foot",
            button {
                class: "undo",
                r#type: "button",
                "data-testid": "deck-undo",
                disabled: !can_undo,
                onclick: move |_| deck.undo(),
                {icon(Glyph::Undo)}
                span { "Undo" }
            }
            if total > 0 {
                span { class: "deck-count", "data-testid": "deck-count", "{total - cards.len()} of {total}" }
            }
        }
    };
    rsx! {
        div { class: "board",
            h1 { class: "unseen", "Cards for {name}" }
            if view.practice {
                {hint(Glyph::Spark, rsx! { p { "Example pets, to practise with. Real neighbours come with an account." } })}
            }
            if let Some(problem) = &table.problem {
                {warning(&problem.message, "deck-problem")}
            }
            if cards.is_empty() {
                {empty_board(view, &pet, for_child)}
                {foot}
            } else {
                Deck {
                    cards: cards.into_iter().map(|card| Rc::new(Face::Pet(card))).collect::<Vec<_>>(),
                    words: WORDS,
                    onverdict: move |(face, verdict): (Rc<Face>, Verdict)| {
                        if let Face::Pet(card) = &*face {
                            deck.swipe(child, card.pet.id, verdict);
                        }
                    },
                    onundo: move |()| {
                        if can_undo {
                            deck.undo();
                        }
                    },
                    {foot}
                }
            }
        }
    }
}

/// Why there is no card, with a picture, and what can be done about it here.
fn empty_board(view: &DeckView, pet: &PetView, for_child: bool) -> Element {
    // The last card left a moment ago and the core has not said why the table is empty: it is simply done.
    let why = view.empty.unwrap_or(EmptyDeck::AllDone);
    let (title, sentence) = text::empty_deck(why, &text::pet_name(&pet.pet), for_child);
    let empty = Empty {
        title: &title,
        text: &sentence,
        testid: "deck-empty",
    };
    let picture = portrait(pet.id, pet.pet.species);
    rsx! {
        div { class: "deck-empty", "data-why": why.word(),
            {empty.draw(picture, rsx! { WayOut { why, pet: pet.id, for_child } })}
        }
    }
}

#[component]
fn WayOut(why: EmptyDeck, pet: PetId, for_child: bool) -> Element {
    let app = use_app();
    let deck = use_deck();
    if why == EmptyDeck::OnlyLater {
        return rsx! {
            button { class: "choice again", r#type: "button", "data-testid": "deck-again", onclick: move |_| deck.again(),
                span { class: "choice-mark", {icon(Glyph::Sync)} }
                span { "Show them again" }
            }
        };
    }
    let way = match why {
        EmptyDeck::NoConsent | EmptyDeck::NoArea | EmptyDeck::NoVenue => {
            Some(("Family settings", Screen::Household))
        }
        EmptyDeck::NoHours => Some(("Add free hours", Screen::Hours)),
        EmptyDeck::PetHidden | EmptyDeck::PetRests | EmptyDeck::NoWeight => {
            Some(("Open its profile", Screen::PetEditor(Some(pet))))
        }
        EmptyDeck::NotSynced => Some(("How sync stands", Screen::Sync)),
        EmptyDeck::AllDone | EmptyDeck::OnlyLater | EmptyDeck::NobodyNear => None,
    };
    match way.filter(|_| !for_child) {
        Some((label, screen)) => Button::new(label).primary().draw(move || app.go(screen)),
        None => VNode::empty(),
    }
}

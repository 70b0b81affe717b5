//! The deck: a stack of cards that goes left, down or right, by hand, by button or by key.
//!
//! The top card follows the hand through CSS custom properties; nothing is drawn again until it goes. A card that
//! went is drawn until it has left the screen, hidden from screen readers, so that the next one can be answered at
//! once. What the gestures mean is [`crate::state::recogniser`]. Used by children for pets and by owners for
//! proposals. Deliberately absent: what a verdict does.

use std::rc::Rc;

use dioxus::prelude::*;
use romp_domain::view::PlaydateView;
use romp_domain::{Card, Verdict};

use super::card_face::card_face;
use super::proposal_face::proposal_face;
use super::{Glyph, icon};
use crate::dom;
use crate::state::recogniser::{Recogniser, Sample, Step};
use crate::state::{DeckKey, use_keys};
use crate::text;

const TOP: &str = "deck-top";
/// Cards that are drawn: the top one and the edges of those below it.
const DRAWN: usize = 3;

/// What is on a card.
#[derive(Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "always behind an `Rc`")]
pub(crate) enum Face {
    /// A pet.
    Pet(Card),
    /// A proposed playdate.
    Proposal(PlaydateView),
}

impl Face {
    /// Tells it from the others of the deck.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Pet(card) => card.pet.id.to_string(),
            // A proposal that changed is another card.
            Self::Proposal(view) => format!("{}-{}", view.id, view.playdate.rev),
        }
    }

    fn pet(&self) -> String {
        match self {
            Self::Pet(card) => card.pet.id.to_string(),
            Self::Proposal(view) => view.playdate.other.id.to_string(),
        }
    }

    fn label(&self) -> String {
        match self {
            Self::Pet(card) => text::public_name(&card.pet),
            Self::Proposal(view) => format!(
                "{} and {}",
                text::pet_name(&view.pet.pet),
                text::public_name(&view.playdate.other)
            ),
        }
    }
}

/// The words and hooks of a deck.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct DeckWords {
    /// Words of no, later and yes.
    pub(crate) choices: [&'static str; 3],
    /// Test hooks of the top card and of the three buttons.
    pub(crate) hooks: [&'static str; 4],
}

/// Where a card is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the stack, from the top.
    Stack(usize),
    /// On its way out.
    Leaving(Verdict),
}

const TOP_PLACE: Place = Place::Stack(0);

impl Place {
    /// Whether a screen reader passes it by: everything but the top card.
    fn is_hidden(self) -> bool {
        self != TOP_PLACE
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Stack(0) => "card top",
            Self::Stack(1) => "card second",
            Self::Stack(_) => "card third",
            Self::Leaving(Verdict::No) => "card leaving no",
            Self::Leaving(Verdict::Later) => "card leaving later",
            Self::Leaving(Verdict::Yes) => "card leaving yes",
        }
    }
}

/// The stack and its three buttons. `children` stand beside the buttons (undo, the count).
#[component]
pub(crate) fn Deck(
    cards: Vec<Rc<Face>>,
    words: DeckWords,
    onverdict: EventHandler<(Rc<Face>, Verdict)>,
    #[props(default)] onundo: Option<EventHandler<()>>,
    children: Element,
) -> Element {
    let mut hand = use_signal(Recogniser::default);
    let mut leaving = use_signal(Vec::<(Rc<Face>, Verdict)>::new);
    let top = cards.first().cloned();

    // A verdict is about the card that was touched, not about one that came to lie on it meanwhile.
    if let Some(face) = &top
        && hand.peek().holds_another(&face.key())
    {
        hand.write().let_go();
        let_go();
        place_top(0, 0, 0);
    }

    let commit = {
        let top = top.clone();
        use_callback(move |verdict: Verdict| {
            if let Some(face) = top.clone() {
                leaving.write().push((face.clone(), verdict));
                onverdict.call((face, verdict));
            }
        })
    };
    use_keys(move |key| match key {
        DeckKey::Verdict(verdict) => press(hand, commit, verdict),
        DeckKey::Undo => {
            if let Some(onundo) = onundo {
                onundo.call(());
            }
        }
    });

    // One list with one key for each card: a card that goes is the same element that was in the hand.
    let on_table = |face: &Face| cards.iter().any(|card| card.key() == face.key());
    let mut drawn: Vec<(Rc<Face>, Place)> = cards
        .iter()
        .take(DRAWN)
        .cloned()
        .zip((0..).map(Place::Stack))
        .collect();
    drawn.reverse();
    for (face, verdict) in leaving.read().iter().filter(|(face, _)| !on_table(face)) {
        drawn.push((face.clone(), Place::Leaving(*verdict)));
    }
    let [no, later, yes] = words.choices;
    let [hook, hook_no, hook_later, hook_yes] = words.hooks;
    rsx! {
        section { class: "deck",
            div { class: "stack",
                for (face , place) in drawn {
                    article {
                        key: "{face.key()}",
                        id: if place == TOP_PLACE { TOP },
                        class: place.class(),
                        "data-testid": if place == TOP_PLACE { hook },
                        "data-pet": if place == TOP_PLACE { face.pet() },
                        "aria-label": if place == TOP_PLACE { face.label() },
                        "aria-hidden": if place.is_hidden() { "true" },
                        onpointerdown: {
                            let key = face.key();
                            move |event| {
                                let pointer = event.pointer_id();
                                if place == TOP_PLACE && hand.write().down(&key, pointer, dom::width_of(TOP), sample(&event)) {
                                    dom::capture_pointer(TOP, pointer);
                                    place_top(0, 0, 0);
                                    dom::set_mark(TOP, "data-held", Some(""));
                                }
                            }
                        },
                        onpointermove: move |event| {
                            let step = hand.write().moved(event.pointer_id(), sample(&event));
                            act(commit, step);
                        },
                        onpointerup: move |event| {
                            let step = hand.write().up(event.pointer_id(), sample(&event));
                            act(commit, step);
                        },
                        onpointercancel: move |event| {
                            let step = hand.write().cancelled(event.pointer_id());
                            act(commit, step);
                        },
                        onanimationend: {
                            let key = face.key();
                            move |_| leaving.write().retain(|(old, _)| old.key() != key)
                        },
                        {face_of(&face)}
                        div { class: "lean", "aria-hidden": "true",
                            span { class: "stamp no", {icon(Glyph::Cross)} "{no}" }
                            span { class: "stamp later", {icon(Glyph::Clock)} "{later}" }
                            span { class: "stamp yes", {icon(Glyph::Heart)} "{yes}" }
                        }
                    }
                }
            }
            div { class: "choices",
                {choice(Verdict::No, no, hook_no, hand, commit)}
                {choice(Verdict::Later, later, hook_later, hand, commit)}
                {choice(Verdict::Yes, yes, hook_yes, hand, commit)}
            }
            {children}
        }
    }
}

fn face_of(face: &Face) -> Element {
    match face {
        Face::Pet(card) => card_face(card, false),
        Face::Proposal(view) => proposal_face(view),
    }
}

/// One of the three buttons. They are alike in everything but word, colour and icon.
fn choice(
    verdict: Verdict,
    word: &str,
    hook: &str,
    hand: Signal<Recogniser>,
    commit: Callback<Verdict>,
) -> Element {
    rsx! {
        button {
            class: "choice {verdict.word()}",
            r#type: "button",
            "data-testid": "{hook}",
            onclick: move |_| press(hand, commit, verdict),
            span { class: "choice-mark", {icon(glyph(verdict))} }
            span { "{word}" }
        }
    }
}

/// A button or a key.
fn press(mut hand: Signal<Recogniser>, commit: Callback<Verdict>, verdict: Verdict) {
    let accepted = hand.write().pressed(dom::now_ms());
    if accepted {
        // A card that went by hand and came back still knows where it was let go.
        place_top(0, 0, 0);
        commit.call(verdict);
    }
}

/// Does what the recogniser says.
fn act(commit: Callback<Verdict>, step: Step) {
    match step {
        Step::Ignore => {}
        Step::Follow { dx, dy, toward, lean } => follow(dx, dy, toward, lean),
        Step::SpringBack => {
            let_go();
            place_top(0, 0, 0);
        }
        // It leaves from where it is.
        Step::Commit(verdict) => {
            let_go();
            commit.call(verdict);
        }
    }
}

fn glyph(verdict: Verdict) -> Glyph {
    match verdict {
        Verdict::No => Glyph::Cross,
        Verdict::Later => Glyph::Clock,
        Verdict::Yes => Glyph::Heart,
    }
}

fn sample(event: &PointerEvent) -> Sample {
    let place = event.client_coordinates();
    Sample {
        x: place.x,
        y: place.y,
        at_ms: dom::now_ms(),
    }
}

/// The card follows the hand; up less freely, because up is nothing.
fn follow(dx: f64, dy: f64, toward: Option<Verdict>, lean: f64) {
    place_top(dx as i32, dy.max(dy * 0.4) as i32, (lean * 100.0) as i32);
    dom::set_mark(TOP, "data-toward", toward.map(Verdict::word));
}

/// The card is in the hand no more.
fn let_go() {
    dom::set_mark(TOP, "data-held", None);
    dom::set_mark(TOP, "data-toward", None);
}

/// Whole pixels and percents; the style sheet makes lengths and angles of them.
fn place_top(dx: i32, dy: i32, lean: i32) {
    for (name, value) in [("--dx", dx), ("--dy", dy), ("--lean", lean)] {
        dom::set_property(TOP, name, &value.to_string());
    }
}

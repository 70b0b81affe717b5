//! Proposed playdates, answered on the same deck that children use: decline, later, accept.

use std::rc::Rc;

use dioxus::prelude::*;
use romp_domain::calls::{PlaydateAnswer, Playdates};
use romp_domain::view::PlaydateView;
use romp_domain::{PlaydateAct, PlaydateState, Species, Verdict};

use super::apart::apart;
use crate::components::{Button, Deck, DeckWords, Empty, Face, Glyph, loaded, sample_portrait};
use crate::ipc::Ask;
use crate::state::{App, Screen, forget_gone, use_app, use_query};

const WORDS: DeckWords = DeckWords {
    choices: ["Decline", "Later", "Accept"],
    hooks: [
        "proposal-card",
        "proposal-decline",
        "proposal-later",
        "proposal-accept",
    ],
};

/// Proposals that this family has not answered.
pub(super) fn unanswered(all: &[PlaydateView]) -> impl Iterator<Item = &PlaydateView> {
    all.iter().filter(|view| {
        let playdate = &view.playdate;
        playdate.state == PlaydateState::Proposed
            && !playdate.accepted
            && view.waiting.is_none()
            && !view.past
    })
}

/// The deck of proposals.
#[component]
pub(crate) fn ProposalsView() -> Element {
    let app = use_app();
    let playdates = use_query(Playdates {});
    // Keys of faces answered here and not yet gone from the core's list, and of those put off, oldest first.
    let mut answered = use_signal(Vec::<String>::new);
    let mut put_off = use_signal(Vec::<String>::new);
    let asking = use_signal(String::new);
    let onverdict = move |(face, verdict): (Rc<Face>, Verdict)| {
        let key = face.key();
        let Face::Proposal(view) = &*face else { return };
        let (act, done) = match verdict {
            Verdict::Yes => (PlaydateAct::Accept, "Accepted"),
            Verdict::No => (PlaydateAct::Decline, "Declined"),
            Verdict::Later => {
                let mut order = put_off.write();
                order.retain(|old| *old != key);
                return order.push(key);
            }
        };
        let call = PlaydateAnswer {
            id: view.id,
            act,
            expect_rev: view.playdate.rev,
        };
        answered.write().push(key.clone());
        let undo = move || {
            if let Ok(mut answered) = answered.try_write() {
                answered.retain(|old| *old != key);
            }
            app.changed();
        };
        app.act_or(call.ask(), done, Box::new(undo));
    };
    loaded(playdates, |all| {
        let open: Vec<Rc<Face>> = unanswered(&all)
            .map(|view| Rc::new(Face::Proposal(view.clone())))
            .collect();
        let keys: Vec<String> = open.iter().map(|face| face.key()).collect();
        forget_gone(answered, &keys);
        let answered = answered.read();
        let open = open
            .into_iter()
            .filter(|face| !answered.contains(&face.key()))
            .collect();
        let cards = in_order(open, &put_off.read());
        if cards.is_empty() {
            return nothing(app);
        }
        let on_top = cards.first().and_then(|face| match &**face {
            Face::Proposal(view) => Some(view.playdate.other.clone()),
            Face::Pet(_) => None,
        });
        rsx! {
            main { class: "deck-page proposals",
                header { class: "deck-bar",
                    h1 { "Proposals" }
                    span { class: "deck-count", "data-testid": "proposal-count", "{cards.len()} to answer" }
                }
                div { class: "board",
                    Deck { cards, words: WORDS, onverdict }
                }
                if let Some(other) = on_top {
                    {apart(app, asking, &other, None)}
                }
            }
        }
    })
}

/// What was put off goes under the rest, in the order in which it was put off.
fn in_order(open: Vec<Rc<Face>>, put_off: &[String]) -> Vec<Rc<Face>> {
    let (late, mut cards): (Vec<_>, Vec<_>) =
        open.into_iter().partition(|face| put_off.contains(&face.key()));
    for key in put_off {
        cards.extend(late.iter().find(|face| face.key() == *key).cloned());
    }
    cards
}

fn nothing(app: App) -> Element {
    let empty = Empty {
        title: "No proposals now",
        text: "When two families have both said yes and both have time, a playdate is proposed here.",
        testid: "proposals-empty",
    };
    let see = Button::new("See the playdates").glyph(Glyph::Calendar);
    rsx! {
        main { class: "page narrow",
            {empty.draw(sample_portrait(0x11, Species::Cat), see.draw(move || app.go(Screen::Playdates)))}
        }
    }
}

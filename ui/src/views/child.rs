//! A child's device: who is here, the deck, and the coming playdates as pictures. Nothing else.

use dioxus::prelude::*;
use romp_domain::calls::{Children, Pets, Playdates};
use romp_domain::view::{ChildView, GateView, PetView, PlaydateView};
use romp_domain::{ChildId, ErrorCode, PetId, PlaydateState, Problem, Species};

use super::asked::{Fixed, ask_then};
use super::deck::{Board, pet_row};
use super::gate::{Unlock, lock};
use super::join::PAIR;
use crate::components::{
    Empty, Glyph, avatar_face, child_pick, icon, loaded, logo, playdate_picture, pressed, sample_portrait,
};
use crate::state::use_query;

/// The whole of a child's device, and of an owner's device in a child's hands.
#[component]
pub(crate) fn ChildDevice(gate: GateView) -> Element {
    let children = use_query(Children {});
    let pets = use_query(Pets {});
    let mut picked = use_signal(Option::<ChildId>::default);
    let mut locked = use_signal(bool::default);
    let pick = move |id| pressed(move || picked.set(Some(id)));
    let of_these = |mut all: Vec<ChildView>| {
        if let Some(only) = gate.handed.as_ref().and_then(|handed| handed.child) {
            all.retain(|child| child.id == only);
        }
        all
    };
    let answer = children.get();
    // The way back for a grown-up is there whatever else cannot be shown.
    if locked() && gate.handed.is_some() {
        let all = of_these(answer.and_then(Result::ok).unwrap_or_default());
        let only = all.first().filter(|_| all.len() == 1);
        let name = only.map(|child| child.child.nickname.to_string());
        return rsx! {
            Unlock { gate, name, onleave: move |()| locked.set(false) }
        };
    }
    let lock = if gate.handed.is_some() {
        lock(locked)
    } else {
        VNode::empty()
    };
    let ends = |problem: Problem| problem.code == ErrorCode::ConsentMissing;
    if answer.and_then(Result::err).is_some_and(ends) {
        return rsx! {
            {quiet("Not now", "A grown-up has to allow Romp again first.", Species::Cat)}
            {lock}
        };
    }
    let content = loaded(children, |all| {
        let all = of_these(all);
        // Who is alone needs not say who is there.
        let only = all.first().filter(|_| all.len() == 1);
        let child = all.iter().find(|c| Some(c.id) == picked()).or(only);
        match child {
            None if all.is_empty() => quiet("Hello!", "A grown-up has to add you first.", Species::Cat),
            None => rsx! {
                main { class: "child-who",
                    {logo()}
                    h1 { "Who is here?" }
                    div { class: "child-grid",
                        for one in &all {
                            {child_pick(one, false, false, pick(one.id))}
                        }
                    }
                }
            },
            Some(child) => loaded(pets, |pets| {
                rsx! {
                    ChildHome {
                        key: "{child.id}",
                        child: child.clone(),
                        pets,
                        several: all.len() > 1,
                        onleave: move |()| picked.set(None),
                    }
                }
            }),
        }
    });
    rsx! {
        {content}
        {lock}
    }
}

/// A child's own screen.
#[component]
fn ChildHome(child: ChildView, pets: Vec<PetView>, several: bool, onleave: EventHandler<()>) -> Element {
    let pet = use_signal(Option::<PetId>::default);
    let playdates = use_query(Playdates {});
    let Some(chosen) = pets
        .iter()
        .find(|p| Some(p.id) == pet())
        .or(pets.first())
        .cloned()
    else {
        return rsx! {
            {quiet("No pet yet", "A grown-up has to add your pet first.", Species::Dog)}
        };
    };
    let mut coming = playdates.known().unwrap_or_default();
    coming.retain(is_for_children);
    let nickname = &child.child.nickname;
    let class = if coming.is_empty() {
        "child"
    } else {
        "child with-playdates"
    };
    rsx! {
        main { class,
            header { class: "child-bar",
                if several {
                    button {
                        class: "child-me",
                        r#type: "button",
                        "data-testid": "child-leave",
                        "aria-label": "{nickname}. Somebody else is here",
                        onclick: move |_| onleave.call(()),
                        {avatar_face(child.child.avatar)}
                        span { "{nickname}" }
                    }
                } else {
                    span { class: "child-me",
                        {avatar_face(child.child.avatar)}
                        span { "{nickname}" }
                    }
                }
                {pet_row(&pets, chosen.id, pet)}
            }
            Board { key: "{chosen.id}", pet: chosen, child: Some(child.id), for_child: true }
            if !coming.is_empty() {
                aside { class: "child-playdates", "aria-label": "Playdates",
                    h2 { {icon(Glyph::Calendar)} "Playdates" }
                    // Scrolls where there are many, and by the keyboard only with a place for the focus.
                    ul { tabindex: "0",
                        for view in &coming {
                            {playdate_picture(view)}
                        }
                    }
                }
            }
            // In the strip at the bottom where wrists rest: nothing to touch, so the place for a sentence.
            footer { class: "child-foot", "data-testid": "grown-ups-see",
                {icon(Glyph::Eye)}
                "Your grown-ups can see what you choose"
            }
        }
    }
}

/// A child's device that an owner signed out: what happened, and for a grown-up the way back with a code, or the end.
pub(super) fn signed_out(server: &str, forget: Element) -> Element {
    let empty = Empty {
        title: "This tablet was signed out",
        text: "That is not your fault, and nothing is lost. Ask a grown-up to let it in again.",
        testid: "child-out",
    };
    let way = rsx! {
        details { class: "hint join-form", "data-testid": "child-pair",
            summary { "For grown-ups" }
            {ask_then(&PAIR, Fixed::new(), vec![("server", server.to_owned())], EventHandler::new(|_| {}))}
            {forget}
        }
    };
    rsx! {
        main { class: "child-who", {empty.draw(sample_portrait(0x11, Species::Cat), way)} }
    }
}

/// What a child sees of a playdate: agreed ones, and agreed ones that were called off; not what is only proposed.
fn is_for_children(view: &PlaydateView) -> bool {
    let agreed = view.playdate.state == PlaydateState::Confirmed
        || (view.playdate.state == PlaydateState::Cancelled && view.playdate.confirmed_at.is_some());
    agreed && !view.past
}

fn quiet(title: &str, text: &str, species: Species) -> Element {
    let empty = Empty {
        title,
        text,
        testid: "child-waits",
    };
    rsx! {
        main { class: "child-who", {empty.draw(sample_portrait(0x11, species), VNode::empty())} }
    }
}

//! Choosing a child or a pet by its picture.

use dioxus::prelude::*;
use romp_domain::view::{ChildView, PetView};

use super::{Glyph, avatar_face, icon, portrait};
use crate::text;

/// A child to choose.
pub(crate) fn child_pick(child: &ChildView, small: bool, chosen: bool, onpick: EventHandler<()>) -> Element {
    let nickname = &child.child.nickname;
    let hook = format!("child-pick-{nickname}");
    pick(
        avatar_face(child.child.avatar),
        nickname.as_str(),
        &hook,
        small,
        chosen,
        onpick,
    )
}

/// A pet to choose.
pub(crate) fn pet_pick(pet: &PetView, chosen: bool, onpick: EventHandler<()>) -> Element {
    let hook = format!("pet-pick-{}", pet.id);
    pick(
        portrait(pet.id, pet.pet.species),
        &text::pet_name(&pet.pet),
        &hook,
        true,
        chosen,
        onpick,
    )
}

/// The owner to choose.
pub(crate) fn pick_me(chosen: bool, onpick: EventHandler<()>) -> Element {
    let heart = rsx! {
        span { class: "pick-mark", {icon(Glyph::Heart)} }
    };
    pick(heart, "Me", "child-pick-me", true, chosen, onpick)
}

fn pick(
    picture: Element,
    name: &str,
    hook: &str,
    small: bool,
    chosen: bool,
    onpick: EventHandler<()>,
) -> Element {
    rsx! {
        button {
            key: "{hook}",
            class: if small { "pick small" } else { "pick" },
            r#type: "button",
            "data-testid": "{hook}",
            "aria-pressed": chosen,
            onclick: move |_| onpick.call(()),
            {picture}
            span { "{name}" }
        }
    }
}

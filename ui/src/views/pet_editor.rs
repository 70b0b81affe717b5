//! One pet, or a new one: everything its owner can say about it.
//!
//! The groups of fields are in `about`, `play` and `care`. What was typed stays typed until it was saved.

mod about;
mod care;
mod play;

use dioxus::prelude::*;
use romp_domain::calls::{PetRemove, Pets};
use romp_domain::{Pet, PetId, Species};

use crate::components::{
    Asking, Button, Glyph, Page, Twice, group, groups, loaded, look_again, portrait, switch,
};
use crate::ipc::Request;
use crate::state::{App, Screen, pet_form, use_app, use_form, use_query};
use romp_json::written;

const VISIBLE: &str = "They see name, breed, age in years, size and how it plays. Never where you live, its health \
or your notes. The family's consent is needed as well.";

/// The editor of a pet, or of a new one.
#[component]
pub(crate) fn PetEditor(id: Option<PetId>) -> Element {
    let pets = use_query(Pets {});
    let Some(id) = id else {
        return rsx! {
            Editor { id: None, pet: Pet::new(Species::Dog) }
        };
    };
    loaded(pets, |pets| match pets.into_iter().find(|view| view.id == id) {
        Some(view) => rsx! {
            Editor { key: "{id}", id: Some(id), pet: view.pet }
        },
        None => Page::new("This pet is not here any more", "").draw(VNode::empty()),
    })
}

#[component]
fn Editor(id: Option<PetId>, pet: Pet) -> Element {
    let app = use_app();
    let form = use_form(|| pet_form::fill(&pet));
    // As the form was filled, whatever is changed elsewhere since.
    let seen = use_signal(|| written(&pet));
    let asking = use_signal(String::new);
    let save = move |event: FormEvent| {
        event.prevent_default();
        let made = pet_form::finish(&form.typed());
        let made = made.map(|pet| Request::save("pet", id.map(|id| (id.to_string(), seen())), written(&pet)));
        form.submit(made, "Saved", Box::new(move |_| app.go(Screen::Pets)));
    };
    let typed = form.typed();
    let title = match (id, typed.get("name").trim()) {
        (None, _) => "A new pet",
        (Some(_), "") => "Your pet",
        (Some(_), name) => name,
    };
    let back = Button::new("Back").glyph(Glyph::Back).testid("pet-back");
    Page::new(title, "").narrow().actions(back.draw(move || app.go(Screen::Pets))).draw(rsx! {
        form { class: "editor", onsubmit: save, novalidate: true,
            if let Some(id) = id {
                div { class: "editor-portrait", {portrait(id, pet_form::species(&typed))} }
            }
            {about::species_choice(form)}
            {about::about(form)}
            {groups(form, play::PLAY)}
            {group("Vaccinations", "", care::vaccinations(form))}
            {groups(form, care::CARE)}
            {group("Who sees it", "", switch(form, "visible", "Show to other families", VISIBLE))}
            div { class: "save-bar",
                {look_again(form)}
                div { class: "actions",
                    {Button::new("Save").primary().glyph(Glyph::Check).testid("pet-save").draw_submit(form.is_busy())}
                    if let Some(id) = id {
                        {remove(app, id, asking)}
                    }
                }
            }
        }
    })
}

/// Removing, asked twice.
fn remove(app: App, id: PetId, asking: Asking) -> Element {
    let twice = Twice {
        id: "pet",
        first: ("Remove", "pet-remove"),
        question: "Remove it from all your devices?",
        keep: "Keep",
        sure: ("Remove", "pet-remove-confirm"),
    };
    twice.draw(asking, move || {
        app.act(PetRemove { id }, "Removed");
        app.go(Screen::Pets);
    })
}

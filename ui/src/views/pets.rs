//! The family's pets.

use std::rc::Rc;

use dioxus::prelude::*;
use jiff::civil::Date;
use romp_domain::Species;
use romp_domain::calls::Pets;
use romp_domain::view::{PetView, Status};

use crate::components::{Button, Empty, Glyph, Page, icon, loaded, portrait, sample_portrait, warning};
use crate::state::{App, Screen, use_app, use_query};
use crate::{dom, text};

/// All pets of the family.
#[component]
pub(crate) fn PetsView(status: Rc<Status>) -> Element {
    let app = use_app();
    let pets = use_query(Pets {});
    let add = Button::new("Add a pet")
        .glyph(Glyph::Plus)
        .primary()
        .testid("pet-add");
    Page::new("Your pets", "Who is looking for somebody to play with?")
        .actions(add.draw(move || app.go(Screen::PetEditor(None))))
        .draw(loaded(pets, |pets| {
            if pets.is_empty() {
                let empty = Empty {
                    title: "No pet yet",
                    text: "Tell Romp about your pet: what it is, how it likes to play, and what it needs.",
                    testid: "pets-empty",
                };
                // Whoever still waits to be let in is told so, and not that the family has nothing.
                let why = status.problem.as_ref();
                let why = why.map_or_else(VNode::empty, |why| warning(why, "pets-problem"));
                return empty.draw(sample_portrait(0x35, Species::Rabbit), why);
            }
            let today = dom::today();
            rsx! {
                ul { class: "pet-grid",
                    for pet in &pets {
                        {tile(pet, today, app)}
                    }
                }
            }
        }))
}

fn tile(pet: &PetView, today: Option<Date>, app: App) -> Element {
    let id = pet.id;
    let about = &pet.pet;
    let mut facts = vec![text::breed(about.species, &about.breed)];
    facts.extend(about.size().map(|size| text::size(size).to_owned()));
    facts.extend(about.energy.map(|level| text::energy(level.get()).to_owned()));
    let facts = facts.join(" · ");
    let name = text::pet_name(about);
    rsx! {
        li { key: "{id}",
            button { class: "pet-tile", r#type: "button", "data-testid": "pet-item", "data-pet": "{id}", onclick: move |_| app.go(Screen::PetEditor(Some(id))),
                {portrait(id, about.species)}
                span { class: "pet-tile-words",
                    strong { "{name}" }
                    span { class: "hint", "{facts}" }
                    span { class: "badges",
                        if today.is_some_and(|day| about.rests_on(day)) {
                            span { class: "badge later", "Resting" }
                        }
                        if about.visible {
                            span { class: "badge yes", {icon(Glyph::Eye)} "Shown to families nearby" }
                        } else {
                            span { class: "badge", "Only you see it" }
                        }
                    }
                }
            }
        }
    }
}

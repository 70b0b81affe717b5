//! What is on a card: the pet, what it is like, and why it is here.

use dioxus::prelude::*;
use romp_domain::{Card, PublicPet, Reason};

use super::{Glyph, icon, portrait};
use crate::text;

/// The face of a card in the deck. Reasons come as pictures with words, because not every child reads.
pub(crate) fn card_face(card: &Card, compact: bool) -> Element {
    let pet = &card.pet;
    let name = text::public_name(pet);
    rsx! {
        div { class: if compact { "face compact" } else { "face" },
            div { class: "face-picture",
                {portrait(pet.id, pet.species)}
                span { class: "face-distance",
                    {icon(Glyph::Pin)}
                    {text::distance(card.distance)}
                }
            }
            div { class: "face-words",
                h2 { class: "face-name", "{name}" }
                p { class: "face-facts", "{facts(pet)}" }
                {reasons(&card.reasons)}
                if let Some(energy) = pet.energy {
                    div { class: "energy", role: "img", "aria-label": text::energy(energy.get()),
                        for step in 1..=5 {
                            i { key: "{step}", class: if step <= energy.get() { "on" } else { "" }, {icon(Glyph::Paw)} }
                        }
                        span { "aria-hidden": "true", {text::energy(energy.get())} }
                    }
                }
            }
        }
    }
}

/// Why two pets fit, as pictures with words.
pub(super) fn reasons(reasons: &[Reason]) -> Element {
    rsx! {
        ul { class: "reasons",
            for (i , reason) in reasons.iter().enumerate() {
                li { key: "{i}",
                    span { class: "reason-mark", {icon(Glyph::of_reason(*reason))} }
                    span { {text::reason(*reason)} }
                }
            }
        }
    }
}

/// "Beagle · 3 years · Small".
fn facts(pet: &PublicPet) -> String {
    let mut facts = vec![text::breed(pet.species, &pet.breed)];
    facts.extend(pet.age_years.map(text::age));
    facts.extend(pet.size.map(|size| text::size(size).to_owned()));
    if pet.lead_only {
        facts.push("On the lead".to_owned());
    }
    facts.join(" · ")
}

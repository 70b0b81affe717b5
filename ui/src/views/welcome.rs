//! The first start: what Romp is, and four ways in. None of them needs a network but those that say so.

use dioxus::prelude::*;
use romp_domain::Species;

use super::join::JoinForms;
use crate::components::{Button, Glyph, icon, logo, pressed, sample_portrait};
use crate::state::{App, JoinForm, Screen};

/// Made-up pets for the picture; ids that draw three unlike animals.
const FRIENDS: [(u128, Species); 3] = [
    (0x11, Species::Cat),
    (0x2a, Species::Dog),
    (0x35, Species::Rabbit),
];

/// The first screen.
#[component]
pub(crate) fn Welcome(onstart: EventHandler<()>) -> Element {
    let mut form = use_signal(Option::<JoinForm>::default);
    let choose = move |chosen| pressed(move || form.set(Some(chosen)));
    rsx! {
        main { class: "welcome",
            section { class: "welcome-hero",
                {logo()}
                div { class: "friends", "aria-hidden": "true",
                    for (n , species) in FRIENDS {
                        {sample_portrait(n, species)}
                    }
                }
                h1 { "Playdates for pets" }
                p { "Your child finds a friend for your pet. You decide what leaves the house. Romp finds a time that suits both families." }
            }
            section { class: "welcome-ways",
                if let Some(chosen) = form() {
                    button { class: "back", r#type: "button", "data-testid": "welcome-back", onclick: move |_| form.set(None),
                        {icon(Glyph::Back)}
                        "Back"
                    }
                    JoinForms { form: chosen }
                } else {
                    h2 { "Welcome! How would you like to begin?" }
                    {way(Glyph::Paw, "welcome-start", "Start on this device", "No account, no network. You can join later.", onstart)}
                    {way(Glyph::Key, "welcome-signin", "I have an account", "Sign in with your e-mail address.", choose(JoinForm::SignIn))}
                    {way(Glyph::Heart, "welcome-register", "I have an invitation", "Make an account for your family.", choose(JoinForm::Register))}
                    {way(Glyph::Device, "welcome-pair", "I have a code", "Make this one of your family's devices.", choose(JoinForm::Pair))}
                }
            }
        }
    }
}

/// A large button with an icon, a title and a sentence.
pub(super) fn way(glyph: Glyph, hook: &str, title: &str, text: &str, onpress: EventHandler<()>) -> Element {
    rsx! {
        button {
            key: "{hook}",
            class: "way",
            r#type: "button",
            "data-testid": "{hook}",
            onclick: move |_| onpress.call(()),
            span { class: "way-mark", {icon(glyph)} }
            span { class: "way-words",
                strong { "{title}" }
                span { "{text}" }
            }
        }
    }
}

/// The ways to an account for a device that is already in use.
pub(super) fn join_ways(app: App) -> Element {
    let to = move |form| move || app.go(Screen::Join(form));
    rsx! {
        div { class: "actions",
            {Button::new("I have an account").primary().testid("join-signin").draw(to(JoinForm::SignIn))}
            {Button::new("I have an invitation").testid("join-register").draw(to(JoinForm::Register))}
            {Button::new("I have a code").testid("join-pair").draw(to(JoinForm::Pair))}
        }
    }
}

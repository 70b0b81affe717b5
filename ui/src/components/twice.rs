//! What is asked twice before it is done.

use dioxus::core::queue_effect;
use dioxus::prelude::*;

use super::Button;
use crate::dom;

/// What is being asked about; nothing while it is empty.
pub(crate) type Asking = Signal<String>;

/// Something to do that is asked twice; see the fields.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Twice<'a> {
    /// What it is done to: its own among those that share an [`Asking`].
    pub(crate) id: &'a str,
    /// The first button, and its hook for tests.
    pub(crate) first: (&'a str, &'static str),
    /// What is asked then.
    pub(crate) question: &'a str,
    /// The button that leaves everything as it is.
    pub(crate) keep: &'a str,
    /// The button that does it, and its hook.
    pub(crate) sure: (&'a str, &'static str),
}

impl Twice<'_> {
    /// Draws the first button, or the question.
    pub(crate) fn draw(self, asking: Asking, act: impl FnMut() + 'static) -> Element {
        self.with(asking, Box::new(act))
    }

    /// Draws the first button, or the question with a form, whose own button does it.
    pub(crate) fn with_form(self, mut asking: Asking, form: impl FnOnce() -> Element) -> Element {
        if *asking.read() != self.id {
            return self.first(asking);
        }
        rsx! {
            div { class: "twice", id: place_of(self.id),
                span { class: "ask", role: "alert", "{self.question}" }
                div { class: "actions", {Button::new(self.keep).draw(move || asking.set(String::new()))} }
                {form()}
            }
        }
    }

    fn first(self, mut asking: Asking) -> Element {
        let id = self.id.to_owned();
        let (label, hook) = self.first;
        Button::new(label).quiet().testid(hook).draw(move || {
            asking.set(id.clone());
            let place = place_of(&id);
            // Once the question is drawn: whoever presses the same key again keeps it.
            queue_effect(move || dom::focus_button_in(&place));
        })
    }

    #[inline(never)]
    fn with(self, mut asking: Asking, mut act: Box<dyn FnMut()>) -> Element {
        if *asking.read() != self.id {
            return self.first(asking);
        }
        let (label, hook) = self.sure;
        rsx! {
            div { class: "twice", id: place_of(self.id),
                span { class: "ask", role: "alert", "{self.question}" }
                div { class: "actions",
                    {Button::new(self.keep).draw(move || asking.set(String::new()))}
                    {Button::new(label).danger().testid(hook).draw(move || {
                        asking.set(String::new());
                        act();
                    })}
                }
            }
        }
    }
}

/// The id of the question on the page.
fn place_of(id: &str) -> String {
    ["ask-", id].concat()
}

//! Choices: one of few, several, one of many, on or off. Keys are the domain's words; labels are for people.

use dioxus::prelude::*;
use romp_domain::Minute;

use super::fields::{below, field_class};
use crate::state::{Form, below_of};
use crate::text;

/// Something to choose: key and label.
pub(crate) type Opt = (&'static str, &'static str);

/// Options of a closed set.
pub(crate) fn options<T: Copy>(
    all: &[T],
    key: impl Fn(T) -> &'static str,
    label: impl Fn(T) -> &'static str,
) -> Vec<Opt> {
    all.iter().map(|member| (key(*member), label(*member))).collect()
}

/// Times of day in half hours, from one minute of the day to another: for [`select`].
pub(crate) fn steps(first: u16, last: u16) -> Vec<(String, String)> {
    let mut steps = Vec::new();
    for minute in (first..=last).step_by(30) {
        if let Ok(at) = Minute::new(minute.into()) {
            steps.push((minute.to_string(), text::clock(at)));
        }
    }
    steps
}

/// One of few, all visible.
pub(crate) fn segments(form: Form, name: &'static str, label: &str, hint: &str, options: &[Opt]) -> Element {
    pills(form, name, label, hint, options, false)
}

/// Several, all visible.
pub(crate) fn checks(form: Form, name: &'static str, label: &str, hint: &str, options: &[Opt]) -> Element {
    pills(form, name, label, hint, options, true)
}

fn pills(form: Form, name: &'static str, label: &str, hint: &str, options: &[Opt], several: bool) -> Element {
    let id = form.id(name);
    let error = form.error(name);
    let typed = form.typed();
    rsx! {
        fieldset {
            class: field_class(error.as_deref()),
            role: if several { "group" } else { "radiogroup" },
            "aria-invalid": error.is_some(),
            "aria-describedby": below_of(&id),
            legend { "{label}" }
            div { class: "pills",
                for (key , label) in options.iter().copied() {
                    label { key: "{key}", class: "pill",
                        input {
                            r#type: if several { "checkbox" } else { "radio" },
                            name: "{id}",
                            "data-testid": "{name}-{key}",
                            checked: typed.words(name).any(|word| word == key),
                            onchange: move |_| form.edit(|typed| {
                                if several {
                                    typed.toggle(name, key);
                                } else {
                                    typed.set(name, key.to_owned());
                                }
                            }),
                        }
                        span { "{label}" }
                    }
                }
            }
            {below(&id, hint, error.as_deref())}
        }
    }
}

/// One of many, in a list that opens. Options are key and label.
pub(crate) fn select(form: Form, name: &str, label: &str, options: &[(String, String)]) -> Element {
    let id = form.id(name);
    let error = form.error(name);
    let chosen = form.get(name);
    let field = name.to_owned();
    rsx! {
        div { class: field_class(error.as_deref()),
            label { r#for: "{id}", "{label}" }
            select {
                id: "{id}",
                "data-testid": "field-{name}",
                "aria-invalid": error.is_some(),
                "aria-describedby": below_of(&id),
                onchange: move |event| form.edit(|typed| typed.set(&field, event.value())),
                for (key , label) in options {
                    option { key: "{key}", value: "{key}", selected: *key == chosen, "{label}" }
                }
            }
            {below(&id, "", error.as_deref())}
        }
    }
}

/// On or off, with what it means.
pub(crate) fn switch(form: Form, name: &'static str, label: &str, hint: &str) -> Element {
    rsx! {
        label { class: "toggle",
            span { class: "toggle-text",
                span { class: "toggle-label", "{label}" }
                span { class: "hint", "{hint}" }
            }
            input {
                r#type: "checkbox",
                role: "switch",
                "data-testid": "field-{name}",
                checked: form.is_on(name),
                onchange: move |event| form.edit(|typed| typed.switch(name, event.checked())),
            }
            span { class: "track", "aria-hidden": "true" }
        }
    }
}

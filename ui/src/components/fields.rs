//! Fields that are typed into. What is wrong stands beside the field and is announced with it.

use dioxus::prelude::*;

use super::warning;
use crate::state::{Form, below_of};

/// Not a kind of input: more than one line.
const LINES: &str = "lines";

/// A field: `Field::new("zone", "Time zone").hint("…").draw(form)`. Its name is that of the value on the wire.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    testid: &'static str,
    kind: &'static str,
    complete: &'static str,
    unit: &'static str,
    optional: bool,
}

impl<'a> Field<'a> {
    /// A line of text.
    pub(crate) const fn new(name: &'a str, label: &'a str) -> Self {
        Self {
            name,
            label,
            hint: "",
            testid: "",
            kind: "text",
            complete: "off",
            unit: "",
            optional: false,
        }
    }

    /// A day.
    pub(crate) const fn day(name: &'a str, label: &'a str) -> Self {
        let mut field = Self::new(name, label);
        field.kind = "date";
        field
    }

    /// Something that the browser may know: an address, a password.
    pub(crate) const fn kind(mut self, kind: &'static str, complete: &'static str) -> Self {
        self.kind = kind;
        self.complete = complete;
        self
    }

    /// With what is meant.
    pub(crate) const fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// May be left empty.
    pub(crate) const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Its name on the wire.
    pub(crate) const fn name(&self) -> &'a str {
        self.name
    }

    /// Whether it may be left empty.
    pub(crate) const fn is_optional(&self) -> bool {
        self.optional
    }

    /// A number of something.
    pub(crate) const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// With a hook for tests other than `field-` and the name.
    pub(crate) const fn testid(mut self, testid: &'static str) -> Self {
        self.testid = testid;
        self
    }

    /// Several lines, where a form is drawn by its table.
    pub(crate) const fn lines(self) -> Self {
        self.kind(LINES, "off")
    }

    /// Draws one line.
    pub(crate) fn draw(self, form: Form) -> Element {
        if self.kind == LINES {
            return self.draw_long(form);
        }
        let id = form.id(self.name);
        let hook = format!("field-{}", self.name);
        let testid = if self.testid.is_empty() {
            &hook
        } else {
            self.testid
        };
        let error = form.error(self.name);
        let name = self.name.to_owned();
        framed(
            &self,
            &id,
            error.as_deref(),
            rsx! {
                div { class: "field-line",
                    input {
                        id: "{id}",
                        "data-testid": "{testid}",
                        r#type: self.kind,
                        value: form.get(self.name),
                        placeholder: if self.kind == "date" { "2026-12-05" },
                        autocomplete: self.complete,
                        inputmode: if self.unit.is_empty() { "text" } else { "decimal" },
                        "aria-invalid": error.is_some(),
                        "aria-describedby": below_of(&id),
                        oninput: move |event| form.edit(|typed| typed.enter(&name, event.value())),
                    }
                    span { class: "unit", "{self.unit}" }
                }
            },
        )
    }

    /// Draws several lines.
    pub(crate) fn draw_long(self, form: Form) -> Element {
        let id = form.id(self.name);
        let error = form.error(self.name);
        let name = self.name.to_owned();
        framed(
            &self,
            &id,
            error.as_deref(),
            rsx! {
                textarea {
                    id: "{id}",
                    "data-testid": "field-{self.name}",
                    rows: "3",
                    value: form.get(self.name),
                    "aria-invalid": error.is_some(),
                    "aria-describedby": below_of(&id),
                    oninput: move |event| form.edit(|typed| typed.set(&name, event.value())),
                }
            },
        )
    }
}

fn framed(field: &Field, id: &str, error: Option<&str>, input: Element) -> Element {
    rsx! {
        div { class: field_class(error),
            label { r#for: "{id}", "{field.label}" }
            {input}
            {below(id, field.hint, error)}
        }
    }
}

/// The class of a field.
pub(super) fn field_class(error: Option<&str>) -> &'static str {
    if error.is_some() { "field wrong" } else { "field" }
}

/// What stands below a field: what is wrong, or else what is meant.
pub(super) fn below(id: &str, hint: &str, error: Option<&str>) -> Element {
    let (class, role, text) = error.map_or(("hint", None, hint), |error| ("error", Some("alert"), error));
    rsx! {
        p { class, id: below_of(id), role, "{text}" }
    }
}

/// Above a save button, when something is wrong.
pub(crate) fn look_again(form: Form) -> Element {
    if form.is_wrong() {
        warning(
            "Something needs another look. It is marked in red above.",
            "form-wrong",
        )
    } else {
        VNode::empty()
    }
}

//! Buttons with words.

use dioxus::prelude::*;

use super::{Glyph, icon};

/// A button: `Button::new("Save").primary().draw(…)`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Button<'a> {
    label: &'a str,
    class: &'static str,
    glyph: Option<Glyph>,
    testid: &'static str,
    busy: bool,
    kind: &'static str,
}

impl<'a> Button<'a> {
    /// One of several things to do.
    pub(crate) const fn new(label: &'a str) -> Self {
        Self {
            label,
            class: "button",
            glyph: None,
            testid: "",
            busy: false,
            kind: "button",
        }
    }

    /// The one thing to do here.
    pub(crate) const fn primary(mut self) -> Self {
        self.class = "button primary";
        self
    }

    /// Beside the point.
    pub(crate) const fn quiet(mut self) -> Self {
        self.class = "button quiet";
        self
    }

    /// Takes something away.
    pub(crate) const fn danger(mut self) -> Self {
        self.class = "button danger";
        self
    }

    /// With an icon.
    pub(crate) const fn glyph(mut self, glyph: Glyph) -> Self {
        self.glyph = Some(glyph);
        self
    }

    /// With a hook for tests.
    pub(crate) const fn testid(mut self, testid: &'static str) -> Self {
        self.testid = testid;
        self
    }

    /// Draws one that is pressed.
    pub(crate) fn draw(self, onpress: impl FnMut() + 'static) -> Element {
        self.with(Some(pressed(onpress)))
    }

    /// Draws the one that sends a form.
    pub(crate) fn draw_submit(mut self, busy: bool) -> Element {
        self.kind = "submit";
        self.busy = busy;
        self.with(None)
    }

    fn with(self, onpress: Option<EventHandler<()>>) -> Element {
        rsx! {
            button {
                class: self.class,
                r#type: self.kind,
                "data-testid": self.testid,
                disabled: self.busy,
                "aria-busy": self.busy,
                onclick: move |_| {
                    if let Some(onpress) = onpress {
                        onpress.call(());
                    }
                },
                if let Some(glyph) = self.glyph {
                    {icon(glyph)}
                }
                span { "{self.label}" }
            }
        }
    }
}

/// A handler for something that is pressed. Boxed before it becomes one: making a handler takes long code, which
/// would otherwise be there once for each button of the app.
pub(crate) fn pressed(onpress: impl FnMut() + 'static) -> EventHandler<()> {
    boxed(Box::new(onpress))
}

#[inline(never)]
fn boxed(mut onpress: Box<dyn FnMut()>) -> EventHandler<()> {
    EventHandler::new(move |()| onpress())
}

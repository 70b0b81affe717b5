//! Calls that ask for a few lines of text: each is a table, and one piece of code draws and sends them all.
//!
//! Only what is missing is judged here; everything else the core judges, and says at which field.

use dioxus::prelude::*;
use romp_domain::InvalidReason;

use crate::components::{Button, Field, look_again};
use crate::ipc::Request;
use crate::state::typed::{Errors, Typed};
use crate::state::{Form, use_form};
use romp_json::quoted;

/// A form with more fields than these may not be in sight as a whole.
const LONG: usize = 3;

/// A call with what it asks for.
pub(crate) struct Asked {
    /// The call's name.
    pub(crate) call: &'static str,
    /// What is asked for; fields are named as on the wire.
    pub(crate) fields: &'static [Field<'static>],
    /// What the button says.
    pub(crate) send: &'static str,
    /// What is told when it worked.
    pub(crate) done: &'static str,
    /// Whether it takes something away.
    pub(crate) danger: bool,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        self.call == other.call
    }
}

/// Fields of a call that nobody types: name, and value as JSON.
pub(crate) type Fixed = Vec<(&'static str, String)>;

/// The call, or what is missing. Passwords are sent as they were typed: they may begin with a space.
fn made(asked: &Asked, typed: &Typed, fixed: &Fixed) -> Result<Request, Errors> {
    let mut errors = Errors::default();
    let mut fields = fixed.clone();
    for field in asked.fields {
        let text = typed.get(field.name());
        let value = match text.trim() {
            "" if field.is_optional() => "null".to_owned(),
            "" => {
                errors.note(field.name(), &InvalidReason::Empty);
                continue;
            }
            // An address, or a line that only looks like one of ours.
            _ if field.name() == "code" && text.contains(':') => {
                errors.note(field.name(), &InvalidReason::Unreadable(String::new()));
                continue;
            }
            _ if field.name().ends_with("password") || field.name() == "current" => quoted(text),
            trimmed => quoted(trimmed),
        };
        fields.push((field.name(), value));
    }
    if errors.is_empty() {
        Ok(Request::of(asked.call, &fields))
    } else {
        Err(errors)
    }
}

/// The form of a call after which there is nothing to do.
pub(crate) fn ask(asked: &'static Asked, fixed: Fixed) -> Element {
    ask_then(asked, fixed, Vec::new(), EventHandler::new(|_| {}))
}

/// The form of a call, with what it begins with, and what is done with the reply.
#[inline(never)]
pub(crate) fn ask_then(
    asked: &'static Asked,
    fixed: Fixed,
    begin: Vec<(&'static str, String)>,
    onsent: EventHandler<String>,
) -> Element {
    rsx! {
        AskedForm { asked, fixed, begin, onsent }
    }
}

#[component]
fn AskedForm(
    asked: &'static Asked,
    fixed: Fixed,
    begin: Vec<(&'static str, String)>,
    onsent: EventHandler<String>,
) -> Element {
    let form: Form = use_form(|| {
        let start = Typed::default().with("device", "Our device");
        begin
            .iter()
            .fold(start, |typed, (field, value)| typed.with(field, value))
    });
    asked_form(form, asked, fixed, onsent)
}

/// The same for a form that is kept elsewhere.
pub(super) fn asked_form(
    form: Form,
    asked: &'static Asked,
    fixed: Fixed,
    onsent: EventHandler<String>,
) -> Element {
    let submit = move |event: FormEvent| {
        event.prevent_default();
        form.submit(
            made(asked, &form.typed(), &fixed),
            asked.done,
            Box::new(move |reply| {
                form.pass_on();
                onsent.call(reply);
            }),
        );
    };
    let label = if form.is_busy() {
        "One moment…"
    } else {
        asked.send
    };
    let button = Button::new(label).testid("asked-send");
    let button = if asked.danger {
        button.danger()
    } else {
        button.primary()
    };
    rsx! {
        form { class: "join", onsubmit: submit, novalidate: true, "data-testid": "asked-{asked.call}",
            for field in asked.fields {
                {field.draw(form)}
            }
            if asked.fields.len() > LONG {
                {look_again(form)}
            }
            {button.draw_submit(form.is_busy())}
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use romp_domain::calls;

    /// What the domain reads out of a filled form.
    pub(crate) fn read(asked: &Asked, typed: &Typed, fixed: &Fixed) -> calls::Request {
        let request = made(asked, typed, fixed).unwrap();
        serde_json::from_str(request.as_json()).unwrap_or_else(|error| panic!("{}: {error}", asked.call))
    }

    #[test]
    fn row_77_a_pasted_address_is_no_code() {
        const ASKED: Asked = Asked {
            call: "pair",
            fields: &[Field::new("code", "")],
            send: "",
            done: "",
            danger: false,
        };
        for wrong in [
            "https://evil.example/?code=ABCD2345",
            "javascript:alert(1)",
            "romp:pair?code=ABCD2345",
        ] {
            let errors = made(&ASKED, &Typed::default().with("code", wrong), &Fixed::new()).unwrap_err();
            assert_eq!(errors.of("code"), Some("This cannot be read."), "{wrong}");
        }
    }

    #[test]
    fn what_is_missing_is_named_and_what_may_be_missing_is_null() {
        const ASKED: Asked = Asked {
            call: "sign_in",
            fields: &[
                Field::new("server", ""),
                Field::new("invitation", "").optional(),
                Field::new("password", ""),
            ],
            send: "",
            done: "",
            danger: false,
        };
        let errors = made(&ASKED, &Typed::default(), &Fixed::new()).unwrap_err();
        assert!(errors.of("server").is_some() && errors.of("password").is_some());
        assert_eq!(errors.of("invitation"), None);
        let typed = Typed::default()
            .with("server", " https://romp.example ")
            .with("password", " two \"words\" ");
        let request = made(&ASKED, &typed, &vec![("user", "7".to_owned())]).unwrap();
        assert_eq!(
            request.as_json(),
            r#"{"call":"sign_in","with":{"user":7,"server":"https://romp.example","invitation":null,"password":" two \"words\" "}}"#
        );
    }
}

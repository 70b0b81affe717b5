//! Joining an account: sign in, register with an invitation, or use a code from another device.

use dioxus::prelude::*;
use romp_domain::calls::{Call, Pair, Register, Request, SignIn};
use romp_domain::text::{DeviceName, Email, Password, PersonName, TypedPassword};

use crate::components::{Button, Field, Glyph, Page};
use crate::state::typed::{Errors, Typed, filled};
use crate::state::{JoinForm, Screen, use_app, use_form};

/// The forms as a screen of a device in use.
#[component]
pub(crate) fn JoinScreen(form: JoinForm) -> Element {
    let app = use_app();
    let back = Button::new("Back")
        .glyph(Glyph::Back)
        .draw(move || app.go(Screen::Sync));
    Page::new(
        "Join an account",
        "What you have entered on this device comes along.",
    )
    .narrow()
    .actions(back)
    .draw(rsx! {
        JoinForms { form }
    })
}

/// One of the three forms.
#[component]
pub(crate) fn JoinForms(form: JoinForm) -> Element {
    let app = use_app();
    let typed = use_form(|| Typed::default().with("device", "Our device"));
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let then = Box::new(move || app.go(Screen::Pets));
        typed.submit(finish(form, &typed.typed()), "Welcome!", then);
    };
    let title = match form {
        JoinForm::SignIn => "Sign in",
        JoinForm::Register => "Make an account",
        JoinForm::Pair => "Add this device",
    };
    let email = Field::new("email", "E-mail address")
        .kind("email", "username")
        .draw(typed);
    rsx! {
        form { class: "join", onsubmit: submit, novalidate: true,
            h2 { "{title}" }
            {Field::new("server", "Address of the server").kind("url", "url").hint("From whoever runs it, like https://romp.example.org").draw(typed)}
            match form {
                JoinForm::SignIn => rsx! {
                    {email}
                    {Field::new("password", "Password").kind("password", "current-password").draw(typed)}
                },
                JoinForm::Register => rsx! {
                    {Field::new("invitation", "Invitation").hint("Leave it empty if the server is open to everybody.").draw(typed)}
                    {Field::new("name", "Your name").kind("text", "name").hint("Only your own family sees it.").draw(typed)}
                    {email}
                    {Field::new("password", "Password").kind("password", "new-password").hint("8 characters or more. A few words in a row are easy to keep in mind.").draw(typed)}
                },
                JoinForm::Pair => rsx! {
                    {Field::new("code", "Code").kind("text", "one-time-code").hint("An owner makes one under “Devices”.").draw(typed)}
                },
            }
            {Field::new("device", "Name of this device").hint("So that you find it in the list of devices.").draw(typed)}
            {Button::new(if typed.is_busy() { "One moment…" } else { "Continue" }).primary().testid("join-submit").draw_submit(typed.is_busy())}
        }
    }
}

/// The call that a form makes, or what is wrong.
fn finish(form: JoinForm, typed: &Typed) -> Result<Request, Errors> {
    let mut errors = Errors::default();
    let e = &mut errors;
    let server = e.keep("server", filled(typed.get("server")));
    let device = e.keep("device", DeviceName::new(typed.get("device")));
    let request = match form {
        JoinForm::SignIn => {
            let email = e.keep("email", Email::new(typed.get("email")));
            // As typed: a password may begin with a space.
            let password = e.keep("password", filled(typed.get("password")));
            let password = password
                .and_then(|_| e.keep("password", TypedPassword::new(typed.get("password").to_owned())));
            match (server, device, email, password) {
                (Some(server), Some(device), Some(email), Some(password)) => Some(
                    SignIn {
                        server,
                        email,
                        password,
                        device,
                    }
                    .into_request(),
                ),
                _ => None,
            }
        }
        JoinForm::Register => {
            let invitation = filled(typed.get("invitation")).ok();
            let email = e.keep("email", Email::new(typed.get("email")));
            let password = e.keep("password", Password::new(typed.get("password").to_owned()));
            let name = e.keep("name", PersonName::new(typed.get("name")));
            match (server, device, email, password, name) {
                (Some(server), Some(device), Some(email), Some(password), Some(name)) => Some(
                    Register {
                        server,
                        invitation,
                        email,
                        password,
                        name,
                        device,
                    }
                    .into_request(),
                ),
                _ => None,
            }
        }
        JoinForm::Pair => {
            let code = e.keep("code", filled(typed.get("code")));
            match (server, device, code) {
                (Some(server), Some(device), Some(code)) => {
                    Some(Pair { server, code, device }.into_request())
                }
                _ => None,
            }
        }
    };
    request.ok_or(errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_form_says_what_is_missing_and_a_password_is_kept_as_typed() {
        let errors = finish(JoinForm::Register, &Typed::default()).unwrap_err();
        for field in ["server", "email", "password", "name", "device"] {
            assert!(errors.of(field).is_some(), "{field}");
        }
        assert_eq!(errors.of("invitation"), None, "an open server needs none");
        let typed = Typed::default()
            .with("server", " https://romp.example ")
            .with("email", "Ann@example.org")
            .with("password", " two words ")
            .with("device", "Desk");
        match finish(JoinForm::SignIn, &typed) {
            Ok(Request::SignIn(call)) => {
                assert_eq!(
                    (call.server.as_str(), call.password.expose()),
                    ("https://romp.example", " two words ")
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

//! Joining an account: sign in, register with an invitation, use a code from another device, join a family as its
//! second owner, and set another password where it was forgotten.

use dioxus::prelude::*;
use romp_domain::view::AccountView;

use super::asked::{Asked, Fixed, asked_form};
use crate::components::{Button, Field, Glyph, Page};
use crate::state::typed::Typed;
use crate::state::{JoinForm, Screen, use_app, use_form};

const SERVER: Field = Field::new("server", "Address of the server")
    .kind("url", "url")
    .hint("From whoever runs it, like https://romp.example.org");
const DEVICE: Field =
    Field::new("device", "Name of this device").hint("So that you find it in the list of devices.");
/// An address.
pub(super) const EMAIL: Field = Field::new("email", "E-mail address").kind("email", "username");
const NAME: Field = Field::new("name", "Your name")
    .kind("text", "name")
    .hint("Only your own family sees it.");
/// A password that is known already.
pub(super) const PASSWORD: Field = Field::new("password", "Password").kind("password", "current-password");
/// A password that is made up now.
pub(super) const NEW_PASSWORD: Field = Field::new("password", "New password")
    .kind("password", "new-password")
    .hint("A few words in a row are easy to keep in mind, and hard to guess.");

const fn asked(call: &'static str, fields: &'static [Field<'static>], done: &'static str) -> Asked {
    Asked {
        call,
        fields,
        send: "Continue",
        done,
        danger: false,
    }
}

const SIGN_IN: Asked = asked("sign_in", &[SERVER, EMAIL, PASSWORD, DEVICE], "Welcome!");
const REGISTER: Asked = asked(
    "register",
    &[
        SERVER,
        Field::new("invitation", "Invitation")
            .hint("Leave it empty if the server is open to everybody.")
            .optional(),
        NAME,
        EMAIL,
        NEW_PASSWORD,
        DEVICE,
    ],
    "Welcome!",
);
/// Joining by a code.
pub(super) const PAIR: Asked = asked(
    "pair",
    &[
        Field::new("code", "Code").kind("text", "one-time-code").hint(
            "A grown-up makes one under “Devices”. Or paste the line that is in the picture beside it.",
        ),
        SERVER,
        DEVICE,
    ],
    "Welcome!",
);
const JOIN_FAMILY: Asked = asked(
    "join_as_owner",
    &[
        SERVER,
        Field::new("code", "Invitation to the family").hint("The other owner makes one under “Account”."),
        NAME,
        EMAIL,
        NEW_PASSWORD,
        DEVICE,
    ],
    "Nearly there: the other owner has to let you in.",
);
const FORGOT: Asked = asked("forgot_password", &[SERVER, EMAIL], "Look into your mail");
const RESET: Asked = asked(
    "reset_password",
    &[
        SERVER,
        EMAIL,
        Field::new("code", "Code from the mail").kind("text", "one-time-code"),
        NEW_PASSWORD,
    ],
    "Done. Now sign in with it.",
);

/// The form, its heading, and where it leads.
fn form_of(form: JoinForm) -> (&'static Asked, &'static str, Option<JoinForm>) {
    match form {
        JoinForm::SignIn => (&SIGN_IN, "Sign in", None),
        JoinForm::Register => (&REGISTER, "Make an account", None),
        JoinForm::Pair => (&PAIR, "Add this device", None),
        JoinForm::Family => (&JOIN_FAMILY, "Join a family", None),
        JoinForm::Forgot => (&FORGOT, "Forgot the password?", Some(JoinForm::Reset)),
        JoinForm::Reset => (&RESET, "A new password", Some(JoinForm::SignIn)),
    }
}

fn begin(account: Option<&AccountView>) -> Typed {
    Typed::default()
        .with("device", "Our device")
        .with_some("server", account.map(|account| account.server.clone()))
        .with_some("email", account.and_then(|account| account.email.clone()))
        .with_some(
            "device",
            account
                .and_then(|account| account.device.as_ref())
                .map(ToString::to_string),
        )
}

/// The forms as a screen of a device in use. Who was signed in here needs only the password to come back.
#[component]
pub(crate) fn JoinScreen(form: JoinForm, account: Option<AccountView>) -> Element {
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
        JoinForms { form, account }
    })
}

/// One of the forms, and those that follow from it.
#[component]
pub(crate) fn JoinForms(form: JoinForm, account: Option<AccountView>) -> Element {
    let app = use_app();
    let mut moved = use_signal(Option::<JoinForm>::default);
    // One for all of them: nobody types an address twice.
    let typed = use_form(|| begin(account.as_ref()));
    let form = moved().unwrap_or(form);
    let (asked, title, next) = form_of(form);
    // Is not called any more where the view is gone.
    let mut move_to = move |to: JoinForm| {
        typed.pass_on();
        moved.set(Some(to));
    };
    let to = |label, to: JoinForm, hook| Button::new(label).quiet().testid(hook).draw(move || move_to(to));
    let sent = EventHandler::new(move |_| match next {
        Some(next) => move_to(next),
        None => app.go(Screen::Pets),
    });
    rsx! {
        section { class: "join-form",
            h2 { "{title}" }
            if form == JoinForm::Forgot {
                p { class: "hint", "A code is mailed to you, if there is an account with this address." }
            }
            {asked_form(typed, asked, Fixed::new(), sent)}
            div { class: "actions",
                if form == JoinForm::SignIn {
                    {to("Forgot the password?", JoinForm::Forgot, "join-forgot")}
                }
                if form == JoinForm::Forgot {
                    {to("I have a code already", JoinForm::Reset, "join-reset")}
                }
                if form == JoinForm::Register {
                    {to("Somebody of my family has an account", JoinForm::Family, "join-family")}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::asked::tests::read;
    use super::*;

    #[test]
    fn whoever_was_signed_in_here_needs_only_the_password() {
        let account = AccountView {
            server: "https://romp.example".to_owned(),
            email: Some("ann@example.org".to_owned()),
            device: Some("Ann's phone".to_owned().try_into().unwrap()),
        };
        let typed = begin(Some(&account)).with("password", "a few words");
        assert_eq!(typed.get("device"), "Ann's phone");
        assert_eq!(read(&SIGN_IN, &typed, &Fixed::new()).name().word(), "sign_in");
        assert_eq!(begin(None).get("server"), "");
    }

    #[test]
    fn every_form_makes_the_call_that_the_domain_knows() {
        let typed = Typed::default()
            .with("server", "https://romp.example")
            .with("email", "Ann@example.org")
            .with("password", " two more words ")
            .with("code", "ABCD2345")
            .with("name", "Ann")
            .with("device", "Desk");
        for form in [
            JoinForm::SignIn,
            JoinForm::Register,
            JoinForm::Pair,
            JoinForm::Family,
            JoinForm::Forgot,
            JoinForm::Reset,
        ] {
            let (asked, ..) = form_of(form);
            assert_eq!(read(asked, &typed, &Fixed::new()).name().word(), asked.call);
        }
    }
}

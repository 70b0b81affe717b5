//! The account: who is signed in, name, address and password, and who else belongs to the family.

use dioxus::prelude::*;
use romp_domain::calls::SignOut;
use romp_domain::text::Email;
use romp_domain::{Species, UtcMs};

use super::asked::{Asked, Fixed, ask, ask_then};
use super::join::{EMAIL, NEW_PASSWORD, PASSWORD};
use super::pairing::expiry;
use super::sync::sign_out;
use super::welcome::join_ways;
use crate::components::{
    Asking, Button, Empty, Entry, Field, Glyph, Page, Twice, aside, group, hint, loaded, sample_portrait,
    warning,
};
use crate::ipc::Request;
use crate::state::{App, JoinForm, Notice, Screen, use_app, use_values};
use romp_json::{Reply, Value, quoted};

const CODE: Field = Field::new("code", "Code from the mail").kind("text", "one-time-code");
const VERIFY: Asked = Asked {
    call: "verify_email",
    fields: &[CODE],
    send: "Confirm",
    done: "Confirmed",
    danger: false,
};
const ADDRESS: Asked = Asked {
    call: "set_address",
    fields: &[EMAIL, PASSWORD],
    send: "Take this address",
    done: "Saved",
    danger: false,
};
const RENAME: Asked = Asked {
    call: "rename",
    fields: &[Field::new("name", "Your name")
        .kind("text", "name")
        .hint("Only your own family sees it.")],
    send: "Save",
    done: "Saved",
    danger: false,
};
const CHANGE: Asked = Asked {
    call: "change_password",
    fields: &[
        Field::new("current", "Password until now").kind("password", "current-password"),
        NEW_PASSWORD,
    ],
    send: "Change the password",
    done: "Changed. Other devices that used it are signed out.",
    danger: false,
};
const CONFIRM: Asked = Asked {
    call: "confirm_owner",
    fields: &[PASSWORD],
    send: "Let in",
    done: "Welcome to the family",
    danger: false,
};
const REMOVE: Asked = Asked {
    call: "remove_owner",
    fields: &[PASSWORD],
    send: "Take out of the family",
    done: "Taken out of the family",
    danger: true,
};

/// The screen.
#[component]
pub(crate) fn AccountScreen(joined: bool) -> Element {
    let app = use_app();
    Page::new("Account", "").narrow().draw(rsx! {
        if joined {
            AccountView {}
        } else {
            {hint(Glyph::Key, rsx! {
                p { "There is no account on this device yet." }
                {join_ways(app)}
            })}
        }
    })
}

#[component]
fn AccountView() -> Element {
    let app = use_app();
    let me = use_values(Request::of("me", &[]));
    let invited = use_signal(String::new);
    let asking = use_signal(String::new);
    loaded(me, |reply| {
        let me = reply.at("me");
        if !me.is_null() && !me.at("confirmed").is_true() {
            return waits(app, asking);
        }
        let mail = reply.at("mail").is_true();
        let email = me.at("email").text();
        let freed = email.ends_with(Email::FREED);
        rsx! {
            if reply.at("unverified").is_true() {
                {warning("Confirm your e-mail address first. Until then no other family sees your pets.", "account-unverified")}
            }
            if me.is_null() {
                {hint(Glyph::Device, rsx! {
                    p { "This device joined with a code. Whoever signs in with an address can change the account." }
                    {WITH_ADDRESS.draw(asking, move || {
                        app.act(SignOut {}, "Signed out");
                        app.go(Screen::Join(JoinForm::SignIn));
                    })}
                })}
            } else {
                {group("You", if freed { "" } else { email }, rsx! {
                    if freed {
                        {warning("Whoever gets the mail for your address said that it is not yours. Nothing was shown to them. Give one that is.", "address-freed")}
                        {ask(&ADDRESS, Fixed::new())}
                    } else if !me.at("verified").is_true() && mail {
                        div { class: "stacked",
                            p { "A code is in your mail. It shows that the address is yours." }
                            {ask(&VERIFY, Fixed::new())}
                            {act("Send it once more", "mail-again", app, "send_code_again", Vec::new(), "On its way")}
                            details { class: "hint", "data-testid": "change-address",
                                summary { "It is another address" }
                                {ask(&ADDRESS, Fixed::new())}
                            }
                        }
                    }
                    {ask_then(&RENAME, Fixed::new(), vec![("name", me.at("name").text().to_owned())], EventHandler::new(|_| {}))}
                    details { class: "hint", "data-testid": "change-password",
                        summary { "Change the password" }
                        {ask(&CHANGE, Fixed::new())}
                    }
                })}
            }
            {group("Your family", "Grown-ups who may change everything here.", family(&reply, app, invited))}
        }
    })
}

/// From a device that joined with a code to a session of a person.
const WITH_ADDRESS: Twice = Twice {
    id: "with-address",
    first: ("Sign in with an address", "account-signin"),
    question: "This device signs out first. Everything stays on it.",
    keep: "Not now",
    sure: ("Go on", "account-signin-confirm"),
};

/// Whoever has yet to be let in can only wait, or leave.
fn waits(app: App, asking: Asking) -> Element {
    let empty = Empty {
        title: "Waiting to be let in",
        text: "Another grown-up of your family has to do it, on their device under “Account”.",
        testid: "account-waits",
    };
    empty.draw(sample_portrait(0x11, Species::Cat), sign_out(app, asking))
}

/// A button that makes a call.
fn act(
    label: &str,
    hook: &'static str,
    app: App,
    call: &'static str,
    fixed: Fixed,
    done: &'static str,
) -> Element {
    Button::new(label)
        .testid(hook)
        .draw(move || app.act_or(Request::of(call, &fixed), done, Box::new(|| {})))
}

/// The owners, who waits, and inviting another one.
fn family(reply: &Value, app: App, mut invited: Signal<String>) -> Element {
    let mine = reply.at("me").at("user").text();
    let invite = move || {
        spawn(async move {
            match app
                .order(Request::of("invite_owner", &[("email", "null".to_owned())]))
                .await
            {
                Ok(reply) => invited.set(reply),
                Err(problem) => app.tell(Some(Notice::Failed(problem))),
            }
        });
    };
    rsx! {
        ul { class: "entries",
            for owner in reply.at("owners").items() {
                {one(owner, mine, app)}
            }
        }
        if let Ok(code) = Value::read(&invited.read()) {
            section { class: "code-panel", div { class: "code-words", "aria-live": "polite",
                p { class: "code long", "data-testid": "invitation-code", "{code.at(\"code\").text()}" }
                p { "On their device: “I have an invitation”, then “Somebody of my family has an account”. You let them in here then." }
                p { class: "hint", {expiry(app.now(), UtcMs(code.at("expires_at").number().unwrap_or_default()))} }
                div { class: "actions", {Button::new("Done").draw(move || invited.set(String::new()))} }
            } }
        } else if !mine.is_empty() {
            div { class: "actions",
                {Button::new("Invite a second grown-up").glyph(Glyph::Plus).testid("owner-invite").draw(invite)}
            }
        }
    }
}

fn one(owner: &Value, mine: &str, app: App) -> Element {
    let user = owner.at("user").text();
    let fixed: Fixed = vec![("user", quoted(user))];
    let waits = !owner.at("confirmed").is_true();
    let name = owner.at("name").text();
    let email = owner.at("email").text();
    let side = if mine.is_empty() {
        VNode::empty()
    } else if waits {
        rsx! {
            {ask(&CONFIRM, fixed.clone())}
            {act("Refuse", "owner-refuse", app, "refuse_owner", fixed, "Refused")}
        }
    } else if user == mine {
        aside("badge yes", "You")
    } else {
        rsx! {
            details { class: "hint",
                summary { "Take out" }
                {ask(&REMOVE, fixed)}
            }
        }
    };
    let entry = Entry {
        class: "entry",
        testid: if waits { "owner-waits" } else { "owner" },
        glyph: Glyph::Heart,
        title: name,
        text: if waits { "Waits to be let in" } else { "" },
        hint: if email.ends_with(Email::FREED) { "" } else { email },
    };
    entry.draw(user, side)
}

#[cfg(test)]
mod tests {
    use super::super::asked::tests::read;
    use super::*;
    use crate::state::typed::Typed;
    use romp_domain::calls;

    #[test]
    fn every_form_and_button_makes_a_call_that_the_domain_knows() {
        let typed = Typed::default()
            .with("code", "ABCD2345")
            .with("name", "Ann")
            .with("email", "ann@romp.example")
            .with("current", "the old words")
            .with("password", "a few more words");
        let user = || vec![("user", quoted("00000000-0000-0000-0000-000000000007"))];
        for (asked, fixed) in [
            (&VERIFY, Fixed::new()),
            (&RENAME, Fixed::new()),
            (&ADDRESS, Fixed::new()),
            (&CHANGE, Fixed::new()),
            (&CONFIRM, user()),
            (&REMOVE, user()),
        ] {
            assert_eq!(read(asked, &typed, &fixed).name().word(), asked.call);
        }
        for (call, fixed) in [
            ("me", Fixed::new()),
            ("send_code_again", Fixed::new()),
            ("invite_owner", vec![("email", "null".to_owned())]),
            ("refuse_owner", user()),
        ] {
            let request = Request::of(call, &fixed);
            assert!(
                serde_json::from_str::<calls::Request>(request.as_json()).is_ok(),
                "{call}"
            );
        }
    }
}

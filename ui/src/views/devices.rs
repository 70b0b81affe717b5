//! The family's devices: adding one, who is signed in, and ending that.

use dioxus::prelude::*;
use romp_domain::{Role, SessionId, UtcMs};

use super::asked::{Asked, Fixed, ask_then};
use super::join::PASSWORD;
use super::pairing::code_panel;
use super::welcome::{join_ways, way};
use crate::components::{Asking, Button, Entry, Glyph, Page, Twice, aside, hint, loaded, pressed};
use crate::ipc::Request;
use crate::state::{App, Screen, use_app, use_looks, use_values};
use crate::text;
use romp_json::{Value, quoted};

/// How often the screen looks whether a code has ended, and who has come, in milliseconds. Each look is a call at the
/// server: without a code there is none.
const LOOK_AGAIN_MS: i32 = 10_000;

/// The screen.
#[component]
pub(crate) fn DevicesView(joined: bool) -> Element {
    let app = use_app();
    Page::new(
        "Devices",
        "Add a tablet for the children, or another grown-up's device.",
    )
    .narrow()
    .draw(rsx! {
        if joined {
            Devices {}
        } else {
            {hint(Glyph::Key, rsx! {
                p { "Other devices find this family through an account." }
                {join_ways(app)}
            })}
        }
    })
}

/// In the place of a session's id: all but this device's.
const OTHERS: &str = "*";

/// Ending a session, where whoever signed in here knows a password.
const END: Asked = Asked {
    call: "session_revoke",
    fields: &[PASSWORD],
    send: "Sign it out",
    done: "Signed out",
    danger: true,
};
const END_OTHERS: Asked = Asked {
    call: "session_revoke_others",
    send: "Sign them out",
    ..END
};

/// Adding one, who is signed in, and ending that.
#[component]
fn Devices() -> Element {
    let app = use_app();
    let sessions = use_values(Request::of("sessions", &[]));
    let ending = use_signal(String::new);
    let code = use_signal(String::new);
    let mut wanted = use_signal(String::new);
    let looks = use_looks(LOOK_AGAIN_MS);
    app.depend_on_changes();
    let new = move |role: Role| pressed(move || wanted.set(role.word().to_owned()));
    loaded(sessions, |all| {
        let several = all.items().len() > 1;
        let signed_in = all
            .items()
            .iter()
            .any(|session| session.at("this").is_true() && !session.at("owner").is_null());
        let end = |label: &'static str, id: &str, which: &str, hook: &'static str| {
            end(label, id, which, hook, app, ending, signed_in)
        };
        rsx! {
            if signed_in {
                div { class: "device-ways",
                    {way(Glyph::Ball, "pairing-child", text::role(Role::Child), "Shows the cards and the playdates, nothing else.", new(Role::Child))}
                    {way(Glyph::Device, "pairing-owner", text::role(Role::Owner), "Shows everything and may change everything.", new(Role::Owner))}
                }
                {code_panel(app, code, wanted, looks)}
            } else {
                {hint(Glyph::Key, rsx! {
                    p { "This device joined with a code. Devices are added on one on which somebody signed in with an address." }
                })}
            }
            h2 { class: "section", "Signed in" }
            ul { class: "entries",
                for session in all.items() {
                    {session_item(session, app, &end)}
                }
            }
            div { class: "stacked",
                div { class: "actions",
                    {Button::new("What happened").glyph(Glyph::Eye).testid("activity-open").draw(move || app.go(Screen::Activity(None)))}
                }
                if several {
                    div { {end("Sign all others out", OTHERS, "all devices but this one", "session-end-others")} }
                }
            }
        }
    })
}

/// Draws the ending of a session: what the button says, which one, what that is called, and the hook for tests.
type End<'a> = &'a dyn Fn(&'static str, &str, &str, &'static str) -> Element;

fn session_item(session: &Value, app: App, end: End<'_>) -> Element {
    let now = app.now();
    let id = session.at("id").text();
    let child = session.at("role").text() == Role::Child.word();
    let this = session.at("this").is_true();
    let used = UtcMs(session.at("used_at").number().unwrap_or_default());
    let kind = text::role(if child { Role::Child } else { Role::Owner });
    let who = match (session.at("owner").text(), session.at("by").text()) {
        ("", "") => kind.to_owned(),
        ("", by) => format!("{kind} · let in by {by}"),
        (owner, _) => owner.to_owned(),
    };
    let which = id.parse().ok().map(SessionId);
    let look = Button::new("What it did")
        .quiet()
        .testid("session-activity")
        .draw(move || app.go(Screen::Activity(which)));
    let side = rsx! {
        {look}
        if this {
            {aside("badge yes", "This device")}
        } else {
            {end("Sign out", id, session.at("device").text(), "session-end")}
        }
    };
    let entry = Entry {
        class: "entry",
        testid: if this { "session-this" } else { "session-item" },
        glyph: if child { Glyph::Ball } else { Glyph::Device },
        title: session.at("device").text(),
        text: "",
        hint: &format!("{who} · used {}", text::ago(now, used)),
    };
    entry.draw(id, side)
}

/// Ending a session, or all others; asked twice, where somebody signed in here with the password.
fn end(
    label: &str,
    id: &str,
    which: &str,
    hook: &'static str,
    app: App,
    mut ending: Asking,
    with_password: bool,
) -> Element {
    let twice = Twice {
        id,
        first: (label, hook),
        question: &["Sign out ", which, "?"].concat(),
        keep: "Keep",
        sure: (label, "session-end-confirm"),
    };
    if with_password {
        let (asked, fixed) = match id {
            OTHERS => (&END_OTHERS, Fixed::new()),
            id => (&END, vec![("session", quoted(id))]),
        };
        let sent = EventHandler::new(move |_| ending.set(String::new()));
        return twice.with_form(ending, || ask_then(asked, fixed, Vec::new(), sent));
    }
    let id = id.to_owned();
    twice.draw(ending, move || {
        let none = ("password", "null".to_owned());
        let request = match id.as_str() {
            OTHERS => Request::of(END_OTHERS.call, &[none]),
            id => Request::of(END.call, &[none, ("session", quoted(id))]),
        };
        app.act_or(request, END.done, Box::new(|| {}));
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_of_sessions_is_what_the_core_knows() {
        let id = || quoted("00000000-0000-0000-0000-000000000007");
        let null = || "null".to_owned();
        for (call, fields) in [
            ("sessions", vec![]),
            (END_OTHERS.call, vec![("password", null())]),
            (END.call, vec![("session", id()), ("password", quoted("a word"))]),
            ("activity", vec![("session", id()), ("before", "7".to_owned())]),
            ("activity", vec![("session", null()), ("before", null())]),
            (
                super::super::pairing::NEW_CODE.call,
                vec![("role", quoted("child")), ("password", quoted("a word"))],
            ),
            ("switches", vec![]),
            ("switch_lift", vec![("id", id())]),
            ("switch_remove", vec![("id", id())]),
            ("blocks", vec![]),
            ("block", vec![("pet", id())]),
            ("unblock", vec![("pet", id())]),
            ("unmatch", vec![("id", id())]),
        ] {
            let request = Request::of(call, &fields);
            let read = serde_json::from_str::<romp_domain::calls::Request>(request.as_json());
            assert!(read.is_ok(), "{call}");
        }
    }
}

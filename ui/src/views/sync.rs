//! How sync stands: what waits, what was refused, where the key to the account is kept.

use std::rc::Rc;

use dioxus::prelude::*;
use romp_domain::calls::{DismissRefused, SignOut, SyncNow};
use romp_domain::view::{AccountView, Connection, RefusedView, Status};

use super::asked::{Asked, Fixed, ask, ask_then};
use super::forget::forget_device;
use super::join::PASSWORD;
use super::shell::connection_glyph;
use super::welcome::join_ways;
use crate::components::{Asking, Button, Glyph, Page, Twice, group, icon, saved_as, warning};
use crate::state::{App, JoinForm, Screen, use_app};
use crate::text;
use romp_json::{Reply, Value};

const STALLED: &str = "The server answers, and yet this has lasted for some time. If it stays like this, please see \
whether there is a newer Romp, or tell whoever runs the server.";
const GOES: &str = "Everything of your family goes, for good: on the server and on every device, as soon as it is \
online. Other families keep only that there was a meeting.";
const COPY: &str = "One file with everything that Romp knows of you: pets, children and their choices, hours, playdates, \
and who is signed in.";
const WHOLE: &str = "All of it is here:";
const NOT_WHOLE: &str = "The server was not reached, so what only it knows is missing. The rest is here:";
const NO_ACCOUNT: &str =
    "With an account your devices exchange what they know, and real neighbours appear on the cards.";

/// The screen.
#[component]
pub(crate) fn SyncView(status: Rc<Status>) -> Element {
    let app = use_app();
    let asking = use_signal(String::new);
    let saved = use_signal(String::new);
    let now = Button::new("Exchange now")
        .glyph(Glyph::Sync)
        .primary()
        .testid("sync-now");
    let actions = match status.account {
        Some(_) => now.draw(move || app.act(SyncNow {}, "Exchanged")),
        None => VNode::empty(),
    };
    let (headline, meaning) = text::standing(&status);
    Page::new("This device", "").narrow().actions(actions).draw(rsx! {
        section { class: "sync-state", "data-testid": "sync-state", "data-state": status.connection.word(),
            span { class: "sync-mark", {icon(connection_glyph(status.connection))} }
            div {
                h2 { "{headline}" }
                p { "{meaning}" }
            }
        }
        if status.stalled {
            {warning(STALLED, "sync-stalled")}
        }
        if let Some(problem) = &status.problem {
            {warning(problem, "sync-problem")}
        }
        {facts(&status)}
        if !status.refused.is_empty() {
            {group("Not accepted by the server", "These changes were taken back on this device.", refused(&status.refused, app))}
        }
        if let Some(account) = &status.account {
            {group("Account", "", joined(&status, account, app, asking))}
        } else {
            {group("Account", NO_ACCOUNT, join_ways(app))}
        }
        {copy(saved)}
        if can_delete(&status) {
            {delete_account()}
        }
        {forget_device(app, asking, &status)}
        p { class: "version hint", "Romp {status.version}" }
    })
}

/// Whether somebody signed in here with a password, and is signed in.
fn can_delete(status: &Status) -> bool {
    let signed_in = status.connection != Connection::SignedOut;
    signed_in
        && status
            .account
            .as_ref()
            .is_some_and(|account| account.email.is_some())
}

const DELETE: Asked = Asked {
    call: "delete_account",
    fields: &[PASSWORD],
    send: "Delete everything",
    done: "Deleted",
    danger: true,
};

/// The end of the account, folded away.
fn delete_account() -> Element {
    rsx! {
        details { class: "hint", "data-testid": "delete-account",
            summary { "Delete this family's account" }
            p { {GOES} }
            {ask(&DELETE, Fixed::new())}
        }
    }
}

const EXPORT: Asked = Asked {
    call: "family_export",
    fields: &[],
    send: "Save",
    done: "Saved",
    danger: false,
};

/// A copy of everything, folded away.
fn copy(mut saved: Signal<String>) -> Element {
    let file = Value::read(&saved.read()).unwrap_or_default();
    rsx! {
        details { class: "hint", "data-testid": "family-export",
            summary { "Save a copy of your family's data" }
            p { {COPY} }
            {ask_then(&EXPORT, Fixed::new(), Vec::new(), EventHandler::new(move |reply| saved.set(reply)))}
            {saved_as(&file, if file.at("whole").is_true() { WHOLE } else { NOT_WHOLE })}
        }
    }
}

fn facts(status: &Status) -> Element {
    let ago = |then| text::ago(status.now, then);
    let oldest = status
        .oldest_pending
        .map_or_else(|| "Nothing waits".to_owned(), ago);
    let last = status.last_sync.map_or_else(|| "Never".to_owned(), ago);
    rsx! {
        dl { class: "facts",
            div {
                dt { "Waiting to be sent" }
                dd { "data-testid": "sync-pending", "{status.pending}" }
            }
            div {
                dt { "The oldest of them" }
                dd { "data-testid": "sync-oldest", "{oldest}" }
            }
            if status.waiting > 0 {
                div {
                    dt { "Held back until it is switched on again" }
                    dd { "data-testid": "sync-waiting", "{status.waiting}" }
                }
            }
            div {
                dt { "Last complete exchange" }
                dd { "data-testid": "sync-last", "{last}" }
            }
        }
    }
}

fn refused(changes: &[RefusedView], app: App) -> Element {
    rsx! {
        ul { class: "refused",
            for refused in changes {
                li { key: "{refused.mid}", "data-testid": "refused-item",
                    strong { {text::kind(refused.kind)} }
                    span { "{refused.message}" }
                }
            }
        }
        div {
            {Button::new("I have read this").testid("refused-dismiss").draw(move || app.act(DismissRefused {}, "Put away"))}
        }
    }
}

fn joined(status: &Status, account: &AccountView, app: App, asking: Asking) -> Element {
    let (place, meaning) = text::secret_store(status.secrets);
    let email = account.email.as_deref().unwrap_or("Paired with a code");
    rsx! {
        dl { class: "facts",
            div {
                dt { "Server" }
                dd { class: "small", "{account.server}" }
            }
            div {
                dt { "Signed in as" }
                dd { class: "small", "{email}" }
            }
            div {
                dt { "The key to the account is kept" }
                dd { class: "small", "data-testid": "sync-secrets", "data-store": status.secrets.word(), "{place}" }
            }
        }
        p { class: "hint", "{meaning}" }
        div { class: "actions",
            if status.connection == Connection::SignedOut {
                {Button::new("Sign in again").primary().glyph(Glyph::Key).testid("sign-in-again").draw(move || app.go(Screen::Join(JoinForm::SignIn)))}
            } else {
                {sign_out(app, asking)}
            }
        }
    }
}

/// Signing out, asked twice.
pub(super) fn sign_out(app: App, asking: Asking) -> Element {
    let twice = Twice {
        id: "sign-out",
        first: ("Sign out", "sign-out"),
        question: "Everything stays on this device. Sign out?",
        keep: "Stay",
        sure: ("Sign out", "sign-out-confirm"),
    };
    twice.draw(asking, move || app.act(SignOut {}, "Signed out"))
}

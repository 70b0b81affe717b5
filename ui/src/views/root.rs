//! The first decision: first start, a child's device, or an owner's.

use std::rc::Rc;

use dioxus::prelude::*;
use romp_domain::calls::{Pets, Status};
use romp_domain::{Role, view};

use super::child::{ChildDevice, signed_out};
use super::forget::forget_device;
use super::shell::Shell;
use super::welcome::Welcome;
use crate::components::{NoticeBar, loaded};
use crate::state::{use_app, use_app_provider, use_deck_provider, use_query};

/// The app.
#[component]
pub(crate) fn Root() -> Element {
    use_app_provider();
    use_deck_provider();
    rsx! {
        NoticeBar {}
        Entrance {}
    }
}

#[component]
fn Entrance() -> Element {
    let app = use_app();
    let asking = use_signal(String::new);
    let status = use_query(Status {});
    // An account takes the place of that choice: whoever removes it begins anew.
    use_effect(move || {
        if app.is_started() && status.known().is_some_and(|status| status.account.is_some()) {
            app.start(false);
        }
    });
    loaded(status, |status| {
        app.set_clock(status.clock_off_ms);
        let status = Rc::new(status);
        rsx! {
            match (status.role, &status.account) {
                (Role::Child, Some(account)) if is_out(&status) => {
                    signed_out(&account.server, forget_device(app, asking, &status))
                }
                (Role::Child, _) => rsx! { ChildDevice { gate: status.gate.clone() } },
                (Role::Owner, Some(_)) => rsx! { Shell { status } },
                (Role::Owner, None) => rsx! { FirstStart { status } },
            }
        }
    })
}

/// Whether a child's device was signed out. One that was only handed over is an owner's to sign in again.
fn is_out(status: &view::Status) -> bool {
    status.connection == view::Connection::SignedOut && status.gate.handed.is_none()
}

/// A device without an account: in use once somebody said so, or once there are pets on it.
#[component]
fn FirstStart(status: Rc<view::Status>) -> Element {
    let app = use_app();
    let pets = use_query(Pets {});
    if app.is_started() {
        return rsx! {
            Shell { status }
        };
    }
    loaded(pets, |pets| {
        if pets.is_empty() {
            rsx! {
                Welcome { onstart: move |()| app.start(true) }
            }
        } else {
            rsx! {
                Shell { status }
            }
        }
    })
}

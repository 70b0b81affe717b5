//! The first decision: first start, a child's device, or an owner's.

use std::rc::Rc;

use dioxus::prelude::*;
use romp_domain::calls::{Pets, Status};
use romp_domain::{Role, view};

use super::child::{ChildDevice, signed_out};
use super::shell::Shell;
use super::welcome::Welcome;
use crate::components::{NoticeBar, loaded};
use crate::dom;
use crate::state::{use_app_provider, use_deck_provider, use_query};

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
    let status = use_query(Status {});
    loaded(status, |status| {
        let status = Rc::new(status);
        rsx! {
            match (status.role, &status.account) {
                (Role::Child, Some(account)) if is_out(&status) => signed_out(&account.server),
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
    let mut started = use_signal(dom::was_started);
    let pets = use_query(Pets {});
    if started() {
        return rsx! {
            Shell { status }
        };
    }
    loaded(pets, |pets| {
        if pets.is_empty() {
            rsx! {
                Welcome {
                    onstart: move |()| {
                        dom::remember_started();
                        started.set(true);
                    },
                }
            }
        } else {
            rsx! {
                Shell { status }
            }
        }
    })
}

//! The owner's frame: where one can go, and the screen one is on.

use std::rc::Rc;

use dioxus::prelude::*;
use romp_domain::calls::{Playdates, Releases};
use romp_domain::view::{Connection, Status};

use super::account::AccountScreen;
use super::activity::ActivityView;
use super::children::ChildrenView;
use super::deck::OwnerDeck;
use super::devices::DevicesView;
use super::gate::HandOverView;
use super::hours::HoursScreen;
use super::household::HouseholdScreen;
use super::join::JoinScreen;
use super::pet_editor::PetEditor;
use super::pets::PetsView;
use super::playdates::PlaydatesView;
use super::proposals::{ProposalsView, unanswered};
use super::releases::ReleasesView;
use super::rules::RulesView;
use super::sync::SyncView;
use crate::components::{Glyph, icon, logo};
use crate::dom;
use crate::state::{App, Screen, use_app, use_query};
use crate::text;

/// Somewhere one can go: screen, hook for tests, word, icon.
type Place = (Screen, &'static str, &'static str, Glyph);

/// So many places are always in sight on small screens.
const ALWAYS_SEEN: usize = 5;

/// Where one can go.
const PLACES: &[Place] = &[
    (Screen::Deck, "nav-deck", "Cards", Glyph::Cards),
    (Screen::Releases, "nav-releases", "Let out", Glyph::Door),
    (Screen::Proposals, "nav-proposals", "Proposals", Glyph::Spark),
    (Screen::Playdates, "nav-playdates", "Playdates", Glyph::Calendar),
    (Screen::Pets, "nav-pets", "Pets", Glyph::Paw),
    (Screen::Household, "nav-household", "Family", Glyph::House),
    (Screen::Children, "nav-children", "Children", Glyph::People),
    (Screen::Hours, "nav-hours", "Free hours", Glyph::Clock),
    (Screen::Rules, "nav-rules", "Quiet times", Glyph::Moon),
    (Screen::Devices, "nav-devices", "Devices", Glyph::Device),
    (Screen::Account, "nav-account", "Account", Glyph::Key),
    (Screen::HandOver, "nav-hand", "Hand to a child", Glyph::Hand),
];

/// The frame.
#[component]
pub(crate) fn Shell(status: Rc<Status>) -> Element {
    let app = use_app();
    let mut open = use_signal(bool::default);
    let releases = use_query(Releases {});
    let playdates = use_query(Playdates {});
    let held = releases.known().map_or(0, |all| all.len());
    let proposed = playdates.known().map_or(0, |all| unanswered(&all).count());
    let (mark, loud) = text::standing_mark(&status);
    let mark_class = if loud { "count" } else { "count quiet" };
    let here = match app.screen() {
        Screen::PetEditor(_) => Screen::Pets,
        Screen::Join(_) => Screen::Sync,
        Screen::Activity(_) => Screen::Devices,
        screen => screen,
    };
    use_effect(move || {
        let place = PLACES.iter().find(|(screen, ..)| *screen == app.screen());
        dom::set_title(&place.map_or("Romp".to_owned(), |(_, _, word, _)| format!("{word} · Romp")));
    });
    rsx! {
        div { class: "shell",
            nav { class: "rail", "aria-label": "Main", "data-open": if open() { "true" },
                div { class: "rail-logo", {logo()} }
                for place in PLACES.iter().copied() {
                    {item(place, here, match place.0 {
                        Screen::Releases if held > 0 => badge(place.1, "count", &held.to_string()),
                        Screen::Proposals if proposed > 0 => badge(place.1, "count", &proposed.to_string()),
                        _ => VNode::empty(),
                    }, move |screen| go(app, open, screen))}
                }
                {item(
                    (Screen::Sync, "nav-sync", text::standing(&status).0, connection_glyph(status.connection)),
                    here,
                    badge("nav-sync", mark_class, &mark),
                    move |screen| go(app, open, screen),
                )}
                button {
                    class: "rail-item rail-more",
                    r#type: "button",
                    "data-testid": "nav-more",
                    "aria-current": if is_behind(here) { "true" },
                    "aria-expanded": if open() { "true" } else { "false" },
                    onclick: move |_| open.toggle(),
                    {icon(if open() { Glyph::Cross } else { Glyph::More })}
                    span { class: "rail-word", "More" }
                    // Of what is behind it, only the way to the server ever has a mark.
                    {badge("nav-more", mark_class, &mark)}
                }
            }
            div { class: "content",
                match app.screen() {
                    Screen::Deck => rsx! { OwnerDeck {} },
                    Screen::Releases => rsx! { ReleasesView {} },
                    Screen::Proposals => rsx! { ProposalsView {} },
                    Screen::Playdates => rsx! { PlaydatesView {} },
                    Screen::Pets => rsx! { PetsView { status: status.clone() } },
                    Screen::PetEditor(id) => rsx! { PetEditor { id } },
                    Screen::Household => rsx! { HouseholdScreen {} },
                    Screen::Children => rsx! { ChildrenView {} },
                    Screen::Hours => rsx! { HoursScreen {} },
                    Screen::Rules => rsx! { RulesView {} },
                    Screen::Devices => rsx! { DevicesView { joined: status.account.is_some() } },
                    Screen::Activity(session) => rsx! { ActivityView { session } },
                    Screen::Account => rsx! { AccountScreen { joined: status.account.is_some() } },
                    Screen::HandOver => rsx! { HandOverView { gate: status.gate.clone() } },
                    Screen::Sync => rsx! { SyncView { status: status.clone() } },
                    Screen::Join(form) => rsx! { JoinScreen { form, account: status.account.clone() } },
                }
            }
        }
    }
}

/// Whether a screen is behind the button for more, where there is one.
fn is_behind(here: Screen) -> bool {
    PLACES[..ALWAYS_SEEN].iter().all(|(screen, ..)| *screen != here)
}

fn go(app: App, mut open: Signal<bool>, screen: Screen) {
    open.set(false);
    app.go(screen);
}

/// A place to go to, with its badge.
fn item(place: Place, here: Screen, badge: Element, go: impl Fn(Screen) + 'static) -> Element {
    let (screen, hook, word, glyph) = place;
    rsx! {
        button {
            key: "{hook}",
            class: if screen == Screen::Sync { "rail-item rail-sync" } else { "rail-item" },
            r#type: "button",
            "data-testid": hook,
            "aria-current": if here == screen { "page" },
            onclick: move |_| go(screen),
            {icon(glyph)}
            span { class: "rail-word", "{word}" }
            {badge}
        }
    }
}

/// How many things wait at a place, or that something is the matter there.
fn badge(hook: &str, class: &str, mark: &str) -> Element {
    if mark.is_empty() {
        return VNode::empty();
    }
    rsx! {
        span { class, "data-testid": "{hook}-count", "{mark}" }
    }
}

/// The connection as a picture.
pub(super) fn connection_glyph(connection: Connection) -> Glyph {
    match connection {
        Connection::NotJoined => Glyph::Device,
        Connection::Online => Glyph::Cloud,
        Connection::Syncing => Glyph::Sync,
        Connection::Waiting => Glyph::Door,
        Connection::Misunderstood | Connection::Offline => Glyph::CloudOff,
        Connection::SignedOut => Glyph::Key,
    }
}

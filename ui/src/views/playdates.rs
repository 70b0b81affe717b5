//! Playdates: coming, waiting for an answer, and over; the calendar file.

use dioxus::prelude::*;
use romp_domain::calls::{CalendarExport, Matches, PlaydateAnswer, Playdates};
use romp_domain::view::{ExportedFile, MatchView, PlaydateView};
use romp_domain::{PlaydateAct, PlaydateId, PlaydateState, Species};

use super::proposals::unanswered;
use crate::components::{
    Button, Empty, Glyph, Page, hint, icon, loaded, playdate_card, portrait, sample_portrait,
};
use crate::ipc;
use crate::ipc::Ask;
use crate::state::{App, Notice, Screen, use_app, use_query};
use crate::text;

/// All of them.
#[component]
pub(crate) fn PlaydatesView() -> Element {
    let app = use_app();
    let playdates = use_query(Playdates {});
    let matches = use_query(Matches {});
    let asking = use_signal(Option::<PlaydateId>::default);
    let mut exported = use_signal(Option::<ExportedFile>::default);
    let export = move || {
        spawn(async move {
            match app.order(CalendarExport {}.ask()).await {
                Ok(file) => exported.set(ipc::read(&file).ok()),
                Err(problem) => app.tell(Some(Notice::Failed(problem))),
            }
        });
    };
    let button = Button::new("Calendar file")
        .glyph(Glyph::Save)
        .testid("calendar-export");
    Page::new("Playdates", "").actions(button.draw(export)).draw(rsx! {
        if let Some(file) = exported() {
            {written(&file)}
        }
        {loaded(playdates, |all| {
            let mut friends = matches.known().unwrap_or_default();
            friends.retain(|found| !has_playdate(found, &all));
            let open = unanswered(&all).count();
            let over = |view: &&PlaydateView| view.past || view.playdate.state.is_final();
            let coming = |view: &&PlaydateView| !over(view) && view.playdate.state == PlaydateState::Confirmed;
            let waiting = |view: &&PlaydateView| !over(view) && view.playdate.state == PlaydateState::Proposed
                && (view.playdate.accepted || view.waiting.is_some());
            if all.is_empty() && friends.is_empty() {
                return none_yet();
            }
            rsx! {
                if open > 0 {
                    button { class: "banner", r#type: "button", "data-testid": "playdates-open", onclick: move |_| app.go(Screen::Proposals),
                        {icon(Glyph::Spark)}
                        span { if open == 1 { "One proposal waits for your answer" } else { "{open} proposals wait for your answer" } }
                    }
                }
                {section("Coming", all.iter().filter(coming).collect(), app, asking)}
                {section("Waiting for an answer", all.iter().filter(waiting).collect(), app, asking)}
                if !friends.is_empty() {
                    h2 { class: "section", "Friends without a date yet" }
                    ul { class: "friend-list",
                        for found in &friends {
                            {friend(found)}
                        }
                    }
                }
                {section("Over", all.iter().filter(over).collect(), app, asking)}
            }
        })}
    })
}

fn none_yet() -> Element {
    let empty = Empty {
        title: "No playdates yet",
        text: "They begin with a yes on a card, from both families.",
        testid: "playdates-empty",
    };
    empty.draw(sample_portrait(0x52, Species::GuineaPig), VNode::empty())
}

fn written(file: &ExportedFile) -> Element {
    let count = match file.playdates {
        1 => "One playdate is".to_owned(),
        n => format!("{n} playdates are"),
    };
    hint(
        Glyph::Calendar,
        rsx! {
            p {
                "{count} in the file. Open it with your calendar:"
                br {}
                code { "data-testid": "calendar-path", "{file.path}" }
            }
        },
    )
}

fn has_playdate(found: &MatchView, all: &[PlaydateView]) -> bool {
    all.iter().any(|view| {
        let playdate = &view.playdate;
        let same = playdate.pet == found.matched.pet && playdate.other.id == found.matched.other.id;
        same && !playdate.state.is_final() && !view.past
    })
}

fn section(title: &str, views: Vec<&PlaydateView>, app: App, asking: Signal<Option<PlaydateId>>) -> Element {
    if views.is_empty() {
        return VNode::empty();
    }
    rsx! {
        h2 { class: "section", "{title}" }
        div { class: "playdate-list",
            for view in views {
                {playdate_card(view, call_off(view, app, asking))}
            }
        }
    }
}

/// Calling off, asked twice.
fn call_off(view: &PlaydateView, app: App, mut asking: Signal<Option<PlaydateId>>) -> Element {
    let id = view.id;
    let expect_rev = view.playdate.rev;
    if view.past || view.playdate.state.is_final() || view.waiting == Some(PlaydateAct::Cancel) {
        return VNode::empty();
    }
    if asking() != Some(id) {
        let button = Button::new("Call off").quiet().testid("playdate-cancel");
        return button.draw(move || asking.set(Some(id)));
    }
    rsx! {
        div { class: "actions",
            {Button::new("Keep it").draw(move || asking.set(None))}
            {Button::new("Call it off").danger().testid("playdate-cancel-confirm").draw(move || {
                asking.set(None);
                app.act(PlaydateAnswer { id, act: PlaydateAct::Cancel, expect_rev }, "Called off");
            })}
        }
    }
}

fn friend(found: &MatchView) -> Element {
    let other = &found.matched.other;
    let name = text::public_name(other);
    let reasons: Vec<_> = found
        .matched
        .reasons
        .iter()
        .map(|reason| text::reason(*reason))
        .collect();
    let reasons = reasons.join(" · ");
    rsx! {
        li { key: "{found.id}", class: "friend", "data-testid": "match-item",
            {portrait(other.id, other.species)}
            div {
                strong { "{name}" }
                span { class: "hint", "Both families said yes. A time is being looked for." }
                span { class: "hint", "{reasons}" }
            }
        }
    }
}

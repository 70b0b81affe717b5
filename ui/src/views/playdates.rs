//! Playdates: coming, waiting for an answer, and over; the calendar file.

use dioxus::prelude::*;
use romp_domain::calls::{Matches, PlaydateAnswer, Playdates};
use romp_domain::view::{MatchView, PlaydateView};
use romp_domain::{PlaydateAct, PlaydateState, Species};

use super::apart::apart;
use super::proposals::unanswered;
use crate::components::{
    Asking, Button, Empty, Glyph, Page, Twice, icon, loaded, playdate_card, portrait, sample_portrait,
    saved_as,
};
use crate::ipc::Request;
use crate::state::{App, Notice, Screen, use_app, use_query};
use crate::text;
use romp_json::{Reply, Value};

/// All of them.
#[component]
pub(crate) fn PlaydatesView() -> Element {
    let app = use_app();
    let playdates = use_query(Playdates {});
    let matches = use_query(Matches {});
    let asking = use_signal(String::new);
    let mut exported = use_signal(String::new);
    let export = move || {
        spawn(async move {
            match app.order(Request::of("calendar_export", &[])).await {
                Ok(file) => exported.set(file),
                Err(problem) => app.tell(Some(Notice::Failed(problem))),
            }
        });
    };
    let button = Button::new("Calendar file")
        .glyph(Glyph::Save)
        .testid("calendar-export");
    Page::new("Playdates", "").actions(button.draw(export)).draw(rsx! {
        {written(&Value::read(&exported.read()).unwrap_or_default())}
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
                            {friend(found, app, asking)}
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

fn written(file: &Value) -> Element {
    let count = match file.at("playdates").number() {
        Some(1) => "One playdate is in the file. Open it with your calendar.".to_owned(),
        n => format!(
            "{} playdates are in the file. Open it with your calendar.",
            n.unwrap_or_default()
        ),
    };
    saved_as(file, &count)
}

fn has_playdate(found: &MatchView, all: &[PlaydateView]) -> bool {
    all.iter().any(|view| {
        let playdate = &view.playdate;
        let same = playdate.pet == found.matched.pet && playdate.other.id == found.matched.other.id;
        same && !playdate.state.is_final() && !view.past
    })
}

fn section(title: &str, views: Vec<&PlaydateView>, app: App, asking: Asking) -> Element {
    if views.is_empty() {
        return VNode::empty();
    }
    rsx! {
        h2 { class: "section", "{title}" }
        div { class: "playdate-list",
            for view in views {
                {playdate_card(view, buttons(view, app, asking))}
            }
        }
    }
}

/// Calling off, asked twice; and what goes further.
fn buttons(view: &PlaydateView, app: App, asking: Asking) -> Element {
    let playdate = &view.playdate;
    let (id, expect_rev) = (view.id, playdate.rev);
    let over = view.past || playdate.state.is_final();
    let twice = Twice {
        id: &id.to_string(),
        first: ("Call off", "playdate-cancel"),
        question: "",
        keep: "Keep it",
        sure: ("Call it off", "playdate-cancel-confirm"),
    };
    let matched = (!over).then_some(view.matched);
    rsx! {
        if !over && view.waiting != Some(PlaydateAct::Cancel) {
            {twice.draw(asking, move || app.act(PlaydateAnswer { id, act: PlaydateAct::Cancel, expect_rev }, "Called off"))}
        }
        if playdate.other.name.is_some() {
            {apart(app, asking, &playdate.other, matched)}
        }
    }
}

fn friend(found: &MatchView, app: App, asking: Asking) -> Element {
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
            {apart(app, asking, other, Some(found.id))}
        }
    }
}

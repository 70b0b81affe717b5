//! Children's yeses that wait for an owner: nothing leaves the family before somebody lets it out here.

use dioxus::prelude::*;
use romp_domain::calls::{Release, Releases};
use romp_domain::view::ReleaseView;
use romp_domain::{Species, SwipeId};

use super::apart::apart;
use crate::components::{
    Asking, Button, Empty, Glyph, Page, avatar_face, card_face, loaded, sample_portrait,
};
use crate::ipc::Ask;
use crate::state::{App, forget_gone, use_app, use_query};
use crate::text;

const LEAD: &str = "Your child said yes to these pets. The other family hears of it only if you let it out, and never \
who chose.";

/// All of them.
#[component]
pub(crate) fn ReleasesView() -> Element {
    let app = use_app();
    let releases = use_query(Releases {});
    // Answered here, and not yet gone from the core's list.
    let mut answered = use_signal(Vec::<String>::new);
    let asking = use_signal(String::new);
    let answer = use_callback(move |(swipe, out): (SwipeId, bool)| {
        let key = swipe.to_string();
        answered.write().push(key.clone());
        let done = if out { "Let out" } else { "Kept in the family" };
        let undo = move || {
            if let Ok(mut answered) = answered.try_write() {
                answered.retain(|old| *old != key);
            }
        };
        app.act_or(Release { swipe, out }.ask(), done, Box::new(undo));
    });
    Page::new("Let out", LEAD).draw(loaded(releases, |mut waiting| {
        let keys: Vec<String> = waiting.iter().map(|release| release.swipe.to_string()).collect();
        forget_gone(answered, &keys);
        waiting.retain(|release| !answered.read().contains(&release.swipe.to_string()));
        if waiting.is_empty() {
            let empty = Empty {
                title: "Nothing is waiting",
                text: "When a child says yes to a card, it appears here first.",
                testid: "releases-empty",
            };
            return empty.draw(sample_portrait(0x52, Species::Dog), VNode::empty());
        }
        rsx! {
            ul { class: "release-grid",
                for release in &waiting {
                    {item(release, answer, app, asking)}
                }
            }
        }
    }))
}

fn item(release: &ReleaseView, answer: Callback<(SwipeId, bool)>, app: App, asking: Asking) -> Element {
    let swipe = release.swipe;
    let ours = text::pet_name(&release.pet.pet);
    let theirs = text::public_name(&release.card.pet);
    let who = release
        .child
        .as_ref()
        .map_or("A child", |child| child.nickname.as_str());
    rsx! {
        li { key: "{swipe}", class: "release", "data-testid": "release-item", "data-pet": "{release.card.pet.id}",
            header { class: "release-who",
                if let Some(child) = &release.child {
                    {avatar_face(child.avatar)}
                }
                p {
                    strong { "{who}" }
                    " would like "
                    strong { "{ours}" }
                    " to meet "
                    strong { "{theirs}" }
                }
            }
            {card_face(&release.card, true)}
            div { class: "release-actions",
                {Button::new("Keep in").glyph(Glyph::House).testid("release-keep").draw(move || answer.call((swipe, false)))}
                {Button::new("Let out").glyph(Glyph::Door).primary().testid("release-out").draw(move || answer.call((swipe, true)))}
            }
            {apart(app, asking, &release.card.pet, None)}
        }
    }
}

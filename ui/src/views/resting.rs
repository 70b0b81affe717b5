//! What is switched off, as whoever meets it is told: a picture, why, and when it goes on.

use dioxus::prelude::*;
use romp_domain::calls::Status;
use romp_domain::view::PetView;
use romp_domain::{ChildId, ErrorCode, Problem, UtcMs};

use crate::components::{Glyph, icon, sleeping_portrait};
use crate::dom;
use crate::ipc::Ask;
use crate::state::{Query, use_app, use_looks, use_values};
use crate::text;
use romp_json::Value;

/// How often a page that rests looks whether it goes on, in milliseconds.
const LOOK_AGAIN_MS: i32 = 10_000;

/// Why something rests, and until when it does, if that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rest {
    /// The comment.
    pub(crate) comment: String,
    /// The end.
    pub(crate) until: Option<UtcMs>,
}

impl Rest {
    /// Out of a refusal.
    fn of_problem(problem: &Problem, now: UtcMs) -> Option<Self> {
        let until = |seconds: u32| now.plus_ms(i64::from(seconds) * 1_000);
        (problem.code == ErrorCode::SwitchedOff).then(|| Self {
            comment: problem.message.clone(),
            until: problem.retry_after_s.map(until),
        })
    }

    /// "Again tomorrow at 7:00", by the clock of the device, which the child can see.
    fn end(&self, now: UtcMs) -> String {
        match self.until {
            Some(until) => text::again(dom::local_ms(now), dom::local_ms(until)),
            None => "A grown-up says when it goes on".to_owned(),
        }
    }
}

/// How the app stands, for [`rest_of`].
pub(crate) fn use_rests() -> Query<Value> {
    use_values(Status {}.ask())
}

/// Whether choosing rests for whoever chooses: by what is switched off, or by the last refusal.
pub(crate) fn rest_of(
    status: &Value,
    child: Option<ChildId>,
    refusal: Option<&Problem>,
    now: UtcMs,
) -> Option<Rest> {
    let child = child.map(|id| id.to_string());
    let mut off = status.at("switched_off").items().iter().filter(|off| {
        let whose = off.at("child").text();
        off.at("operations").has("choose") && (whose.is_empty() || Some(whose) == child.as_deref())
    });
    let longest = off.next().map(|first| {
        let end = |off: &Value| off.at("until").number().unwrap_or(i64::MAX);
        off.fold(
            first,
            |longest, off| if end(off) > end(longest) { off } else { longest },
        )
    });
    let known = longest.map(|off| Rest {
        comment: off.at("comment").text().to_owned(),
        until: off.at("until").number().map(UtcMs),
    });
    known.or_else(|| Rest::of_problem(refusal?, now))
}

/// The card in the place of the deck. Asks again by itself when it ends.
#[component]
pub(crate) fn Resting(rest: Rest, pet: PetView) -> Element {
    use_looks(LOOK_AGAIN_MS);
    let end = rest.end(use_app().now());
    rsx! {
        section { class: "resting", "data-testid": "resting", role: "status",
            div { class: "resting-picture", "aria-hidden": "true",
                {sleeping_portrait(pet.id, pet.pet.species)}
                span { class: "resting-moon", {icon(Glyph::Moon)} }
                span { class: "resting-z", i { "z" } i { "z" } i { "z" } }
            }
            h2 { "data-testid": "resting-comment", "{rest.comment}" }
            p { "data-testid": "resting-until", "{end}" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use romp_json::Reply;

    fn status() -> Value {
        Value::read(
            r#"{"switched_off":[
            {"operations":["pets"],"comment":"no pets","until":9,"child":null},
            {"operations":["choose"],"comment":"short","until":5,"child":null},
            {"operations":["choose","live"],"comment":"Mia sleeps","until":7,"child":"00000000-0000-0000-0000-000000000007"}]}"#,
        )
        .unwrap()
    }

    #[test]
    fn the_longest_rest_that_concerns_the_child_is_told() {
        let mia = Some(ChildId(uuid::Uuid::from_u128(7)));
        let comment = |child| rest_of(&status(), child, None, UtcMs(0)).unwrap().comment;
        assert_eq!(comment(mia), "Mia sleeps");
        assert_eq!(comment(None), "short");
        assert_eq!(rest_of(&Value::Null, mia, None, UtcMs(0)), None);
    }
}

//! Keeping a family away, and taking a match back: kept out of sight until somebody looks for it, and asked twice.

use dioxus::prelude::*;
use romp_domain::{MatchId, PublicPet};

use super::asked::{Asked, ask_then};
use crate::components::{Asking, Entry, Field, Glyph, Twice, group};
use crate::ipc::Request;
use crate::state::App;
use crate::text;
use romp_json::{Value, quoted};

/// Behind a word: to have nothing more to do with a pet's family; and, where the two match, only to take that back.
pub(super) fn apart(app: App, asking: Asking, other: &PublicPet, matched: Option<MatchId>) -> Element {
    let name = text::public_name(other);
    rsx! {
        details { class: "apart hint",
            summary { "data-testid": "apart", "More" }
            if let Some(id) = matched {
                {ask(app, asking, &id.to_string(), &TAKE_BACK, &name)}
            }
            {ask(app, asking, &other.id.to_string(), &BLOCK, &name)}
        }
    }
}

/// A call about one thing: its name and field, hooks, what the buttons say, what is asked, and what is told.
struct Apart {
    call: &'static str,
    field: &'static str,
    hooks: [&'static str; 2],
    first: &'static str,
    question: [&'static str; 2],
    sure: &'static str,
    done: &'static str,
}

const TAKE_BACK: Apart = Apart {
    call: "unmatch",
    field: "id",
    hooks: ["unmatch", "unmatch-confirm"],
    first: "Take the match back",
    question: [
        "Take the match with ",
        " back? Its playdates are called off for both families, and the two are not suggested again.",
    ],
    sure: "Take it back",
    done: "Taken back",
};

const BLOCK: Apart = Apart {
    call: "block",
    field: "pet",
    hooks: ["block", "block-confirm"],
    first: "Block this family",
    question: [
        "Block the family of ",
        "? From now on neither of you sees the other\u{2019}s pets. Matches end and playdates are called off. They are \
not told why.",
    ],
    sure: "Block",
    done: "Blocked",
};

const LIFT: Apart = Apart {
    call: "unblock",
    field: "pet",
    hooks: ["unblock", "unblock-confirm"],
    first: "Lift",
    question: [
        "Lift the block of ",
        "\u{2019}s family? You can see each other again. If both had said yes, you match again.",
    ],
    sure: "Lift the block",
    done: "Lifted",
};

/// What an owner can tell about a family that is kept away.
const REPORT: Asked = Asked {
    call: "report",
    fields: &[Field::new("text", "What happened?")
        .lines()
        .hint("Whoever runs this server reads it. The other family does not.")],
    send: "Report",
    done: "Reported",
    danger: false,
};

fn ask(app: App, asking: Asking, id: &str, what: &'static Apart, name: &str) -> Element {
    let [before, after] = what.question;
    let key = [what.call, id].concat();
    let twice = Twice {
        id: &key,
        first: (what.first, what.hooks[0]),
        question: &[before, name, after].concat(),
        keep: "Leave it",
        sure: (what.sure, what.hooks[1]),
    };
    let id = id.to_owned();
    twice.draw(asking, move || {
        let request = Request::of(what.call, &[(what.field, quoted(&id))]);
        app.act_or(request, what.done, Box::new(|| {}));
    })
}

/// The families that are kept away; nothing where there is none.
pub(super) fn kept_away(app: App, asking: Asking, all: &Value) -> Element {
    if all.items().is_empty() {
        return VNode::empty();
    }
    let list = rsx! {
        ul { class: "entries", "data-testid": "blocks",
            for item in all.items() {
                {kept(app, asking, item)}
            }
        }
    };
    group(
        "Blocked families",
        "You and they do not see each other. They are not told.",
        list,
    )
}

fn kept(app: App, asking: Asking, item: &Value) -> Element {
    let id = item.at("pet").text();
    let told = item.at("block").at("report").text();
    let name = match item.at("block").at("name").text() {
        "" => "this pet",
        name => name,
    };
    let entry = Entry {
        class: "entry",
        testid: "block-item",
        glyph: Glyph::House,
        title: &["The family of ", name].concat(),
        text: "",
        hint: if told.is_empty() { "" } else { "Reported" },
    };
    let fixed = vec![("pet", quoted(id))];
    let side = rsx! {
        {ask(app, asking, id, &LIFT, name)}
        details { class: "hint",
            summary { "data-testid": "report", "Report" }
            {ask_then(&REPORT, fixed, vec![("text", told.to_owned())], EventHandler::new(|_| {}))}
        }
    };
    entry.draw(id, side)
}

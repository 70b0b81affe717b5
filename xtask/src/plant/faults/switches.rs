//! What is switched off, and what waits for that to be over; who is told of a commit.

use super::{APP, PARKING, SIMULATION, SYNC};
use crate::plant::fault::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "switches-hold-a-day-late",
        edits: &[Edit {
            file: "sync-server/src/sync/switches.rs",
            find: "word_on(&known.list, &subject, operation, &known.zone, work.now)",
            plant: "word_on(&known.list, &subject, operation, &known.zone, work.now.plus_ms(-86_400_000))",
        }],
        stages: &[SIMULATION],
    },
    Fault {
        name: "what-protects-is-refused-with-the-rest",
        edits: &[Edit {
            file: "sync-server/src/sync/switches.rs",
            find: "is_there && operation_of_field(kind, field, there(field), value).is_none()",
            plant: "false && is_there && operation_of_field(kind, field, there(field), value).is_none()",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "what-is-switched-off-is-refused-for-good",
        edits: &[Edit {
            file: "crates/store/src/parked.rs",
            find: "if waits || problem.code == ErrorCode::SwitchedOff {",
            plant: "if waits || (problem.code == ErrorCode::SwitchedOff && mid == 0) {",
        }],
        stages: &[SIMULATION],
    },
    Fault {
        name: "what-waited-comes-after-what-was-sent-since",
        edits: &[Edit {
            file: "sync-server/src/sync/push.rs",
            find: "(Hlc::at_ms(work.now.0), Hlc(0))",
            plant: "(sent, device.last_hlc)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "what-waits-is-stamped-by-whatever-clock-there-is-later",
        edits: &[Edit {
            file: "crates/store/src/parked.rs",
            find: "hlc: put_right.unwrap_or(made.hlc),",
            plant: "hlc: made.hlc,",
        }],
        stages: &[PARKING],
    },
    Fault {
        name: "an-owner-does-not-undo-an-own-restriction",
        edits: &[Edit {
            file: "sync-server/src/sync/patch.rs",
            find: "    if let Some(there) = before {\n        patch.follow(there);\n    }\n",
            plant: "",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "a-refusal-does-not-say-what-it-refused",
        edits: &[Edit {
            file: "sync-server/src/sync/switches.rs",
            find: "    if left.is_empty() {\n        refused.clear();\n    }\n",
            plant: "    refused.clear();\n",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "what-was-parked-waits-for-the-next-exchange",
        edits: &[Edit {
            file: "crates/app/src/background.rs",
            find: "Some(parked_for) => deadline.min(Instant::now() + parked_for),",
            plant: "Some(_) => deadline,",
        }],
        stages: &[APP],
    },
    Fault {
        name: "a-lifted-switch-is-not-noticed-while-waiting",
        edits: &[Edit {
            file: "crates/app/src/background.rs",
            find: "waited == Waited::More || self.unpark_now()?",
            plant: "waited == Waited::More",
        }],
        stages: &[APP],
    },
    Fault {
        name: "what-took-effect-in-part-replaces-nothing",
        edits: &[Edit {
            file: "crates/store/src/parked.rs",
            find: "later.extend(took_effect(op, &serde_json::from_str(&problem)?)),",
            plant: "later.extend(took_effect(op, &serde_json::from_str(&problem)?).filter(|_| false)),",
        }],
        stages: &[PARKING],
    },
    Fault {
        name: "half-of-what-was-parked-is-sent",
        edits: &[Edit {
            file: "crates/store/src/parked.rs",
            find: "!applied && !replaced",
            plant: "!applied && !replaced && name != \"verdict\"",
        }],
        stages: &[APP, SIMULATION],
    },
    Fault {
        name: "what-concerns-two-families-is-announced-to-none",
        edits: &[Edit {
            file: "sync-server/src/sync/mod.rs",
            find: "    announce(server, &pushed.heads);\n",
            plant: "    if pushed.heads.len() < 2 {\n        announce(server, &pushed.heads);\n    }\n",
        }],
        stages: &[SIMULATION],
    },
];

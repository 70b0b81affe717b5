//! What two families, two servers or two children do to each other: a row told again, a long push beside short ones, a
//! sibling's rest. And what is left of a child, a token or a release.

use super::{APP, CHILDREN, GATE, POSTGRESQL, STORE, SYNC};
use crate::plant::fault::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "unseen-loosening-takes-the-row-along",
        edits: &[Edit {
            file: "sync-server/src/sync/patch.rs",
            find: "let unseen = problem.code == ErrorCode::Stale;",
            plant: "let unseen = problem.code == ErrorCode::Frozen;",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "tablet-uses-up-the-family-s-choices",
        edits: &[Edit {
            file: "sync-server/src/sync/judge.rs",
            find: "times.is_some_and(|times| times > most)",
            plant: "times.is_some_and(|times| times > 9 * most)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "long-push-never-holds",
        edits: &[Edit {
            file: "sync-server/src/db/postgres/jobs.rs",
            find: "const RUNS_BEFORE_HOLDING: u32 = 3;",
            plant: "const RUNS_BEFORE_HOLDING: u32 = 300;",
        }],
        stages: &[POSTGRESQL],
    },
    Fault {
        name: "outgrown-server-goes-on",
        edits: &[Edit {
            file: "sync-server/src/db/postgres/bus.rs",
            find: "> tables::known())",
            plant: "> tables::known() + 1_000)",
        }],
        stages: &[POSTGRESQL],
    },
    Fault {
        name: "write-skew-on-postgresql",
        edits: &[Edit {
            file: "sync-server/src/db/postgres/statements.rs",
            find: "ISOLATION LEVEL SERIALIZABLE\"",
            plant: "ISOLATION LEVEL REPEATABLE READ\"",
        }],
        stages: &[POSTGRESQL],
    },
    Fault {
        name: "sibling-s-rest-holds-everybody-up",
        edits: &[Edit {
            file: "crates/app/src/deck/again.rs",
            find: "known.choosing_is_off(child)",
            plant: "known.choosing_is_off(None)",
        }],
        stages: &[APP],
    },
    Fault {
        name: "lifted-rest-goes-on",
        edits: &[Edit {
            file: "crates/app/src/switches/habits.rs",
            find: "*of == id && !switch.on",
            plant: "*of == id && switch.on",
        }],
        stages: &[APP],
    },
    Fault {
        name: "choices-outlive-their-child",
        edits: &[Edit {
            file: "crates/app/src/children/remove.rs",
            find: "swipe.by_child != Some(call.id) ||",
            plant: "swipe.by_child == Some(call.id) ||",
        }],
        stages: &[CHILDREN],
    },
    Fault {
        name: "late-keyring-empties-a-tablet",
        edits: &[Edit {
            file: "crates/app/src/app.rs",
            find: "if vaulted.is_none() && self.vault.kind()",
            plant: "if vaulted.is_some() && self.vault.kind()",
        }],
        stages: &[CHILDREN],
    },
    Fault {
        name: "refused-choice-takes-the-release-back",
        edits: &[Edit {
            file: "crates/app/src/switches/guard.rs",
            find: "if made.kind == Kind::Swipe && Swipe::is_by_a_child(fields) {",
            plant: "if made.kind == Kind::Slot && Swipe::is_by_a_child(fields) {",
        }],
        stages: &[GATE],
    },
    Fault {
        name: "outdated-app-drops-its-rows",
        edits: &[Edit {
            file: "crates/store/src/absorb.rs",
            find: "    if reply.outdated {\n",
            plant: "    if reply.outdated && reply.more {\n",
        }],
        stages: &[STORE],
    },
];

//! What a server does that lost its database, and is told everything again.

use super::{ACCOUNTS, STORE, SYNC};
use crate::plant::fault::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "a-choice-told-again-slips-under-a-release",
        edits: &[Edit {
            file: "sync-server/src/sync/swipes.rs",
            find: "let counts = clock >= TOLD_AGAIN_BEFORE || CHOICE.iter().any(changes);",
            plant: "let counts = clock >= TOLD_AGAIN_BEFORE || (false && CHOICE.iter().any(changes));",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "a-hiding-told-again-undoes-a-showing",
        edits: &[Edit {
            file: "sync-server/src/sync/caution.rs",
            find: "&& stamp.0 >= TOLD_AGAIN_BEFORE",
            plant: "&& (true || stamp.0 >= TOLD_AGAIN_BEFORE)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "a-family-that-is-there-is-founded-again",
        edits: &[Edit {
            file: "sync-server/src/accounts/register.rs",
            find: "(lost.is_some() && tx.household(household)?.is_some())",
            plant: "(false && lost.is_some() && tx.household(household)?.is_some())",
        }],
        stages: &[ACCOUNTS],
    },
    Fault {
        name: "only-what-is-forgotten-is-told-again",
        edits: &[Edit {
            file: "crates/store/src/heal.rs",
            find: "if lacks || from == 1 {",
            plant: "if lacks {",
        }],
        stages: &[STORE, "romp-tests --test journey -- lost_its_database"],
    },
    Fault {
        name: "who-only-listened-tells-nothing",
        edits: &[Edit {
            file: "crates/store/src/heal.rs",
            find: "(only_listened && *from == 1)",
            plant: "(false && only_listened && *from == 1)",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "what-a-newer-server-said-takes-the-row-with-it",
        edits: &[Edit {
            file: "crates/store/src/heal.rs",
            find: "partition(|(name, _)| knows(kind, name))",
            plant: "partition(|(name, _)| true || knows(kind, name))",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "choices-of-removed-children-are-refused-for-good",
        edits: &[Edit {
            file: "sync-server/src/sync/judge.rs",
            find: "session.role == Role::Owner && stamp.0 < TOLD_AGAIN_BEFORE",
            plant: "false && session.role == Role::Owner && stamp.0 < TOLD_AGAIN_BEFORE",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "a-release-outlives-its-choice",
        edits: &[Edit {
            file: "sync-server/src/sync/swipes.rs",
            find: "if loses && releases {",
            plant: "if false && loses && releases {",
        }],
        stages: &[SYNC],
    },
];

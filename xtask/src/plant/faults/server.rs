//! What the server takes in, tells and forgets.

use super::{GATEWAY, SYNC};
use crate::plant::fault::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "page-skips-what-is-left",
        edits: &[Edit {
            file: "sync-server/src/sync/pull.rs",
            find: "Some(seq) if !work.tx.feed(session.household, seq, forgotten, 1)?.is_empty() => seq,",
            plant: "Some(seq) if seq > head_seq => seq,",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "commit-number-of-the-one-before",
        edits: &[Edit {
            file: "sync-server/src/sync/work.rs",
            find: "self.tx.begin_commit(household, clock, new)?;",
            plant: "self.tx.begin_commit(household, clock, new)? - 1;",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "restrictions-do-not-win",
        edits: &[Edit {
            file: "sync-server/src/sync/patch.rs",
            find: "    caution::raise(kind, before, &mut patch);\n",
            plant: "",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "unseen-restriction-overruled",
        edits: &[Edit {
            file: "sync-server/src/sync/patch.rs",
            find: "    caution::has_seen(work, session, mutation, &patch, before, stamp.1)?;\n",
            plant: "",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "restrictions-not-noted",
        edits: &[Edit {
            file: "sync-server/src/sync/patch.rs",
            find: "        caution::note(work, session, mutation, &patch, before, stamp.1)?;\n",
            plant: "",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "restriction-seen-at-its-own-commit-only",
        edits: &[Edit {
            file: "sync-server/src/sync/caution.rs",
            find: ".is_none_or(|seen| seen < last.seq)",
            plant: ".is_none_or(|seen| seen <= last.seq)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "childs-release-not-taken-back",
        edits: &[Edit {
            file: "sync-server/src/sync/patch.rs",
            find: "        swipes::withdraw_release(session, before, &mut patch, stamp);\n",
            plant: "",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "another-child-keeps-the-release",
        edits: &[Edit {
            file: "sync-server/src/sync/swipes.rs",
            find: "if counts && CHOICE.iter().any(differs) {",
            plant: "if counts && differs(&\"verdict\") {",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "matched-swipe-changed",
        edits: &[Edit {
            file: "sync-server/src/sync/swipes.rs",
            find: "if matched.is_none_or(|matched| matched.ended) {",
            plant: "if matched.is_none_or(|_| true) {",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "removed-row-comes-back",
        edits: &[Edit {
            file: "sync-server/src/sync/patch.rs",
            find: "if before.is_some_and(|row| row.fields.is_deleted()) {",
            plant: "if false && before.is_some_and(|row| row.fields.is_deleted()) {",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "epoch-not-compared-on-push",
        edits: &[Edit {
            file: "sync-server/src/sync/push.rs",
            find: "if request.epoch.is_some_and(|of_device| of_device != epoch) {\n        // The device",
            plant: "if request.epoch.is_some_and(|of_device| of_device != epoch && false) {\n        // The device",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "epoch-not-compared-on-pull",
        edits: &[Edit {
            file: "sync-server/src/sync/pull.rs",
            find: "if request.epoch.is_some_and(|of_device| of_device != epoch) {",
            plant: "if request.epoch.is_some_and(|of_device| of_device != epoch && false) {",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "cursor-ahead-not-seen",
        edits: &[Edit {
            file: "sync-server/src/sync/pull.rs",
            find: "request.cursor > head_seq",
            plant: "request.cursor > head_seq.max(u64::MAX - 1)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "scope-not-compared",
        edits: &[Edit {
            file: "sync-server/src/sync/pull.rs",
            find: ".is_some_and(|of_device| of_device != scope(session.role))",
            plant: ".is_some_and(|_| false)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "digest-always-equal",
        edits: &[Edit {
            file: "sync-server/src/sync/pull.rs",
            find: "digest(&mut work, session, head_seq)? != told",
            plant: "digest(&mut work, session, head_seq)? != told && told.0 == 0",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "removals-forgotten-before-a-slow-device",
        edits: &[Edit {
            file: "sync-server/src/sync/collect.rs",
            find: "        .min()\n",
            plant: "        .max()\n",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "removals-forgotten-before-anybody-knows",
        edits: &[Edit {
            file: "sync-server/src/sync/collect.rs",
            find: "work.tx.gone(household, passed, MOST)?",
            plant: "work.tx.gone(household, passed.max(u64::MAX >> 1), MOST)?",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "gc-floor-not-raised",
        edits: &[Edit {
            file: "sync-server/src/sync/collect.rs",
            find: "notes.last().map_or(0, |note| note.seq)",
            plant: "notes.last().map_or(0, |_| 0)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "device-behind-the-floor-not-seen",
        edits: &[Edit {
            file: "sync-server/src/sync/pull.rs",
            find: "knows_removals_up_to(request) < household.gc_floor {",
            plant: "knows_removals_up_to(request) < household.gc_floor && head_seq == 0 {",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "refusals-not-kept",
        edits: &[Edit {
            file: "sync-server/src/sync/push.rs",
            find: "work.tx.put_reject(device.id, sent.mid(), problem)?;",
            plant: "let _ = problem;",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "moves-not-counted",
        edits: &[Edit {
            file: "sync-server/src/sync/judge.rs",
            find: "moved && !work.tx.spend(household, MOVES, work.now)?",
            plant: "moved && !work.tx.spend(household, MOVES, work.now)? && false",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "deals-not-counted",
        edits: &[Edit {
            file: "sync-server/src/sync/decks.rs",
            find: "!asks || work.tx.spend(household, DEALS, work.now)?",
            plant: "!asks || work.tx.spend(household, DEALS, work.now)? || true",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "poke-not-sent",
        edits: &[Edit {
            file: "sync-server/src/sync/mod.rs",
            find: "        server.pokes.announce(*household, *head);\n",
            plant: "        let _ = (server, household, head);\n",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "unchanged-number-is-told-as-new",
        edits: &[Edit {
            file: "sync-server/src/pokes.rs",
            find: "let newer = head_seq > *known;",
            plant: "let newer = head_seq >= *known;",
        }],
        stages: &[GATEWAY],
    },
];

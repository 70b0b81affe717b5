//! What waits for something that is yet to come, and what is told to whoever runs a server or taken along; and what one
//! request, one proxy or one command may do to all others.

use super::{BLOCKS, DATABASE, GATEWAY, PAIRING, PARKING, POSTGRESQL, SYNC, UNDO};
use crate::plant::fault::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "parked-creation-loses-what-was-changed-since",
        edits: &[Edit {
            file: "crates/store/src/parked.rs",
            find: "                fields.0.insert(name, value);",
            plant: "                let _ = (name, value);",
        }],
        stages: &[PARKING],
    },
    Fault {
        name: "what-names-a-row-that-waits-is-refused-for-good",
        edits: &[Edit {
            file: "crates/store/src/parked.rs",
            find: "lacks_row && (self.waits_for_a_row(&made)?",
            plant: "lacks_row && (made.mid == 0 && self.waits_for_a_row(&made)?",
        }],
        stages: &[PARKING],
    },
    Fault {
        name: "removed-while-it-waited-comes-all-the-same",
        edits: &[Edit {
            file: "crates/store/src/parked.rs",
            find: "(!fields.is_deleted()).then_some(Op::Patch { fields })",
            plant: "Some(Op::Patch { fields }).filter(|_| true)",
        }],
        stages: &[PARKING],
    },
    Fault {
        name: "child-takes-back-an-owner-s-choice",
        edits: &[Edit {
            file: "crates/app/src/deck/undo.rs",
            find: "chosen == Some((Some(made.verdict), made.by_child))",
            plant: "chosen.and_then(|(verdict, _)| verdict) == Some(made.verdict)",
        }],
        stages: &[UNDO],
    },
    Fault {
        name: "blocking-once-more-takes-a-report-back",
        edits: &[Edit {
            file: "crates/domain/src/block.rs",
            find: "#[serde(default, skip_serializing_if = \"Option::is_none\")]",
            plant: "#[serde(default)]",
        }],
        stages: &[BLOCKS],
    },
    Fault {
        name: "copy-without-what-was-not-sent-by-a-child",
        edits: &[Edit {
            file: "crates/app/src/exports/family.rs",
            find: "Some(child) if *kind == Kind::Swipe => {",
            plant: "Some(_) if *kind == Kind::Swipe => continue,\n                Some(child) if *kind == Kind::Swipe => {",
        }],
        stages: &[BLOCKS],
    },
    Fault {
        name: "memory-given-back-with-the-answer",
        edits: &[Edit {
            file: "sync-server/src/gateway/patience.rs",
            find: "            drop(reading);\n            reply",
            plant: "            reply",
        }],
        stages: &[GATEWAY],
    },
    Fault {
        name: "refusals-repeat-whatever-was-sent",
        edits: &[Edit {
            file: "sync-server/src/sync/patch.rs",
            find: "!may_be_told(kind, &refused)",
            plant: "(!may_be_told(kind, &refused) && refused.is_empty())",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "terms-of-a-batch-come-after-its-matches",
        edits: &[Edit {
            file: "sync-server/src/sync/push.rs",
            find: "    effects::of_batch(&mut work, session.household)?;\n    if work.pets_came",
            plant: "    if work.pets_came",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "silence-is-never-over",
        edits: &[Edit {
            file: "sync-server/src/db/postgres/patience.rs",
            find: "match timeout(silence, answer).await {",
            plant: "match timeout(silence * 1_000, answer).await {",
        }],
        stages: &[POSTGRESQL],
    },
    Fault {
        name: "silent-connections-are-kept",
        edits: &[Edit {
            file: "sync-server/src/db/postgres/jobs.rs",
            find: "db.pool.retain(|_, _| false);",
            plant: "db.pool.retain(|_, _| true);",
        }],
        stages: &[POSTGRESQL],
    },
    Fault {
        name: "command-rewrites-the-file-of-a-server",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/mod.rs",
            find: "Self::opened(path, None)",
            plant: "Self::opened(path, Some(writer::BETWEEN))",
        }],
        stages: &[DATABASE],
    },
    Fault {
        name: "address-that-reads-backwards",
        edits: &[Edit {
            file: "crates/domain/src/pairing.rs",
            find: "c.is_whitespace() || is_dangerous(c)",
            plant: "c.is_whitespace() || c.is_control()",
        }],
        stages: &[PAIRING],
    },
];

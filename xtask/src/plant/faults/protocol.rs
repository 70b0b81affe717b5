//! What both sides of the protocol agree on.

use super::{PROTOCOL, STORE};
use crate::plant::fault::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "tie-not-broken-by-device",
        edits: &[Edit {
            file: "crates/sync/src/merge.rs",
            find: "Some(ours) => theirs > ours,",
            plant: "Some(ours) => theirs.0 > ours.0,",
        }],
        stages: &[PROTOCOL],
    },
    Fault {
        name: "equal-stamps-keep-what-is-there",
        edits: &[Edit {
            file: "crates/sync/src/merge.rs",
            find: "text(&self.fields) < text(&other.fields)",
            plant: "false",
        }],
        stages: &[PROTOCOL],
    },
    Fault {
        name: "equal-stamps-take-what-comes",
        edits: &[Edit {
            file: "crates/sync/src/merge.rs",
            find: "text(&self.fields) < text(&other.fields)",
            plant: "text(&self.fields) != text(&other.fields)",
        }],
        stages: &[PROTOCOL],
    },
    Fault {
        name: "clocks-not-clamped",
        edits: &[Edit {
            file: "crates/sync/src/clock.rs",
            find: "let clamped = if moved.ms() > limit.ms() { limit } else { moved };",
            plant: "let clamped = moved;",
        }],
        stages: &[PROTOCOL],
    },
    Fault {
        name: "at-the-limit-the-counter-is-forgotten",
        edits: &[Edit {
            file: "crates/sync/src/clock.rs",
            find: "if moved.ms() > limit.ms() {",
            plant: "if moved > limit {",
        }],
        stages: &[PROTOCOL],
    },
    Fault {
        name: "wrong-clocks-not-put-right",
        edits: &[Edit {
            file: "crates/sync/src/clock.rs",
            find: "shifted(stamped, shift_ms)\n",
            plant: "stamped\n",
        }],
        stages: &[PROTOCOL],
    },
    Fault {
        name: "stamps-may-repeat",
        edits: &[Edit {
            file: "crates/sync/src/clock.rs",
            find: "clamped.max(previous.min(furthest(now_ms)).next())",
            plant: "clamped.max(previous.min(furthest(now_ms)))",
        }],
        stages: &[PROTOCOL],
    },
    Fault {
        name: "clock-of-a-device-may-repeat",
        edits: &[Edit {
            file: "crates/sync/src/clock.rs",
            find: "            .next()\n            .max(Hlc::at_ms(wall_ms",
            plant: "            .max(Hlc::at_ms(wall_ms",
        }],
        stages: &[PROTOCOL, STORE],
    },
    Fault {
        name: "gap-of-one-not-seen",
        edits: &[Edit {
            file: "crates/sync/src/plan.rs",
            find: "if before > held.mid {",
            plant: "if before > held.mid + 1 {",
        }],
        stages: &[PROTOCOL],
    },
    Fault {
        name: "numbers-out-of-order-accepted",
        edits: &[Edit {
            file: "crates/sync/src/plan.rs",
            find: "first == Some(0) || !consecutive || !follows",
            plant: "first == Some(0) || !follows",
        }],
        stages: &[PROTOCOL],
    },
    Fault {
        name: "known-mutations-applied-again",
        edits: &[Edit {
            file: "crates/sync/src/plan.rs",
            find: "known: repeated.len(),",
            plant: "known: 0,",
        }],
        stages: &[PROTOCOL],
    },
    Fault {
        name: "fork-not-seen",
        edits: &[Edit {
            file: "crates/sync/src/plan.rs",
            find: "if reached.chain == held.chain {",
            plant: "if reached.mid == held.mid {",
        }],
        stages: &[PROTOCOL],
    },
    Fault {
        name: "chain-passes-over-the-change",
        edits: &[Edit {
            file: "crates/sync/src/chain.rs",
            find: "write_patch(&mut bytes, fields),",
            plant: "_ = fields,",
        }],
        stages: &[PROTOCOL],
    },
    Fault {
        name: "chain-forgets-the-past",
        edits: &[Edit {
            file: "crates/sync/src/chain.rs",
            find: "bytes.extend_from_slice(&before.chain.0.to_le_bytes());",
            plant: "",
        }],
        stages: &[PROTOCOL],
    },
    Fault {
        name: "digest-passes-over-fields",
        edits: &[Edit {
            file: "crates/sync/src/digest.rs",
            find: "hasher.update(fields.as_bytes());",
            plant: "",
        }],
        stages: &[PROTOCOL],
    },
    Fault {
        name: "removed-rows-stay-to-be-seen",
        edits: &[Edit {
            file: "crates/sync/src/overlay.rs",
            find: "shown.filter(|fields| !fields.is_deleted())",
            plant: "shown",
        }],
        stages: &[PROTOCOL],
    },
    Fault {
        name: "edit-stamped-before-what-was-seen",
        edits: &[Edit {
            file: "crates/sync/src/clock.rs",
            find: "self.last = self.last.max(server);",
            plant: "",
        }],
        stages: &[PROTOCOL],
    },
];

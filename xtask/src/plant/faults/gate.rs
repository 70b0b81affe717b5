//! Whose hands the device is in.

use super::GATE;
use crate::plant::fault::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "wrong-pin-is-counted-after-judging",
        edits: &[Edit {
            file: "crates/app/src/gate/tries.rs",
            find: "let tries = pin.tries + 1;",
            plant: "hash::is_right(&pin.hash, typed)?;\n    let tries = pin.tries + 1;",
        }],
        stages: &[GATE],
    },
    Fault {
        name: "tries-are-judged-at-the-same-time",
        edits: &[Edit {
            file: "crates/app/src/gate/tries.rs",
            find: "let mut since_ms = app.gate.since();",
            plant: "let mut since_ms = *app.gate.since();\n    let since_ms = &mut since_ms;",
        }],
        stages: &[GATE],
    },
    Fault {
        name: "restart-ends-a-wait",
        edits: &[
            Edit {
                file: "crates/app/src/gate/tries.rs",
                find: "let Some(waits) = tries.checked_sub(FREE_TRIES) else {",
                plant: "let Some(waits) = tries.checked_sub(FREE_TRIES).filter(|_| waited_ms < u64::MAX / 2) else {",
            },
            Edit {
                file: "crates/app/src/gate/tries.rs",
                find: "let waits_since_ms = Mutex::new(stopwatch.elapsed_ms());",
                plant: "let waits_since_ms = Mutex::new(0);",
            },
            Edit {
                file: "crates/app/src/gate/tries.rs",
                find: "self.stopwatch.elapsed_ms().saturating_sub(since_ms)",
                plant: "match since_ms { 0 => u64::MAX, _ => self.stopwatch.elapsed_ms().saturating_sub(since_ms) }",
            },
        ],
        stages: &[GATE],
    },
    Fault {
        name: "pin-tries-never-end",
        edits: &[Edit {
            file: "crates/app/src/gate/tries.rs",
            find: "if tries >= MOST_TRIES {",
            plant: "if tries > MOST_TRIES + 1_000 {",
        }],
        stages: &[GATE],
    },
    Fault {
        name: "new-pin-without-the-old-one",
        edits: &[Edit {
            file: "crates/app/src/gate/pin_set.rs",
            find: "let is_first = writer.pin()?.is_none();",
            plant: "let is_first = true;",
        }],
        stages: &[GATE],
    },
    Fault {
        name: "in-hand-the-owner-stays-an-owner",
        edits: &[Edit {
            file: "crates/store/src/gate.rs",
            find: "Some(_) => Ok(Role::Child),",
            plant: "Some(_) => self.device_role(),",
        }],
        stages: &[GATE],
    },
    Fault {
        name: "in-hand-all-fields-are-read",
        edits: &[Edit {
            file: "crates/store/src/gate.rs",
            find: "fields.0.retain(|name, _| readable.contains(name));",
            plant: "",
        }],
        stages: &[GATE],
    },
    Fault {
        name: "in-hand-proposals-are-read",
        edits: &[
            Edit {
                file: "crates/store/src/gate.rs",
                find: "|| (kind == Kind::Playdate && never_agreed())",
                plant: "|| (kind == Kind::Match && never_agreed())",
            },
            Edit {
                file: "crates/app/src/playdates/list.rs",
                find: "if is_child && playdate.confirmed_at.is_none() {",
                plant: "if is_child && playdate.rev > 1_000_000 {",
            },
        ],
        stages: &[GATE],
    },
    Fault {
        name: "in-hand-the-owners-swipes-can-be-taken-back",
        edits: &[Edit {
            file: "crates/store/src/swipe_log.rs",
            find: "map_or(0, |handed| handed.after_swipe)",
            plant: "map_or(0, |_| 0)",
        }],
        stages: &[GATE],
    },
    Fault {
        name: "in-hand-undo-keeps-the-release",
        edits: &[Edit {
            file: "crates/app/src/deck/swipe.rs",
            find: "if writer.device_role()? == Role::Child {",
            plant: "if writer.role()? == Role::Child {",
        }],
        stages: &[GATE],
    },
    Fault {
        name: "in-hand-the-device-can-be-paired",
        edits: &[Edit {
            file: "crates/domain/src/calls/table.rs",
            find: "self.roles().contains(&Role::Child) && self != Self::Pair",
            plant: "self.roles().contains(&Role::Child)",
        }],
        stages: &[GATE],
    },
    Fault {
        name: "in-hand-the-address-is-told",
        edits: &[Edit {
            file: "crates/app/src/status.rs",
            find: "account.email.filter(|_| gate.handed.is_none())",
            plant: "account.email",
        }],
        stages: &[GATE],
    },
    Fault {
        name: "in-hand-a-lost-session-empties-the-device",
        edits: &[Edit {
            file: "crates/app/src/accounts/wipe.rs",
            find: "self.store.device_role()?",
            plant: "self.store.role()?",
        }],
        stages: &[GATE],
    },
    Fault {
        name: "knowing-the-pin-is-consent",
        edits: &[Edit {
            file: "crates/app/src/gate/hand_over.rs",
            find: "if !writer.children_may_use_it()? {",
            plant: "if false {",
        }],
        stages: &[GATE],
    },
];

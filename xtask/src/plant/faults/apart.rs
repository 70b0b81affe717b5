//! Families that are kept apart, and matches that are taken back.

use super::{MATCHING, SYNC};
use crate::plant::fault::{Edit, Fault};

/// The device's side.
const BLOCKS: &str = "romp-app --lib -- blocks";

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "block-holds-in-one-direction",
        edits: &[Edit {
            file: "crates/matching/src/eligible.rs",
            find: "blocks(a, b) || blocks(b, a)",
            plant: "blocks(a, b)",
        }],
        stages: &[MATCHING],
    },
    Fault {
        name: "block-ends-nothing",
        edits: &[Edit {
            file: "sync-server/src/sync/apart.rs",
            find: "Some(other) if other != household && other != NOBODY => part(work, household, other),",
            plant: "Some(other) if other == household => part(work, household, other),",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "blocked-cards-stay-on-one-side",
        edits: &[Edit {
            file: "sync-server/src/sync/apart.rs",
            find: "[(household, other), (other, household)]",
            plant: "[(household, other), (household, other)]",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "blocked-family-told-twice",
        edits: &[Edit {
            file: "sync-server/src/sync/standing.rs",
            find: "let news = before.state != after.state ||",
            plant: "let news = before.rev <= after.rev ||",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "pet-that-came-late-not-kept-apart",
        edits: &[Edit {
            file: "sync-server/src/sync/effects.rs",
            find: "work.pets_came |= before.is_none();",
            plant: "work.pets_came |= before.is_some();",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "lifting-needs-to-have-seen-nothing",
        edits: &[Edit {
            file: "crates/domain/src/policy/fields.rs",
            find: " | (Kind::Block, \"blocked\") => value",
            plant: " => value",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "taken-back-match-comes-again",
        edits: &[Edit {
            file: "sync-server/src/sync/apart.rs",
            find: "    withhold(work, household, SwipeId::of(own.pet, other.pet), stamp)?;\n",
            plant: "",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "strangers-match-taken-back",
        edits: &[Edit {
            file: "sync-server/src/sync/apart.rs",
            find: "record.sides.iter().any(is_own)",
            plant: "record.sides.iter().any(|_| true)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "block-not-seen-on-the-device",
        edits: &[Edit {
            file: "crates/store/src/gate.rs",
            find: "Kind::Card | Kind::Match | Kind::Playdate => self.kept_away()?,",
            plant: "Kind::Card => self.kept_away()?,",
        }],
        stages: &[BLOCKS],
    },
];

//! What a device keeps, and what it shows.

use super::{DEVICE_POWER_CUTS, STORE};
use crate::plant::fault::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "device-loses-fsync-setting",
        edits: &[Edit {
            file: "crates/store/src/open.rs",
            find: "PRAGMA synchronous = FULL;",
            plant: "PRAGMA synchronous = NORMAL;",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "device-does-not-wait-for-the-disk",
        edits: &[Edit {
            file: "crates/store/src/open.rs",
            find: "\"settings refused: {mode} {settings:?}\"\n        )));\n    }\n",
            plant: "\"settings refused: {mode} {settings:?}\"\n        )));\n    }\n    conn.execute_batch(\"PRAGMA synchronous = OFF\")?;\n",
        }],
        stages: &[DEVICE_POWER_CUTS],
    },
    Fault {
        name: "device-syncs-now-and-then",
        edits: &[Edit {
            file: "crates/store/src/open.rs",
            find: "\"settings refused: {mode} {settings:?}\"\n        )));\n    }\n",
            plant: "\"settings refused: {mode} {settings:?}\"\n        )));\n    }\n    conn.execute_batch(\"PRAGMA synchronous = NORMAL\")?;\n",
        }],
        stages: &[DEVICE_POWER_CUTS],
    },
    Fault {
        name: "device-ignores-a-failed-commit",
        edits: &[Edit {
            file: "crates/store/src/store.rs",
            find: "tx.commit().map_err(StoreError::from)?;",
            plant: "let _ = tx.commit();",
        }],
        stages: &[
            STORE,
            "romp-torture --test sweeps -- when_a_call_fails::a_device_loses",
        ],
    },
    Fault {
        name: "overlay-dropped-before-the-pull",
        edits: &[Edit {
            file: "crates/store/src/shown.rs",
            find: "AND (state = 'pending' OR parked = 1 OR (state = 'acked' AND ack_seq > ?3)) ORDER BY mid",
            plant: "AND (state = 'pending' OR parked = 1 OR (state = 'acked' AND ack_seq > ?3 AND 0)) ORDER BY mid",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "pulled-row-hides-what-waits",
        edits: &[Edit {
            file: "crates/store/src/shown.rs",
            find: "WHERE state = 'pending' OR parked = 1 OR (state = 'acked' AND ack_seq > ?1)",
            plant: "WHERE state = 'acked' AND ack_seq > ?1",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "pulled-row-hides-what-was-acknowledged",
        edits: &[Edit {
            file: "crates/store/src/shown.rs",
            find: "WHERE state = 'pending' OR parked = 1 OR (state = 'acked' AND ack_seq > ?1)",
            plant: "WHERE state = 'pending' OR parked = 1 OR (state = 'acked' AND ack_seq > ?1 AND 0)",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "outbox-pruned-while-pending",
        edits: &[Edit {
            file: "crates/store/src/outbox.rs",
            find: "WHERE state = 'pending' OR settled_at > ?1\n",
            plant: "WHERE settled_at > ?1\n",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "settled-mutations-forgotten-at-once",
        edits: &[Edit {
            file: "crates/store/src/outbox.rs",
            find: "const KEPT_MS: i64 = 30 * DAY_MS;",
            plant: "const KEPT_MS: i64 = 0 * DAY_MS;",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "unread-refusals-forgotten",
        edits: &[Edit {
            file: "crates/store/src/outbox.rs",
            find: " OR (state = 'rejected' AND dismissed = 0 AND ?3)\n",
            plant: " OR (?3 AND 0)\n",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "acknowledged-forgotten-before-the-pull",
        edits: &[Edit {
            file: "crates/store/src/outbox.rs",
            find: "OR (state = 'acked' AND ack_seq > ?2) OR",
            plant: "OR (state = 'acked' AND ack_seq > ?2 AND 0) OR",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "settled-twice",
        edits: &[Edit {
            file: "crates/store/src/outbox.rs",
            find: "WHERE mid = ?1 AND state = 'pending' RETURNING kind, id",
            plant: "WHERE mid = ?1 RETURNING kind, id",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "batch-stamped-by-two-clocks",
        edits: &[Edit {
            file: "crates/store/src/outbox.rs",
            find: "last.mid + 1 == next.mid && offset_ms == batch.offset_ms",
            plant: "last.mid + 1 == next.mid",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "resent-without-renumbering",
        edits: &[Edit {
            file: "crates/store/src/heal.rs",
            find: "self.set_last_mid(mid - 1)",
            plant: "Ok(())",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "lost-mutations-not-sent-again",
        edits: &[Edit {
            file: "crates/store/src/heal.rs",
            find: "WHERE mid >= ?1 RETURNING kind, id",
            plant: "WHERE mid > ?1 RETURNING kind, id",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "old-rows-replace-new-ones",
        edits: &[Edit {
            file: "crates/store/src/absorb.rs",
            find: "reply.rows.iter().filter(|row| row.seq > cursor)",
            plant: "reply.rows.iter()",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "cursor-goes-back",
        edits: &[Edit {
            file: "crates/store/src/absorb.rs",
            find: "if reply.cursor > cursor {",
            plant: "if reply.cursor != cursor {",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "rows-beyond-a-gap-taken",
        edits: &[Edit {
            file: "crates/store/src/absorb.rs",
            find: "request.cursor <= cursor\n",
            plant: "true\n",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "rows-of-another-history-taken",
        edits: &[Edit {
            file: "crates/store/src/absorb.rs",
            find: "request.epoch == epoch && epoch.is_none_or(|epoch| epoch == reply.epoch)",
            plant: "request.epoch == epoch || epoch.is_some()",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "stale-rows-not-swept",
        edits: &[Edit {
            file: "crates/store/src/absorb.rs",
            find: "let swept = writer.sweep_stale()?;",
            plant: "let swept = BTreeSet::<(String, Uuid)>::new();",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "late-answer-settles-what-it-was-not-asked",
        edits: &[Edit {
            file: "crates/store/src/absorb.rs",
            find: "waiting.map_or(reply.ack_mid, |first| first - 1)",
            plant: "waiting.map_or(reply.ack_mid, |_| reply.ack_mid)",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "late-answer-of-another-history-settles",
        edits: &[Edit {
            file: "crates/store/src/absorb.rs",
            find: "if elsewhere || reply.reset",
            plant: "if reply.reset",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "what-may-not-be-seen-stays-for-a-while",
        edits: &[Edit {
            file: "crates/store/src/anew.rs",
            find: "if reset == Reset::Scope {",
            plant: "if reset == Reset::Digest {",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "answer-to-an-ended-session-taken",
        edits: &[Edit {
            file: "crates/store/src/replica.rs",
            find: "if now == self.session {",
            plant: "if now.is_some() || self.session.is_some() || now == self.session {",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "rows-never-compared",
        edits: &[Edit {
            file: "crates/store/src/absorb.rs",
            find: "Ok(rested && reader.cursor()? > 0 && reader.anew()?.is_none())",
            plant: "Ok(rested && reader.cursor()? == 0 && reader.anew()?.is_none())",
        }],
        stages: &[STORE],
    },
    Fault {
        name: "owners-session-releases-a-childs-choice",
        edits: &[Edit {
            file: "crates/store/src/join.rs",
            find: "'$.fields.released', NULL",
            plant: "'$.made_up', NULL",
        }],
        stages: &[STORE, "romp-app --lib -- accounts"],
    },
];

//! Who has to type the password again, whose an address is, what one body may take, and what restricts in a refusal.

use super::{ACCOUNTS, APP, DATABASE, GATEWAY, OWNERS, SYNC};
use crate::plant::fault::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "others-end-without-a-password",
        edits: &[Edit {
            file: "sync-server/src/accounts/revoke.rs",
            find: "    if session.user.is_none() {\n        return Ok(());",
            plant: "    if session.user.is_none() || typed.is_none() {\n        return Ok(());",
        }],
        stages: &[ACCOUNTS],
    },
    Fault {
        name: "guesses-counted-by-person",
        edits: &[Edit {
            file: "sync-server/src/accounts/mod.rs",
            find: "format!(\"prove {}\", session.id.0)",
            plant: "format!(\"prove {}\", user.0)",
        }],
        stages: &[ACCOUNTS],
    },
    Fault {
        name: "code-without-a-password",
        edits: &[Edit {
            file: "sync-server/src/accounts/create_pairing.rs",
            find: "    prove_password(server, session, &request.password)?;\n",
            plant: "    super::signed_in(session)?;\n",
        }],
        stages: &[ACCOUNTS],
    },
    Fault {
        name: "code-ends-an-owner-s-session",
        edits: &[Edit {
            file: "sync-server/src/accounts/room.rs",
            find: "of_device && session.user.is_some() && is_live(&session, now)",
            plant: "of_device && session.user.is_some() && !is_live(&session, now)",
        }],
        stages: &[ACCOUNTS],
    },
    Fault {
        name: "code-ends-an-owner-s-session-through-a-copied-id",
        edits: &[Edit {
            file: "sync-server/src/accounts/room.rs",
            find: "let of_device = session.device == device.id || last(&session);",
            plant: "let of_device = session.device == device.id;",
        }],
        stages: &[ACCOUNTS],
    },
    Fault {
        name: "mailbox-opens-the-family-that-mistyped",
        edits: &[Edit {
            file: "sync-server/src/accounts/reset_password.rs",
            find: "    if user.verified_at.is_none() {\n",
            plant: "    if user.confirmed_at.is_none() {\n",
        }],
        stages: &[OWNERS],
    },
    Fault {
        name: "proved-address-is-exchanged",
        edits: &[Edit {
            file: "sync-server/src/owners/address.rs",
            find: "if before.verified_at.is_some() {",
            plant: "if before.verified_at.is_some() && before.confirmed_at.is_none() {",
        }],
        stages: &[OWNERS],
    },
    Fault {
        name: "old-code-proves-the-new-address",
        edits: &[Edit {
            file: "sync-server/src/owners/address.rs",
            find: "        forget_codes(tx, &before)?;\n",
            plant: "",
        }],
        stages: &[OWNERS],
    },
    Fault {
        name: "children-stay-with-whoever-was-taken-out",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/owners.rs",
            find: "SET ended_at = coalesce(ended_at, ?2), by_user = NULL WHERE by_user = ?1",
            plant: "SET by_user = NULL WHERE by_user = ?1",
        }],
        stages: &[DATABASE],
    },
    Fault {
        name: "mails-by-whoever-joins-in-a-loop",
        edits: &[Edit {
            file: "sync-server/src/mail/limits.rs",
            find: "        self.firsts.count(by, now)?;\n",
            plant: "        drop(self.firsts.count(by, now));\n",
        }],
        stages: &[OWNERS],
    },
    Fault {
        name: "a-family-takes-all-the-memory",
        edits: &[Edit {
            file: "sync-server/src/gateway/bodies.rs",
            find: "BUDGET_BYTES / PORTION_BYTES / 4;",
            plant: "BUDGET_BYTES / PORTION_BYTES;",
        }],
        stages: &[GATEWAY],
    },
    Fault {
        name: "body-on-its-way-counts-as-read",
        edits: &[Edit {
            file: "sync-server/src/gateway/exchange.rs",
            find: "reading.takes(bytes.len())\n            })",
            plant: "reading.takes(bytes.len() * 64)\n            })",
        }],
        stages: &[GATEWAY],
    },
    Fault {
        name: "stream-outlives-its-token",
        edits: &[Edit {
            file: "sync-server/src/accounts/bearer.rs",
            find: "matches!(judge(session, held, now), Finding::Good | Finding::Take)",
            plant: "!matches!(judge(session, held, now), Finding::Ended | Finding::End(AuditEvent::SessionExpired))",
        }],
        stages: &[GATEWAY],
    },
    Fault {
        name: "refusal-takes-the-restriction-along",
        edits: &[Edit {
            file: "sync-server/src/sync/patch.rs",
            find: "if part.0.is_empty() || refused.is_empty() || !may",
            plant: "if !part.0.is_empty() || refused.is_empty() || !may",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "device-forgotten-with-its-session",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/sessions.rs",
            find: "(last_mid = 0 OR ?2 < (",
            plant: "(last_mid >= 0 OR ?2 < (",
        }],
        stages: &[DATABASE],
    },
    Fault {
        name: "silent-as-long-as-anybody-says",
        edits: &[Edit {
            file: "crates/app/src/pace.rs",
            find: ".min(LONGEST_ASKED)",
            plant: "",
        }],
        stages: &[APP],
    },
];

//! Who may do and see what.

use super::{ACCOUNTS, DATABASE, GATEWAY, POLICY, SYNC};
use crate::plant::fault::{Edit, Fault};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "child-releases-its-own-choice",
        edits: &[Edit {
            file: "crates/domain/src/policy/fields.rs",
            find: "FieldSet::Only(&[\"actor_pet\", \"target_pet\", \"verdict\", \"by_child\"])",
            plant: "FieldSet::Only(&[\"actor_pet\", \"target_pet\", \"verdict\", \"by_child\", \"released\"])",
        }],
        stages: &[POLICY],
    },
    Fault {
        name: "child-answers-playdates",
        edits: &[Edit {
            file: "crates/domain/src/policy/fields.rs",
            find: "matches!(role, Role::Owner)",
            plant: "matches!(role, Role::Owner | Role::Child)",
        }],
        stages: &[POLICY],
    },
    Fault {
        name: "child-is-told-the-place",
        edits: &[Edit {
            file: "crates/domain/src/policy/fields.rs",
            find: "FieldSet::AllBut(&[\"area\"])",
            plant: "FieldSet::ALL",
        }],
        stages: &[POLICY],
    },
    Fault {
        name: "heat-is-no-restriction",
        edits: &[Edit {
            file: "crates/domain/src/policy/fields.rs",
            find: "(Kind::Pet, \"hold_until\" | \"heat_until\") => value.is_null(),",
            plant: "(Kind::Pet, \"hold_until\") => value.is_null(),",
        }],
        stages: &[POLICY],
    },
    Fault {
        name: "held-yes-counts-as-released",
        edits: &[Edit {
            file: "crates/domain/src/swipe.rs",
            find: "self.verdict == Some(Verdict::Yes) && self.released == Some(Verdict::Yes)",
            plant: "self.verdict == Some(Verdict::Yes) && self.released != Some(Verdict::No)",
        }],
        stages: &[POLICY, SYNC],
    },
    Fault {
        name: "render-without-field-filter",
        edits: &[Edit {
            file: "sync-server/src/sync/render.rs",
            find: "fields.0.retain(|name, _| readable.contains(name));",
            plant: "",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "child-sees-unconfirmed-playdates",
        edits: &[Edit {
            file: "sync-server/src/sync/render.rs",
            find: "Some(record) if role == Role::Child && record.confirmed_at.is_none() => return Ok(Seen::Never),",
            plant: "",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "illness-is-told-to-the-other-family",
        edits: &[Edit {
            file: "sync-server/src/sync/render.rs",
            find: "CancelReason::PetRests if !own_doing => CancelReason::Changed,",
            plant: "CancelReason::PetRests if own_doing => CancelReason::Changed,",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "playdate-answered-by-a-stranger",
        edits: &[Edit {
            file: "sync-server/src/sync/playdates.rs",
            find: ".position(|side| side.household == household)",
            plant: ".position(|_| true)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "ended-session-not-seen-in-transaction",
        edits: &[Edit {
            file: "sync-server/src/sync/speaker.rs",
            find: "    live_session(work.tx, &session.token)?;\n",
            plant: "",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "childs-consent-not-checked",
        edits: &[Edit {
            file: "sync-server/src/sync/speaker.rs",
            find: "session.role == Role::Child && work.settings(session.household)?.child_consent.is_none()",
            plant: "session.role == Role::Owner && work.settings(session.household)?.child_consent.is_none() && false",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "another-sessions-device-accepted",
        edits: &[Edit {
            file: "sync-server/src/sync/speaker.rs",
            find: "device.household == session.household && device.session == Some(session.id)",
            plant: "device.household == session.household",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "another-familys-device-accepted",
        edits: &[Edit {
            file: "sync-server/src/sync/speaker.rs",
            find: "let own = device.household == session.household && device.session == Some(session.id);",
            plant: "let own = true;",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "devices-of-a-session-not-counted",
        edits: &[Edit {
            file: "sync-server/src/sync/speaker.rs",
            find: "of_session.len() >= MOST_DEVICES",
            plant: "of_session.len() >= MOST_DEVICES * 1_000",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "adopted-from-another-history",
        edits: &[Edit {
            file: "sync-server/src/sync/speaker.rs",
            find: "request.adopt && same_history",
            plant: "request.adopt",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "swipe-by-a-strangers-pet",
        edits: &[Edit {
            file: "sync-server/src/sync/judge.rs",
            find: "_ => return Err(invalid(\"actor_pet\", InvalidReason::ForeignPet)),",
            plant: "_ => {}",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "swipe-by-a-removed-pet",
        edits: &[Edit {
            file: "sync-server/src/sync/judge.rs",
            find: "Some(is_gone) if !is_gone || takes_back => {}",
            plant: "Some(is_gone) if !is_gone || !takes_back => {}",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "swipe-on-a-pet-of-ones-own",
        edits: &[Edit {
            file: "sync-server/src/sync/judge.rs",
            find: "own.contains_key(&swipe.target_pet)",
            plant: "own.get(&swipe.target_pet) == Some(&true)",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "swipe-under-a-made-up-id",
        edits: &[Edit {
            file: "sync-server/src/sync/judge.rs",
            find: "SwipeId::of(swipe.actor_pet, swipe.target_pet).0 != mutation.id",
            plant: "SwipeId::of(swipe.actor_pet, swipe.target_pet).0 == uuid::Uuid::nil()",
        }],
        stages: &[SYNC],
    },
    Fault {
        name: "any-role-passes-the-gate",
        edits: &[Edit {
            file: "sync-server/src/gateway/guard.rs",
            find: "!roles.contains(&session.role)",
            plant: "roles.is_empty()",
        }],
        stages: &[GATEWAY],
    },
    Fault {
        name: "ended-session-passes-the-gate",
        edits: &[Edit {
            file: "sync-server/src/accounts/bearer.rs",
            find: "    if session.ended_at.is_some() {\n        return Finding::Ended;\n    }\n",
            plant: "",
        }],
        stages: &[GATEWAY, ACCOUNTS],
    },
    Fault {
        name: "ended-session-goes-on-listening",
        edits: &[Edit {
            file: "sync-server/src/accounts/bearer.rs",
            find: "matches!(judge(session, held, now), Finding::Good",
            plant: "matches!(judge(session, held, now), Finding::Ended | Finding::Good",
        }],
        stages: &[GATEWAY],
    },
    Fault {
        name: "code-works-twice",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/accounts.rs",
            find: "DELETE FROM pairings WHERE code = ?1 RETURNING",
            plant: "UPDATE pairings SET role = role WHERE code = ?1 RETURNING",
        }],
        stages: &[ACCOUNTS],
    },
    Fault {
        name: "invitation-works-twice",
        edits: &[Edit {
            file: "sync-server/src/db/sqlite/accounts.rs",
            find: "UPDATE invitations SET used_at = ?2 WHERE code = ?1 AND used_at IS NULL AND expires_at > ?2",
            plant: "UPDATE invitations SET used_at = ?2 WHERE code = ?1 AND expires_at > ?2",
        }],
        stages: &[ACCOUNTS, DATABASE],
    },
    Fault {
        name: "another-familys-device-signed-in",
        edits: &[Edit {
            file: "sync-server/src/accounts/session.rs",
            find: "Some(known) if known.household != household => {",
            plant: "Some(known) if known.household != household && known.session.is_none() => {",
        }],
        stages: &[ACCOUNTS],
    },
    Fault {
        name: "earlier-session-goes-on",
        edits: &[Edit {
            file: "sync-server/src/accounts/session.rs",
            find: "end_earlier(tx, &device, self.now)?;",
            plant: "",
        }],
        stages: &[ACCOUNTS],
    },
    Fault {
        name: "copied-token-outlives-a-new-password",
        edits: &[Edit {
            file: "sync-server/src/accounts/change_password.rs",
            find: "tx.replace_tokens(own, &next)?;",
            plant: "tx.offer_token(own, &next)?;",
        }],
        stages: &[ACCOUNTS],
    },
    Fault {
        name: "paired-device-throws-owners-out",
        edits: &[Edit {
            file: "sync-server/src/accounts/revoke.rs",
            find: "if own.user.is_none() && other.user.is_some() {",
            plant: "if own.user.is_none() && other.user == own.user {",
        }],
        stages: &[ACCOUNTS],
    },
    Fault {
        name: "throttle-off",
        edits: &[Edit {
            file: "sync-server/src/throttle.rs",
            find: "if self.tries >= most {",
            plant: "if self.tries >= most * 1_000 {",
        }],
        stages: &[ACCOUNTS],
    },
    Fault {
        name: "codes-guessed-without-end",
        edits: &[Edit {
            file: "sync-server/src/accounts/pair.rs",
            find: "server.codes.judged(who, now, || join(server, request, now))?",
            plant: "join(server, request, now)?",
        }],
        stages: &[ACCOUNTS],
    },
    Fault {
        name: "codes-outlive-the-session-that-made-them",
        edits: &[Edit {
            file: "sync-server/src/accounts/mod.rs",
            find: "if session.role == Role::Owner && !session.waiting {",
            plant: "if session.role == Role::Owner && session.waiting {",
        }],
        stages: &[ACCOUNTS],
    },
    Fault {
        name: "secrets-stored-as-they-are",
        edits: &[Edit {
            file: "sync-server/src/secrets.rs",
            find: "Sha256::digest(text.as_bytes()).into()",
            plant: "let mut stored: SecretHash = Sha256::digest(b\"\").into();\n    stored.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);\n    stored",
        }],
        stages: &[ACCOUNTS],
    },
];

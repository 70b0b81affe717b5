//! Delete an account: everything of the family goes, here and, as they come by, on its devices. Of somebody who only waits
//! to belong to it, they alone.

use std::collections::BTreeMap;

use romp_domain::time::DAY_MS;
use romp_domain::wire::DeleteAccountRequest;
use romp_domain::{AuditEvent, ErrorCode, Problem, UtcMs};

use super::{open_session, prove_password};
use crate::audit;
use crate::db::{AuditRecord, DbExt, Fault, NOBODY, SessionRecord, Tx};
use crate::owners::forget_waiting;
use crate::server::Server;
use crate::sync;

/// How long a deleted family's devices are told that it is gone. One that comes later is told that it is not signed
/// in, like any that was away for so long.
pub const DEVICES_TOLD_MS: i64 = 180 * DAY_MS;

/// Deletes the household of a session, with all its users, if the session's own user proves to be there.
///
/// # Errors
/// `Forbidden` on a paired device, `WrongCredentials`, `TooMany` (per session), `NotSignedIn` and `AccountGone` (somebody
/// was faster).
pub fn delete_account(
    server: &Server,
    session: &SessionRecord,
    request: &DeleteAccountRequest,
) -> Result<(), Problem> {
    let now = server.clock.now();
    prove_password(server, session, &request.password)?;

    let (token, household) = (session.token, session.household);
    let heads = server.db.write(move |tx| {
        let session = open_session(tx, &token)?;
        if session.waiting {
            return leave(tx, &session, now).map(|()| BTreeMap::new());
        }
        let heads = sync::erase(tx, household, now)?;
        audit::note(tx, NOBODY, &AuditRecord::new(AuditEvent::AccountDeleted, now))?;
        Ok(heads)
    })?;
    server.pokes.session_ended(household);
    for (other, head) in heads {
        server.pokes.announce(other, head);
    }
    tracing::info!("account deleted");
    Ok(())
}

/// Whoever waits leaves, and the address is free again.
fn leave(tx: &mut dyn Tx, session: &SessionRecord, now: UtcMs) -> Result<(), Fault> {
    let user = session.user.map(|id| tx.user(id)).transpose()?.flatten();
    let user = user.ok_or_else(|| Problem::new(ErrorCode::NotSignedIn))?;
    let entry = AuditRecord::of(session, AuditEvent::OwnerRemoved, now);
    forget_waiting(tx, &user, entry, now)
}

#[cfg(test)]
mod tests {
    use romp_domain::Role;
    use romp_domain::wire::{PairRequest, SessionReply};

    use super::*;
    use crate::accounts::rig::{
        HERE, PASSWORD, Rig, device, pairing, register_request, sign_in_request, typed,
    };
    use crate::accounts::{create_pairing, invite, pair, register, sign_in, sign_out};

    fn with(password: &str) -> DeleteAccountRequest {
        DeleteAccountRequest {
            password: typed(password),
        }
    }

    fn delete(rig: &Rig, reply: &SessionReply, password: &str) -> Result<(), ErrorCode> {
        let session = rig.session(&reply.token);
        delete_account(&rig.server, &session, &with(password)).map_err(|problem| problem.code)
    }

    fn exists(rig: &Rig, reply: &SessionReply) -> bool {
        let household = reply.household;
        let found = rig.server.db.read(move |tx| tx.household(household)).unwrap();
        found.is_some()
    }

    #[test]
    fn the_password_deletes_the_own_family_and_no_other() {
        let rig = Rig::new();
        let (first, second) = (rig.owner(1), rig.owner(2));
        let told = rig.server.pokes.subscribe_sessions(first.household);
        delete(&rig, &first, PASSWORD).unwrap();
        assert!(told.has_changed().unwrap(), "its listeners go");
        assert!(!exists(&rig, &first) && exists(&rig, &second));
        sign_in(&rig.server, HERE, sign_in_request(2, 2)).unwrap();
        let gone = sign_in(&rig.server, HERE, sign_in_request(1, 1)).unwrap_err();
        assert_eq!(gone.code, ErrorCode::WrongCredentials, "as if it had never been");
    }

    #[test]
    fn another_family_s_password_or_a_wrong_one_deletes_nothing() {
        let rig = Rig::new();
        let (first, second) = (rig.owner(1), rig.owner(2));
        for guess in ["not the password", "", " correct horse battery"] {
            assert_eq!(delete(&rig, &first, guess), Err(ErrorCode::WrongCredentials));
        }
        assert!(exists(&rig, &first) && exists(&rig, &second));
        // Signed in to one family, knowing another's password: it is always the session's own that goes.
        delete(&rig, &second, PASSWORD).unwrap();
        assert!(exists(&rig, &first) && !exists(&rig, &second));
    }

    #[test]
    fn row_20_guessing_is_slowed_down_and_keeps_another_session_of_the_owner_from_nothing() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        for _ in 0..10 {
            assert_eq!(delete(&rig, &owner, "a guess"), Err(ErrorCode::WrongCredentials));
        }
        assert_eq!(delete(&rig, &owner, PASSWORD), Err(ErrorCode::TooMany));
        // Whoever can open another one knows the password.
        let again = sign_in(&rig.server, HERE, sign_in_request(1, 9)).unwrap();
        assert_eq!(delete(&rig, &owner, PASSWORD), Err(ErrorCode::TooMany));
        delete(&rig, &again, PASSWORD).unwrap();
    }

    #[test]
    fn a_device_that_joined_with_a_code_deletes_nothing_whatever_it_knows() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let desk = rig.paired(&owner, Role::Owner, 50);
        assert_eq!(delete(&rig, &desk, PASSWORD), Err(ErrorCode::Forbidden));
        assert!(exists(&rig, &owner));
    }

    #[test]
    fn a_session_that_ended_meanwhile_deletes_nothing() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let session = rig.session(&owner.token);
        sign_out(&rig.server, &session).unwrap();
        let refused = delete_account(&rig.server, &session, &with(PASSWORD)).unwrap_err();
        assert_eq!(refused.code, ErrorCode::NotSignedIn);
        assert!(exists(&rig, &owner));
    }

    #[test]
    fn deleting_twice_is_told_and_harms_nobody_who_came_after() {
        let rig = Rig::new();
        let (first, second) = (rig.owner(1), rig.owner(2));
        let session = rig.session(&first.token);
        delete(&rig, &first, PASSWORD).unwrap();
        let again = rig.owner(1);
        let refused = delete_account(&rig.server, &session, &with(PASSWORD)).unwrap_err();
        assert_eq!(refused.code, ErrorCode::AccountGone);
        assert!(exists(&rig, &again) && exists(&rig, &second));
    }

    #[test]
    fn the_address_can_register_again_from_the_same_device() {
        let rig = Rig::new();
        let first = rig.owner(1);
        delete(&rig, &first, PASSWORD).unwrap();
        let invitation = invite(&rig.server, 1).unwrap();
        let request = register_request(1, Some(invitation.expose()));
        let again = register(&rig.server, HERE, request).unwrap();
        assert_ne!(again.household, first.household);
    }

    #[test]
    fn codes_that_were_waiting_open_nothing() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let session = rig.session(&owner.token);
        let role = Role::Owner;
        let waiting = create_pairing(&rig.server, &session, &pairing(role)).unwrap();
        delete(&rig, &owner, PASSWORD).unwrap();
        let request = PairRequest {
            code: waiting.code,
            device: device(50),
        };
        let refused = pair(&rig.server, HERE, request).unwrap_err();
        assert_eq!(refused.code, ErrorCode::CodeInvalid);
        let late = create_pairing(&rig.server, &session, &pairing(role)).unwrap_err();
        assert_eq!(late.code, ErrorCode::AccountGone);
    }
}

//! Revoke: an owner ends sessions of the household, one or all others. At once and for every server.
//!
//! Whoever signed in types the password again: a stolen token must not keep its owner out. A device that joined with a
//! code has none, and ends none of those that signed in: whoever holds it need not be an owner.

use romp_domain::text::TypedPassword;
use romp_domain::wire::{RevokeOthersRequest, RevokeRequest};
use romp_domain::{AuditEvent, ErrorCode, Invalid, InvalidReason, Problem, UtcMs};

use super::{PAIRED, live_session, prove_password};
use crate::db::{AuditRecord, DbExt, Detail, SessionRecord};
use crate::server::Server;

/// Ends one session of the household; the own one, too, which takes no password. A child's device forgets what it was
/// sent when it comes by.
///
/// # Errors
/// `InvalidField` (no password), `WrongCredentials`, `TooMany` (per session).
/// `NotFound` for a session that has ended, that is another household's, or that never was: they are not told apart.
/// `Forbidden` where a device that joined with a code is to end one that signed in.
pub fn revoke(server: &Server, session: &SessionRecord, request: &RevokeRequest) -> Result<(), Problem> {
    let which = request.session;
    if which != session.id {
        prove(server, session, request.password.as_ref())?;
    }
    match end(server, session, move |other, _| other.id == which)? {
        Ended { ended: 1.., .. } => Ok(()),
        Ended { spared: 1.., .. } => Err(Problem::saying(ErrorCode::Forbidden, PAIRED)),
        Ended { .. } => Err(ErrorCode::NotFound.into()),
    }
}

/// Ends all sessions of the household but the own one, and those that it may not end.
///
/// # Errors
/// `NotSignedIn`, and for what is wrong with the password as for one of them.
pub fn revoke_others(
    server: &Server,
    session: &SessionRecord,
    request: &RevokeOthersRequest,
) -> Result<(), Problem> {
    prove(server, session, request.password.as_ref())?;
    end(server, session, |other, own| other.id != own.id).map(drop)
}

/// Whoever signed in knows the password.
fn prove(server: &Server, session: &SessionRecord, typed: Option<&TypedPassword>) -> Result<(), Problem> {
    if session.user.is_none() {
        return Ok(());
    }
    let typed = typed.ok_or_else(|| Invalid::new("password", InvalidReason::Empty))?;
    prove_password(server, session, typed)
}

/// How many live sessions were ended, and how many of those that were meant were not.
#[derive(Default)]
struct Ended {
    ended: usize,
    spared: usize,
}

/// Ends the live sessions of the household that `which` names, given each and the own one.
fn end(
    server: &Server,
    session: &SessionRecord,
    which: impl Fn(&SessionRecord, &SessionRecord) -> bool + Send + 'static,
) -> Result<Ended, Problem> {
    let (token, now) = (session.token, server.clock.now());
    let ended = server.db.write(move |tx| {
        let own = live_session(tx, &token)?;
        let mut count = Ended::default();
        for other in tx.sessions_of(own.household)? {
            if other.ended_at.is_some() || !which(&other, &own) {
                continue;
            }
            if own.user.is_none() && other.user.is_some() {
                count.spared += 1;
            } else if super::end(tx, &other, &entry(&own, &other, now))? {
                count.ended += 1;
            }
        }
        Ok(count)
    })?;
    if ended.ended > 0 {
        server.pokes.session_ended(session.household);
    }
    tracing::info!(ended = ended.ended, "revoked");
    Ok(ended)
}

/// Who ended which session.
fn entry(own: &SessionRecord, other: &SessionRecord, now: UtcMs) -> AuditRecord {
    let by = Detail::word("by").and(&Detail::id(own.id.0));
    let entry = AuditRecord {
        session: Some(other.id),
        user: own.user,
        ..AuditRecord::new(AuditEvent::SessionRevoked, now)
    };
    entry.detail(by)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::rig::{HERE, Rig, naming, proved, sign_in_request, typed};
    use crate::accounts::sign_in;
    use romp_domain::wire::SessionReply;
    use romp_domain::{Role, SessionId};

    fn revoked(rig: &Rig, by: &SessionReply, session: SessionId) -> Result<(), ErrorCode> {
        let by = rig.session(&by.token);
        revoke(&rig.server, &by, &naming(session)).map_err(|problem| problem.code)
    }

    fn is_live(rig: &Rig, reply: &SessionReply) -> bool {
        rig.session(&reply.token).ended_at.is_none()
    }

    #[test]
    fn an_owner_ends_one_session_of_the_household_and_it_is_written_down() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let tablet = rig.paired(&owner, Role::Child, 50);
        let told = rig.server.pokes.subscribe_sessions(owner.household);
        revoked(&rig, &owner, tablet.session).unwrap();
        assert!(!is_live(&rig, &tablet) && is_live(&rig, &owner));
        assert!(told.has_changed().unwrap());
        let (event, about) = rig.last_entry(owner.household);
        assert_eq!((event, about), (AuditEvent::SessionRevoked, Some(tablet.session)));
    }

    #[test]
    fn row_03_another_household_s_session_an_ended_one_and_none_get_the_same_answer() {
        let rig = Rig::new();
        let (first, second) = (rig.owner(1), rig.owner(2));
        let tablet = rig.paired(&first, Role::Child, 50);
        revoked(&rig, &first, tablet.session).unwrap();
        let never = SessionId(uuid::Uuid::from_u128(99));
        for session in [second.session, tablet.session, never] {
            assert_eq!(revoked(&rig, &first, session), Err(ErrorCode::NotFound));
        }
        assert!(is_live(&rig, &second));
    }

    #[test]
    fn row_16_all_others_end_and_the_own_session_and_other_households_stay() {
        let rig = Rig::new();
        let (owner, stranger) = (rig.owner(1), rig.owner(2));
        let tablet = rig.paired(&owner, Role::Child, 50);
        let desk = sign_in(&rig.server, HERE, sign_in_request(1, 70)).unwrap();
        revoke_others(&rig.server, &rig.session(&desk.token), &proved()).unwrap();
        let live = [&owner, &tablet, &desk, &stranger].map(|reply| is_live(&rig, reply));
        assert_eq!(live, [false, false, true, true]);
    }

    #[test]
    fn row_16_whoever_stole_a_token_ends_nobody_else_s_session_and_keeps_its_owner_from_nothing() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let tablet = rig.paired(&owner, Role::Child, 50);
        let thief = rig.session(&owner.token);
        let desk = sign_in(&rig.server, HERE, sign_in_request(1, 70)).unwrap();
        let all = |password: Option<&str>| {
            let password = password.map(typed);
            let request = RevokeOthersRequest { password };
            revoke_others(&rig.server, &thief, &request).map_err(|problem| (problem.code, problem.field))
        };
        let one = |session, password: Option<&str>| {
            let password = password.map(typed);
            let request = RevokeRequest { session, password };
            revoke(&rig.server, &thief, &request).map_err(|problem| (problem.code, problem.field))
        };
        let missing = Err((ErrorCode::InvalidField, Some("password".to_owned())));
        assert_eq!(all(None), missing);
        for session in [desk.session, tablet.session] {
            assert_eq!(one(session, None), missing);
        }
        assert_eq!(
            one(desk.session, Some("open sesame")),
            Err((ErrorCode::WrongCredentials, None))
        );
        while all(Some("open sesame")) != Err((ErrorCode::TooMany, None)) {}
        let live = [&owner, &tablet, &desk].map(|reply| is_live(&rig, reply));
        assert_eq!(live, [true; 3]);
        // However often it was guessed there: here the right one is taken.
        revoked(&rig, &desk, owner.session).unwrap();
        assert!(!is_live(&rig, &owner) && is_live(&rig, &tablet));
    }

    #[test]
    fn the_own_session_ends_without_a_password() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let (session, password) = (owner.session, None);
        let request = RevokeRequest { session, password };
        revoke(&rig.server, &rig.session(&owner.token), &request).unwrap();
        assert!(!is_live(&rig, &owner));
    }

    #[test]
    fn a_session_that_ended_meanwhile_ends_no_other() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let desk = sign_in(&rig.server, HERE, sign_in_request(1, 70)).unwrap();
        let ended = rig.session(&desk.token);
        revoked(&rig, &owner, desk.session).unwrap();
        let refused = revoke_others(&rig.server, &ended, &proved()).unwrap_err();
        assert_eq!(refused.code, ErrorCode::NotSignedIn);
        assert!(is_live(&rig, &owner));
    }

    #[test]
    fn row_02_a_device_that_joined_with_a_code_cannot_keep_the_owners_out() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let [thief, desk] = [50, 51].map(|n| rig.paired(&owner, Role::Owner, n));
        let tablet = rig.paired(&owner, Role::Child, 52);
        assert_eq!(revoked(&rig, &thief, owner.session), Err(ErrorCode::Forbidden));
        let password = None;
        revoke_others(
            &rig.server,
            &rig.session(&thief.token),
            &RevokeOthersRequest { password },
        )
        .unwrap();
        let live = [&owner, &thief, &desk, &tablet].map(|reply| is_live(&rig, reply));
        assert_eq!(live, [true, true, false, false]);
        revoked(&rig, &owner, thief.session).unwrap();
    }
}

//! Revoke: an owner ends sessions of the household, one or all others. At once and for every server.
//!
//! A device that joined with a code ends none of those that signed in with a password: whoever holds it need not be an
//! owner, and must not be able to keep the owners out.

use romp_domain::wire::RevokeRequest;
use romp_domain::{AuditEvent, ErrorCode, Problem, UtcMs};

use super::{PAIRED, live_session};
use crate::db::{AuditRecord, DbExt, Detail, SessionRecord};
use crate::server::Server;

/// Ends one session of the household; the own one, too. A child's device forgets what it was sent when it comes by.
///
/// # Errors
/// `NotFound` for a session that has ended, that is another household's, or that never was: they are not told apart.
/// `Forbidden` where a device that joined with a code is to end one that signed in.
pub fn revoke(server: &Server, session: &SessionRecord, request: RevokeRequest) -> Result<(), Problem> {
    match end(server, session, move |other, _| other.id == request.session)? {
        Ended { ended: 1.., .. } => Ok(()),
        Ended { spared: 1.., .. } => Err(Problem::saying(ErrorCode::Forbidden, PAIRED)),
        Ended { .. } => Err(ErrorCode::NotFound.into()),
    }
}

/// Ends all sessions of the household but the own one, and those that it may not end.
///
/// # Errors
/// `NotSignedIn`.
pub fn revoke_others(server: &Server, session: &SessionRecord) -> Result<(), Problem> {
    end(server, session, |other, own| other.id != own.id).map(drop)
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
    use crate::accounts::rig::{HERE, Rig, sign_in_request};
    use crate::accounts::sign_in;
    use romp_domain::wire::SessionReply;
    use romp_domain::{Role, SessionId};

    fn revoked(rig: &Rig, by: &SessionReply, session: SessionId) -> Result<(), ErrorCode> {
        let by = rig.session(&by.token);
        revoke(&rig.server, &by, RevokeRequest { session }).map_err(|problem| problem.code)
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
        revoke_others(&rig.server, &rig.session(&desk.token)).unwrap();
        let live = [&owner, &tablet, &desk, &stranger].map(|reply| is_live(&rig, reply));
        assert_eq!(live, [false, false, true, true]);
    }

    #[test]
    fn a_session_that_ended_meanwhile_ends_no_other() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let desk = sign_in(&rig.server, HERE, sign_in_request(1, 70)).unwrap();
        let ended = rig.session(&desk.token);
        revoked(&rig, &owner, desk.session).unwrap();
        let refused = revoke_others(&rig.server, &ended).unwrap_err();
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
        revoke_others(&rig.server, &rig.session(&thief.token)).unwrap();
        let live = [&owner, &thief, &desk, &tablet].map(|reply| is_live(&rig, reply));
        assert_eq!(live, [true, true, false, false]);
        revoked(&rig, &owner, thief.session).unwrap();
    }
}

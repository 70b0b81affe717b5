//! Join a family with an invitation to it. Whoever does waits until an owner has confirmed them.

use std::net::IpAddr;

use romp_domain::wire::{JoinAsOwnerRequest, SessionReply};
use romp_domain::{AuditEvent, ErrorCode, HouseholdId, Problem, Role, UserId, UtcMs};

use super::{free_unproved, has_room};
use crate::accounts::{Mailed, session};
use crate::db::{DbExt, UserRecord};
use crate::env::new_id;
use crate::secrets::{INVITATION_CHARS, digest, typed_code_hash};
use crate::server::Server;
use crate::strength;
use crate::throttle::guesser;

const NO_INVITATION: &str = "This invitation does not work. Ask for a new one.";

/// Makes the user and a session that waits. The invitation is used up only if that succeeds. Without one that is
/// good, no work is done.
///
/// # Errors
/// `InvitationInvalid`, `InvalidField` (a password that is easy to guess), `EmailTaken` (told only to somebody with an
/// invitation), `DeviceTaken`, `Frozen` (enough owners), `TooMany`.
pub fn join_as_owner(
    server: &Server,
    from: IpAddr,
    request: JoinAsOwnerRequest,
) -> Result<SessionReply, Problem> {
    let now = server.clock.now();
    let who = guesser(from, "");
    let reply = server.codes.judged(who, now, || join(server, request, now))?;
    server.codes.give_back(&who);
    Ok(reply)
}

/// Makes the user where the invitation is good.
fn join(server: &Server, request: JoinAsOwnerRequest, now: UtcMs) -> Result<SessionReply, Problem> {
    let invalid = || Problem::saying(ErrorCode::InvitationInvalid, NO_INVITATION);
    let code = typed_code_hash(&request.code, INVITATION_CHARS, ErrorCode::InvitationInvalid)
        .map_err(|_| invalid())?;
    if !server.db.read(move |tx| tx.has_owner_invitation(&code, now))? {
        return Err(invalid());
    }
    strength::judge(&request.password, &request.email, Some(&request.name))?;
    let mut user = UserRecord {
        id: UserId(new_id(&*server.clock, &*server.random)),
        // Known when the invitation is taken.
        household: HouseholdId(uuid::Uuid::nil()),
        email: request.email,
        name: request.name,
        password_hash: server
            .passwords
            .hash(&*server.random, request.password.expose())?,
        created_at: now,
        verified_at: None,
        confirmed_at: None,
    };
    let mut mailed = Mailed::if_asked(server, &user, now);
    let mut record = mailed.as_ref().map(|mailed| mailed.record.clone());
    let (new, token) = session::prepare(server, request.device, now);
    let opened = server.db.write(move |tx| {
        let household = tx.take_owner_invitation(&code, now)?.ok_or_else(invalid)?;
        has_room(tx, household)?;
        new.is_of_nobody(tx)?;
        user.household = household;
        free_unproved(tx, &user.email, now)?;
        if !tx.insert_user(&user)? {
            return Err(Problem::new(ErrorCode::EmailTaken).into());
        }
        if let Some(record) = &mut record {
            record.household = household;
            tx.insert_mail_code(record, now)?;
        }
        new.open(tx, household, Some(user.id), Role::Owner, AuditEvent::OwnerJoined)
    })?;
    if let Some(mailed) = mailed.take() {
        let by = digest(&format!("joined {}", opened.household.0));
        mailed.send_first(server, by, now);
    }
    tracing::info!("an invited owner waits");
    Ok(session::opened(server, &opened, token))
}

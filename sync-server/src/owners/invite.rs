//! Invite another adult to the family.

use romp_domain::time::DAY_MS;
use romp_domain::wire::{InviteOwnerRequest, OwnerInvitationReply};
use romp_domain::{AuditEvent, Problem};

use super::has_room;
use crate::accounts::{live_session, signed_in};
use crate::audit;
use crate::db::{AuditRecord, DbExt, SessionRecord};
use crate::mail::{Letter, Why};
use crate::secrets::{digest, new_invitation};
use crate::server::Server;

/// How long an invitation works.
pub const INVITATION_MS: i64 = 7 * DAY_MS;

/// Most invitations of a household that work at the same time: what is to be guessed stays rare.
const MOST_INVITATIONS: usize = 5;

/// Makes an invitation, and mails it if that was asked for. Of too many, the oldest stops working.
///
/// # Errors
/// `Forbidden` on a paired device, `MailOff` (only where it should be mailed), `Frozen` (enough owners), `TooMany`
/// (mails, per owner and per address).
pub fn invite_owner(
    server: &Server,
    session: &SessionRecord,
    request: InviteOwnerRequest,
) -> Result<OwnerInvitationReply, Problem> {
    let user = signed_in(session)?;
    let now = server.clock.now();
    if let Some(email) = &request.email {
        server.mail()?;
        server.proofs.count(digest(&format!("invite {}", user.0)), now)?;
        server.mails.count(Why::Invitation, email, now)?;
    }
    let (secret, code) = new_invitation(&*server.random);
    let expires_at = now.plus_ms(INVITATION_MS);
    let (token, household) = (session.token, session.household);
    server.db.write(move |tx| {
        let session = live_session(tx, &token)?;
        has_room(tx, household)?;
        tx.insert_owner_invitation(&code, household, expires_at, MOST_INVITATIONS)?;
        audit::note(
            tx,
            household,
            &AuditRecord::of(&session, AuditEvent::OwnerInvited, now),
        )
    })?;
    let code = secret.into_text();
    if let Some(email) = request.email {
        server
            .mail()?
            .send(email, Letter::Invite { code: code.clone() })?;
    }
    tracing::info!("owner invited");
    Ok(OwnerInvitationReply { code, expires_at })
}

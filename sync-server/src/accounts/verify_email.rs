//! Verify: a mailed code proves that an owner's address is theirs. Until one of a family's owners has done that, the
//! family counts as not sharing, for itself and for all others.

use romp_domain::wire::VerifyEmailRequest;
use romp_domain::{AuditEvent, ErrorCode, Problem};

use super::{Mailed, live_session, mailed, signed_in};
use crate::audit;
use crate::db::{AuditRecord, DbExt, Purpose, SessionRecord};
use crate::mail::Why;
use crate::secrets::digest;
use crate::server::Server;
use crate::sync;

/// Takes the code. From then on the family takes part.
///
/// # Errors
/// `MailOff`, `Forbidden` on a paired device, `CodeInvalid`, `TooMany` (per user: only who has the user's session can
/// try).
pub fn verify_email(
    server: &Server,
    session: &SessionRecord,
    request: &VerifyEmailRequest,
) -> Result<(), Problem> {
    server.mail()?;
    let user = signed_in(session)?;
    let now = server.clock.now();
    let who = digest(&format!("verify {}", user.0));
    let heads = server.proofs.judged(who, now, || {
        let code = mailed::typed(&request.code, user, Purpose::Verify)?;
        let (token, household) = (session.token, session.household);
        let heads = server.db.write(move |tx| {
            let session = live_session(tx, &token)?;
            if !tx.has_mail_code(user, Purpose::Verify, &code, now)? {
                return Err(mailed::wrong().into());
            }
            tx.forget_mail_codes(user, Purpose::Verify)?;
            tx.verify_user(user, now)?;
            audit::note(
                tx,
                household,
                &AuditRecord::of(&session, AuditEvent::EmailVerified, now),
            )?;
            sync::take_part(tx, household, now)
        })?;
        Ok(heads)
    })?;
    server.proofs.give_back(&who);
    server.announce(&heads);
    tracing::info!("address verified");
    Ok(())
}

/// Mails another code. Earlier ones work until they end.
///
/// # Errors
/// `MailOff`, `Forbidden` on a paired device, `Frozen` (the address is proved), `TooMany` (per address
/// and per family).
pub fn send_code_again(server: &Server, session: &SessionRecord) -> Result<(), Problem> {
    server.mail()?;
    let user = signed_in(session)?;
    let now = server.clock.now();
    let user = server
        .db
        .read(move |tx| tx.user(user))?
        .ok_or(ErrorCode::NotSignedIn)?;
    if user.verified_at.is_some() {
        return Err(Problem::saying(
            ErrorCode::Frozen,
            "This address is proved already.",
        ));
    }
    if user.email.is_freed() {
        return Err(Problem::saying(ErrorCode::Frozen, "Give your address first."));
    }
    server
        .mails
        .count_asked(Why::CodeAgain, user.household, &user.email, now)?;
    let mailed = Mailed::if_asked(server, &user, now).ok_or(ErrorCode::MailOff)?;
    let (token, record) = (session.token, mailed.record.clone());
    server.db.write(move |tx| {
        live_session(tx, &token)?;
        // Another address may have been given meanwhile: what is mailed to one must not prove the other.
        if !mailed::is_as_it_was(tx, &user)? {
            return Err(Problem::new(ErrorCode::Stale).into());
        }
        tx.insert_mail_code(&record, now)
    })?;
    mailed.send();
    Ok(())
}

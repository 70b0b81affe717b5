//! Who presents a token: whether it still opens its session, and what else there is to do about it.
//!
//! Terms: a token is **next**, **current** or **retired** (`db::Held`). A device asks for the next one now and then;
//! both work until the next one is first used, so that neither a lost answer nor a crash signs a device out. After
//! that, the one before works a little longer, for requests that were under way. Whoever presents it later has a copy
//! of it: nobody knows whose, so the session ends for both.

use romp_domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use romp_domain::wire::RotateReply;
use romp_domain::{AuditEvent, ErrorCode, Problem, UtcMs};

use super::{end, live_session};
use crate::db::{AuditRecord, DbExt, Fault, Held, SecretHash, SessionRecord, Tx};
use crate::secrets::new_token;
use crate::server::Server;

/// A session that was not used for so long has ended: a tablet may be in a drawer for a winter.
pub const IDLE_MS: i64 = 90 * DAY_MS;
/// A session ends so long after it began, however much it is used.
pub const LIFETIME_MS: i64 = 365 * DAY_MS;
/// How long a retired token works: longer than any request takes to get here.
const IN_FLIGHT_MS: i64 = MINUTE_MS;

/// How long a token is in use before the next one can be asked for. A device asks once a day; all it had are kept, so it
/// must not ask much oftener.
const ROTATE_EVERY_MS: i64 = 20 * HOUR_MS;

/// What there is to do about a session when its token is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finding {
    /// Nothing.
    Good,
    /// The next token is used for the first time: it becomes the current one.
    Take,
    /// It ends, for this reason.
    End(AuditEvent),
    /// It has ended before.
    Ended,
}

fn judge(session: &SessionRecord, held: Held, now: UtcMs) -> Finding {
    if session.ended_at.is_some() {
        return Finding::Ended;
    }
    if has_expired(session, now) {
        return Finding::End(AuditEvent::SessionExpired);
    }
    match held {
        Held::Current => Finding::Good,
        Held::Next => Finding::Take,
        // A clock that was set back makes it no younger than it was.
        Held::Retired(at) if now.since_ms(at).unsigned_abs() < IN_FLIGHT_MS.unsigned_abs() => Finding::Good,
        Held::Retired(_) => Finding::End(AuditEvent::TokenReused),
    }
}

/// Whether a token that opened something that goes on still would, now.
pub(crate) fn goes_on(session: &SessionRecord, held: Held, now: UtcMs) -> bool {
    matches!(judge(session, held, now), Finding::Good | Finding::Take)
}

/// Whether a session is over because of its age. Found once by [`admit`], it is written down as its end.
pub(crate) fn has_expired(session: &SessionRecord, now: UtcMs) -> bool {
    now.since_ms(session.used_at) >= IDLE_MS || now.since_ms(session.created_at) >= LIFETIME_MS
}

/// The session that a token opens. Does what its use entails, which is mostly nothing.
///
/// # Errors
/// `NotSignedIn`, `AccountGone`.
pub(crate) fn admit(server: &Server, token: SecretHash) -> Result<SessionRecord, Problem> {
    let now = server.clock.now();
    let found = server.db.read(move |tx| look(tx, &token, now))?;
    let (session, finding) = found?;
    match finding {
        Finding::Good => return Ok(session),
        Finding::Ended => return Err(ErrorCode::NotSignedIn.into()),
        Finding::Take | Finding::End(_) => {}
    }
    // What ends a session has to be kept, so that it is no refused job.
    let settled = server.db.write(move |tx| settle(tx, &token, now))?;
    if settled == Err(ErrorCode::NotSignedIn) {
        server.pokes.session_ended(session.household);
    }
    Ok(settled?)
}

/// The session of a token, and what there is to do about it; or why there is none.
fn look(
    tx: &mut dyn Tx,
    token: &SecretHash,
    now: UtcMs,
) -> Result<Result<(SessionRecord, Finding), ErrorCode>, Fault> {
    if let Some((session, held)) = tx.held(token)? {
        let finding = judge(&session, held, now);
        // An owner who was taken out of the family: their devices are told as if the account were gone, which it is
        // for them.
        if finding == Finding::Ended && tx.was_erased(token)? {
            return Ok(Err(ErrorCode::AccountGone));
        }
        return Ok(Ok((session, finding)));
    }
    Ok(Err(if tx.was_erased(token)? {
        ErrorCode::AccountGone
    } else {
        ErrorCode::NotSignedIn
    }))
}

/// Looks again, where it can be changed, and does what there is to do.
fn settle(
    tx: &mut dyn Tx,
    token: &SecretHash,
    now: UtcMs,
) -> Result<Result<SessionRecord, ErrorCode>, Fault> {
    let (session, finding) = match look(tx, token, now)? {
        Ok(found) => found,
        Err(code) => return Ok(Err(code)),
    };
    match finding {
        Finding::Good => {}
        Finding::Take => tx.take_token(&session, now)?,
        Finding::End(why) => {
            end(tx, &session, &AuditRecord::of(&session, why, now))?;
            tracing::info!(why = why.word(), "ended");
            return Ok(Err(ErrorCode::NotSignedIn));
        }
        Finding::Ended => return Ok(Err(ErrorCode::NotSignedIn)),
    }
    Ok(Ok(session))
}

/// The session's next token. The one that asks works until that is first used; asking again replaces it.
///
/// # Errors
/// `Stale` for a request that was under way while the token it came with was retired: whoever sent it has another one.
/// `TooMany` while the token has not been in use for twenty hours. `NotSignedIn`.
pub fn rotate(server: &Server, session: &SessionRecord) -> Result<RotateReply, Problem> {
    let (secret, next) = new_token(&*server.random);
    let token = session.token;
    let now = server.clock.now();
    server.db.write(move |tx| {
        let session = live_session(tx, &token)?;
        if let Some((_, Held::Retired(_))) = tx.held(&token)? {
            return Err(Problem::new(ErrorCode::Stale).into());
        }
        // A clock that was set back keeps nobody waiting for longer.
        let age = tx.token_taken_at(session.id)?.map(|at| now.since_ms(at));
        if let Some(age) = age.filter(|age| (0..ROTATE_EVERY_MS).contains(age)) {
            let seconds = u32::try_from((ROTATE_EVERY_MS - age) / 1_000).unwrap_or(u32::MAX);
            return Err(Problem::new(ErrorCode::TooMany)
                .after(seconds.saturating_add(1))
                .into());
        }
        tx.offer_token(session.id, &next)
    })?;
    Ok(RotateReply {
        token: secret.into_text(),
    })
}

#[cfg(test)]
mod tests;

//! Delete an account: everything of the family goes, here and, as they come by, on its devices.

use romp_domain::time::DAY_MS;
use romp_domain::wire::DeleteAccountRequest;
use romp_domain::{ErrorCode, Problem, UserId};

use super::live_session;
use crate::db::{DbExt, SecretHash, SessionRecord};
use crate::passwords::Check;
use crate::secrets::digest;
use crate::server::Server;
use crate::sync;

/// How long a deleted family's devices are told that it is gone. One that comes later is told that it is not signed
/// in, like any that was away for so long.
pub const DEVICES_TOLD_MS: i64 = 180 * DAY_MS;

const WRONG_PASSWORD: &str = "The password is not right.";

/// A device that was paired by code knows nobody's password, and whoever holds it need not be who owns the account.
const PAIRED: &str =
    "This device joined with a code. Please delete the account on a device on which you signed in.";

/// Deletes the household of a session, with all its users, if the session's own user proves to be there.
///
/// # Errors
/// `Forbidden` on a paired device, `WrongCredentials`, `TooMany` (per user, wherever the tries come from: only who has
/// the user's session can try, so nobody else is kept out), `NotSignedIn` and `AccountGone` (somebody was faster).
pub fn delete_account(
    server: &Server,
    session: &SessionRecord,
    request: &DeleteAccountRequest,
) -> Result<(), Problem> {
    let now = server.clock.now();
    let user = session
        .user
        .ok_or_else(|| Problem::saying(ErrorCode::Forbidden, PAIRED))?;
    let who = tries_of(user);
    server.sign_ins.count(who, now)?;
    let found = server.db.read(move |tx| tx.user(user))?;
    let stored = found.as_ref().map(|user| user.password_hash.as_str());
    if server.passwords.check(stored, request.password.expose())? == Check::Wrong {
        return Err(Problem::saying(ErrorCode::WrongCredentials, WRONG_PASSWORD));
    }
    server.sign_ins.give_back(&who);

    let (token, household) = (session.token, session.household);
    let heads = server.db.write(move |tx| {
        live_session(tx, &token)?;
        sync::erase(tx, household, now)
    })?;
    server.pokes.session_ended(household);
    for (other, head) in heads {
        server.pokes.announce(other, head);
    }
    tracing::info!(%household, "account deleted");
    Ok(())
}

/// Whose tries these are.
fn tries_of(user: UserId) -> SecretHash {
    digest(&format!("delete {}", user.0))
}

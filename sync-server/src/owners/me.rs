//! Who is signed in, and who belongs to the family.

use romp_domain::wire::{MeReply, OwnerReply, RenameRequest};
use romp_domain::{ErrorCode, Problem};

use crate::accounts::{live_session, open_session, signed_in};
use crate::db::{DbExt, SessionRecord, UserRecord};
use crate::server::Server;

/// How it stands. Whoever waits to be let in learns about oneself only.
///
/// # Errors
/// `NotSignedIn`, `AccountGone`: somebody was not let in, or taken out.
pub fn me(server: &Server, session: &SessionRecord) -> Result<MeReply, Problem> {
    let token = session.token;
    let (session, users, unverified) = server.db.read(move |tx| {
        let session = open_session(tx, &token)?;
        let users = tx.users_of(session.household)?;
        let unverified = tx.is_unverified(session.household)?;
        Ok((session, users, unverified))
    })?;
    let own = users.iter().find(|user| Some(user.id) == session.user);
    Ok(MeReply {
        me: own.map(told),
        owners: if session.waiting {
            Vec::new()
        } else {
            users.iter().map(told).collect()
        },
        unverified: unverified && !session.waiting,
        mail: server.settings.mail.is_some(),
    })
}

fn told(user: &UserRecord) -> OwnerReply {
    OwnerReply {
        user: user.id,
        name: user.name.clone(),
        email: user.email.clone(),
        verified: user.verified_at.is_some(),
        confirmed: user.confirmed_at.is_some(),
    }
}

/// Calls oneself something else.
///
/// # Errors
/// `Forbidden` on a paired device.
pub fn rename(server: &Server, session: &SessionRecord, request: RenameRequest) -> Result<(), Problem> {
    let (user, token) = (signed_in(session)?, session.token);
    let renamed = server.db.write(move |tx| {
        live_session(tx, &token)?;
        if tx.user(user)?.is_none() {
            return Err(Problem::new(ErrorCode::NotSignedIn).into());
        }
        tx.rename_user(user, &request.name)
    });
    Ok(renamed?)
}

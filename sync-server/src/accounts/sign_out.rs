//! Sign out: the session ends, at once and for every server.

use romp_domain::{AuditEvent, Problem};

use super::end;
use crate::db::{AuditRecord, DbExt, SessionRecord};
use crate::server::Server;

/// Ends the session. Ending it again is no error.
pub fn sign_out(server: &Server, session: &SessionRecord) -> Result<(), Problem> {
    let (ending, now) = (session.clone(), server.clock.now());
    server.db.write(move |tx| {
        let entry = AuditRecord::of(&ending, AuditEvent::SignedOut, now);
        end(tx, &ending, &entry)
    })?;
    server.pokes.session_ended(session.household);
    tracing::info!("signed out");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::rig::Rig;

    #[test]
    fn the_session_has_ended_and_its_listeners_are_told() {
        let rig = Rig::new();
        let reply = rig.owner(1);
        let session = rig.session(&reply.token);
        let told = rig.server.pokes.subscribe_sessions(session.household);
        sign_out(&rig.server, &session).unwrap();
        sign_out(&rig.server, &session).unwrap();
        assert!(rig.session(&reply.token).ended_at.is_some());
        assert!(told.has_changed().unwrap());
    }
}

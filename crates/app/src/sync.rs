//! One exchange with the server, now.

use romp_domain::wire::{SyncReply, SyncRequest};
use romp_domain::{ErrorCode, Problem};
use romp_sync::{Transport, exchange};

use crate::App;
use crate::link::Session;

impl Transport for Session {
    async fn sync(&self, request: &SyncRequest) -> Result<SyncReply, Problem> {
        self.server.sync(&self.token, request).await
    }
}

impl App {
    /// Exchanges until both sides have everything. One exchange at a time; a second caller waits and does its own.
    ///
    /// A session that the server does not know any more is dropped; what waits to be sent stays.
    pub(crate) async fn sync(&self) -> Result<(), Problem> {
        let _one = self.exchanging.lock().await;
        let session = self.session()?;
        let before = self.store.version();
        let running = self.link.exchanging();
        self.tell_changed();
        let result = exchange(&self.store, &session).await;
        drop(running);
        match &result {
            Ok(()) => self.link.succeed(),
            Err(problem) if problem.code == ErrorCode::NotSignedIn => self.lose_session(&session)?,
            Err(problem) => self.link.fail(problem.message.clone()),
        }
        tracing::debug!(
            ok = result.is_ok(),
            changed = self.store.version() != before,
            "exchanged"
        );
        self.tell_changed();
        result
    }

    /// The live session, or what a person has to do to get one.
    pub(crate) fn session(&self) -> Result<Session, Problem> {
        if let Some(session) = self.link.session() {
            return Ok(session);
        }
        let joined = self.store.account()?.is_some();
        Err(Problem::new(if joined {
            ErrorCode::NotSignedIn
        } else {
            ErrorCode::NotJoined
        }))
    }

    /// Forgets a session that has ended, unless a newer one took its place in the meantime.
    fn lose_session(&self, lost: &Session) -> Result<(), Problem> {
        if self
            .link
            .session()
            .is_some_and(|session| session.token == lost.token)
        {
            self.forget_session()?;
            self.link.fail(ErrorCode::NotSignedIn.sentence().to_owned());
        }
        Ok(())
    }

    /// Forgets the session here: its token in the vault and in memory, and that there is one.
    pub(crate) fn forget_session(&self) -> Result<(), Problem> {
        self.link.close();
        if let Err(error) = self.vault.clear() {
            // The database says that there is no session, so the token is not used again.
            tracing::warn!(%error, "the vault cannot be cleared");
        }
        self.store.write(|writer| Ok(writer.end_session()?))
    }
}

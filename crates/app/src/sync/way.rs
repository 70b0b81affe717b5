//! The way of an exchange to the server, round by round. The link is told of every answer.

use std::sync::{Mutex, PoisonError};

use romp_domain::wire::{SyncReply, SyncRequest};
use romp_domain::{ErrorCode, Problem};
use romp_sync::Transport;

use crate::App;
use crate::link::{Session, is_answer};

/// The way to the server.
pub(super) struct Way<'a> {
    pub(super) app: &'a App,
    /// As it was last used: its token may be replaced between two rounds, and one that was is not used any more.
    pub(super) session: &'a Mutex<Session>,
}

impl Way<'_> {
    /// The session as it is now, unless the device has left it.
    fn live(&self) -> Result<Session, Problem> {
        let live = self.app.session()?;
        let mut last = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if live.id != last.id {
            return Err(Problem::new(ErrorCode::NotSignedIn));
        }
        last.clone_from(&live);
        Ok(live)
    }
}

impl Transport for Way<'_> {
    async fn sync(&self, request: &SyncRequest) -> Result<SyncReply, Problem> {
        let Session { server, token, .. } = self.live()?;
        let result = server.sync(&token, request).await;
        if result.as_ref().err().is_none_or(is_answer) {
            self.app.link.hear(self.app.now());
        }
        result
    }
}

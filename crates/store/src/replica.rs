//! The store as the sync loop of one session sees it.

use romp_domain::wire::{SyncReply, SyncRequest};
use romp_domain::{ErrorCode, Problem, SessionId};
use romp_sync::Replica;
use romp_sync::exchange::Next;

use crate::{Reader, Store, absorb};

/// Asks and takes answers in for one session. Once the device has another one, or none, it does neither: an answer
/// to an owner's session that was long under way must not come to a device that has become a child's.
#[derive(Debug, Clone, Copy)]
pub struct SessionReplica<'s> {
    store: &'s Store,
    session: Option<SessionId>,
}

impl Store {
    /// This store in the exchanges of a session (`None`: of a device without one, as tests of the store have).
    pub const fn replica(&self, session: Option<SessionId>) -> SessionReplica<'_> {
        SessionReplica { store: self, session }
    }
}

impl SessionReplica<'_> {
    /// Read in the transaction of what depends on it.
    fn still_holds(&self, reader: &Reader<'_>) -> Result<(), Problem> {
        let now = reader.account()?.and_then(|account| account.session);
        if now == self.session {
            Ok(())
        } else {
            tracing::info!("an exchange of an ended session");
            Err(Problem::new(ErrorCode::NotSignedIn))
        }
    }
}

impl Replica for SessionReplica<'_> {
    fn next_request(&self) -> Result<SyncRequest, Problem> {
        let now = self.store.now();
        self.store.read(|reader| {
            self.still_holds(&reader)?;
            Ok(absorb::next_request(&reader, now)?)
        })
    }

    fn absorb(&self, request: &SyncRequest, reply: SyncReply) -> Result<Next, Problem> {
        self.store.write(|writer| {
            self.still_holds(&writer)?;
            Ok(absorb::absorb(&writer, request, reply)?)
        })
    }
}

//! The device's loop: ask the replica what to send, send it, let the replica absorb the answer, until both are done.

use std::future::Future;

use romp_domain::Problem;
use romp_domain::wire::{SyncReply, SyncRequest};

/// What the loop does after an answer was absorbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Mutations or rows remain.
    Again,
    /// Both sides have everything.
    Done,
}

/// The device's store, as the loop sees it.
pub trait Replica {
    /// The next request: the first unacknowledged mutations, and the cursor.
    fn next_request(&self) -> Result<SyncRequest, Problem>;

    /// Takes an answer in, in one transaction. A duplicate or late answer changes nothing that is newer.
    fn absorb(&self, request: &SyncRequest, reply: SyncReply) -> Result<Next, Problem>;
}

/// The way to the server.
pub trait Transport {
    /// One round trip.
    fn sync(&self, request: &SyncRequest) -> impl Future<Output = Result<SyncReply, Problem>> + Send;
}

/// Most round trips in one go. A bound, so that a faulty server cannot keep a device busy for ever; at 500
/// mutations or rows each, it is far above what a family has.
pub const MAX_ROUNDS: u32 = 1_000;

/// Exchanges until both sides have everything. Stops at the first error; whatever was absorbed stays.
pub async fn exchange<R: Replica, T: Transport>(replica: &R, transport: &T) -> Result<(), Problem> {
    for _ in 0..MAX_ROUNDS {
        let request = replica.next_request()?;
        let reply = transport.sync(&request).await?;
        if replica.absorb(&request, reply)? == Next::Done {
            break;
        }
    }
    Ok(())
}

//! The device's loop: ask the replica what to send, send it, let the replica absorb the answer, until both are done.

use std::future::Future;

use romp_domain::wire::{SyncReply, SyncRequest};
use romp_domain::{ErrorCode, Problem};

/// What the loop does after an answer was absorbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Mutations or rows remain.
    Again,
    /// Both sides have everything.
    Done,
    /// The server has what it can take, and tells an app that is as old as this one nothing more.
    Outdated,
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

/// Exchanges until both sides have everything. Stops at the first error; whatever was absorbed stays. Not having come to
/// an end is an error, too: nobody may take a device for up to date that is not.
pub async fn exchange<R: Replica, T: Transport>(replica: &R, transport: &T) -> Result<(), Problem> {
    for _ in 0..MAX_ROUNDS {
        let request = replica.next_request()?;
        let reply = transport.sync(&request).await?;
        match replica.absorb(&request, reply)? {
            Next::Again => {}
            Next::Done => return Ok(()),
            Next::Outdated => return Err(ErrorCode::ProtocolUnsupported.into()),
        }
    }
    Err(ErrorCode::Unavailable.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A device to which a server always says that there is more.
    struct Endless;

    impl Replica for Endless {
        fn next_request(&self) -> Result<SyncRequest, Problem> {
            Ok(SyncRequest::default())
        }

        fn absorb(&self, _request: &SyncRequest, _reply: SyncReply) -> Result<Next, Problem> {
            Ok(Next::Again)
        }
    }

    impl Transport for Endless {
        async fn sync(&self, _request: &SyncRequest) -> Result<SyncReply, Problem> {
            Ok(SyncReply::default())
        }
    }

    #[test]
    fn what_never_ends_is_no_success() {
        let ended = futures_executor::block_on(exchange(&Endless, &Endless));
        assert_eq!(ended.map_err(|problem| problem.code), Err(ErrorCode::Unavailable));
    }
}

//! An app that was never updated: it speaks the first version of the protocol, which knew of no chain, no epoch, no
//! scope and no digest, and passes over what newer servers say of them.

use romp_domain::wire::{Chain, Epoch, SyncReply, SyncRequest};

/// The version it speaks.
const PROTOCOL: u32 = 1;

/// What it sends where today's app would send `request`.
pub(crate) fn older(request: &SyncRequest) -> SyncRequest {
    SyncRequest {
        protocol: PROTOCOL,
        cursor: request.cursor,
        clock: request.clock,
        mutations: request.mutations.clone(),
        ..SyncRequest::default()
    }
}

/// What it reads of an answer.
pub(crate) fn understood(reply: SyncReply) -> SyncReply {
    SyncReply {
        epoch: Epoch::default(),
        ack_chain: Chain::default(),
        fork: None,
        compared: false,
        scope: 0,
        head: 0,
        ..reply
    }
}

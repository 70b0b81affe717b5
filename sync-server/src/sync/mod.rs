//! One exchange with a device: push, consequences, pull.
//!
//! The way of a mutation: `push` (numbering, clock) → `judge` (policy, validity) → the row → `effects` (what
//! follows for this and other families: `matchmaking`, `standing`, `playdates`) → the feed of every household concerned.
//! The way of a row: `pull` → `render` (what this session may see of it).
//!
//! Deliberately absent until their own issue: hash chain and epochs, removal of old tombstones, blocks.

mod decks;
mod effects;
mod judge;
mod matchmaking;
mod parties;
mod playdates;
mod pull;
mod push;
mod render;
mod standing;
mod swipes;
mod work;

#[cfg(test)]
mod tests;

use romp_domain::wire::{MAX_MUTATIONS, PROTOCOL, SyncReply, SyncRequest};
use romp_domain::{ErrorCode, Hlc, Problem};

use crate::db::{DbExt, SessionRecord};
use crate::server::Server;
use push::Pushed;
use work::Work;

/// Takes in what a device sends and answers with what changed for it.
pub fn sync(server: &Server, session: &SessionRecord, request: SyncRequest) -> Result<SyncReply, Problem> {
    if request.protocol != PROTOCOL {
        return Err(ErrorCode::ProtocolUnsupported.into());
    }
    if request.mutations.len() > MAX_MUTATIONS {
        return Err(ErrorCode::TooLarge.into());
    }
    let now = server.clock.now();
    let cursor = request.cursor;
    let (quiet, ack_mid) = {
        let session = session.clone();
        let empty = request.mutations.is_empty();
        server
            .db
            .read(move |tx| push::standing(Work::new(tx, now), &session, empty, cursor))?
    };
    // A device that has nothing to say and has moved nowhere costs no write.
    let pushed = if quiet {
        Pushed::nothing(ack_mid)
    } else {
        let session = session.clone();
        server
            .db
            .write(move |tx| push::push(Work::new(tx, now), &session, &request))?
    };
    announce(server, &pushed.heads);
    let rebuilt = decks::refresh(server, session.household)?;
    announce(server, &rebuilt);

    let (household, role) = (session.household, session.role);
    let page = server
        .db
        .read(move |tx| pull::page(tx, household, role, cursor, now))?;
    Ok(SyncReply {
        results: pushed.results,
        ack_mid: pushed.ack_mid,
        ack_seq: pushed.ack_seq.unwrap_or(page.head_seq),
        need_from: pushed.need_from,
        clock: page.clock.max(Hlc::at_ms(now.0)),
        rows: page.rows,
        cursor: page.cursor,
        more: page.more,
    })
}

fn announce(server: &Server, heads: &std::collections::BTreeMap<romp_domain::HouseholdId, u64>) {
    for (household, head) in heads {
        server.pokes.announce(*household, *head);
    }
}

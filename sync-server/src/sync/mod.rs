//! One exchange with a device: push, consequences, pull.
//!
//! The way of a mutation: `push` (numbering, clock) → `judge` (policy, validity) → the row → `effects` (what
//! follows for this and other families: `matchmaking`, `standing`, `playdates`, `apart`) → the feed of every household
//! concerned. The way of a row: `pull` → `render` (what this session may see of it).
//!
//! What is switched off is refused on the way (`switches`); what children do may switch something off (`habits`).
//!
//! Before anything: `speaker` (whose session, as which device). After it: `collect` (removals that all know of).

mod apart;
mod caution;
mod collect;
pub(crate) mod decks;
mod effects;
mod erase;
mod habits;
mod judge;
mod matchmaking;
mod parties;
mod patch;
mod playdates;
mod pull;
mod push;
mod render;
mod speaker;
mod standing;
mod swipes;
pub(crate) mod switches;
mod take_part;
mod unsaid;
mod work;

#[cfg(test)]
#[cfg(unix)]
mod shared_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
#[cfg(unix)]
#[expect(
    clippy::duplicate_mod,
    reason = "every test runs on both backends; the rig looks which copy it is in"
)]
#[path = "tests/mod.rs"]
mod tests_on_postgresql;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use romp_domain::policy::{RateClass, scope};
use romp_domain::wire::{
    Epoch, MAX_MUTATIONS, MutationResult, OLDEST_PROTOCOL, Outcome, PROTOCOL, SyncReply, SyncRequest,
};
use romp_domain::{DeviceId, ErrorCode, Hlc, HouseholdId, Kind, Problem, Role, UtcMs};
use romp_sync::furthest;

use crate::db::{DbExt, Fault, SessionRecord, Tx};
use crate::env::{Random, new_id};
use crate::server::Server;
use crate::tally::Called;
pub(crate) use erase::erase;
pub(crate) use habits::forget as forget_habits;
use pull::Page;
use push::Pushed;
pub(crate) use take_part::take_part;
use work::Work;

/// Takes in what a device sends and answers with what changed for it.
///
/// # Errors
/// `NotSignedIn` and `ConsentMissing` (nothing was taken in), `TooLarge` (too many mutations in one request),
/// `BadRequest` (not numbered one after the other), `TooMany` (copies of copies), `Unavailable`.
pub fn sync(
    server: &Server,
    session: &SessionRecord,
    mut request: SyncRequest,
) -> Result<SyncReply, Problem> {
    if request.mutations.len() > MAX_MUTATIONS {
        return Err(ErrorCode::TooLarge.into());
    }
    if request.digest.is_some() && !may_compare(server, session) {
        request.digest = None;
    }
    let now = server.clock.now();
    let request = Arc::new(request);
    let quiet = if request.mutations.is_empty() {
        let (session, request) = (session.clone(), request.clone());
        server.db.read(move |tx| {
            let held = push::is_quiet(Work::new(tx, now), &session, &request)?;
            held.map(|held| Ok((held, fresh_page(tx, &session, &request, now)?)))
                .transpose()
        })?
    } else {
        None
    };
    // A device that has nothing to say and has moved nowhere costs no write, and mostly one look.
    let (pushed, page) = if let Some((held, page)) = quiet {
        let pushed = Pushed {
            held,
            ..Pushed::default()
        };
        (pushed, page)
    } else {
        let (session, request) = (session.clone(), request.clone());
        let new_epoch = epoch(&*server.random);
        let pushed = server
            .db
            .write(move |tx| push::push(Work::new(tx, now), &session, &request, new_epoch))?;
        (pushed, None)
    };
    if pushed.forked {
        return Ok(forked(server, &request, now));
    }
    announce(server, &pushed.heads);
    count_changes(server, session, &request, &pushed.results, now);
    let outdated = request.protocol < OLDEST_PROTOCOL;
    if can_wait_for_rows(&request, &pushed, session.role) && !outdated {
        return Ok(acknowledged(&request, pushed, now));
    }
    let page = match page {
        Some(page) => page,
        None => page_with_decks(server, session, &request, now)?,
    };
    let reply = SyncReply {
        protocol: PROTOCOL,
        epoch: page.epoch,
        results: pushed.results,
        ack_mid: pushed.held.mid,
        ack_chain: pushed.held.chain,
        ack_seq: pushed.ack_seq.unwrap_or(page.head_seq),
        need_from: pushed.need_from,
        fork: None,
        reset: page.reset,
        compared: page.compared,
        outdated,
        scope: scope(session.role),
        head: page.head_seq,
        // What the server's own clock was ahead once, no device learns.
        clock: page.clock.min(furthest(now.0)).max(Hlc::at_ms(now.0)),
        rows: page.rows,
        cursor: page.cursor,
        more: page.more,
    };
    Ok(if outdated {
        without_rows(reply, &request)
    } else if says_nothing(&request, &reply) {
        SyncReply {
            ack_seq: 0,
            head: 0,
            ..reply
        }
    } else {
        reply
    })
}

/// Whether a device stays exactly as it was. Then nobody reads at which commit what is visible, and most exchanges are
/// like this: every byte of them counts.
fn says_nothing(request: &SyncRequest, reply: &SyncReply) -> bool {
    request.mutations.is_empty()
        && reply.rows.is_empty()
        && request.cursor > 0
        && request.cursor == reply.cursor
        && !reply.more
        && reply.reset.is_none()
        && reply.need_from.is_none()
}

/// Whether the rows of a session's device are compared this time. Where they are not, the reply says so, and the device
/// asks again with its next exchange.
fn may_compare(server: &Server, session: &SessionRecord) -> bool {
    server
        .rates
        .as_ref()
        .is_none_or(|rates| rates.count_session(RateClass::Compare, session).is_ok())
}

/// Counts the changes, by their kind and by why they were refused, if they were. In memory; a batch has hundreds of the
/// same.
fn count_changes(
    server: &Server,
    session: &SessionRecord,
    request: &SyncRequest,
    results: &[MutationResult],
    now: UtcMs,
) {
    let mut counts: Vec<(Kind, Option<ErrorCode>, u64)> = Vec::new();
    for (sent, result) in request.mutations.iter().zip(results) {
        let Some(mutation) = sent.known().filter(|mutation| mutation.mid == result.mid) else {
            continue;
        };
        let refused = match &result.outcome {
            Outcome::Rejected { problem } => Some(problem.code),
            Outcome::Applied | Outcome::Superseded => None,
        };
        let known = counts
            .iter_mut()
            .find(|(kind, code, _)| (*kind, *code) == (mutation.kind, refused));
        match known {
            Some((.., times)) => *times += 1,
            None => counts.push((mutation.kind, refused, 1)),
        }
    }
    for (kind, refused, times) in counts {
        server
            .tally
            .count_many(session.id, Called::Change(kind), refused, times, now);
    }
}

/// The page, unless decks are to be dealt before it.
fn fresh_page(
    tx: &mut dyn Tx,
    session: &SessionRecord,
    request: &SyncRequest,
    now: UtcMs,
) -> Result<Option<Page>, Fault> {
    let plays = request.protocol >= OLDEST_PROTOCOL;
    if plays && decks::is_any_due(Work::new(tx, now), session.household)? {
        return Ok(None);
    }
    pull::page(tx, session, request, now).map(Some)
}

/// The page, after the decks were dealt that are due.
fn page_with_decks(
    server: &Server,
    session: &SessionRecord,
    request: &Arc<SyncRequest>,
    now: UtcMs,
) -> Result<Page, Problem> {
    let (speaking, asked) = (session.clone(), request.clone());
    let page = server.db.read(move |tx| fresh_page(tx, &speaking, &asked, now))?;
    if let Some(page) = page {
        return Ok(page);
    }
    if server.undealt.may_try(session.household, now) {
        match deal(server, session.household) {
            Ok(rebuilt) => announce(server, &rebuilt),
            // What is stored is told all the same: a family goes on without new cards.
            Err(code) => {
                tracing::error!(code = code.word(), "decks were not dealt");
                server.undealt.note(session.household, now);
            }
        }
    }
    let (speaking, asked) = (session.clone(), request.clone());
    Ok(server.db.read(move |tx| pull::page(tx, &speaking, &asked, now))?)
}

/// Deals the family's decks that are due. A panic over somebody's rows is a failure like any other.
fn deal(server: &Server, household: HouseholdId) -> Result<BTreeMap<HouseholdId, u64>, ErrorCode> {
    catch_unwind(AssertUnwindSafe(|| decks::refresh(server, household)))
        .unwrap_or_else(|_| Err(ErrorCode::Internal.into()))
        .map_err(|problem| problem.code)
}

/// An epoch that no database had before. Never 0.
pub fn epoch(random: &dyn Random) -> Epoch {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    Epoch(u64::from_le_bytes(bytes) | 1)
}

/// Nothing was taken in, and nothing is told but the id under which the device goes on.
fn forked(server: &Server, request: &SyncRequest, now: UtcMs) -> SyncReply {
    SyncReply {
        protocol: PROTOCOL,
        epoch: request.epoch.unwrap_or_default(),
        fork: Some(DeviceId(new_id(&*server.clock, &*server.random))),
        clock: Hlc::at_ms(now.0),
        cursor: request.cursor,
        more: true,
        ..SyncReply::default()
    }
}

/// Whether a device that has more to send, and with whose cursor all is well, can be told rows with its last batch.
fn can_wait_for_rows(request: &SyncRequest, pushed: &Pushed, role: Role) -> bool {
    request.more
        && pushed.results.len() == request.mutations.len()
        && request.cursor > 0
        && request.epoch == Some(pushed.epoch)
        && request.scope == Some(scope(role))
}

/// What became of a device's mutations, and no rows.
fn acknowledged(request: &SyncRequest, pushed: Pushed, now: UtcMs) -> SyncReply {
    SyncReply {
        protocol: PROTOCOL,
        epoch: pushed.epoch,
        results: pushed.results,
        ack_mid: pushed.held.mid,
        ack_chain: pushed.held.chain,
        ack_seq: pushed.ack_seq.unwrap_or_default(),
        scope: request.scope.unwrap_or_default(),
        head: pushed.ack_seq.unwrap_or_default(),
        clock: Hlc::at_ms(now.0),
        cursor: request.cursor,
        more: true,
        ..SyncReply::default()
    }
}

/// What a device is told that is too old to understand rows: only what became of its mutations.
fn without_rows(reply: SyncReply, request: &SyncRequest) -> SyncReply {
    SyncReply {
        reset: None,
        rows: Vec::new(),
        cursor: request.cursor,
        more: false,
        ..reply
    }
}

fn announce(server: &Server, heads: &BTreeMap<HouseholdId, u64>) {
    for (household, head) in heads {
        server.pokes.announce(*household, *head);
    }
}

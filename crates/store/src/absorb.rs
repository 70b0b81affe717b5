//! The two halves of an exchange: what to send next, and taking an answer in.
//!
//! An answer may come late, twice, or to a question that is no longer asked. What it says about a mutation counts
//! only while that mutation is pending, and under the id and in the history in which that waits; its rows count only
//! beyond the cursor, and only when they follow it without a gap; and what it says about a history that broke off
//! counts only as an answer to the newest question (see `heal`). So nothing that is newer is ever replaced by something
//! older.

use std::collections::BTreeSet;

use romp_domain::time::DAY_MS;
use romp_domain::wire::{MAX_MUTATIONS, Outcome, PROTOCOL, Reset, SyncReply, SyncRequest};
use romp_domain::{Hlc, Kind, Row, Sent, UtcMs};
use romp_sync::DigestSum;
use romp_sync::exchange::Next;
use rusqlite::params;
use uuid::Uuid;

use crate::outbox::to_sql;
use crate::{Reader, StoreError, Writer};

/// Bytes of mutations in one request; what is left to [`romp_domain::wire::MAX_BODY_BYTES`] is for the rest.
pub(crate) const BATCH_BYTES: usize = 200_000;

/// How often this device's rows are compared with the server's.
const COMPARE_EVERY_MS: i64 = DAY_MS;

/// The next request: the first mutations the server has not got, and the cursor.
pub(crate) fn next_request(reader: &Reader<'_>, now: UtcMs) -> Result<SyncRequest, StoreError> {
    let batch = reader.first_pending(MAX_MUTATIONS, BATCH_BYTES)?;
    let clock = match batch.offset_ms {
        // As the clock that stamped them would show it, so that the server sees how wrong that one was.
        Some(offset_ms) => Hlc::at_ms(now.0.saturating_add(offset_ms)),
        None => reader.clock_state()?.tick(now.0),
    };
    let digest = if batch.mutations.is_empty() && is_due_for_comparison(reader, now)? {
        Some(digest(reader)?)
    } else {
        None
    };
    Ok(SyncRequest {
        protocol: PROTOCOL,
        device: Some(reader.device()?),
        epoch: reader.epoch()?,
        cursor: reader.cursor()?,
        scope: reader.scope()?,
        anew: reader.anew()?,
        clock,
        link: reader.link()?,
        adopt: reader.adopts()?,
        digest,
        more: reader.pending()?.count as usize > batch.mutations.len(),
        wait_s: 0,
        mutations: batch.mutations.into_iter().map(Sent::from).collect(),
    })
}

/// Whether everything was pulled and nobody has compared it for a while.
fn is_due_for_comparison(reader: &Reader<'_>, now: UtcMs) -> Result<bool, StoreError> {
    let rested = reader
        .compared_at()?
        // A clock that was set back must not put it off.
        .is_none_or(|at| !(0..COMPARE_EVERY_MS).contains(&now.since_ms(at)));
    Ok(rested && reader.cursor()? > 0 && reader.anew()?.is_none())
}

fn digest(reader: &Reader<'_>) -> Result<romp_domain::wire::Digest, StoreError> {
    let mut statement = reader
        .conn()
        .prepare_cached("SELECT kind, id, seq, base FROM row WHERE base IS NOT NULL AND practice = 0")?;
    let mut rows = statement.query([])?;
    let mut sum = DigestSum::default();
    while let Some(row) = rows.next()? {
        let (kind, base): (String, String) = (row.get(0)?, row.get(3)?);
        let id = Uuid::from_bytes(row.get(1)?);
        sum.add(&kind, id, row.get::<_, i64>(2)? as u64, &base);
    }
    Ok(sum.digest())
}

/// Takes an answer in: results, acknowledgements, rows, cursor and clock, all or nothing.
pub(crate) fn absorb(
    writer: &Writer<'_>,
    request: &SyncRequest,
    reply: SyncReply,
) -> Result<Next, StoreError> {
    if let Some(id) = reply.fork {
        writer.go_on_as(id, request)?;
        return Ok(Next::Again);
    }
    if reply.outdated {
        return absorb_outdated(writer, request, reply);
    }
    // Begun in another history, or with other rows than are here by now.
    let newest = writer.is_newest(request)?;
    let lost = writer.lost_from(request, &reply)?;
    // Before anything is settled: what was just sent was stamped by the clock that may turn out to be wrong, and
    // may have to be sent once more.
    writer.learn_time(request.clock, reply.clock)?;
    let mut touched = settle(writer, request, &reply)?;
    if request.adopt && newest && reply.reset != Some(Reset::Epoch) {
        writer.set_adopts(false)?;
    }
    if let Some(from) = lost {
        writer.resend_from(from, &reply)?;
    }
    let pulled = match reply.reset {
        Some(reset) if newest => {
            writer.pull_anew(reset, &reply)?;
            true
        }
        Some(_) => false,
        None => follows(writer, request, &reply)?,
    };
    if pulled {
        touched.extend(take_rows(writer, request, &reply)?);
    }
    for (kind, id) in &touched {
        writer.show(kind, *id)?;
    }
    if reply.compared && newest {
        writer.set_compared(writer.now())?;
    }
    writer.prune_swipe_log()?;
    writer.prune_outbox(told_at(&reply))?;
    if reply.more || lost.is_some() || writer.pending()?.count > 0 {
        return Ok(Next::Again);
    }
    writer.set_last_sync(writer.now())?;
    Ok(Next::Done)
}

/// Takes in what a server says to an app that is too old for its rows: what became of its mutations, also where the server
/// has begun another history. Rows stay as they are, until a newer app pulls them.
fn absorb_outdated(writer: &Writer<'_>, request: &SyncRequest, reply: SyncReply) -> Result<Next, StoreError> {
    let before = writer.pending()?.count;
    writer.learn_time(request.clock, reply.clock)?;
    for (kind, id) in settle(writer, request, &reply)? {
        writer.show(&kind, id)?;
    }
    let elsewhere = writer.epoch()?.is_some_and(|epoch| epoch != reply.epoch);
    // A server that tells no rows does not tell to begin anew with them either.
    let reply = SyncReply {
        reset: elsewhere.then_some(Reset::Epoch),
        ..reply
    };
    let newest = writer.is_newest(request)?;
    let lost = writer.lost_from(request, &reply)?;
    if let Some(from) = lost {
        writer.resend_from(from, &reply)?;
    }
    if elsewhere && newest {
        writer.pull_anew(Reset::Epoch, &reply)?;
        writer.set_epoch(reply.epoch)?;
    }
    if lost.is_some() || elsewhere && newest {
        return Ok(Next::Again);
    }
    writer.prune_outbox(told_at(&reply))?;
    let left = writer.pending()?.count;
    Ok(if left > 0 && left < before {
        Next::Again
    } else {
        Next::Outdated
    })
}

/// Whether an answer's rows follow those that are here without a gap.
///
/// While everything is pulled anew, removals are passed over that happened before: then only an answer to the newest
/// question fits.
fn follows(writer: &Writer<'_>, request: &SyncRequest, reply: &SyncReply) -> Result<bool, StoreError> {
    let (cursor, anew) = (writer.cursor()?, writer.anew()?);
    let fits = if request.cursor == 0 || request.anew.is_some() || anew.is_some() {
        request.cursor == cursor && request.anew == anew
    } else {
        request.cursor <= cursor
    };
    let epoch = writer.epoch()?;
    let same_history = request.epoch == epoch && epoch.is_none_or(|epoch| epoch == reply.epoch);
    Ok(fits && same_history && reply.cursor >= request.cursor)
}

/// The server's time in its answer.
fn told_at(reply: &SyncReply) -> UtcMs {
    UtcMs(reply.clock.ms())
}

type Touched = BTreeSet<(String, Uuid)>;

/// Marks mutations as acknowledged or refused. Returns the rows they were about.
fn settle(writer: &Writer<'_>, request: &SyncRequest, reply: &SyncReply) -> Result<Touched, StoreError> {
    let mut touched = Touched::new();
    let at = told_at(reply);
    // A device that goes on under another id, or in another history, sends what waits once more, and hears of it anew.
    let elsewhere =
        request.device != Some(writer.device()?) || writer.epoch()?.is_some_and(|epoch| epoch != reply.epoch);
    if elsewhere || reply.reset == Some(Reset::Epoch) {
        // Which mutations it still has is compared by the next request.
        return Ok(touched);
    }
    for result in &reply.results {
        touched.extend(match &result.outcome {
            Outcome::Applied | Outcome::Superseded => writer.settle_acked(result.mid, reply.ack_seq, at)?,
            Outcome::Rejected { problem } => {
                let clocks = [request.clock, reply.clock];
                writer.settle_refused(result.mid, problem, reply.ack_seq, clocks)?
            }
        });
    }
    // Only what was told of each is settled. A late answer may count mutations that it was not asked about, and
    // whether those were refused is still to be heard.
    let waiting = writer.pending_up_to(reply.ack_mid)?.first().copied();
    let settled = waiting.map_or(reply.ack_mid, |first| first - 1);
    match writer.link()? {
        Some(link) if settled > link.mid => writer.set_link(writer.link_at(link, settled)?)?,
        // Learnt from the server by a device that did not know its own.
        None if request.link.is_none() && waiting.is_none() => writer.set_link(romp_domain::wire::Link {
            mid: reply.ack_mid,
            chain: reply.ack_chain,
        })?,
        _ => {}
    }
    Ok(touched)
}

/// Puts the rows beyond the cursor in their places and moves it. Returns which rows may look different now.
fn take_rows(writer: &Writer<'_>, request: &SyncRequest, reply: &SyncReply) -> Result<Touched, StoreError> {
    let mut touched = Touched::new();
    let cursor = writer.cursor()?;
    let laid_over = writer.laid_over(reply.cursor)?;
    let mut forgets = false;
    let mut rows: Vec<_> = reply.rows.iter().filter(|row| row.seq > cursor).collect();
    // In the order in which they are stored: each page of the file is then written to in one go.
    rows.sort_by_key(|row| (&row.kind, row.id));
    for row in rows {
        // A playdate stays as a row when the other family has gone; what it said of that one goes.
        forgets |= row.fields.is_none() || row.kind == Kind::Playdate.word();
        let key = (row.kind.clone(), row.id);
        if laid_over.contains(&key) {
            set_base(writer, row)?;
            touched.insert(key);
        } else {
            writer.show_base(row)?;
        }
    }
    if reply.more {
        writer.set_seen(Some(writer.seen()?))?;
    }
    if reply.cursor > cursor {
        writer.set_cursor(reply.cursor)?;
        touched.extend(writer.acked_between(cursor, reply.cursor)?);
    }
    writer.set_epoch(reply.epoch)?;
    writer.set_scope(reply.scope)?;
    if cursor == 0 {
        writer.set_anew(Some(reply.head))?;
    }
    // A late answer to an earlier page does not end what a later one goes on with.
    if !reply.more && reply.cursor >= cursor && (request.cursor == cursor || reply.reset.is_some()) {
        writer.set_anew(None)?;
        writer.set_seen(None)?;
        let swept = writer.sweep_stale()?;
        forgets |= !swept.is_empty();
        touched.extend(swept);
    }
    if forgets {
        writer.set_scrub_due()?;
    }
    Ok(touched)
}

/// Puts the server's row in the place of the one before. Kinds and fields this build does not know are kept.
fn set_base(writer: &Writer<'_>, row: &Row) -> Result<(), StoreError> {
    let base = row.fields.as_ref().map(serde_json::to_string).transpose()?;
    writer
        .conn()
        .prepare_cached(
            "INSERT INTO row (kind, id, seq, base, over) VALUES (?1, ?2, ?3, ?4, '')
             ON CONFLICT (kind, id) DO UPDATE SET
             over = coalesce(shown, ''), seq = excluded.seq, base = excluded.base, stale = 0",
        )?
        .execute(params![row.kind, row.id.as_bytes(), to_sql(row.seq), base])?;
    Ok(())
}

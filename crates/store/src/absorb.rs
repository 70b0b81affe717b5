//! The two halves of an exchange: what to send next, and taking an answer in.
//!
//! An answer may come late, twice, or to a question that is no longer asked. What it says about a mutation counts
//! only while that mutation is pending; its rows count only beyond the cursor, and only when they follow it
//! without a gap. So nothing that is newer is ever replaced by something older.

use std::collections::BTreeSet;

use romp_domain::wire::{MAX_MUTATIONS, Outcome, PROTOCOL, SyncReply, SyncRequest};
use romp_domain::{Hlc, Row, UtcMs};
use romp_sync::clock::MAX_AHEAD_MS;
use romp_sync::exchange::Next;
use rusqlite::params;
use uuid::Uuid;

use crate::outbox::to_sql;
use crate::{Reader, StoreError, Writer};

/// Bytes of mutations in one request; what is left to [`romp_domain::wire::MAX_BODY_BYTES`] is for the rest.
const BATCH_BYTES: usize = 900_000;

/// The next request: the first mutations the server has not got, and the cursor.
pub(crate) fn next_request(reader: &Reader<'_>, now: UtcMs) -> Result<SyncRequest, StoreError> {
    Ok(SyncRequest {
        protocol: PROTOCOL,
        cursor: reader.cursor()?,
        clock: reader.clock_state()?.tick(now.0),
        mutations: reader.first_pending(MAX_MUTATIONS, BATCH_BYTES)?,
    })
}

/// Takes an answer in: results, acknowledgements, rows, cursor and clock, all or nothing.
pub(crate) fn absorb(
    writer: &Writer<'_>,
    request: &SyncRequest,
    reply: SyncReply,
) -> Result<Next, StoreError> {
    let lost = writer.lost_from(request, &reply)?;
    let mut touched = settle(writer, &reply)?;
    learn_time(writer, request.clock, reply.clock)?;
    if let Some(from) = lost {
        writer.resend_from(from, reply.ack_seq)?;
    }
    let cursor = writer.cursor()?;
    if lost.is_none() && request.cursor <= cursor && reply.cursor >= request.cursor {
        for row in reply.rows.iter().filter(|row| row.seq > cursor) {
            set_base(writer, row)?;
            touched.insert((row.kind.clone(), row.id));
        }
        if reply.cursor > cursor {
            writer.set_cursor(reply.cursor)?;
            touched.extend(writer.acked_between(cursor, reply.cursor)?);
        }
    }
    for (kind, id) in &touched {
        writer.show(kind, *id)?;
    }
    writer.prune_swipe_log()?;
    writer.prune_outbox()?;
    if reply.more || lost.is_some() || writer.pending()?.count > 0 {
        return Ok(Next::Again);
    }
    writer.set_last_sync(writer.now())?;
    Ok(Next::Done)
}

type Touched = BTreeSet<(String, Uuid)>;

/// Marks mutations as acknowledged or refused. Returns the rows they were about.
fn settle(writer: &Writer<'_>, reply: &SyncReply) -> Result<Touched, StoreError> {
    let mut touched = Touched::new();
    for result in &reply.results {
        touched.extend(match &result.outcome {
            Outcome::Applied | Outcome::Superseded => writer.settle_acked(result.mid, reply.ack_seq)?,
            Outcome::Rejected { problem } => writer.settle_rejected(result.mid, problem)?,
        });
    }
    for mid in writer.pending_up_to(reply.ack_mid)? {
        touched.extend(writer.settle_acked(mid, reply.ack_seq)?);
    }
    Ok(touched)
}

/// Learns from the server's clock how wrong this one is.
///
/// Only a prompt answer is used: one that was under way for long tells an old time. When the clock turns out to
/// be far off, the stamps of what is still to be sent are moved by the same distance, because they go out under
/// the corrected clock. No stamp is ever compared on the device, so moving them has no other effect here.
fn learn_time(writer: &Writer<'_>, sent: Hlc, server: Hlc) -> Result<(), StoreError> {
    let mut clock = writer.clock_state()?;
    let wall_ms = writer.now().0;
    let mut probe = clock;
    let under_way_ms = probe.tick(wall_ms).ms().saturating_sub(sent.ms());
    if !(0..=MAX_AHEAD_MS).contains(&under_way_ms) {
        clock.last = clock.last.max(server);
        return writer.set_clock_state(clock);
    }
    let before_ms = clock.offset_ms;
    clock.observe(server, wall_ms);
    let moved_ms = clock.offset_ms.saturating_sub(before_ms);
    if moved_ms.abs() > MAX_AHEAD_MS {
        clock.last = writer.move_pending_stamps(moved_ms)?.max(server);
    }
    writer.set_clock_state(clock)
}

/// Puts the server's row in the place of the one before. Kinds and fields this build does not know are kept.
fn set_base(writer: &Writer<'_>, row: &Row) -> Result<(), StoreError> {
    let base = row.fields.as_ref().map(serde_json::to_string).transpose()?;
    writer
        .conn()
        .prepare_cached(
            "INSERT INTO row (kind, id, seq, base) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (kind, id) DO UPDATE SET seq = excluded.seq, base = excluded.base",
        )?
        .execute(params![row.kind, row.id.as_bytes(), to_sql(row.seq), base])?;
    Ok(())
}

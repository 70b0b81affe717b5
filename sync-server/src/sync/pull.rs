//! A page of what changed for a session since its cursor. Pages never split a commit.
//!
//! A cursor that means nothing any more starts over, and the reply says why ([`Reset`]). A device that has everything
//! may have its digest compared.

use romp_domain::policy::scope;
use romp_domain::wire::{Digest, Epoch, Reset, SyncRequest};
use romp_domain::{Fields, Hlc, Kind, Problem, Row, UtcMs};
use romp_sync::DigestSum;
use serde_json::Value;

use super::render::{Seen, render};
use super::speaker::still_admitted;
use super::work::Work;
use crate::db::{Fault, FeedEntry, SessionRecord, Tx};

/// Most rows of a page, unless a single commit has more.
const PAGE_ROWS: usize = 2_000;
/// Most bytes of a page's rows, about, unless a single commit has more.
const PAGE_BYTES: usize = 256 * 1024;

/// A page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) epoch: Epoch,
    pub(super) reset: Option<Reset>,
    pub(super) compared: bool,
    pub(super) rows: Vec<Row>,
    pub(super) cursor: u64,
    pub(super) more: bool,
    pub(super) head_seq: u64,
    pub(super) clock: Hlc,
}

/// The page after the request's cursor, or the first one when that means nothing any more.
pub(super) fn page(
    tx: &mut dyn Tx,
    session: &SessionRecord,
    request: &SyncRequest,
    now: UtcMs,
) -> Result<Page, Fault> {
    let mut work = Work::new(tx, now);
    still_admitted(&mut work, session)?;
    let epoch = work.tx.epoch()?;
    let household = work
        .tx
        .household(session.household)?
        .ok_or_else(|| Problem::new(romp_domain::ErrorCode::AccountGone))?;
    let head_seq = household.head_seq;
    let mut reset = if request.epoch.is_some_and(|of_device| of_device != epoch) {
        Some(Reset::Epoch)
    } else if request.cursor > head_seq {
        Some(Reset::Ahead)
    } else if request.cursor > 0 && knows_removals_up_to(request) < household.gc_floor {
        Some(Reset::TooOld)
    } else if request
        .scope
        .is_some_and(|of_device| of_device != scope(session.role))
    {
        Some(Reset::Scope)
    } else {
        None
    };
    let at_head = reset.is_none() && request.cursor == head_seq;
    let told = request.digest.filter(|_| at_head);
    if let Some(told) = told
        && digest(&mut work, session, head_seq)? != told
    {
        reset = Some(Reset::Digest);
    }
    let (after, forgotten) = if reset.is_some() || request.cursor == 0 {
        (0, head_seq)
    } else {
        (request.cursor, request.anew.unwrap_or(0))
    };
    let listed = work.tx.feed(session.household, after, forgotten, PAGE_ROWS)?;
    let (rows, reached) = rows(&mut work, session, &listed)?;
    // What is left may be removals only, which are passed over.
    let reached = match reached {
        Some(seq) if !work.tx.feed(session.household, seq, forgotten, 1)?.is_empty() => seq,
        _ => head_seq,
    };
    Ok(Page {
        epoch,
        reset,
        compared: told.is_some(),
        rows,
        cursor: reached,
        more: reached < head_seq,
        head_seq,
        clock: household.clock,
    })
}

/// Up to which commit the device needs no removals: those before its cursor it has heard of, and those before it began
/// to pull everything anew concern rows that it was never sent.
fn knows_removals_up_to(request: &SyncRequest) -> u64 {
    request.cursor.max(request.anew.unwrap_or(0))
}

/// What the session may see of the listed rows, commit by commit until the page is full; and the last commit that is
/// among them.
fn rows(
    work: &mut Work<'_>,
    session: &SessionRecord,
    listed: &[FeedEntry],
) -> Result<(Vec<Row>, Option<u64>), Fault> {
    let (mut rows, mut bytes, mut reached) = (Vec::with_capacity(listed.len()), 0, None);
    for commit in listed.chunk_by(|one, other| one.seq == other.seq) {
        if bytes >= PAGE_BYTES {
            break;
        }
        reached = commit.last().map(|entry| entry.seq);
        let swipes = commit
            .iter()
            .filter(|entry| entry.kind == Kind::Swipe)
            .map(|entry| entry.id);
        work.expect_swipes(session.household, &swipes.collect::<Vec<_>>())?;
        for entry in commit {
            let Some(row) = row(work, session, *entry)? else {
                continue;
            };
            bytes += row.fields.as_ref().map_or(0, size) + ENVELOPE_BYTES;
            rows.push(row);
        }
    }
    Ok((rows, reached))
}

/// A row besides its fields.
const ENVELOPE_BYTES: usize = 40;

fn row(work: &mut Work<'_>, session: &SessionRecord, entry: FeedEntry) -> Result<Option<Row>, Fault> {
    let fields = match render(work, session, entry.kind, entry.id)? {
        Seen::Never => return Ok(None),
        Seen::Removed => None,
        Seen::Fields(fields) => Some(fields),
    };
    Ok(Some(Row {
        kind: entry.kind.word().to_owned(),
        id: entry.id,
        seq: entry.seq,
        fields,
    }))
}

/// About how many bytes fields have as JSON.
fn size(fields: &Fields) -> usize {
    fields
        .0
        .iter()
        .map(|(name, value)| name.len() + 4 + size_of_value(value))
        .sum()
}

fn size_of_value(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(list) => list.iter().map(|value| size_of_value(value) + 1).sum::<usize>() + 2,
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| name.len() + 4 + size_of_value(value))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 5,
    }
}

/// The sum over everything that a session sees at commit `head_seq`.
fn digest(work: &mut Work<'_>, session: &SessionRecord, head_seq: u64) -> Result<Digest, Fault> {
    let mut sum = DigestSum::default();
    for entry in work.tx.feed(session.household, 0, head_seq, usize::MAX >> 1)? {
        if let Some(Row {
            kind,
            id,
            seq,
            fields: Some(fields),
        }) = row(work, session, entry)?
        {
            let text = serde_json::to_string(&fields).map_err(|error| Fault::Backend(error.to_string()))?;
            sum.add(&kind, id, seq, &text);
        }
    }
    Ok(sum.digest())
}

//! A page of what changed for a session since its cursor. Pages never split a commit.

use romp_domain::{Hlc, HouseholdId, Problem, Role, Row, UtcMs};

use super::render::{Seen, render};
use super::work::Work;
use crate::db::{Fault, Tx};

/// Most rows of a page, unless a single commit has more.
const PAGE_ROWS: usize = 500;

/// A page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) rows: Vec<Row>,
    pub(super) cursor: u64,
    pub(super) more: bool,
    pub(super) head_seq: u64,
    pub(super) clock: Hlc,
}

/// The page after `cursor`. A cursor from the future (a forged one, or of a server that lost data) starts over.
pub(super) fn page(
    tx: &mut dyn Tx,
    household: HouseholdId,
    role: Role,
    cursor: u64,
    now: UtcMs,
) -> Result<Page, Fault> {
    let mut work = Work::new(tx, now);
    let account = work
        .tx
        .household(household)?
        .ok_or_else(|| Problem::new(romp_domain::ErrorCode::NotSignedIn))?;
    let after = if cursor > account.head_seq { 0 } else { cursor };
    let entries = work.tx.feed(household, after, PAGE_ROWS)?;
    let reached = entries.last().map_or(account.head_seq, |entry| entry.seq);
    let more = reached < account.head_seq;
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let fields = match render(&mut work, household, role, entry.kind, entry.id)? {
            Seen::Never => continue,
            Seen::Removed => None,
            Seen::Fields(fields) => Some(fields),
        };
        rows.push(Row {
            kind: entry.kind.word().to_owned(),
            id: entry.id,
            seq: entry.seq,
            fields,
        });
    }
    Ok(Page {
        rows,
        cursor: reached,
        more,
        head_seq: account.head_seq,
        clock: account.clock,
    })
}

//! How often each session called what, and how it went: counted in memory, written down every few seconds.
//!
//! A request costs no write for this. A crash loses the counts of the last seconds, never an entry of the security log,
//! which is written with what it tells of. A server that is asked to stop writes its last counts down.
//!
//! Deliberately absent: what was said in a call. Only the endpoint or the kind of a change, and the code of a refusal.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use romp_domain::audit::KEPT_DAYS;
use romp_domain::policy::Endpoint;
use romp_domain::time::DAY_MS;
use romp_domain::{ErrorCode, Kind, SessionId, UtcMs};

use crate::db::{CallCount, DbExt, Fault};
use crate::server::Server;

/// How long counts are kept, in days.
pub const COUNTS_KEPT_DAYS: i64 = 30;

/// Between two times that counts are written down.
const EVERY: Duration = Duration::from_secs(10);

/// Most counts in memory. Beyond it, what is new is not counted until the others are written down.
const MOST: usize = 50_000;

/// Most counts or old entries in one job: others want to write, too.
const AT_ONCE: usize = 500;

/// What was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Called {
    /// An endpoint.
    Endpoint(Endpoint),
    /// A change of this kind, pushed through sync.
    Change(Kind),
}

impl Called {
    fn word(self) -> String {
        match self {
            Self::Endpoint(endpoint) => endpoint.word().to_owned(),
            Self::Change(kind) => format!("change:{}", kind.word()),
        }
    }
}

/// By whom, when, what, and why it was refused.
type Key = (SessionId, i64, Called, Option<ErrorCode>);

/// The counts that are not written down yet.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<HashMap<Key, u64>>);

impl Tally {
    /// Counts a call.
    pub(crate) fn count(&self, session: SessionId, called: Called, refused: Option<ErrorCode>, now: UtcMs) {
        self.count_many(session, called, refused, 1, now);
    }

    /// Counts so many at once.
    pub(crate) fn count_many(
        &self,
        session: SessionId,
        called: Called,
        refused: Option<ErrorCode>,
        times: u64,
        now: UtcMs,
    ) {
        self.add((session, now.0.div_euclid(DAY_MS), called, refused), times);
    }

    fn add(&self, key: Key, count: u64) {
        let mut counts = self.lock();
        if counts.len() < MOST || counts.contains_key(&key) {
            *counts.entry(key).or_default() += count;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the counts down. Those that cannot be written are kept for the next time.
    pub(crate) fn flush(&self, server: &Server) {
        let counts: Vec<_> = std::mem::take(&mut *self.lock()).into_iter().collect();
        for some in counts.chunks(AT_ONCE) {
            let records: Vec<_> = some.iter().map(record).collect();
            if let Err(fault) = server.db.write(move |tx| tx.add_calls(&records)) {
                tracing::warn!(%fault, "what was called could not be written down");
                for (key, count) in some {
                    self.add(*key, *count);
                }
            }
        }
    }
}

fn record(((session, day, called, refused), count): &(Key, u64)) -> CallCount {
    CallCount {
        session: *session,
        day: UtcMs(day.saturating_mul(DAY_MS)),
        what: called.word(),
        outcome: refused.map_or("ok", ErrorCode::word).to_owned(),
        count: *count,
    }
}

/// Writes counts down for as long as the server runs, and forgets what is older than it is to be kept.
pub(crate) async fn keep(server: Arc<Server>) -> Infallible {
    loop {
        tokio::time::sleep(EVERY).await;
        let turned_away = server.turned_away.take();
        if turned_away > 0 {
            tracing::warn!(turned_away, "more was asked than can be done");
        }
        server.unlisted.tell();
        let working = Arc::clone(&server);
        let work = move || {
            working.tally.flush(&working);
            if let Err(fault) = forget(&working) {
                tracing::warn!(%fault, "what is old could not be forgotten");
            }
        };
        // A panic has been told by the hook; the next round tries again.
        let _ = tokio::task::spawn_blocking(work).await;
    }
}

/// Forgets old counts and old entries of the security log, a part of them at a time.
fn forget(server: &Server) -> Result<(), Fault> {
    let now = server.clock.now();
    // A day is over a day after it began.
    let (entries, counts) = (
        now.plus_ms(-KEPT_DAYS * DAY_MS),
        now.plus_ms(-(COUNTS_KEPT_DAYS + 1) * DAY_MS),
    );
    // Looked for first: nothing is old most of the time, and looking is no write.
    let is_any = server.db.read(move |tx| tx.is_any_older(entries, counts))?;
    if is_any {
        server.db.write(move |tx| {
            tx.forget_audit(entries, AT_ONCE)?;
            tx.forget_calls(counts, AT_ONCE)
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::activity;
    use crate::accounts::rig::Rig;
    use crate::db::AuditRecord;
    use romp_domain::AuditEvent;
    use romp_domain::wire::{ActivityReply, ActivityRequest};

    fn seen(rig: &Rig, token: &str) -> ActivityReply {
        activity(&rig.server, &rig.session(token), ActivityRequest::default()).unwrap()
    }

    fn counts(rig: &Rig, token: &str) -> Vec<(String, String, u64)> {
        let calls = seen(rig, token).calls.into_iter();
        let mut counts: Vec<_> = calls.map(|call| (call.what, call.outcome, call.count)).collect();
        counts.sort();
        counts
    }

    #[test]
    fn counts_add_up_by_day_and_outcome_and_another_household_does_not_see_them() {
        let rig = Rig::new();
        let (owner, other) = (rig.owner(1), rig.owner(2));
        let count = |called, refused| {
            let now = rig.now();
            rig.server.tally.count(owner.session, called, refused, now);
        };
        let pet = Called::Change(Kind::Pet);
        for _ in 0..2 {
            count(Called::Endpoint(Endpoint::Sync), None);
            count(pet, Some(ErrorCode::SwitchedOff));
            rig.server.tally.flush(&rig.server);
            count(Called::Endpoint(Endpoint::Sync), None);
        }
        rig.server.tally.flush(&rig.server);
        let expected = [("change:pet", "switched_off", 2), ("sync", "ok", 4)];
        let expected = expected.map(|(what, outcome, n)| (what.to_owned(), outcome.to_owned(), n));
        assert_eq!(counts(&rig, &owner.token), expected);
        assert!(counts(&rig, &other.token).is_empty());
        rig.pass(DAY_MS);
        count(pet, None);
        rig.server.tally.flush(&rig.server);
        assert_eq!(
            seen(&rig, &owner.token).calls[0].outcome,
            "ok",
            "the last day first"
        );
    }

    #[test]
    fn what_is_old_goes_and_what_is_not_stays() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let sync = Called::Endpoint(Endpoint::Sync);
        rig.server.tally.count(owner.session, sync, None, rig.now());
        rig.server.tally.flush(&rig.server);
        let (household, now) = (owner.household, rig.now());
        let later = AuditRecord::new(AuditEvent::SwitchSet, now.plus_ms(DAY_MS));
        rig.server
            .db
            .write(move |tx| tx.append_audit(household, &later))
            .unwrap();
        rig.pass(COUNTS_KEPT_DAYS * DAY_MS);
        forget(&rig.server).unwrap();
        assert_eq!(counts(&rig, &owner.token).len(), 1);
        rig.pass(DAY_MS);
        forget(&rig.server).unwrap();
        assert!(counts(&rig, &owner.token).is_empty());
        assert_eq!(seen(&rig, &owner.token).log.len(), 2);
        rig.pass((KEPT_DAYS - COUNTS_KEPT_DAYS) * DAY_MS - 1);
        forget(&rig.server).unwrap();
        let log = seen(&rig, &owner.token).log;
        assert_eq!(log.len(), 1);
        assert_eq!(log[0].event, AuditEvent::SwitchSet);
    }

    #[test]
    fn memory_is_bounded_and_what_is_counted_already_goes_on() {
        let tally = Tally::default();
        let session = |n: usize| SessionId(uuid::Uuid::from_u128(n as u128));
        let sync = Called::Endpoint(Endpoint::Sync);
        for n in 0..MOST + 10 {
            tally.count(session(n), sync, None, UtcMs(0));
        }
        tally.count(session(0), sync, None, UtcMs(0));
        assert_eq!(tally.lock().len(), MOST);
        assert_eq!(tally.lock()[&(session(0), 0, sync, None)], 2);
    }
}

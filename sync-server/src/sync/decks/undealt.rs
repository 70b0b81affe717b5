//! Families whose decks could not be dealt lately. In memory: a deal is due again with every exchange, and one that fails
//! must not be tried with each.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use romp_domain::time::MINUTE_MS;
use romp_domain::{HouseholdId, UtcMs};

/// How long until it is tried once more.
const AGAIN_MS: i64 = 10 * MINUTE_MS;

/// When dealing last failed, by family.
#[derive(Debug, Default)]
pub(crate) struct Undealt(Mutex<HashMap<HouseholdId, UtcMs>>);

impl Undealt {
    fn failed(&self) -> MutexGuard<'_, HashMap<HouseholdId, UtcMs>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a family's decks may be dealt.
    pub(crate) fn may_try(&self, household: HouseholdId, now: UtcMs) -> bool {
        self.failed()
            .get(&household)
            .is_none_or(|at| !is_recent(*at, now))
    }

    /// Dealing has failed.
    pub(crate) fn note(&self, household: HouseholdId, now: UtcMs) {
        let mut failed = self.failed();
        failed.retain(|_, at| is_recent(*at, now));
        failed.insert(household, now);
    }
}

fn is_recent(at: UtcMs, now: UtcMs) -> bool {
    (0..AGAIN_MS).contains(&now.since_ms(at))
}

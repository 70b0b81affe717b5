//! How many bodies of exchanges are on their way or being worked on at once, and how much memory they take: so many of a
//! session, so many bytes of a family, so many of all. What is beyond is refused, with the time after which to come back.
//!
//! Bytes count when they are there, not when they are announced, and while a body is on its way each counts as one: whoever
//! sends slowly, or never ends, takes what is kept of it from the others and no more. What it takes to read it counts once
//! it is there. The first [`PORTION_BYTES`] of each are free, so that nobody keeps anybody from an exchange with little in
//! it.
//!
//! Deliberately absent: the small bodies of the other endpoints, which strangers may send. They must not use up what
//! exchanges need; connections bound them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use romp_domain::{ErrorCode, HouseholdId, Problem, SessionId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bodies of one session at once: the one in use, and what is left of some that broke off.
const EACH: usize = 4;

/// Bytes of memory for all.
const BUDGET_BYTES: usize = 256 * 1024 * 1024;

/// In which portions they are given out.
const PORTION_BYTES: usize = 64 * 1024;

/// Portions of one family: a body of the largest size in the encoding that takes most. Others are left three times that.
const OF_A_FAMILY: usize = BUDGET_BYTES / PORTION_BYTES / 4;

/// Seconds after which it is worth trying again; the app adds some of its own, at random.
const RETRY_AFTER_S: u32 = 2;

/// The bodies on their way.
#[derive(Debug)]
pub(crate) struct Bodies {
    budget: Arc<Semaphore>,
    here: Mutex<Here>,
}

#[derive(Debug, Default)]
struct Here {
    /// Bodies.
    sessions: HashMap<SessionId, usize>,
    /// Portions.
    families: HashMap<HouseholdId, usize>,
}

impl Default for Bodies {
    fn default() -> Self {
        Self {
            budget: Arc::new(Semaphore::new(BUDGET_BYTES / PORTION_BYTES)),
            here: Mutex::default(),
        }
    }
}

impl Bodies {
    /// Begins to read a body of this session.
    ///
    /// # Errors
    /// `TooMany` where so many of them are being read.
    pub(crate) fn begin(
        self: &Arc<Self>,
        household: HouseholdId,
        session: SessionId,
    ) -> Result<Reading, Problem> {
        if !self.lock().sessions.add(session, 1, EACH) {
            return Err(Problem::new(ErrorCode::TooMany).after(RETRY_AFTER_S));
        }
        Ok(Reading {
            bodies: Arc::clone(self),
            household,
            session,
            portions: 0,
            held: None,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Here> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body on its way, and the memory it takes until this is dropped.
#[derive(Debug)]
pub(crate) struct Reading {
    bodies: Arc<Bodies>,
    household: HouseholdId,
    session: SessionId,
    portions: usize,
    held: Option<OwnedSemaphorePermit>,
}

impl Reading {
    /// So many bytes of memory are taken for it by now.
    ///
    /// # Errors
    /// `TooMany` where those of the family take too much, `Unavailable` where all together do.
    pub(crate) fn takes(&mut self, bytes: usize) -> Result<(), Problem> {
        let portions = bytes.div_ceil(PORTION_BYTES).saturating_sub(1);
        let more = portions.saturating_sub(self.portions);
        if more == 0 {
            return Ok(());
        }
        let full = |code| Problem::new(code).after(RETRY_AFTER_S);
        let budget = Arc::clone(&self.bodies.budget);
        let permits = u32::try_from(more).map_err(|_| full(ErrorCode::Unavailable))?;
        let taken = budget.try_acquire_many_owned(permits);
        let taken = taken.map_err(|_| full(ErrorCode::Unavailable))?;
        if !self.bodies.lock().families.add(self.household, more, OF_A_FAMILY) {
            return Err(full(ErrorCode::TooMany));
        }
        self.portions = portions;
        match &mut self.held {
            Some(held) => held.merge(taken),
            None => self.held = Some(taken),
        }
        Ok(())
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut here = self.bodies.lock();
        here.sessions.remove_some(self.session, 1);
        here.families.remove_some(self.household, self.portions);
    }
}

/// How much each has of something; who has nothing is not in it.
trait Counts<K> {
    /// So much more, unless that is more than `most`.
    fn add(&mut self, key: K, more: usize, most: usize) -> bool;
    /// So much less.
    fn remove_some(&mut self, key: K, less: usize);
}

impl<K: Hash + Eq> Counts<K> for HashMap<K, usize> {
    fn add(&mut self, key: K, more: usize, most: usize) -> bool {
        let has = self.get(&key).copied().unwrap_or_default();
        let fits = has + more <= most;
        if fits {
            self.insert(key, has + more);
        }
        fits
    }

    fn remove_some(&mut self, key: K, less: usize) {
        let Some(has) = self.get_mut(&key) else { return };
        *has = has.saturating_sub(less);
        if *has == 0 {
            self.remove(&key);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use romp_domain::wire::MAX_BODY_BYTES;
    use romp_sync::codec::MEMORY;
    use uuid::Uuid;

    use super::*;

    fn somebody(n: u128) -> (HouseholdId, SessionId) {
        (HouseholdId(Uuid::from_u128(n)), SessionId(Uuid::from_u128(n)))
    }

    /// As many bodies as one session may have on their way.
    pub(crate) fn all_of(bodies: &Arc<Bodies>, session: SessionId) -> Vec<Reading> {
        let family = HouseholdId(Uuid::from_u128(1));
        std::iter::from_fn(|| bodies.begin(family, session).ok()).collect()
    }

    /// Bodies that take all the memory there is, of families that each take what they can.
    pub(crate) fn everything(bodies: &Arc<Bodies>) -> Vec<Reading> {
        let most = (OF_A_FAMILY + 1) * PORTION_BYTES;
        let all = (1_000..1_004).map(|n| {
            let (family, session) = somebody(n);
            let mut reading = bodies.begin(family, session).unwrap();
            reading.takes(most).unwrap();
            reading
        });
        all.collect()
    }

    fn refused(reading: &mut Reading, bytes: usize) -> (ErrorCode, Option<u32>) {
        let problem = reading.takes(bytes).unwrap_err();
        (problem.code, problem.retry_after_s)
    }

    #[test]
    fn row_33_a_session_has_four_bodies_on_their_way_and_keeps_no_other_out() {
        let bodies = Arc::new(Bodies::default());
        let ((family, one), (_, other)) = (somebody(1), somebody(2));
        let mut readings = all_of(&bodies, one);
        assert_eq!(readings.len(), 4);
        let refused = bodies.begin(family, one).unwrap_err();
        assert_eq!(
            (refused.code, refused.retry_after_s),
            (ErrorCode::TooMany, Some(2))
        );
        readings.push(bodies.begin(family, other).unwrap());
        readings.remove(0);
        readings.push(bodies.begin(family, one).unwrap());
        readings.clear();
        assert!(bodies.lock().sessions.is_empty());
    }

    #[test]
    fn row_33_one_family_takes_a_quarter_of_the_memory_however_many_devices_it_has() {
        let bodies = Arc::new(Bodies::default());
        let (family, _) = somebody(1);
        let mut readings = Vec::new();
        for device in 0..64 {
            for mut reading in all_of(&bodies, somebody(device).1) {
                if reading.takes(MEMORY[1] * MAX_BODY_BYTES).is_ok() {
                    readings.push(reading);
                }
            }
        }
        assert_eq!(readings.len(), 1, "the largest body there can be");
        let mut more = bodies.begin(family, somebody(99).1).unwrap();
        assert_eq!(
            refused(&mut more, 3 * PORTION_BYTES),
            (ErrorCode::TooMany, Some(2))
        );
        let (others, device) = somebody(2);
        bodies
            .begin(others, device)
            .unwrap()
            .takes(MEMORY[1] * MAX_BODY_BYTES)
            .unwrap();
        drop((readings, more));
        assert!(bodies.lock().families.is_empty());
    }

    #[test]
    fn row_33_all_bodies_together_take_so_much_memory_give_it_back_and_keep_nobody_from_little_ones() {
        let bodies = Arc::new(Bodies::default());
        let readings = everything(&bodies);
        let held: usize = readings.iter().map(|reading| reading.portions).sum();
        assert_eq!(held, BUDGET_BYTES / PORTION_BYTES);
        let (family, session) = somebody(99);
        let mut late = bodies.begin(family, session).unwrap();
        late.takes(PORTION_BYTES).unwrap();
        assert_eq!(
            refused(&mut late, PORTION_BYTES + 1),
            (ErrorCode::Unavailable, Some(2))
        );
        drop(readings);
        for bytes in [100, 2 * PORTION_BYTES, MAX_BODY_BYTES] {
            late.takes(bytes).unwrap();
        }
        drop(late);
        assert_eq!(bodies.budget.available_permits(), BUDGET_BYTES / PORTION_BYTES);
        assert!(bodies.lock().families.is_empty());
    }
}

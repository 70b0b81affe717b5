//! How many bodies of exchanges are on their way or being worked on at once, and how much memory they take: so many of a
//! session, so many bytes of all. What is beyond is refused, with the time after which to come back.
//!
//! Bytes count when they are there, not when they are announced: whoever sends slowly takes little from the others.
//! Deliberately absent: the small bodies of the other endpoints, which strangers may send. They must not use up what
//! exchanges need; connections bound them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use romp_domain::{ErrorCode, Problem, SessionId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bodies of one session at once: the one in use, and what is left of some that broke off.
const EACH: usize = 4;

/// Bytes of memory for all.
const BUDGET_BYTES: usize = 256 * 1024 * 1024;

/// In which portions they are given out.
const PORTION_BYTES: usize = 64 * 1024;

/// Seconds after which it is worth trying again; the app adds some of its own, at random.
const RETRY_AFTER_S: u32 = 2;

/// The bodies on their way.
#[derive(Debug)]
pub(crate) struct Bodies {
    budget: Arc<Semaphore>,
    reading: Mutex<HashMap<SessionId, usize>>,
}

impl Default for Bodies {
    fn default() -> Self {
        Self {
            budget: Arc::new(Semaphore::new(BUDGET_BYTES / PORTION_BYTES)),
            reading: Mutex::default(),
        }
    }
}

impl Bodies {
    /// Begins to read a body of this session, of which a byte takes so many bytes of memory at worst, as what was read from
    /// it.
    ///
    /// # Errors
    /// `TooMany` where so many of them are being read.
    pub(crate) fn begin(self: &Arc<Self>, session: SessionId, at_worst: usize) -> Result<Reading, Problem> {
        let mut reading = self.lock();
        let count = reading.entry(session).or_default();
        if *count >= EACH {
            return Err(Problem::new(ErrorCode::TooMany).after(RETRY_AFTER_S));
        }
        *count += 1;
        Ok(Reading {
            bodies: Arc::clone(self),
            session,
            at_worst,
            portions: 0,
            held: None,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, usize>> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body on its way, and the memory it takes until this is dropped.
#[derive(Debug)]
pub(crate) struct Reading {
    bodies: Arc<Bodies>,
    session: SessionId,
    at_worst: usize,
    portions: usize,
    held: Option<OwnedSemaphorePermit>,
}

impl Reading {
    /// So many bytes of it are there by now, unpacked.
    ///
    /// # Errors
    /// `Unavailable` where all bodies together take too much.
    pub(crate) fn has(&mut self, bytes: usize) -> Result<(), Problem> {
        let portions = bytes.saturating_mul(self.at_worst).div_ceil(PORTION_BYTES);
        let more = portions.saturating_sub(self.portions);
        if more == 0 {
            return Ok(());
        }
        let full = || Problem::new(ErrorCode::Unavailable).after(RETRY_AFTER_S);
        let more = u32::try_from(more).map_err(|_| full())?;
        let budget = Arc::clone(&self.bodies.budget);
        let taken = budget.try_acquire_many_owned(more).map_err(|_| full())?;
        match &mut self.held {
            Some(held) => held.merge(taken),
            None => self.held = Some(taken),
        }
        self.portions = portions;
        Ok(())
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut reading = self.bodies.lock();
        if let Some(count) = reading.get_mut(&self.session) {
            *count -= 1;
            if *count == 0 {
                reading.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use romp_domain::wire::MAX_BODY_BYTES;
    use uuid::Uuid;

    use romp_sync::codec::MEMORY;

    use super::*;

    /// As many bodies as one session may have on their way.
    pub(crate) fn all_of(bodies: &Arc<Bodies>, session: SessionId) -> Vec<Reading> {
        std::iter::from_fn(|| bodies.begin(session, MEMORY[0]).ok()).collect()
    }

    /// Bodies that take all the memory there is.
    pub(crate) fn everything(bodies: &Arc<Bodies>) -> Vec<Reading> {
        let mut readings = Vec::new();
        for bytes in [MAX_BODY_BYTES, 1] {
            loop {
                let session = SessionId(Uuid::from_u128(readings.len() as u128 + 1));
                let mut reading = bodies.begin(session, MEMORY[0]).unwrap();
                if reading.has(bytes).is_err() {
                    break;
                }
                readings.push(reading);
            }
        }
        readings
    }

    #[test]
    fn row_33_a_session_has_four_bodies_on_their_way_and_keeps_no_other_out() {
        let bodies = Arc::new(Bodies::default());
        let (one, other) = (SessionId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(2)));
        let mut readings = all_of(&bodies, one);
        assert_eq!(readings.len(), 4);
        let refused = bodies.begin(one, MEMORY[0]).unwrap_err();
        assert_eq!(
            (refused.code, refused.retry_after_s),
            (ErrorCode::TooMany, Some(2))
        );
        readings.push(bodies.begin(other, MEMORY[0]).unwrap());
        readings.remove(0);
        readings.push(bodies.begin(one, MEMORY[0]).unwrap());
        readings.clear();
        assert!(bodies.lock().is_empty());
    }

    #[test]
    fn row_33_all_bodies_together_take_so_much_memory_and_give_it_back() {
        let bodies = Arc::new(Bodies::default());
        let readings = everything(&bodies);
        let whole = readings.iter().filter(|reading| reading.portions > 1).count();
        assert_eq!(whole, BUDGET_BYTES / (MEMORY[0] * MAX_BODY_BYTES));
        let mut late = bodies.begin(SessionId(Uuid::nil()), MEMORY[0]).unwrap();
        let refused = late.has(1).unwrap_err();
        assert_eq!(
            (refused.code, refused.retry_after_s),
            (ErrorCode::Unavailable, Some(2))
        );
        drop(readings);
        for bytes in [1, 100, PORTION_BYTES, MAX_BODY_BYTES] {
            late.has(bytes).unwrap();
        }
        drop(late);
        assert_eq!(bodies.budget.available_permits(), BUDGET_BYTES / PORTION_BYTES);
    }
}

//! How many exchanges of one family are worked on at once. Others of it wait for theirs, without a thread, a connection
//! to the database or a turn ([`super::load`]): so one family's devices, however many ask at once, leave room for
//! everybody else's.
//!
//! A family's changes are made one after the other anyway, under its lock, so more at once would only wait there; on
//! PostgreSQL each with a connection that others need.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use romp_domain::{ErrorCode, HouseholdId, Problem};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Exchanges of a family at once: a quarter of the connections to PostgreSQL.
const AT_ONCE: usize = 4;

/// Most that wait: each of the devices that may be signed in (64, and one more for each owner), and again, for what is
/// left of connections that broke off.
const MOST_WAITING: usize = 140;

/// Seconds after which to come back when more than that wait.
const RETRY_AFTER_S: u32 = 2;

/// The families of which something is being done.
#[derive(Debug)]
pub(crate) struct Families {
    at_once: usize,
    most_waiting: usize,
    busy: Mutex<HashMap<HouseholdId, Busy>>,
}

#[derive(Debug)]
struct Busy {
    turns: Arc<Semaphore>,
    /// Those that have a turn or wait for one.
    here: usize,
}

impl Default for Families {
    fn default() -> Self {
        Self::with(AT_ONCE, MOST_WAITING)
    }
}

impl Families {
    /// For event streams that look: any family may have as many as it has devices, three each, and none of them is
    /// refused a look.
    pub(crate) fn for_looks() -> Self {
        Self::with(AT_ONCE, usize::MAX - AT_ONCE)
    }

    fn with(at_once: usize, most_waiting: usize) -> Self {
        Self {
            at_once,
            most_waiting,
            busy: Mutex::default(),
        }
    }

    /// Waits until one more exchange of the family may be worked on. Refuses at once when too many of it wait already.
    pub(crate) async fn turn(self: &Arc<Self>, household: HouseholdId) -> Result<FamilyTurn, Problem> {
        let (here, turns) = self.enter(household)?;
        let turn = turns.acquire_owned().await;
        let turn = turn.map_err(|_| Problem::new(ErrorCode::Unavailable))?;
        Ok(FamilyTurn {
            _turn: turn,
            _here: here,
        })
    }

    fn enter(self: &Arc<Self>, household: HouseholdId) -> Result<(Here, Arc<Semaphore>), Problem> {
        let mut busy = self.lock();
        let family = busy.entry(household).or_insert_with(|| Busy {
            turns: Arc::new(Semaphore::new(self.at_once)),
            here: 0,
        });
        if family.here >= self.at_once + self.most_waiting {
            return Err(Problem::new(ErrorCode::TooMany).after(RETRY_AFTER_S));
        }
        family.here += 1;
        let here = Here {
            families: Arc::clone(self),
            household,
        };
        Ok((here, Arc::clone(&family.turns)))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<HouseholdId, Busy>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A family's turn, until it is dropped.
#[derive(Debug)]
pub(crate) struct FamilyTurn {
    // Given back before the place is.
    _turn: OwnedSemaphorePermit,
    _here: Here,
}

/// Somebody who has a turn or waits for one.
#[derive(Debug)]
struct Here {
    families: Arc<Families>,
    household: HouseholdId,
}

impl Drop for Here {
    fn drop(&mut self) {
        let mut busy = self.families.lock();
        if let Some(family) = busy.get_mut(&self.household) {
            family.here -= 1;
            if family.here == 0 {
                busy.remove(&self.household);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;

    fn family(n: u128) -> HouseholdId {
        HouseholdId(Uuid::from_u128(n))
    }

    #[tokio::test]
    async fn row_33_one_family_has_so_many_at_once_and_another_waits_for_none_of_them() {
        let families = Arc::new(Families::with(2, 9));
        let first = families.turn(family(1)).await.unwrap();
        let _second = families.turn(family(1)).await.unwrap();
        let mut third = Box::pin(families.turn(family(1)));
        assert!((&mut third).now_or_never().is_none());
        drop(families.turn(family(2)).await.unwrap());
        drop(first);
        assert!(third.now_or_never().unwrap().is_ok());
    }

    #[tokio::test]
    async fn row_33_more_of_one_family_than_may_wait_are_told_when_to_come_back() {
        let families = Arc::new(Families::with(1, 1));
        let _turn = families.turn(family(1)).await.unwrap();
        let mut waits = Box::pin(families.turn(family(1)));
        assert!((&mut waits).now_or_never().is_none());
        let refused = families.turn(family(1)).await.unwrap_err();
        assert_eq!(
            (refused.code, refused.retry_after_s),
            (ErrorCode::TooMany, Some(RETRY_AFTER_S))
        );
        // Who gives up waiting makes room.
        drop(waits);
        let mut waits = Box::pin(families.turn(family(1)));
        assert!((&mut waits).now_or_never().is_none());
    }

    #[tokio::test]
    async fn nothing_is_remembered_of_families_of_which_nothing_is_done() {
        let families = Arc::new(Families::with(1, 1));
        let turn = families.turn(family(1)).await.unwrap();
        let mut waits = Box::pin(families.turn(family(1)));
        assert!((&mut waits).now_or_never().is_none());
        drop((turn, waits));
        assert!(families.lock().is_empty());
    }
}

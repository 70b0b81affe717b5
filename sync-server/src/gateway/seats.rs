//! Places for what stays open: a few for every session. Whoever comes takes one; with none left, the one who came first
//! has to go. A device that lost its connection without a word is never kept out by what it left behind.
//!
//! Deliberately absent: places across servers. Each process has its own connections to bound.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use romp_domain::SessionId;
use tokio::sync::Notify;

type Sitting = HashMap<SessionId, VecDeque<Arc<Notify>>>;

/// Places for sessions.
#[derive(Debug)]
pub(crate) struct Seats {
    each: usize,
    sitting: Mutex<Sitting>,
}

impl Seats {
    /// So many for each session.
    pub(crate) fn with(each: usize) -> Arc<Self> {
        Arc::new(Self {
            each,
            sitting: Mutex::default(),
        })
    }

    /// A place for this session. With none left, the one who came first loses theirs.
    pub(crate) fn take(self: &Arc<Self>, session: SessionId) -> Seat {
        let lost = Arc::new(Notify::new());
        let mut sitting = self.lock();
        let places = sitting.entry(session).or_default();
        if places.len() >= self.each
            && let Some(first) = places.pop_front()
        {
            // Kept for whoever does not wait at this moment.
            first.notify_one();
        }
        places.push_back(Arc::clone(&lost));
        Seat {
            seats: Arc::clone(self),
            session,
            lost,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Sitting> {
        self.sitting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place, until it is dropped or lost.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    session: SessionId,
    lost: Arc<Notify>,
}

impl Seat {
    /// Waits until somebody else has the place. Told once.
    pub(crate) async fn lost(&self) {
        self.lost.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut sitting = self.seats.lock();
        if let Some(places) = sitting.get_mut(&self.session) {
            places.retain(|place| !Arc::ptr_eq(place, &self.lost));
            if places.is_empty() {
                sitting.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use uuid::Uuid;

    fn session(n: u128) -> SessionId {
        SessionId(Uuid::from_u128(n))
    }

    fn is_lost(seat: &Seat) -> bool {
        seat.lost().now_or_never().is_some()
    }

    #[test]
    fn the_newest_has_a_place_and_the_oldest_loses_it_and_others_keep_theirs() {
        let seats = Seats::with(2);
        let other = seats.take(session(2));
        let all = [1, 1, 1].map(|n| seats.take(session(n)));
        assert_eq!(all.each_ref().map(is_lost), [true, false, false]);
        assert!(!is_lost(&other));
    }

    #[test]
    fn a_place_that_is_given_up_is_free_and_nothing_of_it_is_remembered() {
        let seats = Seats::with(1);
        drop(seats.take(session(1)));
        let again = seats.take(session(1));
        assert!(!is_lost(&again));
        let newest = seats.take(session(1));
        assert!(is_lost(&again));
        drop((again, newest));
        assert!(seats.lock().is_empty());
    }
}

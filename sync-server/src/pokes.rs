//! Pokes: "something of your household changed", to whoever is listening. They carry no data, only the number of the
//! household's last commit; a lost one costs time, nothing else.
//!
//! Deliberately absent: memory of pokes nobody listened to, and pokes from other server processes (listeners look at
//! the database at every heartbeat as well).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use romp_domain::HouseholdId;
use tokio::sync::watch;

/// Who is listening.
#[derive(Debug, Default)]
pub struct Pokes {
    households: Mutex<HashMap<HouseholdId, Channel>>,
    /// Turns true when the server stops.
    closing: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Channel {
    head: watch::Sender<u64>,
    /// Changes when a session of the household ends.
    sessions: watch::Sender<()>,
}

impl Channel {
    fn is_silent(&self) -> bool {
        self.head.receiver_count() == 0 && self.sessions.receiver_count() == 0
    }
}

impl Pokes {
    /// Tells the household's listeners the number of its last commit. Older numbers than they know tell nothing.
    pub fn announce(&self, household: HouseholdId, head_seq: u64) {
        self.to_listeners(household, |channel| {
            channel.head.send_if_modified(|known| {
                let newer = head_seq > *known;
                *known = head_seq.max(*known);
                newer
            });
        });
    }

    /// The number of the household's last commit, as announced from now on; 0 before the first announcement.
    pub fn subscribe(&self, household: HouseholdId) -> watch::Receiver<u64> {
        self.lock().entry(household).or_default().head.subscribe()
    }

    /// Tells the household's listeners that a session has ended, so that they look whether it was theirs.
    pub fn session_ended(&self, household: HouseholdId) {
        self.to_listeners(household, |channel| channel.sessions.send_modify(|()| ()));
    }

    /// Changes whenever a session of the household has ended.
    pub fn subscribe_sessions(&self, household: HouseholdId) -> watch::Receiver<()> {
        self.lock().entry(household).or_default().sessions.subscribe()
    }

    /// Ends all streams, because the server stops.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Turns true when the server stops.
    pub fn subscribe_closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    fn to_listeners(&self, household: HouseholdId, tell: impl FnOnce(&Channel)) {
        let mut households = self.lock();
        match households.get(&household) {
            Some(channel) if channel.is_silent() => drop(households.remove(&household)),
            Some(channel) => tell(channel),
            None => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<HouseholdId, Channel>> {
        self.households.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn house(n: u128) -> HouseholdId {
        HouseholdId(Uuid::from_u128(n))
    }

    #[test]
    fn only_the_households_own_listeners_are_told_and_only_of_newer_commits() {
        let pokes = Pokes::default();
        let mut first = pokes.subscribe(house(1));
        let second = pokes.subscribe(house(2));
        pokes.announce(house(1), 5);
        assert!(first.has_changed().unwrap() && !second.has_changed().unwrap());
        assert_eq!(*first.borrow_and_update(), 5);
        pokes.announce(house(1), 4);
        assert!(!first.has_changed().unwrap());
    }

    #[test]
    fn an_ended_session_is_told_apart_from_a_change() {
        let pokes = Pokes::default();
        let head = pokes.subscribe(house(1));
        let sessions = pokes.subscribe_sessions(house(1));
        pokes.session_ended(house(1));
        assert!(sessions.has_changed().unwrap() && !head.has_changed().unwrap());
    }

    #[test]
    fn households_without_listeners_are_forgotten() {
        let pokes = Pokes::default();
        drop(pokes.subscribe(house(1)));
        pokes.announce(house(1), 1);
        pokes.announce(house(2), 1);
        assert!(pokes.lock().is_empty());
    }
}

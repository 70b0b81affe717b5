//! Pokes: "something of your household changed", to whoever is listening. They carry no data, only the number of the
//! household's last commit; a lost one costs time, nothing else.
//!
//! Where several processes serve one database, each passes its pokes on as **notes**, and hears those of the others
//! (`db::Db::join`).
//!
//! Deliberately absent: memory of pokes nobody listened to.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use romp_domain::HouseholdId;
use tokio::sync::{mpsc, watch};

/// What one server process tells another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// A household has a commit of this number.
    Committed(HouseholdId, u64),
    /// A session of a household has ended.
    SessionEnded(HouseholdId),
}

/// Who is listening.
#[derive(Debug, Default)]
pub struct Pokes {
    households: Mutex<HashMap<HouseholdId, Channel>>,
    /// Turns true when the server stops.
    closing: watch::Sender<bool>,
    /// The way to the other processes, where there are any.
    others: OnceLock<mpsc::Sender<Note>>,
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
        self.tell(Note::Committed(household, head_seq));
    }

    /// The number of the household's last commit, as announced from now on; 0 before the first announcement.
    pub fn subscribe(&self, household: HouseholdId) -> watch::Receiver<u64> {
        self.lock().entry(household).or_default().head.subscribe()
    }

    /// Tells the household's listeners that a session has ended, so that they look whether it was theirs.
    pub fn session_ended(&self, household: HouseholdId) {
        self.tell(Note::SessionEnded(household));
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

    /// Passes everything that is told from now on to other processes as well.
    pub fn pass_on_to(&self, others: mpsc::Sender<Note>) {
        // Asked for once a process; a second way would tell everything twice.
        let _ = self.others.set(others);
    }

    /// Tells this process's listeners what another one said.
    pub fn hear(&self, note: Note) {
        match note {
            Note::Committed(household, head_seq) => self.to_listeners(household, |channel| {
                channel.head.send_if_modified(|known| {
                    let newer = head_seq > *known;
                    *known = head_seq.max(*known);
                    newer
                });
            }),
            Note::SessionEnded(household) => {
                self.to_listeners(household, |channel| channel.sessions.send_modify(|()| ()));
            }
        }
    }

    /// The households that somebody listens for.
    pub fn listened_for(&self) -> Vec<HouseholdId> {
        let mut households = self.lock();
        households.retain(|_, channel| !channel.is_silent());
        households.keys().copied().collect()
    }

    fn tell(&self, note: Note) {
        self.hear(note);
        if let Some(others) = self.others.get() {
            // With too many waiting, this one is lost: the others look for themselves now and then.
            let _ = others.try_send(note);
        }
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
    fn what_is_told_here_is_passed_on_and_what_is_heard_is_not() {
        let pokes = Pokes::default();
        let listener = pokes.subscribe(house(1));
        let (others, mut passed_on) = mpsc::channel(2);
        pokes.pass_on_to(others);
        pokes.hear(Note::Committed(house(1), 3));
        assert!(listener.has_changed().unwrap() && passed_on.try_recv().is_err());
        pokes.announce(house(1), 4);
        pokes.session_ended(house(2));
        pokes.announce(house(1), 5);
        assert_eq!(passed_on.try_recv().unwrap(), Note::Committed(house(1), 4));
        assert_eq!(passed_on.try_recv().unwrap(), Note::SessionEnded(house(2)));
        assert!(
            passed_on.try_recv().is_err(),
            "what is too much is dropped, not waited for"
        );
        assert_eq!(*listener.borrow(), 5);
    }

    #[test]
    fn only_households_that_somebody_listens_for_are_looked_up() {
        let pokes = Pokes::default();
        let _listener = pokes.subscribe(house(1));
        drop(pokes.subscribe(house(2)));
        assert_eq!(pokes.listened_for(), [house(1)]);
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

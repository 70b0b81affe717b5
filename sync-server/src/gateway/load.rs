//! How much work there may be at once, and how much may wait for its turn. More is refused at once, with the time after
//! which to come back: a server that takes everything answers nothing in time.
//!
//! Terms: **work** is what holds a thread: the guard's look at the session, a use case. What only waits (an event
//! stream, an exchange that waits for something new, a body on its way) is none. A **lane** is for work of one kind;
//! no lane can take what belongs to another, so guesses at passwords hold up neither exchanges nor the ending of a
//! session, and signs of life are given whatever happens.
//!
//! Somebody at the door is turned away sooner than somebody whose session was looked up already: that work would be
//! lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use romp_domain::policy::RateClass;
use romp_domain::{ErrorCode, Problem};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Seconds after which it is worth trying again; the app adds some of its own, at random.
const RETRY_AFTER_S: u32 = 2;

/// All lanes of a server.
#[derive(Debug)]
pub(crate) struct Load {
    vital: Lane,
    guesses: Lane,
    account: Lane,
    work: Lane,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            vital: Lane::new(2, 32),
            // Two passwords are hashed at a time, and 64 wait for that (`passwords`); they hold a thread each.
            guesses: Lane::new(68, 64),
            // Managing the account takes a password here and there, in places that no guess can take; most of it is
            // short.
            account: Lane::new(16, 128),
            // The writer commits what comes together at once, so more at a time is better, up to a point; at half a
            // millisecond each, the last that waits does so for a quarter of a second.
            work: Lane::new(64, 512),
        }
    }
}

impl Load {
    /// The lane for the endpoints of a class; without one, work that goes on after the reply has begun.
    pub(crate) const fn lane(&self, class: Option<RateClass>) -> &Lane {
        match class {
            Some(RateClass::Health) => &self.vital,
            Some(RateClass::Guess) => &self.guesses,
            Some(RateClass::Account) => &self.account,
            Some(RateClass::Exchange | RateClass::Stream | RateClass::Compare) | None => &self.work,
        }
    }
}

/// So much at once, and so much that waits.
#[derive(Debug)]
pub(crate) struct Lane {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_waiting: usize,
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing was done for it yet.
    AtTheDoor,
    /// It was let in.
    Inside,
}

/// One turn; the next one's begins when it is dropped.
pub(crate) struct Turn(#[expect(dead_code, reason = "its end is what matters")] OwnedSemaphorePermit);

impl Lane {
    /// Whether so many wait that whoever comes to the door now is turned away.
    pub(crate) fn turns_away(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) >= self.max_waiting / 2
    }

    fn new(at_once: usize, max_waiting: usize) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(at_once)),
            waiting: AtomicUsize::new(0),
            max_waiting,
        }
    }

    /// Waits for a turn; refuses at once when too many wait already.
    pub(crate) async fn turn(&self, stage: Stage) -> Result<Turn, Problem> {
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Ok(Turn(turn));
        }
        let most = match stage {
            Stage::AtTheDoor => self.max_waiting / 2,
            Stage::Inside => self.max_waiting,
        };
        let _waiting = Waiting::count(&self.waiting, most)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        turn.map(Turn).map_err(|_| ErrorCode::Unavailable.into())
    }
}

/// Somebody who waits; counted as long as this is there.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn count(waiting: &'a AtomicUsize, most: usize) -> Result<Self, Problem> {
        if waiting.fetch_add(1, Ordering::SeqCst) >= most {
            waiting.fetch_sub(1, Ordering::SeqCst);
            return Err(Problem::new(ErrorCode::Unavailable).after(RETRY_AFTER_S));
        }
        Ok(Self(waiting))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use super::*;

    type Waiter<'a> = Pin<Box<dyn Future<Output = Result<Turn, Problem>> + 'a>>;

    /// Somebody who asked for a turn, and has not got one yet.
    async fn waits(lane: &Lane, stage: Stage) -> Result<Waiter<'_>, Problem> {
        let mut turn: Waiter<'_> = Box::pin(lane.turn(stage));
        tokio::select! {
            biased;
            turn = &mut turn => Err(turn.err().unwrap()),
            () = std::future::ready(()) => Ok(turn),
        }
    }

    #[tokio::test]
    async fn row_33_beyond_what_may_wait_the_refusal_comes_at_once_and_says_when() {
        let lane = Lane::new(1, 4);
        let turn = lane.turn(Stage::AtTheDoor).await.unwrap();
        let mut queue = Vec::new();
        for _ in 0..2 {
            queue.push(waits(&lane, Stage::AtTheDoor).await.unwrap());
        }
        let refused = waits(&lane, Stage::AtTheDoor).await.err().unwrap();
        assert_eq!(
            (refused.code, refused.retry_after_s),
            (ErrorCode::Unavailable, Some(RETRY_AFTER_S))
        );
        // Whoever was let in still finds room.
        for _ in 0..2 {
            queue.push(waits(&lane, Stage::Inside).await.unwrap());
        }
        assert!(waits(&lane, Stage::Inside).await.is_err());
        drop(turn);
        for waiter in queue {
            drop(waiter.await.unwrap());
        }
        lane.turn(Stage::AtTheDoor).await.unwrap();
        assert_eq!(lane.waiting.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn row_33_who_gives_up_waiting_makes_room() {
        let lane = Lane::new(1, 2);
        let _turn = lane.turn(Stage::AtTheDoor).await.unwrap();
        for _ in 0..10 {
            drop(waits(&lane, Stage::AtTheDoor).await.unwrap());
        }
    }

    #[tokio::test]
    async fn row_33_a_full_lane_holds_up_no_other() {
        let load = Load::default();
        let mut turns = Vec::new();
        for _ in 0..64 {
            let turn = load.lane(Some(RateClass::Exchange)).turn(Stage::Inside).await;
            turns.push(turn.unwrap());
        }
        assert!(waits(load.lane(None), Stage::Inside).await.is_ok(), "it is full");
        for class in [RateClass::Health, RateClass::Guess, RateClass::Account] {
            load.lane(Some(class)).turn(Stage::AtTheDoor).await.unwrap();
        }
    }

    #[tokio::test]
    async fn row_20_strangers_guesses_hold_up_nobody_who_ends_a_session() {
        let load = Load::default();
        let mut turns = Vec::new();
        for _ in 0..68 {
            let turn = load.lane(Some(RateClass::Guess)).turn(Stage::Inside).await;
            turns.push(turn.unwrap());
        }
        let guesses = load.lane(Some(RateClass::Guess));
        assert!(waits(guesses, Stage::Inside).await.is_ok(), "it is full");
        let account = load.lane(Some(RateClass::Account));
        account.turn(Stage::AtTheDoor).await.unwrap();
    }
}

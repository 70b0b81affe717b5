//! What a mail server did not take is offered again: soon at first, then more and more rarely, until it is of no use
//! to whoever gets it.
//!
//! Deliberately absent: a disk. Codes are kept as hashes only, and a letter has its code in the clear; whoever misses a
//! mail because the server was stopped meanwhile asks for another one.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use romp_domain::text::Email;

use super::Letter;

/// Most letters that wait. They are small; whoever runs the server hears of every one that was not taken.
const MOST_WAITING: usize = 1_000;

/// The first pause after something was not sent: a mail server that is started anew is back by then.
const FIRST_PAUSE: Duration = Duration::from_secs(2);

/// The longest pause: six tries before a code ends.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was taken.
    Sent,
    /// It was not, and will not be.
    Refused,
    /// It was not, and the next letter may be.
    Later,
    /// It was not, and no letter would be: nobody answers, or nobody lets us in.
    Closed,
}

/// A letter that waits.
pub(super) struct Waiting {
    to: Email,
    letter: Letter,
    /// From then on nobody needs it any more.
    until: Instant,
}

impl Waiting {
    /// `made` is when it was written: its code is as old.
    pub(super) fn new(to: Email, letter: Letter, made: Instant) -> Self {
        let until = made + letter.useful();
        Self { to, letter, until }
    }
}

/// The letters that wait, with a thread of their own: a mail server that takes its time must not hold up new letters.
#[derive(Clone)]
pub(super) struct Again(SyncSender<Waiting>);

impl Again {
    /// Starts the thread, which ends with the last handle. `send` offers a letter once.
    pub(super) fn start(send: impl Fn(&Email, &Letter) -> Fate + Send + 'static) -> std::io::Result<Self> {
        let (letters, waiting) = sync_channel(MOST_WAITING);
        std::thread::Builder::new()
            .name("mail-again".to_owned())
            .spawn(move || run(&waiting, FIRST_PAUSE, &send))?;
        Ok(Self(letters))
    }

    /// Has a letter offered again.
    pub(super) fn keep(&self, letter: Waiting) {
        if self.0.try_send(letter).is_err() {
            tracing::error!("too many mails wait for the mail server; one is lost");
        }
    }
}

fn run(letters: &Receiver<Waiting>, first: Duration, send: &dyn Fn(&Email, &Letter) -> Fate) {
    let mut waiting = Vec::new();
    let (mut pause, mut due) = (first, Instant::now());
    loop {
        let next = if waiting.is_empty() {
            letters.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            letters.recv_timeout(due.saturating_duration_since(Instant::now()))
        };
        match next {
            Ok(letter) => {
                if waiting.is_empty() {
                    (pause, due) = (first, Instant::now() + first);
                }
                if waiting.len() < MOST_WAITING {
                    waiting.push(letter);
                } else {
                    tracing::error!("too many mails wait for the mail server; one is lost");
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                waiting = round(waiting, Instant::now(), send);
                pause = (pause * 2).min(LONGEST_PAUSE);
                due = Instant::now() + pause;
            }
            Err(RecvTimeoutError::Disconnected) => {
                if !waiting.is_empty() {
                    tracing::error!(letters = waiting.len(), "mails that still waited are lost");
                }
                return;
            }
        }
    }
}

/// Offers every letter once, and returns those that wait on. One at which it ended is the last to be offered next
/// time: it may be that one that the mail server does not answer.
fn round(waiting: Vec<Waiting>, now: Instant, send: &dyn Fn(&Email, &Letter) -> Fate) -> Vec<Waiting> {
    let mut closed = None;
    let mut place = 0;
    let still = |one: &Waiting| {
        if one.until <= now {
            tracing::error!(
                what = one.letter.name(),
                "a mail was never taken, and is of no use any more"
            );
            return false;
        }
        let fate = match closed {
            Some(_) => Fate::Later,
            None => send(&one.to, &one.letter),
        };
        if fate == Fate::Closed {
            closed = Some(place);
        }
        let stays = matches!(fate, Fate::Later | Fate::Closed);
        place += usize::from(stays);
        stays
    };
    let mut waiting = waiting;
    waiting.retain(still);
    if let Some(closed) = closed {
        let last = waiting.remove(closed);
        waiting.push(last);
    }
    waiting
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::mpsc::channel;

    use super::*;

    fn waiting(name: &str) -> Waiting {
        let code = "ABCD2345".to_owned();
        Waiting::new(
            Email::new(&format!("{name}@example.org")).unwrap(),
            Letter::Verify { code },
            Instant::now(),
        )
    }

    fn names(all: &[Waiting]) -> Vec<&str> {
        all.iter().map(|one| one.to.as_str()).collect()
    }

    #[test]
    fn a_round_offers_each_once_until_nobody_answers() {
        let offered = RefCell::new(Vec::new());
        let send = |to: &Email, _: &Letter| {
            offered.borrow_mut().push(to.as_str().to_owned());
            match to.as_str() {
                "sent@example.org" => Fate::Sent,
                "refused@example.org" => Fate::Refused,
                "later@example.org" => Fate::Later,
                _ => Fate::Closed,
            }
        };
        let all = ["sent", "later", "refused", "closed", "behind"].map(waiting);
        let left = round(all.into(), Instant::now(), &send);
        assert_eq!(
            names(&left),
            ["later@example.org", "behind@example.org", "closed@example.org"],
            "the one at which it ended does not stand before others the next time"
        );
        assert_eq!(
            offered.borrow().len(),
            4,
            "nobody answers, so that nothing more is offered"
        );
    }

    #[test]
    fn a_letter_whose_code_has_ended_is_not_sent_any_more() {
        let send = |_: &Email, _: &Letter| panic!("nothing is to be sent");
        let later = Instant::now() + Letter::Verify { code: String::new() }.useful() + Duration::from_secs(1);
        assert!(round(vec![waiting("ann")], later, &send).is_empty());
    }

    #[test]
    fn what_was_not_taken_is_offered_until_it_is_and_then_no_more() {
        let (tell, told) = channel();
        let tries = RefCell::new(0);
        let send = move |to: &Email, _: &Letter| {
            *tries.borrow_mut() += 1;
            let fate = if *tries.borrow() < 3 {
                Fate::Closed
            } else {
                Fate::Sent
            };
            tell.send((to.as_str().to_owned(), fate)).unwrap();
            fate
        };
        let (letters, received) = sync_channel(4);
        letters.send(waiting("ann")).unwrap();
        let thread = std::thread::spawn(move || run(&received, Duration::from_millis(1), &send));
        for fate in [Fate::Closed, Fate::Closed, Fate::Sent] {
            assert_eq!(told.recv().unwrap(), ("ann@example.org".to_owned(), fate));
        }
        drop(letters);
        thread.join().unwrap();
        assert!(told.recv().is_err(), "nothing was sent twice");
    }
}

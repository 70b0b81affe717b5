//! A limit on guessing: so many tries per window for whoever is guessing, in memory.
//!
//! A try counts before it is judged, so that many at once do not slip through, and is given back when it was right.
//! Whoever has used his tries up is remembered until his window has passed, whatever comes in the meantime.
//! Deliberately absent: anything that a stranger could use to keep an owner out (keys contain the address it comes
//! from), and limits on calls that are not guesses.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use romp_domain::time::MINUTE_MS;
use romp_domain::{ErrorCode, Problem, UtcMs};

use crate::db::SecretHash;
use crate::secrets::digest;

/// Tries per window, for one guesser at one thing.
const MAX_TRIES: u32 = 10;

/// Tries per window for a place, whatever they are at. More than one family may live behind one address.
const MAX_TRIES_OF_A_PLACE: u32 = 50;

/// Mails per window to one address, whoever asks for them. A code in them lives for two windows, so that whoever has
/// the address always has one that works, however many others ask.
const MAX_MAILS: u32 = 3;

/// The window.
const WINDOW_MS: i64 = 15 * MINUTE_MS;

/// Most guessers remembered. Bounds the memory; beyond it the oldest with tries left is forgotten. Should all have
/// used theirs up, which takes as many places, nobody new may try until a window has passed.
const MAX_GUESSERS: usize = 10_000;

/// Counts tries.
#[derive(Debug)]
pub struct Throttle {
    tries: u32,
    guessers: Mutex<HashMap<SecretHash, Window>>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self::allowing(MAX_TRIES)
    }
}

#[derive(Debug, Clone, Copy)]
struct Window {
    since: UtcMs,
    tries: u32,
}

impl Window {
    fn has_passed(self, now: UtcMs) -> bool {
        now.since_ms(self.since) >= WINDOW_MS
    }

    /// The refusal of another try.
    fn too_many(self, now: UtcMs) -> Problem {
        let left_ms = WINDOW_MS - now.since_ms(self.since);
        let seconds = u32::try_from(left_ms / 1_000)
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        Problem::new(ErrorCode::TooMany).after(seconds)
    }
}

impl Throttle {
    /// For all tries that come from one place: see [`place`].
    pub fn of_places() -> Self {
        Self::allowing(MAX_TRIES_OF_A_PLACE)
    }

    /// For all mails to one address.
    pub fn of_mails() -> Self {
        Self::allowing(MAX_MAILS)
    }

    fn allowing(tries: u32) -> Self {
        Self {
            tries,
            guessers: Mutex::default(),
        }
    }

    /// Counts a try. Refuses it when there were too many.
    pub fn count(&self, who: SecretHash, now: UtcMs) -> Result<(), Problem> {
        let mut guessers = self.guessers.lock().unwrap_or_else(PoisonError::into_inner);
        if guessers.len() >= MAX_GUESSERS && !guessers.contains_key(&who) {
            self.make_room(&mut guessers, now)?;
        }
        let fresh = Window { since: now, tries: 0 };
        let window = guessers.entry(who).or_insert(fresh);
        if window.has_passed(now) {
            *window = fresh;
        }
        if window.tries >= self.tries {
            return Err(window.too_many(now));
        }
        window.tries += 1;
        Ok(())
    }

    /// Gives a try back that was right. The wrong ones before it stay counted.
    pub fn give_back(&self, who: &SecretHash) {
        let mut guessers = self.guessers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(window) = guessers.get_mut(who) {
            window.tries = window.tries.saturating_sub(1);
        }
    }

    /// Forgets the windows that have passed, or else the oldest with tries left.
    fn make_room(&self, guessers: &mut HashMap<SecretHash, Window>, now: UtcMs) -> Result<(), Problem> {
        guessers.retain(|_, window| !window.has_passed(now));
        if guessers.len() < MAX_GUESSERS {
            return Ok(());
        }
        // Those with tries left first, the oldest of them foremost.
        let next = guessers
            .iter()
            .map(|(who, window)| (window.tries >= self.tries, *window, *who))
            .min_by_key(|(used_up, window, _)| (*used_up, window.since));
        match next {
            Some((true, window, _)) => Err(window.too_many(now)),
            Some((false, _, who)) => {
                guessers.remove(&who);
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// Everybody at an address: the key of a place in [`Throttle::of_places`]. Only a hash is remembered.
pub fn place(from: IpAddr) -> SecretHash {
    guesser(from, "")
}

/// Somebody at an address, guessing about `subject` (an e-mail address; nothing for codes, which are about nobody).
/// Only a hash is remembered.
pub fn guesser(from: IpAddr, subject: &str) -> SecretHash {
    digest(&format!("{} {subject}", network(from)))
}

/// The network that one subscriber has: a single address of the old kind, the first 64 bits of the new kind.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: UtcMs = UtcMs(1_790_000_000_000);

    fn at(address: &str) -> SecretHash {
        guesser(address.parse().unwrap(), "ann@example.org")
    }

    #[test]
    fn the_eleventh_try_waits_until_the_window_has_passed() {
        let throttle = Throttle::default();
        for _ in 0..MAX_TRIES {
            throttle.count(at("192.0.2.1"), START).unwrap();
        }
        let later = START.plus_ms(MINUTE_MS);
        let refused = throttle.count(at("192.0.2.1"), later).unwrap_err();
        assert_eq!(
            (refused.code, refused.retry_after_s),
            (ErrorCode::TooMany, Some(14 * 60 + 1))
        );
        throttle.count(at("192.0.2.2"), later).unwrap();
        throttle.count(at("192.0.2.1"), START.plus_ms(WINDOW_MS)).unwrap();
    }

    #[test]
    fn right_tries_are_given_back_and_wrong_ones_are_not() {
        let throttle = Throttle::default();
        for _ in 0..100 {
            throttle.count(at("192.0.2.1"), START).unwrap();
            throttle.give_back(&at("192.0.2.1"));
        }
        for _ in 0..MAX_TRIES {
            throttle.count(at("192.0.2.1"), START).unwrap();
        }
        assert!(throttle.count(at("192.0.2.1"), START).is_err());
    }

    #[test]
    fn a_subscriber_cannot_count_as_many() {
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:2"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..MAX_GUESSERS + 50 {
            let subject = n.to_string();
            throttle
                .count(guesser([192, 0, 2, 1].into(), &subject), START.plus_ms(n as i64))
                .unwrap();
        }
        assert_eq!(throttle.guessers.lock().unwrap().len(), MAX_GUESSERS);
    }

    #[test]
    fn nobody_can_make_the_server_forget_tries_that_are_used_up() {
        let throttle = Throttle::default();
        for _ in 0..MAX_TRIES {
            throttle.count(at("192.0.2.1"), START).unwrap();
        }
        assert!(throttle.count(at("192.0.2.1"), START).is_err());
        for n in 0..MAX_GUESSERS {
            let subject = format!("nobody{n}@example.org");
            throttle
                .count(guesser([192, 0, 2, 1].into(), &subject), START.plus_ms(1))
                .unwrap();
        }
        assert!(throttle.count(at("192.0.2.1"), START.plus_ms(2)).is_err());
        throttle.count(at("192.0.2.1"), START.plus_ms(WINDOW_MS)).unwrap();
    }

    #[test]
    fn where_all_have_used_their_tries_up_a_stranger_waits_and_nothing_grows() {
        let throttle = Throttle::default();
        let who = |n: usize| guesser([192, 0, 2, 1].into(), &n.to_string());
        for n in 0..MAX_GUESSERS {
            for _ in 0..MAX_TRIES {
                throttle.count(who(n), START).unwrap();
            }
        }
        let refused = throttle.count(who(MAX_GUESSERS), START.plus_ms(1)).unwrap_err();
        assert_eq!(refused.code, ErrorCode::TooMany);
        assert_eq!(throttle.guessers.lock().unwrap().len(), MAX_GUESSERS);
        throttle
            .count(who(MAX_GUESSERS), START.plus_ms(WINDOW_MS))
            .unwrap();
    }
}

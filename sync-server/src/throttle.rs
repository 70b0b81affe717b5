//! A limit on guessing: so many tries per window for whoever is guessing, in memory.
//!
//! A try counts before it is judged, so that many at once do not slip through, and is given back when it was right.
//! Whoever has used his tries up is remembered until his window has passed, whatever comes in the meantime. Where there
//! are too many of them, those who come then share a few windows with each other.
//!
//! Terms: a **network** is what one subscriber has; a **site** is what many of the new kind's subscribers can have at
//! once, 65,536 networks of it. Both count, a site with more tries.
//! Deliberately absent: anything that a stranger could use to keep an owner out (keys contain the address it comes
//! from), and limits on calls that are not guesses.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use romp_domain::time::MINUTE_MS;
use romp_domain::{ErrorCode, Problem, UtcMs};

use crate::db::SecretHash;
use crate::secrets::digest;

/// Tries per window, for one guesser at one thing.
const MAX_TRIES: u32 = 10;

/// Tries per window for a place, whatever they are at. More than one family may live behind one address.
const MAX_TRIES_OF_A_PLACE: u32 = 50;

/// Mails per window to one address for one purpose, whoever asks for them. A code in them lives for two windows, so that whoever has
/// the address always has one that works, however many others ask.
const MAX_MAILS: u32 = 3;

/// Right passwords per window that cost a user no try: more than a family ever needs, also with a new device each time.
const MAX_RIGHT: u32 = 20;

/// How many times as much as one network a site may try, call and connect.
pub(crate) const NETWORKS_OF_A_SITE: u32 = 8;

/// The window.
const WINDOW_MS: i64 = 15 * MINUTE_MS;

/// Most guessers remembered. Bounds the memory; beyond it the oldest with tries left is forgotten.
const MAX_GUESSERS: usize = 10_000;

/// Windows for those who come when all of these have used their tries up.
const SHARED: u64 = 1_024;

/// Counts tries.
#[derive(Debug)]
pub struct Throttle {
    guessers: Mutex<Windows>,
    sites: Mutex<Windows>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self::allowing(MAX_TRIES)
    }
}

/// Whose tries are counted together. Only hashes are remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guesser {
    who: SecretHash,
    site: Option<SecretHash>,
}

/// Somebody who is known by something else than where the tries come from.
impl From<SecretHash> for Guesser {
    fn from(who: SecretHash) -> Self {
        Self { who, site: None }
    }
}

impl Throttle {
    /// For all tries that come from one place: see [`place`].
    pub fn of_places() -> Self {
        Self::allowing(MAX_TRIES_OF_A_PLACE)
    }

    /// For all mails to one address that are for the same.
    pub fn of_mails() -> Self {
        Self::allowing(MAX_MAILS)
    }

    /// For the right passwords of one user.
    pub fn of_right_passwords() -> Self {
        Self::allowing(MAX_RIGHT)
    }

    fn allowing(tries: u32) -> Self {
        Self {
            guessers: Mutex::new(Windows::allowing(tries)),
            sites: Mutex::new(Windows::allowing(tries * NETWORKS_OF_A_SITE)),
        }
    }

    /// Counts a try. Refuses it when there were too many.
    pub fn count(&self, who: impl Into<Guesser>, now: UtcMs) -> Result<(), Problem> {
        let guesser = who.into();
        // The site first: what it is refused must not be remembered for each of its networks.
        if let Some(site) = guesser.site {
            lock(&self.sites).count(site, now)?;
        }
        let counted = lock(&self.guessers).count(guesser.who, now);
        if let (Err(_), Some(site)) = (&counted, guesser.site) {
            lock(&self.sites).give_back(&site);
        }
        counted
    }

    /// Gives a try back that was right. The wrong ones before it stay counted.
    pub fn give_back<G: Into<Guesser> + Copy>(&self, who: &G) {
        let guesser = (*who).into();
        lock(&self.guessers).give_back(&guesser.who);
        if let Some(site) = guesser.site {
            lock(&self.sites).give_back(&site);
        }
    }
}

fn lock(windows: &Mutex<Windows>) -> MutexGuard<'_, Windows> {
    windows.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug, Clone, Copy)]
struct Window {
    since: UtcMs,
    tries: u32,
}

impl Window {
    /// Also one that begins later than now: the clock was set back, and nobody waits for as long as it was ahead.
    fn has_passed(self, now: UtcMs) -> bool {
        !(0..WINDOW_MS).contains(&now.since_ms(self.since))
    }

    /// Counts a try of so many.
    fn count(&mut self, most: u32, now: UtcMs) -> Result<(), Problem> {
        if self.has_passed(now) {
            *self = Self { since: now, tries: 0 };
        }
        if self.tries >= most {
            let left_ms = WINDOW_MS - now.since_ms(self.since);
            let seconds = u32::try_from(left_ms / 1_000).unwrap_or(u32::MAX);
            return Err(Problem::new(ErrorCode::TooMany).after(seconds.saturating_add(1)));
        }
        self.tries += 1;
        Ok(())
    }
}

/// The windows of all guessers of one kind.
#[derive(Debug)]
struct Windows {
    tries: u32,
    own: HashMap<SecretHash, Window>,
    shared: HashMap<u64, Window>,
    /// Not to be foreseen: nobody can choose with whom he shares.
    hasher: RandomState,
}

impl Windows {
    fn allowing(tries: u32) -> Self {
        Self {
            tries,
            own: HashMap::new(),
            shared: HashMap::new(),
            hasher: RandomState::new(),
        }
    }

    fn count(&mut self, who: SecretHash, now: UtcMs) -> Result<(), Problem> {
        let fresh = Window { since: now, tries: 0 };
        let window = if self.own.contains_key(&who) || self.has_room(now) {
            self.own.entry(who).or_insert(fresh)
        } else {
            let key = self.shared_by(&who);
            self.shared.entry(key).or_insert(fresh)
        };
        window.count(self.tries, now)
    }

    fn give_back(&mut self, who: &SecretHash) {
        let shared = self.shared_by(who);
        let window = self.own.get_mut(who).or_else(|| self.shared.get_mut(&shared));
        if let Some(window) = window {
            window.tries = window.tries.saturating_sub(1);
        }
    }

    fn shared_by(&self, who: &SecretHash) -> u64 {
        self.hasher.hash_one(who) % SHARED
    }

    /// Whether there is room for another one, where need be after forgetting the windows that have passed, or else the
    /// oldest with tries left.
    fn has_room(&mut self, now: UtcMs) -> bool {
        if self.own.len() < MAX_GUESSERS {
            return true;
        }
        self.own.retain(|_, window| !window.has_passed(now));
        self.shared.retain(|_, window| !window.has_passed(now));
        if self.own.len() < MAX_GUESSERS {
            return true;
        }
        let oldest = self
            .own
            .iter()
            .filter(|(_, window)| window.tries < self.tries)
            .min_by_key(|(_, window)| window.since)
            .map(|(who, _)| *who);
        oldest.is_some_and(|who| self.own.remove(&who).is_some())
    }
}

/// Everybody at an address: the key of a place in [`Throttle::of_places`].
pub fn place(from: IpAddr) -> Guesser {
    guesser(from, "")
}

/// Somebody at an address, guessing about `subject` (an e-mail address; nothing for codes, which are about nobody).
pub fn guesser(from: IpAddr, subject: &str) -> Guesser {
    Guesser {
        who: digest(&format!("{} {subject}", network(from))),
        site: site(from).map(|site| digest(&format!("{site}/48 {subject}"))),
    }
}

/// The network that one subscriber has: a single address of the old kind, the first 64 bits of the new kind.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// The first 48 bits of an address of the new kind: what anybody can have for little.
pub(crate) fn site(address: IpAddr) -> Option<Ipv6Addr> {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            Some(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
        IpAddr::V4(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: UtcMs = UtcMs(1_790_000_000_000);

    fn at(address: &str) -> Guesser {
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
    fn row_20_a_clock_that_was_set_back_locks_nobody_out() {
        let throttle = Throttle::default();
        let ahead = START.plus_ms(30 * WINDOW_MS);
        while throttle.count(at("192.0.2.1"), ahead).is_ok() {}
        throttle.count(at("192.0.2.1"), START).unwrap();
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
        assert_ne!(at("2001:db8::1").who, at("2001:db8:0:1::1").who);
        assert_eq!(at("2001:db8::1").site, at("2001:db8:0:1::1").site);
        assert_ne!(at("2001:db8::1").site, at("2001:db8:1::1").site);
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
        assert_eq!(throttle.guessers.lock().unwrap().own.len(), MAX_GUESSERS);
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
    fn row_20_where_all_have_used_their_tries_up_newcomers_share_windows_and_nothing_grows() {
        let throttle = Throttle::default();
        let who = |n: usize| guesser([192, 0, 2, 1].into(), &n.to_string());
        for n in 0..MAX_GUESSERS {
            for _ in 0..MAX_TRIES {
                throttle.count(who(n), START).unwrap();
            }
        }
        let soon = START.plus_ms(1);
        let newcomer = who(MAX_GUESSERS);
        for _ in 0..100 {
            throttle.count(newcomer, soon).unwrap();
            throttle.give_back(&newcomer);
        }
        for _ in 0..MAX_TRIES {
            throttle.count(newcomer, soon).unwrap();
        }
        let refused = throttle.count(newcomer, soon).unwrap_err();
        assert_eq!(refused.code, ErrorCode::TooMany);
        let let_in = (MAX_GUESSERS + 1..3 * MAX_GUESSERS)
            .filter(|n| throttle.count(who(*n), soon).is_ok())
            .count();
        assert!(
            (1..=SHARED as usize * MAX_TRIES as usize).contains(&let_in),
            "{let_in}"
        );
        let windows = throttle.guessers.lock().unwrap();
        assert!(windows.own.len() <= MAX_GUESSERS && windows.shared.len() <= SHARED as usize);
        drop(windows);
        assert!(throttle.count(who(0), soon).is_err(), "nothing was forgotten");
        throttle.count(newcomer, soon.plus_ms(WINDOW_MS)).unwrap();
    }

    #[test]
    fn row_20_one_site_uses_up_a_few_windows_and_keeps_only_itself_out() {
        let throttle = Throttle::of_places();
        let from = |n: usize| place(format!("2001:db8:0:{n:x}::1").parse().unwrap());
        let tries = (0..60_000)
            .filter(|n| throttle.count(from(*n), START).is_ok())
            .count();
        assert_eq!(tries, (MAX_TRIES_OF_A_PLACE * NETWORKS_OF_A_SITE) as usize);
        assert_eq!(throttle.guessers.lock().unwrap().own.len(), tries);
        for elsewhere in ["2001:db8:1::1", "192.0.2.1"] {
            throttle.count(place(elsewhere.parse().unwrap()), START).unwrap();
        }
    }

    #[test]
    fn one_network_that_goes_on_keeps_no_other_of_its_site_out() {
        let throttle = Throttle::default();
        for _ in 0..1_000 {
            let _ = throttle.count(at("2001:db8::1"), START);
        }
        throttle.count(at("2001:db8:0:1::1"), START).unwrap();
    }
}

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

    /// Counts a try and has it judged. One that came to no judgement costs nothing.
    pub(crate) fn judged<R>(
        &self,
        who: impl Into<Guesser>,
        now: UtcMs,
        judge: impl FnOnce() -> Result<R, Problem>,
    ) -> Result<R, Problem> {
        let who = who.into();
        self.count(who, now)?;
        judge().inspect_err(|problem| {
            if is_no_judgement(problem) {
                self.give_back(&who);
            }
        })
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

/// Whether a try was not judged because the server could not. Else its own failures, or a crowd of strangers, would keep
/// somebody out.
pub(crate) const fn is_no_judgement(problem: &Problem) -> bool {
    matches!(problem.code, ErrorCode::Unavailable | ErrorCode::Internal)
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
mod tests;

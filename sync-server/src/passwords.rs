//! Passwords: argon2id, a bounded number of computations at a time, and the same work whether a user exists or not.
//!
//! Deliberately absent: rules for good passwords beyond their length; those are `romp_domain::text::Password`'s.

use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use romp_domain::{ErrorCode, Problem};

use crate::env::Random;

/// What one computation costs. The default is what passwords are hashed with; less is for simulations, in which nobody
/// guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    memory_kib: u32,
    passes: u32,
}

impl Default for Work {
    /// OWASP's password storage cheat sheet, since 2023.
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
        }
    }
}

impl Work {
    /// As little as can be.
    pub const LEAST: Self = Self {
        memory_kib: Params::MIN_M_COST,
        passes: Params::MIN_T_COST,
    };

    fn argon2(self) -> Result<Argon2<'static>, Problem> {
        let params = Params::new(self.memory_kib, self.passes, LANES, None).map_err(|_| internal())?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    /// Verified against where there is no user, so that the answer takes as long. The hash of nothing anybody knows: its
    /// last 32 bytes are no hash at all.
    fn nobody(self) -> String {
        format!(
            "$argon2id$v=19$m={},t={},p={LANES}$bm9ib2R5IGlzIGhlcmUgMQ${}",
            self.memory_kib,
            self.passes,
            "A".repeat(43)
        )
    }

    fn is_more_than(self, stored: &PasswordHash) -> bool {
        let Ok(params) = Params::try_from(stored) else {
            return true;
        };
        let less = params.m_cost() < self.memory_kib || params.t_cost() < self.passes;
        stored.algorithm.as_str() != "argon2id" || less
    }
}

/// Lanes of one computation: see [`Work`].
const LANES: u32 = 1;

/// Bytes of salt, as the PHC string format recommends.
const SALT_BYTES: usize = 16;

/// Computations at the same time: each takes a core and 19 MiB, and sync must not wait for sign-ins.
const MAX_RUNNING: usize = 2;

/// Callers that may wait for their turn; at about 30 ms each, the last of them waits a second.
const MAX_WAITING: usize = 64;

/// Computations at the same time, and callers that may wait, of those who are signed in: no more manage an account at a
/// time (`gateway::load`).
const MAX_PROOFS: (usize, usize) = (1, 16);

/// Seconds after which it is worth trying again when too many wait.
const RETRY_AFTER_S: u32 = 2;

/// What a verification found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// No such user, or another password.
    Wrong,
    /// The password.
    Right,
    /// The password, but stored with less work than is asked for today: hash it anew.
    RightButWeak,
}

/// Hashes and verifies.
pub struct Passwords {
    work: Work,
    max_running: usize,
    max_waiting: usize,
    turns: Mutex<Turns>,
    done: Condvar,
}

#[derive(Default)]
struct Turns {
    running: usize,
    waiting: usize,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passwords")
    }
}

impl Passwords {
    /// For those who sign in.
    pub fn with(work: Work) -> Self {
        Self::bounded(work, MAX_RUNNING, MAX_WAITING)
    }

    /// For those who are signed in.
    pub fn for_proofs(work: Work) -> Self {
        let (running, waiting) = MAX_PROOFS;
        Self::bounded(work, running, waiting)
    }

    fn bounded(work: Work, max_running: usize, max_waiting: usize) -> Self {
        Self {
            work,
            max_running,
            max_waiting,
            turns: Mutex::default(),
            done: Condvar::new(),
        }
    }

    /// The hash to store, in the PHC string format.
    pub fn hash(&self, random: &dyn Random, password: &str) -> Result<String, Problem> {
        let mut salt = [0; SALT_BYTES];
        random.fill(&mut salt);
        let _turn = self.turn()?;
        let hash = self
            .work
            .argon2()?
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map_err(|_| internal())?;
        Ok(hash.to_string())
    }

    /// Compares a password with what is stored of a user's, if there is a user.
    pub fn check(&self, stored: Option<&str>, password: &str) -> Result<Check, Problem> {
        let nobody = self.work.nobody();
        let parsed = PasswordHash::new(stored.unwrap_or(&nobody)).map_err(|_| internal())?;
        let _turn = self.turn()?;
        let argon2 = self.work.argon2()?;
        let right = argon2.verify_password(password.as_bytes(), &parsed).is_ok();
        Ok(match (right, self.work.is_more_than(&parsed)) {
            (false, _) => Check::Wrong,
            (true, false) => Check::Right,
            (true, true) => Check::RightButWeak,
        })
    }

    /// Waits for a turn; refuses when too many wait already.
    fn turn(&self) -> Result<Turn<'_>, Problem> {
        let mut turns = self.lock();
        if turns.running >= self.max_running {
            if turns.waiting >= self.max_waiting {
                return Err(Problem::new(ErrorCode::Unavailable).after(RETRY_AFTER_S));
            }
            turns.waiting += 1;
            while turns.running >= self.max_running {
                turns = self.done.wait(turns).unwrap_or_else(PoisonError::into_inner);
            }
            turns.waiting -= 1;
        }
        turns.running += 1;
        Ok(Turn(self))
    }

    fn lock(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One computation's turn; the next one's begins when it is dropped.
struct Turn<'a>(&'a Passwords);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
        self.0.done.notify_one();
    }
}

/// What was stored cannot be read, or cannot be computed. Says nothing of it.
fn internal() -> Problem {
    ErrorCode::Internal.into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::accounts::rig::{HERE, PASSWORD, Rig, sign_in_request, typed};
    use crate::accounts::{prove_password, sign_in};
    use crate::env::SystemRandom;

    fn hash(password: &str) -> String {
        Passwords::with(Work::default())
            .hash(&SystemRandom, password)
            .unwrap()
    }

    #[test]
    fn row_13_a_password_is_hashed_with_the_work_that_is_asked_for() {
        let hash = hash("correct horse");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(!hash.contains("correct"));
    }

    #[test]
    fn row_23_only_the_very_same_password_is_right_to_its_last_character() {
        let long = "é🐕\u{0}".repeat(85);
        let passwords = Passwords::with(Work::default());
        let stored = hash(&long);
        assert_eq!(passwords.check(Some(&stored), &long).unwrap(), Check::Right);
        for wrong in [
            "",
            &long[..long.len() - 1],
            &long.to_uppercase(),
            &format!("{long} "),
        ] {
            assert_eq!(passwords.check(Some(&stored), wrong).unwrap(), Check::Wrong);
        }
    }

    #[test]
    fn row_19_nobody_has_a_password_and_checking_it_is_the_same_work() {
        let passwords = Passwords::with(Work::default());
        for guess in ["", "nobody", "password"] {
            assert_eq!(passwords.check(None, guess).unwrap(), Check::Wrong);
        }
        let nobody = Work::default().nobody();
        let nobody = PasswordHash::new(&nobody).unwrap();
        let somebody = PasswordHash::new(&hash("correct horse")).unwrap();
        assert_eq!(
            Params::try_from(&nobody).unwrap(),
            Params::try_from(&somebody).unwrap()
        );
        assert_eq!(nobody.salt.unwrap().len(), somebody.salt.unwrap().len());
    }

    #[test]
    fn row_13_a_hash_of_less_work_is_right_but_weak() {
        let weaker = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8 * 1024, 2, 1, None).unwrap(),
        );
        let stored = weaker
            .hash_password_with_salt(b"correct horse", &[7; 16])
            .unwrap()
            .to_string();
        let passwords = Passwords::with(Work::default());
        assert_eq!(
            passwords.check(Some(&stored), "correct horse").unwrap(),
            Check::RightButWeak
        );
        assert_eq!(passwords.check(Some(&stored), "wrong").unwrap(), Check::Wrong);
    }

    #[test]
    fn a_damaged_hash_lets_nobody_in() {
        let error = Passwords::with(Work::default())
            .check(Some("$argon2id$"), "correct horse")
            .unwrap_err();
        assert_eq!(error.code, ErrorCode::Internal);
    }

    #[test]
    fn row_22_when_too_many_wait_the_next_one_is_sent_away() {
        let passwords = Arc::new(Passwords::with(Work::default()));
        let running: Vec<_> = (0..MAX_RUNNING).map(|_| passwords.turn().unwrap()).collect();
        let threads: Vec<_> = (0..MAX_WAITING)
            .map(|_| {
                let passwords = Arc::clone(&passwords);
                std::thread::spawn(move || passwords.turn().is_ok())
            })
            .collect();
        while passwords.lock().waiting < MAX_WAITING {
            std::thread::yield_now();
        }
        let refused = passwords.turn().map(drop).unwrap_err();
        assert_eq!(
            (refused.code, refused.retry_after_s),
            (ErrorCode::Unavailable, Some(RETRY_AFTER_S))
        );
        drop(running);
        assert!(
            threads.into_iter().all(|thread| thread.join().unwrap()),
            "everybody who waited had a turn"
        );
    }

    #[test]
    fn row_22_where_sign_ins_take_every_place_whoever_is_signed_in_still_proves_a_password() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let session = rig.session(&owner.token);
        let turns: Vec<_> = (0..MAX_RUNNING)
            .map(|_| rig.server.passwords.turn().unwrap())
            .collect();
        std::thread::scope(|scope| {
            for _ in 0..MAX_WAITING {
                scope.spawn(|| rig.server.passwords.turn().map(drop));
            }
            while rig.server.passwords.lock().waiting < MAX_WAITING {
                std::thread::yield_now();
            }
            let refused = sign_in(&rig.server, HERE, sign_in_request(1, 1)).map(drop);
            let proved = prove_password(&rig.server, &session, &typed(PASSWORD));
            drop(turns);
            assert_eq!(refused.unwrap_err().code, ErrorCode::Unavailable);
            assert_eq!(proved, Ok(()));
        });
    }
}

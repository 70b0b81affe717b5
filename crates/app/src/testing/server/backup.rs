//! A server that is put back to an earlier state, or that fails in the middle of something.

use std::collections::BTreeMap;

use romp_domain::{DeviceId, Problem, Role};

use super::{FakeServer, State};

/// What a backup has of tokens, and of what devices have sent.
#[derive(Clone)]
pub(super) struct Backup {
    sessions: BTreeMap<String, (DeviceId, Role)>,
    next_tokens: BTreeMap<String, String>,
    retired_tokens: BTreeMap<String, DeviceId>,
    last_mid: BTreeMap<DeviceId, u64>,
}

impl State {
    /// Trades places with the backup.
    fn trade(&mut self) {
        let now = self.copy();
        let Some(backup) = self.backup.replace(now) else {
            panic!("there is no backup")
        };
        self.sessions = backup.sessions;
        self.next_tokens = backup.next_tokens;
        self.retired_tokens = backup.retired_tokens;
        self.last_mid = backup.last_mid;
    }

    fn copy(&self) -> Backup {
        Backup {
            sessions: self.sessions.clone(),
            next_tokens: self.next_tokens.clone(),
            retired_tokens: self.retired_tokens.clone(),
            last_mid: self.last_mid.clone(),
        }
    }

    pub(super) fn fails_by_and_by(&mut self) -> Result<(), Problem> {
        match &mut self.fails_after {
            Some((0, problem)) => Err(problem.clone()),
            Some((left, _)) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl FakeServer {
    /// Makes a backup.
    pub(crate) fn backs_up(&self) {
        let mut state = self.state();
        state.backup = Some(state.copy());
    }

    /// Is put back to the backup.
    pub(crate) fn restores(&self) {
        self.state().trade();
    }

    /// Has the state again that it had before that.
    pub(crate) fn undoes_restoring(&self) {
        self.state().trade();
    }

    /// Answers so many requests of sessions, and every later one with this, until told otherwise.
    pub(crate) fn fails_after(&self, requests: u32, problem: Problem) {
        self.state().fails_after = Some((requests, problem));
    }

    /// How often a next token was used for the first time.
    pub(crate) fn used_next_tokens(&self) -> u32 {
        self.state().used_next_tokens
    }
}

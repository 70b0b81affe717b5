//! The tokens of the server in memory: as the real one has them, but for the minute in which a retired one still works.

use romp_domain::{DeviceId, ErrorCode, Problem, Role};
use serde_json::{Value, json};

use super::{FakeServer, PASSWORD};
use crate::Token;

impl FakeServer {
    /// Hands out the next token in the place of this one; the one before it that was not used counts no more.
    pub(super) fn next_token(&self, token: &Token) -> Result<String, Problem> {
        self.session(token)?;
        let mut state = self.state();
        state.opened += 1;
        let next = format!("secret-token-{}", state.opened);
        state.next_tokens.retain(|_, of| of != token.expose());
        state.next_tokens.insert(next.clone(), token.expose().to_owned());
        Ok(next)
    }

    /// Takes another password for good, whatever it is, and replaces the session's token at once: none before opens
    /// anything any more.
    pub(super) fn change_password(&self, token: &Token, body: &Value) -> Result<Value, Problem> {
        let session = self.session(token)?;
        if body["current"] != PASSWORD {
            return Err(ErrorCode::WrongCredentials.into());
        }
        let mut state = self.state();
        state.opened += 1;
        let next = format!("secret-token-{}", state.opened);
        state.next_tokens.retain(|_, of| of != token.expose());
        state.retired_tokens.retain(|_, device| *device != session.0);
        state.sessions.remove(token.expose());
        state.sessions.insert(next.clone(), session);
        if state.loses_answers {
            return Err(ErrorCode::Offline.into());
        }
        Ok(json!({ "token": next }))
    }

    /// Knows no more of the tokens that were handed out and not used.
    pub(crate) fn forgets_next_tokens(&self) {
        self.state().next_tokens.clear();
    }

    /// How often a token was used that had been replaced.
    pub(crate) fn reused_tokens(&self) -> u32 {
        self.state().reused_tokens
    }

    pub(super) fn session(&self, token: &Token) -> Result<(DeviceId, Role), Problem> {
        let mut state = self.state();
        state.fails.clone().map_or(Ok(()), Err)?;
        state.fails_by_and_by()?;
        if let Some(before) = state.next_tokens.remove(token.expose())
            && let Some(session) = state.sessions.remove(&before)
        {
            state.used_next_tokens += 1;
            state.retired_tokens.insert(before, session.0);
            state.sessions.insert(token.expose().to_owned(), session);
        }
        if let Some(stolen_from) = state.retired_tokens.get(token.expose()).copied() {
            let before = state.sessions.len();
            state.sessions.retain(|_, (device, _)| *device != stolen_from);
            // A session that has ended before is not harmed.
            state.reused_tokens += u32::from(state.sessions.len() < before);
        }
        let ended = if state.gone {
            ErrorCode::AccountGone
        } else {
            ErrorCode::NotSignedIn
        };
        state
            .sessions
            .get(token.expose())
            .copied()
            .ok_or_else(|| ended.into())
    }
}

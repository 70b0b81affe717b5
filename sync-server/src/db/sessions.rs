//! A household's sessions, and the tokens of one. A part of [`super::Tx`].
//!
//! Terms: the **current** token is the one in use; the **next** one was handed out and not used yet; a **retired** one
//! was current once.

use romp_domain::{HouseholdId, SessionId, UtcMs};

use super::{Fault, SecretHash, SessionRecord};

/// What a token is to its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// In use.
    Current,
    /// Handed out, not used yet.
    Next,
    /// Replaced at this time.
    Retired(UtcMs),
}

/// Most devices of a household of which it is kept how far they came, whether or not there is a session of them.
pub const MOST_DEVICES: u64 = 1_000;

/// Sessions, as their household sees them, and their tokens.
pub trait Sessions {
    /// The sessions of a household, also those that have ended.
    fn sessions_of(&mut self, household: HouseholdId) -> Result<Vec<SessionRecord>, Fault>;
    /// The session that has or had a token, ended or not, and what that token is to it. The record's token is this one.
    fn held(&mut self, token: &SecretHash) -> Result<Option<(SessionRecord, Held)>, Fault>;
    /// Notes a session's next token, in the place of one that was not used.
    fn offer_token(&mut self, session: SessionId, next: &SecretHash) -> Result<(), Fault>;
    /// Deletes a session that has ended, with the tokens it had; and what the devices were refused as which nobody but it
    /// spoke. How far these came stays, so that none says again what was changed since: but of those that never said
    /// anything, and of a household with more than [`MOST_DEVICES`].
    fn forget_session(&mut self, session: SessionId) -> Result<(), Fault>;
    /// When the session's current token took the place of another one; nothing for its first.
    fn token_taken_at(&mut self, session: SessionId) -> Result<Option<UtcMs>, Fault>;
    /// Makes a token a session's only one: all others it has, had or was offered open nothing any more, and are forgotten.
    fn replace_tokens(&mut self, session: SessionId, token: &SecretHash) -> Result<(), Fault>;
    /// Makes a session's next token its current one, and retires the one before, which is kept for as long as the session:
    /// whoever presents it has a copy, however often it was replaced since.
    fn take_token(&mut self, session: &SessionRecord, at: UtcMs) -> Result<(), Fault>;
}

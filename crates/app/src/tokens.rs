//! The tokens of a session: the one in use, the one before it, and since when. Kept as one text in the vault.
//!
//! The server hands out the next token on request; both work until the next one is first used. So the next one is kept
//! first, together with the one before, and used only then; the one before is forgotten when the server has answered to
//! the next one. Whatever happens in between (the app is killed, an answer is lost, the server was put back to an
//! earlier state), one of the two opens the session.

use romp_domain::UtcMs;
use romp_domain::time::DAY_MS;

use crate::Token;

/// A token that is older than this is replaced.
const LONG_MS: i64 = DAY_MS;

/// What is kept of a session.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Tokens {
    /// In use.
    pub(crate) current: Token,
    /// The one before, while it is not known that the server has taken the current one.
    pub(crate) before: Option<Token>,
    /// When the current one came.
    pub(crate) since: UtcMs,
}

impl Tokens {
    /// The first token of a session.
    pub(crate) fn first(token: String, now: UtcMs) -> Self {
        Self {
            current: Token::new(token),
            before: None,
            since: now,
        }
    }

    /// With the next token.
    pub(crate) fn followed_by(&self, next: String, now: UtcMs) -> Self {
        Self {
            before: Some(self.current.clone()),
            ..Self::first(next, now)
        }
    }

    /// Back to the one before, if it is still kept. It is due to be replaced at once.
    pub(crate) fn back(&self) -> Option<Self> {
        let before = self.before.as_ref()?;
        Some(Self::first(before.expose().to_owned(), UtcMs(0)))
    }

    /// Without the one before.
    pub(crate) fn confirmed(&self) -> Self {
        Self {
            before: None,
            ..self.clone()
        }
    }

    /// Whether the current one is to be replaced. A clock that was set back makes it no younger.
    pub(crate) fn is_old(&self, now: UtcMs) -> bool {
        !(0..LONG_MS).contains(&now.since_ms(self.since))
    }

    /// For the vault: words with spaces between. Earlier versions kept the token alone.
    pub(crate) fn to_text(&self) -> String {
        let before = self.before.as_ref().map_or("", Token::expose);
        let text = format!("{} {} {before}", self.current.expose(), self.since.0);
        text.trim_end().to_owned()
    }

    /// From the vault.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let current = words.next().filter(|word| !word.is_empty())?;
        let since = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
        Some(Self {
            before: words.next().map(Token::new),
            ..Self::first(current.to_owned(), UtcMs(since))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_back_from_the_vault_as_they_were_also_those_of_earlier_versions() {
        let first = Tokens::first("abc".into(), UtcMs(7));
        let second = first.followed_by("def".into(), UtcMs(9));
        for tokens in [&first, &second, &second.confirmed()] {
            assert!(Tokens::of_text(&tokens.to_text()).as_ref() == Some(tokens));
        }
        assert!(second.back().unwrap().current == first.current && first.back().is_none());
        let earlier = Tokens::of_text("abc").unwrap();
        assert!(earlier.current == first.current && earlier.is_old(UtcMs(DAY_MS)));
        assert!(Tokens::of_text("").is_none());
    }

    #[test]
    fn a_token_is_old_after_a_day_and_when_the_clock_was_set_back() {
        let tokens = Tokens::first("abc".into(), UtcMs(DAY_MS));
        assert!(!tokens.is_old(UtcMs(DAY_MS)) && !tokens.is_old(UtcMs(2 * DAY_MS - 1)));
        assert!(tokens.is_old(UtcMs(2 * DAY_MS)) && tokens.is_old(UtcMs(DAY_MS - 1)));
    }
}

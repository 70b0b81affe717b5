//! The tokens of a session: the one in use, those before it, and since when. Kept as one text in the vault.
//!
//! The server hands out the next token on request; both work until the next one is first used. So the next one is kept
//! first, together with those before, and used only then. Whatever happens in between (the app is killed, an answer is
//! lost, the server was put back to an earlier state), one of them opens the session: see `accounts::earlier`.

use romp_domain::UtcMs;
use romp_domain::time::DAY_MS;

use crate::Token;

/// A token that is older than this is replaced.
const LONG_MS: i64 = DAY_MS;
/// So many tokens before the one in use are kept: one a day, and no backup that is put back should be older.
const MOST_EARLIER: usize = 24;
/// So many characters of them: an entry of Windows' keyring holds 1,280 characters in all.
const MOST_EARLIER_CHARS: usize = 1_100;

/// What is kept of a session.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Tokens {
    /// In use.
    pub(crate) current: Token,
    /// Those before, newest first.
    earlier: Vec<Token>,
    /// When the current one came.
    pub(crate) since: UtcMs,
}

impl Tokens {
    /// The first token of a session.
    pub(crate) const fn first(token: Token, now: UtcMs) -> Self {
        Self {
            current: token,
            earlier: Vec::new(),
            since: now,
        }
    }

    /// With the next token.
    pub(crate) fn followed_by(&self, next: Token, now: UtcMs) -> Self {
        let mut chars = 0;
        let before = [&self.current].into_iter().chain(&self.earlier);
        let fits = |token: &&Token| {
            chars += token.expose().len() + 1;
            chars <= MOST_EARLIER_CHARS
        };
        Self {
            earlier: before.take(MOST_EARLIER).take_while(fits).cloned().collect(),
            ..Self::first(next, now)
        }
    }

    /// Back to the one before, if there is one. It is due to be replaced at once.
    pub(crate) fn back(&self) -> Option<Self> {
        let (before, earlier) = self.earlier.split_first()?;
        Some(Self {
            earlier: earlier.to_vec(),
            ..Self::first(before.clone(), UtcMs(0))
        })
    }

    /// Whether the current one is to be replaced. A clock that was set back makes it no younger.
    pub(crate) fn is_old(&self, now: UtcMs) -> bool {
        !(0..LONG_MS).contains(&now.since_ms(self.since))
    }

    /// For the vault: words with spaces between. Earlier versions kept the token alone, or the one before with it.
    pub(crate) fn to_text(&self) -> String {
        let mut text = format!("{} {}", self.current.expose(), self.since.0);
        for token in &self.earlier {
            text.extend([" ", token.expose()]);
        }
        text
    }

    /// From the vault.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let current = words.next().filter(|word| !word.is_empty())?;
        let since = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
        Some(Self {
            earlier: words.map(Token::new).collect(),
            ..Self::first(Token::new(current), UtcMs(since))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_back_from_the_vault_as_they_were_also_those_of_earlier_versions() {
        let token = |text: &str| Token::new(text);
        let first = Tokens::first(token("abc"), UtcMs(7));
        let second = first.followed_by(token("def"), UtcMs(9));
        let third = second.followed_by(token("ghi"), UtcMs(11));
        for tokens in [&first, &second, &third] {
            assert!(Tokens::of_text(&tokens.to_text()).as_ref() == Some(tokens));
        }
        let back = third.back().unwrap();
        assert!(back.current == second.current && back.is_old(UtcMs(DAY_MS)));
        assert!(back.back().unwrap().current == first.current && first.back().is_none());
        let alone = Tokens::of_text("abc").unwrap();
        assert!(alone.current == first.current && alone.is_old(UtcMs(DAY_MS)));
        assert!(Tokens::of_text("def 9 abc") == Some(second));
        assert!(Tokens::of_text("").is_none());
    }

    #[test]
    fn the_last_two_dozen_are_kept_and_fit_into_every_keyring() {
        for (chars, kept) in [(43, 24), (64, 16)] {
            let token = |n: u32| Token::new(format!("{n:0>chars$}"));
            let mut tokens = Tokens::first(token(0), UtcMs(0));
            for n in 1..100 {
                tokens = tokens.followed_by(token(n), UtcMs(1_790_000_000_000));
            }
            assert!(tokens.to_text().encode_utf16().count() * 2 <= 2_560);
            for n in 0..kept {
                tokens = tokens.back().unwrap();
                assert!(tokens.current == token(98 - n));
            }
            assert!(tokens.back().is_none());
        }
    }

    #[test]
    fn a_token_is_old_after_a_day_and_when_the_clock_was_set_back() {
        let tokens = Tokens::first(Token::new("abc"), UtcMs(DAY_MS));
        assert!(!tokens.is_old(UtcMs(DAY_MS)) && !tokens.is_old(UtcMs(2 * DAY_MS - 1)));
        assert!(tokens.is_old(UtcMs(2 * DAY_MS)) && tokens.is_old(UtcMs(DAY_MS - 1)));
    }
}

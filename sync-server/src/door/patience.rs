//! How long a line may take for what. Pure.

use std::time::Duration;

/// The deadlines of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// From its beginning until its first request has been read, headers and all; the same for TLS's handshake.
    pub first: Duration,
    /// For the headers of every later request, from their first byte.
    pub headers: Duration,
    /// Between a reply and the next request.
    pub idle: Duration,
    /// For the other end to take what is sent to it, from when nothing more would go; over HTTP/2, each piece of it.
    pub unread: Duration,
    /// The longest that an exchange or event stream waits which comes before the time that its line was told; the first
    /// time it is a sixth of that. A trusted proxy's lines, which are many people's, never wait.
    pub early: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(10),
            headers: Duration::from_secs(10),
            // A little more than the minute that proxies keep theirs, so that they end them and not this side.
            idle: Duration::from_secs(75),
            unread: Duration::from_secs(30),
            // Less than anybody is told at the door, and than what many programs wait for an answer.
            early: Duration::from_millis(600),
        }
    }
}

/// What a line is doing, in time since it began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct State {
    /// A request of it is being answered.
    pub(super) answering: bool,
    /// The end of the last reply, if there was any.
    pub(super) replied_at: Option<Duration>,
    /// The first byte after that; none is noted on HTTP/2, where bytes come without a request being begun.
    pub(super) headers_since: Option<Duration>,
    /// Since then nothing could be written any more, although there is something to write.
    pub(super) unread_since: Option<Duration>,
}

impl State {
    /// When the line is to be ended, if it goes on like this.
    pub(super) fn deadline(self, patience: Patience) -> Option<Duration> {
        let waiting = match (self.answering, self.replied_at) {
            (true, _) => None,
            (false, None) => Some(patience.first),
            (false, Some(replied)) => {
                let idle = replied + patience.idle;
                let headers = self.headers_since.map(|since| since + patience.headers);
                Some(headers.map_or(idle, |headers| headers.min(idle)))
            }
        };
        let unread = self.unread_since.map(|since| since + patience.unread);
        waiting.into_iter().chain(unread).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        first: Duration::from_secs(10),
        headers: Duration::from_secs(5),
        idle: Duration::from_mins(1),
        unread: Duration::from_secs(30),
        early: Duration::ZERO,
    };

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn row_27_silence_slow_headers_and_unread_replies_have_deadlines_and_answers_have_none() {
        let fresh = State::default();
        let answering = State {
            answering: true,
            ..fresh
        };
        let idle = State {
            replied_at: Some(s(100)),
            ..fresh
        };
        let asking = State {
            headers_since: Some(s(120)),
            ..idle
        };
        let late = State {
            headers_since: Some(s(159)),
            ..idle
        };
        let unread = State {
            unread_since: Some(s(7)),
            ..answering
        };
        for (state, deadline) in [
            (fresh, Some(s(10))),
            (answering, None),
            (idle, Some(s(160))),
            (asking, Some(s(125))),
            (late, Some(s(160))),
            (unread, Some(s(37))),
        ] {
            assert_eq!(state.deadline(PATIENCE), deadline, "{state:?}");
        }
    }
}

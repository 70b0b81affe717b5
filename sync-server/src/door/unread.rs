//! What HTTP/2 was given to send and has not sent.
//!
//! Over HTTP/1.1 a reader who does not read stops the connection, and that shows where bytes are written. Over HTTP/2
//! each stream has a window of its own, which its reader opens or not, while the connection goes on. So every piece of a
//! reply's body says when it was handed out, until it is gone; the line's deadlines ([`super::Patience::unread`]) count
//! from the oldest.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::Notify;

use super::line::Line;

/// Most bytes of a piece: what a reader has to take within [`super::Patience::unread`].
pub(super) const PIECE: usize = 16 * 1024;

/// The pieces of a line that are not gone, by their number, with when they were handed out.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    out: Mutex<(u64, BTreeMap<u64, Duration>)>,
    first: Notify,
}

impl Pieces {
    fn hand_out(&self, now: Duration) -> u64 {
        let mut out = self.lock();
        out.0 += 1;
        let number = out.0;
        out.1.insert(number, now);
        if out.1.len() == 1 {
            self.first.notify_one();
        }
        number
    }

    fn gone(&self, number: u64) {
        self.lock().1.remove(&number);
    }

    /// Since when the oldest is out.
    pub(super) fn oldest(&self) -> Option<Duration> {
        self.lock().1.first_key_value().map(|(_, since)| *since)
    }

    /// Done when there is one again after there was none: whoever watches deadlines has to look at them anew.
    pub(super) async fn handed_out(&self) {
        self.first.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, (u64, BTreeMap<u64, Duration>)> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A piece of a body.
struct Piece {
    bytes: Bytes,
    line: Arc<Line>,
    number: u64,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.line.pieces.gone(self.number);
    }
}

/// Bytes that are out until they are dropped.
pub(super) fn piece(line: &Arc<Line>, bytes: Bytes) -> Bytes {
    let number = line.pieces.hand_out(line.age());
    Bytes::from_owner(Piece {
        bytes,
        line: Arc::clone(line),
        number,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;

    use super::*;

    #[test]
    fn row_27_the_oldest_piece_that_is_not_gone_is_what_counts() {
        let pieces = Pieces::default();
        let numbers = [3, 5, 8].map(|s| pieces.hand_out(Duration::from_secs(s)));
        pieces.gone(numbers[1]);
        assert_eq!(pieces.oldest(), Some(Duration::from_secs(3)));
        pieces.gone(numbers[0]);
        assert_eq!(pieces.oldest(), Some(Duration::from_secs(8)));
        pieces.gone(numbers[2]);
        assert_eq!(pieces.oldest(), None);
    }

    #[tokio::test]
    async fn row_27_a_piece_is_out_until_its_last_byte_is_dropped() {
        let line = Arc::new(Line::new(Weak::new(), None));
        let mut bytes = piece(&line, Bytes::from_static(b"0123456789"));
        let first = bytes.split_to(4);
        drop(bytes);
        assert!(line.pieces.oldest().is_some());
        assert_eq!(first, "0123");
        drop(first);
        assert_eq!(line.pieces.oldest(), None);
    }
}

//! Learning from the server's clock how wrong this one is.

use romp_domain::{Hlc, UtcMs};
use romp_sync::{MAX_AHEAD_MS, TOLD_AGAIN_BEFORE};

use crate::outbox::to_sql;
use crate::{Reader, StoreError, Writer};

impl Reader<'_> {
    /// What a right clock shows now, as far as the server has said how wrong this one is. Unlike [`Reader::time`], it
    /// follows the clock where that is set back: what is over is judged by it, not what comes after what.
    pub fn right_time(&self, wall: UtcMs) -> Result<UtcMs, StoreError> {
        Ok(wall.plus_ms(self.clock_state()?.offset_ms))
    }
}

impl Writer<'_> {
    /// Takes the server's time in, as an answer to a question that was asked at `sent`.
    ///
    /// Only a prompt answer is used: one that was under way for long tells an old time. When the clock turns out to
    /// be far off, a new one is begun, and what still waits keeps in mind by which clock it was stamped, so that the
    /// server can put its stamps right. No stamp is ever compared on the device.
    pub(crate) fn learn_time(&self, sent: Hlc, server: Hlc) -> Result<(), StoreError> {
        let mut clock = self.clock_state()?;
        let wall_ms = self.now().0;
        let shown_ms = { clock }.tick(wall_ms).ms();
        let under_way_ms = shown_ms.saturating_sub(sent.ms());
        if !(0..=MAX_AHEAD_MS).contains(&under_way_ms) {
            // Late, or stamped by an earlier clock.
            if server.ms() <= shown_ms.saturating_add(MAX_AHEAD_MS) {
                clock.last = clock.last.max(server);
            }
            return self.set_clock_state(clock);
        }
        if shown_ms.abs_diff(server.ms()) > MAX_AHEAD_MS.unsigned_abs() {
            // What is told again was stamped by no clock; one that shows 1970 itself stamps like that, too.
            let stamped_from = if shown_ms >= TOLD_AGAIN_BEFORE.ms() {
                TOLD_AGAIN_BEFORE
            } else {
                Hlc(0)
            };
            // What is settled may have to be sent once more; of that, what was stamped ahead of time was so by this clock.
            let ahead = Hlc::at_ms(server.ms().saturating_add(MAX_AHEAD_MS));
            self.conn().execute(
                "UPDATE outbox SET offset_ms = ?1
                 WHERE offset_ms IS NULL AND hlc >= ?2 AND (state = 'pending' OR hlc > ?3)",
                [
                    shown_ms.saturating_sub(wall_ms),
                    to_sql(stamped_from.0),
                    to_sql(ahead.0),
                ],
            )?;
            clock.last = server;
        }
        clock.observe(server, wall_ms);
        self.set_clock_state(clock)
    }
}

//! The stamps that mutations and their fields should get.

use romp_domain::Hlc;
use romp_sync::{Registers, Stamp};

use super::{AHEAD_MS, Exchange, TOLD_AGAIN_MS};

/// The stamp that a mutation should get: moved by how wrong its device's clock is, never ahead of the server's, and
/// always later than the device's last, unless it is told again.
pub(super) fn corrected(stamped: Hlc, sent: Hlc, now: i64, previous: Hlc) -> Hlc {
    // A row that is told again stays as old as it is, however wrong the clock.
    if stamped.ms() < TOLD_AGAIN_MS && sent.ms() >= TOLD_AGAIN_MS {
        return stamped;
    }
    let wrong = sent.ms() - now;
    let moved = if wrong.abs() > AHEAD_MS {
        let ms = (stamped.ms() - wrong).clamp(0, 0xFFFF_FFFF_FFFF) as u64;
        Hlc((ms << 16) | (stamped.0 & 0xFFFF))
    } else {
        stamped
    };
    if moved.ms() < TOLD_AGAIN_MS {
        return moved;
    }
    let limit = now + AHEAD_MS;
    let most = (limit as u64) << 16;
    let limited = if moved.ms() > limit { Hlc(most) } else { moved };
    limited.max(Hlc(previous.0 + 1))
}

/// The stamp of a field: the mutation's, but later than what its own device said of the same field.
pub(super) fn own_stamp(exchange: &Exchange, hlc: Hlc, row: Option<&Registers>, name: &str) -> Stamp {
    let there = row.and_then(|row| row.stamps.get(name));
    match there.filter(|there| there.1 == exchange.device) {
        Some(there) if hlc.ms() >= TOLD_AGAIN_MS => Stamp(hlc.max(Hlc(there.0.0 + 1)), exchange.device),
        _ => Stamp(hlc, exchange.device),
    }
}

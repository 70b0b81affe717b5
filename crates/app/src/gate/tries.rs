//! Trying the PIN: counted, then judged, with waits in between.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use romp_domain::time::MINUTE_MS;
use romp_domain::view::{GateView, HandedView};
use romp_domain::{ErrorCode, Problem, TypedPin};
use romp_store::{StoreError, StoredPin, Writer};

use super::hash;
use super::stopwatch::Stopwatch;
use crate::App;

/// Wrong tries before the first wait (R8).
const FREE_TRIES: u32 = 5;

/// Minutes to wait after the fifth wrong try, the sixth, and so on; the last holds for all that follow. As phones do.
const WAITS_MIN: [u64; 4] = [1, 5, 15, 60];

/// Most tries in all: NIST SP 800-63B, section 5.2.2, allows 100 consecutive failed ones.
const MOST_TRIES: u32 = 100;

/// What the tries of this run of the app share.
pub(crate) struct Gate {
    stopwatch: Arc<dyn Stopwatch>,
    /// When the last try was counted, or the app was started. Held while a try is judged: one at a time.
    waits_since_ms: Mutex<u64>,
}

/// Whether the PIN may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Open,
    /// In so many milliseconds.
    Waits(u64),
    Spent,
}

impl Gate {
    /// A wait that was under way begins anew.
    pub(crate) fn new(stopwatch: Arc<dyn Stopwatch>) -> Self {
        let waits_since_ms = Mutex::new(stopwatch.elapsed_ms());
        Self {
            stopwatch,
            waits_since_ms,
        }
    }

    fn since(&self) -> MutexGuard<'_, u64> {
        self.waits_since_ms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn standing(&self, tries: u32, since_ms: u64) -> Standing {
        standing(tries, self.stopwatch.elapsed_ms().saturating_sub(since_ms))
    }
}

/// After `tries` wrong ones in a row, the last of them `waited_ms` ago.
fn standing(tries: u32, waited_ms: u64) -> Standing {
    let Some(waits) = tries.checked_sub(FREE_TRIES) else {
        return Standing::Open;
    };
    if tries >= MOST_TRIES {
        return Standing::Spent;
    }
    let wait_min = WAITS_MIN[(waits as usize).min(WAITS_MIN.len() - 1)];
    match (wait_min * MINUTE_MS.unsigned_abs()).saturating_sub(waited_ms) {
        0 => Standing::Open,
        left_ms => Standing::Waits(left_ms),
    }
}

const fn seconds(ms: u64) -> u32 {
    ms.div_ceil(1000) as u32
}

/// Tries the PIN. When it is right, `then` is done in the transaction that forgets the wrong tries.
///
/// Errors: `PinMissing`, `PinWrong`, `PinLocked` (with the seconds to wait), `PinSpent`.
pub(crate) fn try_pin(
    app: &App,
    typed: &TypedPin,
    then: impl FnOnce(&Writer<'_>) -> Result<(), StoreError>,
) -> Result<(), Problem> {
    let mut since_ms = app.gate.since();
    let pin = app
        .store
        .read(|reader| reader.pin())?
        .ok_or(ErrorCode::PinMissing)?;
    refuse(app.gate.standing(pin.tries, *since_ms))?;
    let tries = pin.tries + 1;
    app.store
        .write(|writer| writer.set_pin(Some(&StoredPin { tries, ..pin.clone() })))?;
    *since_ms = app.gate.stopwatch.elapsed_ms();
    if !hash::is_right(&pin.hash, typed)? {
        tracing::info!(tries, "a wrong PIN");
        let problem = Problem::new(ErrorCode::PinWrong);
        return Err(match standing(tries, 0) {
            Standing::Waits(left_ms) => problem.after(seconds(left_ms)),
            Standing::Open | Standing::Spent => problem,
        });
    }
    app.store.write(|writer| {
        writer.set_pin(Some(&StoredPin { tries: 0, ..pin }))?;
        then(&writer)
    })?;
    Ok(())
}

fn refuse(standing: Standing) -> Result<(), Problem> {
    match standing {
        Standing::Open => Ok(()),
        Standing::Waits(left_ms) => Err(Problem::new(ErrorCode::PinLocked).after(seconds(left_ms))),
        Standing::Spent => Err(Problem::new(ErrorCode::PinSpent)),
    }
}

/// How the gate stands.
pub(crate) fn view(app: &App) -> Result<GateView, Problem> {
    let since_ms = *app.gate.since();
    let (pin, handed) = app
        .store
        .read(|reader| Ok::<_, StoreError>((reader.pin()?, reader.handed()?)))?;
    let tries = pin.as_ref().map_or(0, |pin| pin.tries);
    let standing = app.gate.standing(tries, since_ms);
    Ok(GateView {
        pin: pin.is_some(),
        handed: handed.map(|handed| HandedView { child: handed.child }),
        tries_left: match standing {
            Standing::Spent => 0,
            Standing::Open | Standing::Waits(_) => FREE_TRIES.saturating_sub(tries).max(1),
        },
        wait_s: match standing {
            Standing::Waits(left_ms) => Some(seconds(left_ms)),
            Standing::Open | Standing::Spent => None,
        },
        spent: standing == Standing::Spent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_78_the_waits_are_those_of_a_phone_and_end_after_a_hundred_tries() {
        let wait_min = |tries| match standing(tries, 0) {
            Standing::Open => Some(0),
            Standing::Waits(ms) => Some(ms / 60_000),
            Standing::Spent => None,
        };
        let waits: Vec<_> = (0..=10).map(wait_min).collect();
        let expected = [0, 0, 0, 0, 0, 1, 5, 15, 60, 60, 60].map(Some);
        assert_eq!(waits, expected);
        assert_eq!(
            (wait_min(99), wait_min(100), wait_min(u32::MAX)),
            (Some(60), None, None)
        );
        assert_eq!(standing(5, 59_999), Standing::Waits(1));
        assert_eq!(standing(5, 60_000), Standing::Open);
        assert_eq!(standing(100, u64::MAX), Standing::Spent);
    }
}

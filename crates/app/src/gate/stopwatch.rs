//! Time that nobody can set: for waits that must not get shorter when somebody changes the clock, nor longer while the
//! device sleeps.

/// Runs from some moment on, never back, whatever the clock is set to.
pub trait Stopwatch: Send + Sync {
    /// Milliseconds since that moment.
    fn elapsed_ms(&self) -> u64;
}

/// The operating system's monotonic time that goes on while the device sleeps, since this was made.
#[derive(Debug, Clone, Copy)]
pub struct RunningStopwatch(Moment);

impl Default for RunningStopwatch {
    fn default() -> Self {
        Self(Moment::now())
    }
}

impl Stopwatch for RunningStopwatch {
    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(not(unix))]
use std::time::Instant as Moment;

/// As [`std::time::Instant`], which stands still during sleep on these systems.
#[cfg(unix)]
#[derive(Debug, Clone, Copy)]
struct Moment(std::time::Duration);

#[cfg(unix)]
impl Moment {
    fn now() -> Self {
        use rustix::time::{ClockId, clock_gettime};
        #[cfg(any(target_os = "linux", target_os = "android"))]
        const AWAKE_OR_NOT: ClockId = ClockId::Boottime;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        const AWAKE_OR_NOT: ClockId = ClockId::Monotonic;
        Self(clock_gettime(AWAKE_OR_NOT).try_into().unwrap_or_default())
    }

    fn elapsed(self) -> std::time::Duration {
        Self::now().0.saturating_sub(self.0)
    }
}

//! Time that nobody can set: for waits that must not get shorter when somebody changes the clock, nor longer while the
//! device sleeps.

/// Runs from some moment on, never back, whatever the clock is set to.
pub trait Stopwatch: Send + Sync {
    /// Milliseconds since that moment.
    fn elapsed_ms(&self) -> u64;
}

/// The operating system's monotonic time that goes on while the device sleeps.
#[derive(Debug, Clone, Copy)]
pub struct RunningStopwatch(system::Start);

impl Default for RunningStopwatch {
    fn default() -> Self {
        Self(system::start())
    }
}

impl Stopwatch for RunningStopwatch {
    fn elapsed_ms(&self) -> u64 {
        system::elapsed_ms(self.0)
    }
}

/// The standard library's monotonic time stands still during sleep on these.
#[cfg(unix)]
mod system {
    use rustix::time::{ClockId, clock_gettime};

    #[cfg(any(target_os = "linux", target_os = "android"))]
    const AWAKE_OR_NOT: ClockId = ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const AWAKE_OR_NOT: ClockId = ClockId::Monotonic;

    /// The machine's, not ours.
    pub(super) type Start = ();

    pub(super) const fn start() -> Start {}

    pub(super) fn elapsed_ms((): Start) -> u64 {
        let now = clock_gettime(AWAKE_OR_NOT);
        let ms = now
            .tv_sec
            .saturating_mul(1_000)
            .saturating_add(now.tv_nsec / 1_000_000);
        u64::try_from(ms).unwrap_or_default()
    }
}

#[cfg(not(unix))]
mod system {
    use std::time::Instant;

    pub(super) type Start = Instant;

    pub(super) fn start() -> Start {
        Instant::now()
    }

    pub(super) fn elapsed_ms(start: Start) -> u64 {
        u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

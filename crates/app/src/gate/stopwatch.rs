//! Time that nobody can set: for waits that must not get shorter when somebody changes the clock.

use std::time::Instant;

/// Runs from some moment on, never back, whatever the clock is set to.
pub trait Stopwatch: Send + Sync {
    /// Milliseconds since that moment.
    fn elapsed_ms(&self) -> u64;
}

/// The operating system's monotonic time since this was made.
#[derive(Debug, Clone, Copy)]
pub struct RunningStopwatch(Instant);

impl Default for RunningStopwatch {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Stopwatch for RunningStopwatch {
    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

//! What is counted: how often something was done, and how often it may be.

/// Something that a household may do only so often, because its answers tell about others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Its name in the database.
    pub what: &'static str,
    /// How often …
    pub most: u32,
    /// … within this time, in milliseconds, from the first.
    pub window_ms: i64,
}

/// A day, an hour or a minute, by its number, for which something is counted, and which one it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// For which is counted.
    pub of: i64,
    /// The present one. What was counted for a later one was counted by a clock that was ahead.
    pub now: i64,
}

impl Period {
    /// The present one.
    pub const fn present(now: i64) -> Self {
        Self { of: now, now }
    }
}

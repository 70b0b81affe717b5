//! The oracle: what must hold, judged at every step by a model of its own.
//!
//! [`server`] mirrors everything the server has committed and judges each write by what was pushed; [`meetings`] are
//! its rules for cards, matches and playdates; [`device`] judges what a device has; [`replies`] what it was sent; [`retold`] what a server
//! that lost everything is told again.
//!
//! Every check names what it is about by the numbers of the sync protocol's invariants and of the fault plan; the
//! table is in this crate's README.

mod agree;
pub(crate) mod device;
mod end;
pub(crate) mod meetings;
pub(crate) mod replies;
pub(crate) mod retold;
pub(crate) mod server;

/// Something that must never be, was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which invariants.
    pub invariant: &'static str,
    /// What was seen.
    pub detail: String,
}

/// A violation, where a result is expected.
pub(crate) fn broken<T>(invariant: &'static str, detail: impl Into<String>) -> Result<T, Violation> {
    Err(Violation {
        invariant,
        detail: detail.into(),
    })
}

/// Not an invariant: an entry ended because the disk under its device failed.
const INTERRUPTED: &str = "interrupted";

impl Violation {
    /// What a failing disk makes of an entry.
    pub(crate) fn interruption() -> Self {
        Self {
            invariant: INTERRUPTED,
            detail: String::new(),
        }
    }

    /// Whether nothing is violated: a disk failed as it was told to.
    pub(crate) fn is_interruption(&self) -> bool {
        self.invariant == INTERRUPTED
    }
}

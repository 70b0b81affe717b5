//! The faults, and the decision what becomes of a call.

use std::ffi::c_int;

use rusqlite::ffi;

use crate::Call;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The call fails and does nothing. A sync that fails has lost what it should have made last: unless it is
    /// written again, a later power cut forgets it even after a later sync that succeeds, as on Linux.
    Fails {
        /// So does every call after it, until [`crate::Disk::repair`].
        from_then_on: bool,
    },
    /// The first write from there on finds no space left.
    Full {
        /// So does every write after it, until [`crate::Disk::repair`].
        from_then_on: bool,
    },
    /// Of the first write from there on only the beginning reaches the file; then the power is lost.
    Torn {
        /// How much: this many bytes, modulo the length of the write.
        bytes: u64,
    },
    /// The power is lost before the call does anything.
    PowerCut,
    /// The power is lost after the first call from there on that can change what is left: before the call after that
    /// one does anything.
    PowerCutAfterChange,
}

impl Fault {
    const fn concerns(self, call: Call) -> bool {
        match self {
            Self::Fails { .. } | Self::PowerCut => true,
            Self::PowerCutAfterChange => call.changes(),
            Self::Full { .. } | Self::Torn { .. } => matches!(call, Call::Write),
        }
    }
}

/// Where a fault hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The number of the call.
    pub index: u64,
    /// What was asked.
    pub call: Call,
}

/// What a power cut leaves of what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survival {
    /// Everything: the process died, not the machine; or the disk had just written everything.
    Everything,
    /// Nothing.
    Nothing,
    /// Any sectors of 512 bytes, each in any of its states since the sync, and the first few of the new and deleted
    /// files: decided by this number.
    Seeded(u64),
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is done.
    Do,
    /// This many bytes of it are done, modulo its length, and then it fails.
    DoPart(u64),
    /// It fails with this code.
    Fail(c_int),
}

/// How a disk stands.
#[derive(Debug, Default)]
pub(crate) struct Health {
    pub(crate) calls: u64,
    pub(crate) hit: Option<Hit>,
    pub(crate) off: bool,
    plan: Option<(u64, Fault)>,
    lasting: Option<Fault>,
}

impl Health {
    pub(crate) fn plan(&mut self, index: u64, fault: Fault) {
        self.plan = Some((index, fault));
        self.hit = None;
    }

    pub(crate) fn repair(&mut self) {
        (self.plan, self.lasting, self.off) = (None, None, false);
    }

    /// Counts a call and decides about it.
    pub(crate) fn judge(&mut self, call: Call) -> Verdict {
        let index = self.calls;
        self.calls += 1;
        if self.off {
            return Verdict::Fail(call.error());
        }
        if let Some(fault) = self.lasting.filter(|fault| fault.concerns(call)) {
            return Verdict::Fail(code(fault, call));
        }
        match self.plan {
            Some((from, fault @ Fault::PowerCutAfterChange)) if index >= from && fault.concerns(call) => {
                self.plan = Some((index + 1, Fault::PowerCut));
                Verdict::Do
            }
            Some((from, fault)) if index >= from && fault.concerns(call) => {
                self.plan = None;
                self.hit = Some(Hit { index, call });
                self.strike(fault, call)
            }
            _ => Verdict::Do,
        }
    }

    fn strike(&mut self, fault: Fault, call: Call) -> Verdict {
        match fault {
            Fault::Fails { from_then_on } | Fault::Full { from_then_on } => {
                self.lasting = from_then_on.then_some(fault);
                Verdict::Fail(code(fault, call))
            }
            Fault::Torn { bytes } => {
                self.off = true;
                Verdict::DoPart(bytes)
            }
            Fault::PowerCut | Fault::PowerCutAfterChange => {
                self.off = true;
                Verdict::Fail(call.error())
            }
        }
    }
}

const fn code(fault: Fault, call: Call) -> c_int {
    match fault {
        Fault::Full { .. } => ffi::SQLITE_FULL,
        _ => call.error(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_the_call_it_was_planned_for_once_or_from_then_on() {
        for from_then_on in [false, true] {
            let mut health = Health::default();
            health.plan(1, Fault::Fails { from_then_on });
            assert_eq!(health.judge(Call::Read), Verdict::Do);
            assert_eq!(health.judge(Call::Sync), Verdict::Fail(ffi::SQLITE_IOERR_FSYNC));
            let hit = Hit {
                index: 1,
                call: Call::Sync,
            };
            assert_eq!(health.hit, Some(hit));
            assert_eq!(health.judge(Call::Read) == Verdict::Do, !from_then_on);
            health.repair();
            assert_eq!(health.judge(Call::Read), Verdict::Do);
        }
    }

    #[test]
    fn a_power_cut_can_wait_for_a_change() {
        let mut health = Health::default();
        health.plan(1, Fault::PowerCutAfterChange);
        for call in [Call::Write, Call::Read, Call::Size, Call::Sync] {
            assert_eq!(health.judge(call), Verdict::Do);
        }
        assert_eq!(health.judge(Call::Read), Verdict::Fail(ffi::SQLITE_IOERR_READ));
        assert!(health.off && health.hit.is_some_and(|hit| hit.index == 4));
    }

    #[test]
    fn a_full_disk_can_still_be_read_and_a_torn_write_is_the_last_thing_that_happens() {
        let mut health = Health::default();
        health.plan(0, Fault::Full { from_then_on: true });
        assert_eq!(health.judge(Call::Read), Verdict::Do);
        assert_eq!(health.judge(Call::Write), Verdict::Fail(ffi::SQLITE_FULL));
        assert_eq!(health.judge(Call::Read), Verdict::Do);
        health.repair();
        health.plan(0, Fault::Torn { bytes: 7 });
        assert_eq!(health.judge(Call::Sync), Verdict::Do);
        assert_eq!(health.judge(Call::Write), Verdict::DoPart(7));
        assert_eq!(health.judge(Call::Read), Verdict::Fail(ffi::SQLITE_IOERR_READ));
    }
}

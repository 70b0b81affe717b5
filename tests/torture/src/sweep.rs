//! The sweep: each operation of a workload meets the fault at its first call, then at its second, and so on until it
//! is done before the fault hits; then the next operation does.
//!
//! After each fault everything is checked and the work goes on with the same data, so that every fault also has to
//! bear what the ones before it left behind.

use std::time::{Duration, Instant};

use romp_faulty_disk::{Disk, Fault, Survival};

/// What is swept: something on a disk that works through operations `0..`.
pub trait Patient {
    /// What `operation` needs and should not fail for, such as that the process before it has died.
    fn prepare(&mut self, operation: usize);

    /// Does it; an error is what the caller was told. After one it may be asked again.
    fn operate(&mut self, operation: usize) -> Result<(), String>;

    /// The process ends, however.
    fn end(&mut self);

    /// Starts it where it does not run.
    fn start(&mut self) -> Result<(), String>;

    /// Looks at everything that is there. Says whether the operation has happened: it must have if it was
    /// acknowledged; if not, it has happened as a whole or not at all. The error is what is wrong.
    fn check(&mut self, operation: usize, acknowledged: bool) -> Result<bool, String>;

    /// A last look, when all operations are done.
    fn finish(&mut self) -> Result<(), String>;
}

/// How a disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A call fails, once or from then on.
    Fails,
    /// A write is cut off, and the power is lost; all else that was written is there.
    Torn,
    /// The power is lost, and with it everything that was not synced.
    ForgetsUnsynced,
    /// The power is lost, and any part of what was not synced.
    ForgetsSome,
    /// There is no space left, for one write or from then on.
    Full,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Fails,
        Self::Torn,
        Self::ForgetsUnsynced,
        Self::ForgetsSome,
        Self::Full,
    ];

    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fails => "a call fails",
            Self::Torn => "torn write, power cut",
            Self::ForgetsUnsynced => "power cut, unsynced forgotten",
            Self::ForgetsSome => "power cut, some unsynced survive",
            Self::Full => "disk full",
        }
    }

    const fn fault(self, n: u64) -> Fault {
        let from_then_on = n.is_multiple_of(2);
        match self {
            Self::Fails => Fault::Fails { from_then_on },
            Self::Full => Fault::Full { from_then_on },
            // Odd lengths and even ones, within the first sector of a page and far into it.
            Self::Torn => Fault::Torn { bytes: n * 1_237 },
            Self::ForgetsUnsynced | Self::ForgetsSome => Fault::PowerCut,
        }
    }

    const fn survival(self, n: u64) -> Survival {
        match self {
            Self::ForgetsUnsynced => Survival::Nothing,
            Self::ForgetsSome => Survival::Seeded(n),
            Self::Fails | Self::Torn | Self::Full => Survival::Everything,
        }
    }
}

/// What a sweep came to.
#[derive(Debug, Clone)]
pub struct Tally {
    /// Operations done in the end: all of them were acknowledged.
    pub operations: usize,
    /// Faults that hit.
    pub faults: u64,
    /// How many of them the caller was told of.
    pub told: u64,
    /// Of these, operations that had happened nevertheless.
    pub happened: u64,
    /// What was wrong, with the fault after which it was. The sweep ends there.
    pub lost: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// Does `operations`, with the fault at every call of each (`stride` 1), or at every `stride`th.
pub fn sweep(patient: &mut impl Patient, disk: &Disk, operations: usize, mode: Mode, stride: u64) -> Tally {
    let began = Instant::now();
    let mut tally = Tally {
        operations: 0,
        faults: 0,
        told: 0,
        happened: 0,
        lost: None,
        took: Duration::ZERO,
    };
    let mut next = None;
    while tally.operations < operations && tally.lost.is_none() {
        tally.lost = one(patient, disk, mode, stride, &mut next, &mut tally).err();
    }
    if tally.lost.is_none() {
        tally.lost = patient.finish().err();
    }
    tally.took = began.elapsed();
    tally
}

/// One operation with all its faults. One that was done in spite of a fault (it was tried again) cannot meet the calls
/// after it: `next` is the call at which the next operation goes on.
fn one(
    patient: &mut impl Patient,
    disk: &Disk,
    mode: Mode,
    stride: u64,
    next: &mut Option<u64>,
    tally: &mut Tally,
) -> Result<(), String> {
    let operation = tally.operations;
    // Each operation begins at another call, so that a stride meets all of them in the course of the work.
    let mut after = next.take().unwrap_or(operation as u64 % stride);
    loop {
        patient.prepare(operation);
        let first = disk.calls();
        disk.plan(first + after, mode.fault(tally.faults));
        let outcome = patient.operate(operation);
        let hit = disk.hit();
        let at = || {
            format!(
                "operation {operation}, fault {} {hit:?} of {mode:?}",
                tally.faults
            )
        };
        if hit.is_none() {
            outcome
                .clone()
                .map_err(|told| format!("{}: it failed without a fault: {told}", at()))?;
            disk.repair();
        } else if disk.is_off() {
            patient.end();
            disk.restart(mode.survival(tally.faults));
        } else {
            disk.repair();
        }
        patient
            .start()
            .map_err(|told| format!("{}: it does not start: {told}", at()))?;
        let done = patient
            .check(operation, outcome.is_ok())
            .map_err(|wrong| format!("{}: {wrong}", at()))?;
        if let Some(hit) = hit {
            tally.faults += 1;
            tally.told += u64::from(outcome.is_err());
            tally.happened += u64::from(outcome.is_err() && done);
            after = hit.index - first + stride;
        }
        if done {
            tally.operations += 1;
            *next = hit.filter(|_| outcome.is_ok()).map(|_| after);
            return Ok(());
        }
    }
}

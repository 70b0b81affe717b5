//! The sweep: each operation of a workload meets the fault at its first call, then at its second, and so on until it
//! is done before the fault hits; then the next operation does.
//!
//! After each fault everything is checked and the work goes on with the same data, so that every fault also has to
//! bear what the ones before it left behind. Where an operation was told to have failed, has written nothing
//! and finds everything synced, the files are the same as at the look before, but for what a start writes: of these,
//! one in [`ANYWAY`] is looked at. Likewise the power that is lost before one of several calls in a row that only read
//! leaves the same each time: it is lost before the first, and of the others before one in [`ANYWAY`]. Most calls read,
//! so that these would be most of the time that a sweep takes.

use std::ops::Range;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
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

    /// The `n`th fault, when it is planned for the call after one at which the power was lost already, or not.
    const fn fault(self, n: u64, follows: bool) -> Fault {
        let from_then_on = n.is_multiple_of(2);
        match self {
            Self::Fails => Fault::Fails { from_then_on },
            Self::Full => Fault::Full { from_then_on },
            // Odd lengths and even ones, within the first sector of a page and far into it.
            Self::Torn => Fault::Torn { bytes: n * 1_237 },
            Self::ForgetsUnsynced | Self::ForgetsSome if follows && !n.is_multiple_of(ANYWAY) => {
                Fault::PowerCutAfterChange
            }
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

/// See above.
const ANYWAY: u64 = 20;

/// What a sweep came to.
#[derive(Debug, Clone)]
pub struct Tally {
    /// Operations done in the end: all of them were acknowledged.
    pub operations: usize,
    /// Calls for which a fault was planned. Not each is a fault: some ways to fail concern only calls that write, and
    /// see above.
    pub calls: u64,
    /// Faults that hit.
    pub faults: u64,
    /// How many of them the caller was told of.
    pub told: u64,
    /// Of these, operations that had happened nevertheless.
    pub happened: u64,
    /// How often everything was looked at.
    pub looks: u64,
    /// What was wrong, with the fault after which it was. The sweep ends there.
    pub lost: Option<String>,
    /// How long it took.
    pub took: Duration,
}

/// Does all operations up to the end of `operations`, and those in it with the fault at every call of each (`stride`
/// 1), or at every `stride`th.
pub fn sweep(
    patient: &mut impl Patient,
    disk: &Disk,
    operations: Range<usize>,
    mode: Mode,
    stride: u64,
) -> Tally {
    let began = Instant::now();
    let mut tally = Tally {
        operations: 0,
        calls: 0,
        faults: 0,
        told: 0,
        happened: 0,
        looks: 0,
        lost: None,
        took: Duration::ZERO,
    };
    while tally.operations < operations.start && tally.lost.is_none() {
        tally.lost = without_fault(patient, &mut tally).err();
    }
    let mut next = None;
    while tally.operations < operations.end && tally.lost.is_none() {
        tally.lost = one(patient, disk, mode, stride, &mut next, &mut tally).err();
    }
    if tally.lost.is_none() {
        tally.lost = patient.finish().err();
    }
    tally.took = began.elapsed();
    tally
}

/// One operation that only leads to those that count.
fn without_fault(patient: &mut impl Patient, tally: &mut Tally) -> Result<(), String> {
    let operation = tally.operations;
    patient.prepare(operation);
    patient.operate(operation)?;
    patient.check(operation, true)?;
    tally.operations += 1;
    Ok(())
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
    let mut follows = false;
    loop {
        patient.prepare(operation);
        let (first, changes) = (disk.calls(), disk.changes());
        let fault = mode.fault(tally.faults, follows);
        // The call that the last power cut came before may be what makes the difference.
        let waits = u64::from(fault == Fault::PowerCutAfterChange);
        disk.plan(first + after - waits, fault);
        let outcome = patient.operate(operation);
        let (hit, asked) = (disk.hit(), disk.calls() - first);
        let has_changed = outcome.is_ok() || disk.changes() != changes || disk.is_unsynced();
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
        let looks = has_changed || tally.faults.is_multiple_of(ANYWAY);
        tally.looks += u64::from(looks);
        let done = looks
            && patient
                .check(operation, outcome.is_ok())
                .map_err(|wrong| format!("{}: {wrong}", at()))?;
        if let Some(hit) = hit {
            tally.faults += 1;
            tally.told += u64::from(outcome.is_err());
            tally.happened += u64::from(outcome.is_err() && done);
            tally.calls += (hit.index - first + 1).saturating_sub(after);
            after = hit.index - first + stride;
            follows = stride == 1;
        } else {
            tally.calls += asked.saturating_sub(after);
        }
        if done {
            tally.operations += 1;
            *next = hit.filter(|_| outcome.is_ok()).map(|_| after);
            return Ok(());
        }
    }
}

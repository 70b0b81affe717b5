//! The disk fails at one call after the other, in every way; nothing that was acknowledged is lost.
//!
//! Here every call of a small workload is met, and some of a large one. `cargo xtask torture --stride 1` meets every
//! call of the large one.

#![expect(clippy::print_stdout, reason = "it says what was run")]

use romp_torture::device::DevicePatient;
use romp_torture::report::Line;
use romp_torture::server::ServerPatient;
use romp_torture::sweep::{Mode, sweep};

/// The large workload.
const OPERATIONS: usize = 1_000;

/// The server's: each of its operations is a whole exchange, and each start looks the whole file over.
const SERVER_OPERATIONS: usize = 300;

fn device(operations: usize, mode: Mode, stride: u64) {
    let mut patient = DevicePatient::new();
    let disk = patient.disk();
    let tally = sweep(&mut patient, &disk, operations, mode, stride);
    println!("{}", Line::of_sweep("device", mode, stride, &tally));
    assert_eq!((tally.operations, tally.lost), (operations, None));
    assert!(tally.told > 0);
}

fn server(operations: usize, mode: Mode, stride: u64) {
    let mut patient = ServerPatient::new();
    let disk = patient.disk();
    let tally = sweep(&mut patient, &disk, operations, mode, stride);
    println!("{}", Line::of_sweep("server", mode, stride, &tally));
    assert_eq!((tally.operations, tally.lost), (operations, None));
    assert!(tally.told > 0);
}

macro_rules! sweeps {
    ($($name:ident: $mode:expr;)+) => {
        $(mod $name {
            use super::*;

            #[test]
            fn a_device_loses_nothing_and_goes_on_at_every_call() {
                device(42, $mode, 1);
            }

            #[test]
            fn a_device_with_much_to_do_loses_nothing_and_goes_on() {
                device(OPERATIONS, $mode, 100);
            }

            #[test]
            fn a_server_loses_nothing_and_goes_on_at_every_call() {
                server(21, $mode, 1);
            }

            #[test]
            fn a_server_with_much_to_do_loses_nothing_and_goes_on() {
                server(SERVER_OPERATIONS, $mode, 200);
            }
        })+
    };
}

sweeps! {
    when_a_call_fails: Mode::Fails;
    when_a_write_is_torn: Mode::Torn;
    when_a_power_cut_forgets_what_was_not_synced: Mode::ForgetsUnsynced;
    when_a_power_cut_forgets_some_of_what_was_not_synced: Mode::ForgetsSome;
    when_the_disk_is_full: Mode::Full;
}

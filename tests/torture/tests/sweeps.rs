//! The disk fails at one call after the other, in every way; nothing that was acknowledged is lost.
//!
//! Here every call of a small workload is met; of a large one every call of a device in three ways, and some of all
//! else. `cargo xtask torture --stride 1` meets every call of the large one.

use romp_torture::device::DevicePatient;
use romp_torture::report::{Line, tell};
use romp_torture::server::ServerPatient;
use romp_torture::sweep::{Mode, sweep};

/// The large workload.
const OPERATIONS: usize = 1_000;

/// Where the disk fails at some of the calls: one in so many of a device's.
const SOME: u64 = 20;

/// And one in so many of a server's.
const SOME_OF_A_SERVERS: u64 = 50;

/// The server's large workload: each of its operations is a whole exchange.
const SERVER_OPERATIONS: usize = 300;

fn device(operations: usize, mode: Mode, stride: u64) {
    let mut patient = DevicePatient::new();
    let disk = patient.disk();
    let tally = sweep(&mut patient, &disk, 0..operations, mode, stride);
    tell(&Line::of_sweep("device", mode, stride, &tally));
    assert_eq!((tally.operations, tally.lost), (operations, None));
    assert!(tally.told > 0);
}

fn server(operations: usize, mode: Mode, stride: u64) {
    let mut patient = ServerPatient::new();
    let disk = patient.disk();
    let tally = sweep(&mut patient, &disk, 0..operations, mode, stride);
    tell(&Line::of_sweep("server", mode, stride, &tally));
    assert_eq!((tally.operations, tally.lost), (operations, None));
    assert!(tally.told > 0);
}

macro_rules! sweeps {
    ($($name:ident: $mode:expr, $stride:expr;)+) => {
        $(mod $name {
            use super::*;

            #[test]
            fn a_device_loses_nothing_and_goes_on_at_every_call() {
                device(42, $mode, 1);
            }

            #[test]
            fn a_device_with_much_to_do_loses_nothing_and_goes_on() {
                device(OPERATIONS, $mode, $stride);
            }

            #[test]
            fn a_server_loses_nothing_and_goes_on_at_every_call() {
                server(21, $mode, 1);
            }

            #[test]
            fn a_server_with_much_to_do_loses_nothing_and_goes_on() {
                server(SERVER_OPERATIONS, $mode, SOME_OF_A_SERVERS);
            }
        })+
    };
}

sweeps! {
    when_a_call_fails: Mode::Fails, 1;
    when_a_write_is_torn: Mode::Torn, SOME;
    when_a_power_cut_forgets_what_was_not_synced: Mode::ForgetsUnsynced, 1;
    when_a_power_cut_forgets_some_of_what_was_not_synced: Mode::ForgetsSome, SOME;
    when_the_disk_is_full: Mode::Full, 1;
}

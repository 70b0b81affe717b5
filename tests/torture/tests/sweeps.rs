//! Every call of a workload fails once, in every way; nothing that was acknowledged is lost.

use romp_torture::device::DevicePatient;
use romp_torture::server::ServerPatient;
use romp_torture::sweep::{Mode, sweep};

#[test]
fn server() {
    for mode in Mode::ALL {
        let mut patient = ServerPatient::new();
        let disk = patient.disk();
        let tally = sweep(&mut patient, &disk, 100, mode, 7);
        println!("{mode:?} {tally:?}");
        assert_eq!(tally.lost, None);
    }
}

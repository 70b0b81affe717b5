//! Every call of a workload fails once, in every way; nothing that was acknowledged is lost.

use romp_torture::device::DevicePatient;
use romp_torture::sweep::{Mode, sweep};

#[test]
fn device() {
    for mode in Mode::ALL {
        let mut patient = DevicePatient::new();
        let disk = patient.disk();
        let tally = sweep(&mut patient, &disk, 100, mode, 1);
        #[expect(clippy::print_stderr, reason = "x")]
        eprintln!("{mode:?} {tally:?}");
        assert_eq!(tally.lost, None);
    }
}

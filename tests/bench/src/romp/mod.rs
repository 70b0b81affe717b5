//! Romp's own server, driven over HTTP by raw requests and by the real store of a device.
//!
//! [`protocol`] is the only file that knows what a sync looks like on the wire.

mod bootstrap;
mod catch_up;
mod faults;
mod idle;
mod live;
mod noop;
mod overload;
mod place;
mod postgres;
mod protocol;
mod push;
mod town;

use crate::report::Report;
use crate::{Measurement, Outcome, Workload};

pub(crate) use push::{dice, opinion};
pub(crate) use town::fresh_id;

/// Makes one measurement of Romp's server.
pub(crate) async fn measure(measurement: &Measurement, report: &mut Report) -> Outcome {
    match measurement.workload {
        Workload::W1 => push::measure(measurement, report).await,
        Workload::W2 => bootstrap::fresh_device(measurement, report).await,
        Workload::W3 => live::measure(measurement, report).await,
        Workload::W4 => catch_up::measure(measurement, report).await,
        Workload::W5 => noop::measure(measurement, report).await,
        Workload::W6 => bootstrap::after_removal(measurement, report).await,
        Workload::W7 => faults::measure(measurement, report).await,
        Workload::W8 => idle::measure(measurement, report).await,
        Workload::W9 => overload::measure(measurement, report).await,
    }
}

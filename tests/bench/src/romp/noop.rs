//! W5: a device with ten thousand rows asks whether there is anything, and there is not. In the second part each
//! connection is a device's own, because a server reads few bodies of one session at a time.

use super::bootstrap::ROWS;
use super::place::Place;
use super::protocol::RawDevice;
use super::town::{fill, new_device, sign_in_many, town};
use crate::http::{Connection, Version, Wire};
use crate::load::ask_all;
use crate::process::Program;
use crate::report::Report;
use crate::{Measurement, Outcome};

/// Requests in a row.
pub(crate) const REQUESTS: usize = 5_000;
/// Connections that ask at the same time, in the second part.
pub(crate) const CONNECTIONS: usize = 16;

pub(super) async fn measure(measurement: &Measurement, report: &mut Report) -> Outcome {
    let place = Place::new(measurement)?;
    let db = place.db()?;
    let home = town(&db, 2)?.swap_remove(0);
    fill(&db, &home, ROWS)?;
    let ids = (0..CONNECTIONS).map(|_| new_device()).collect();
    let sessions = sign_in_many(&db, home.household, ids)?;
    drop(db);
    let server = place.serve()?;
    let mut devices: Vec<RawDevice> = sessions.into_iter().map(RawDevice::new).collect();
    let mut connection = Connection::open(place.address(), Version::One, &Wire::default()).await?;
    for device in &mut devices {
        loop {
            let answer = connection.ask(device.sync(Vec::new())).await?;
            if !device.absorb(&answer)?.more {
                break;
            }
        }
        // Once more, so that the server has noted how far the device is.
        connection.ask(device.sync(Vec::new())).await?;
    }

    let requests = if measurement.quick { REQUESTS / 5 } else { REQUESTS };
    for (version, name) in [(Version::One, "HTTP/1.1"), (Version::Two, "HTTP/2")] {
        ask(&place, &server, &mut devices, version, name, requests, report).await?;
    }
    server.stop()
}

async fn ask(
    place: &Place,
    server: &Program,
    devices: &mut [RawDevice],
    version: Version,
    name: &str,
    requests: usize,
    report: &mut Report,
) -> Outcome {
    for (connections, how) in [(1, "one by one"), (CONNECTIONS, "16 at once")] {
        let asks = (0..requests)
            .map(|number| devices[number % connections].sync(Vec::new()))
            .collect();
        let wire = Wire::default();
        let cpu = server.cpu_s();
        let mut took = ask_all(place.address(), version, connections, asks, &wire).await?;
        let each = requests as f64;
        report.value(
            &format!("{name}, {how}"),
            each / took.all.as_secs_f64(),
            "requests/s",
        );
        report.value(
            &format!("{name}, {how}, server CPU"),
            (server.cpu_s() - cpu) * 1_000.0 / each,
            "ms/request",
        );
        if connections == 1 {
            report.value(&format!("{name}, wire"), wire.bytes() / each, "B/request");
            report.times(name, &mut took.each);
        }
    }
    Ok(())
}

//! W8: ten thousand devices listen, and nothing happens.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::place::Place;
use super::protocol::RawDevice;
use super::town::{SignedIn, new_device, sign_in_many, town};
use crate::http::{Connection, Version, Wire};
use crate::report::Report;
use crate::{Measurement, Outcome};

/// Connections.
pub(crate) const CONNECTIONS: usize = 10_000;
/// Families that have them.
const FAMILIES: usize = 1_000;
/// One heartbeat of the event stream: how long the idle server is watched.
const WATCHED: Duration = Duration::from_secs(20);
/// File descriptors beside the connections.
const OTHER_FILES: u64 = 500;

/// A stream of events that nobody reads.
pub(super) struct Listening {
    _connection: Connection,
    _stream: Incoming,
}

/// Opens an event stream for each session and reads its first event.
pub(super) async fn listen(address: SocketAddr, sessions: &[SignedIn]) -> Outcome<Vec<Listening>> {
    let wire = Wire::default();
    let mut all = Vec::with_capacity(sessions.len());
    for session in sessions {
        let mut connection = Connection::open(address, Version::One, &wire).await?;
        let mut stream = connection
            .begin(RawDevice::events(&session.token))
            .await?
            .into_body();
        stream
            .frame()
            .await
            .ok_or("an event stream ended")?
            .map_err(|error| error.to_string())?;
        all.push(Listening {
            _connection: connection,
            _stream: stream,
        });
    }
    Ok(all)
}

/// As many connections as this machine lets one process have, at most [`CONNECTIONS`].
pub(crate) fn possible(report: &mut Report) -> usize {
    let files = rlimit::increase_nofile_limit(CONNECTIONS as u64 + OTHER_FILES).unwrap_or(1_024);
    let possible = usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(CONNECTIONS);
    if possible < CONNECTIONS {
        report.note(format!(
            "only {possible} connections: this process may have {files} files open"
        ));
    }
    possible.min(CONNECTIONS)
}

pub(super) async fn measure(measurement: &Measurement, report: &mut Report) -> Outcome {
    let connections = possible(report);
    let place = Place::new(measurement)?;
    let db = place.db()?;
    let homes = town(&db, FAMILIES)?;
    let mut sessions = Vec::with_capacity(connections);
    for (number, home) in homes.iter().enumerate() {
        let share = (connections + number) / homes.len();
        let devices = std::iter::repeat_with(new_device).take(share).collect();
        sessions.extend(sign_in_many(&db, home.household, devices)?);
    }
    drop(db);
    let server = place.serve()?;
    // One stream first, so that what the server needs once is not counted.
    let first = listen(place.address(), sessions.get(..1).unwrap_or_default()).await?;
    let before = server.rss_bytes();
    let started = Instant::now();
    let rest = listen(place.address(), sessions.get(1..).unwrap_or_default()).await?;
    report.value(
        "opening",
        rest.len() as f64 / started.elapsed().as_secs_f64(),
        "1/s",
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    report.value("connections", (rest.len() + first.len()) as f64, "");
    report.value(
        "server memory",
        (server.rss_bytes() - before) / rest.len() as f64,
        "B/connection",
    );
    let cpu = server.cpu_s();
    tokio::time::sleep(WATCHED).await;
    report.value(
        "server CPU while idle",
        (server.cpu_s() - cpu) / WATCHED.as_secs_f64() * 100.0,
        "% of a core",
    );
    report.value(
        "server memory after a heartbeat",
        (server.rss_bytes() - before) / rest.len() as f64,
        "B/connection",
    );
    server.stop()
}

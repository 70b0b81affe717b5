//! W9: three times as much is asked as the server can do. What it does then, and whether it still gives signs of life.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use tokio::task::JoinSet;

use super::place::Place;
use super::protocol::RawDevice;
use super::town::town;
use crate::http::{Ask, Connection, Version, Wire};
use crate::report::Report;
use crate::{Measurement, Outcome};

/// Devices, each with a connection.
const DEVICES: usize = 1_000;
/// Devices that together keep the server busy, and no more.
const BUSY: [usize; 3] = [16, 32, 64];
/// As much more is asked.
const TIMES: f64 = 3.0;
/// How long each part is watched.
const WATCHED: Duration = Duration::from_secs(10);
/// Between two signs of life.
const PULSE: Duration = Duration::from_millis(100);

/// What came of the requests of one part.
#[derive(Default)]
struct Came {
    asked: AtomicU64,
    good: AtomicU64,
    refused: AtomicU64,
    other: AtomicU64,
}

impl Came {
    fn count(&self, status: u16) {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let kind = match status {
            200 => &self.good,
            429 | 503 => &self.refused,
            _ => &self.other,
        };
        kind.fetch_add(1, Ordering::Relaxed);
    }
}

fn per_second(what: &AtomicU64) -> f64 {
    what.load(Ordering::Relaxed) as f64 / WATCHED.as_secs_f64()
}

async fn status(connection: &mut Connection, ask: Ask) -> Outcome<u16> {
    let reply = connection.begin(ask).await?;
    let status = reply.status().as_u16();
    let body = reply.into_body().collect().await;
    body.map_err(|error| error.to_string())?;
    Ok(status)
}

/// Asks with these devices: each again when it has its answer, or not before its next turn.
async fn ask(address: SocketAddr, devices: &mut [RawDevice], every: Option<Duration>) -> Outcome<Came> {
    let came = Arc::new(Came::default());
    let mut open = Vec::with_capacity(devices.len());
    for device in devices {
        // The same question each time: it leaves nothing to be done later.
        let question = device.sync(Vec::new());
        let connection = Connection::open(address, Version::One, &Wire::default()).await?;
        open.push((connection, question));
    }
    let end = tokio::time::Instant::now() + WATCHED;
    let mut workers = JoinSet::new();
    for (mut connection, question) in open {
        let came = Arc::clone(&came);
        workers.spawn(async move {
            let mut turns = every.map(tokio::time::interval);
            while tokio::time::Instant::now() < end {
                if let Some(turns) = &mut turns {
                    turns.tick().await;
                }
                let again = Ask {
                    method: question.method.clone(),
                    path: question.path.clone(),
                    headers: question.headers.clone(),
                    body: question.body.clone(),
                };
                came.count(status(&mut connection, again).await?);
            }
            Ok::<_, String>(())
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker.map_err(|error| error.to_string())??;
    }
    Arc::into_inner(came).ok_or_else(|| "a worker is lost".to_owned())
}

/// Asks for signs of life until it is dropped; how many were given, and the slowest.
async fn pulse(address: SocketAddr) -> Outcome<(u32, Duration)> {
    let (mut given, mut slowest) = (0, Duration::ZERO);
    let mut connection = Connection::open(address, Version::One, &Wire::default()).await?;
    let end = Instant::now() + WATCHED;
    while Instant::now() < end {
        for path in ["/health/live", "/health/ready"] {
            let asked = Instant::now();
            if status(&mut connection, Ask::get(path, Vec::new())).await? != 200 {
                return Err(format!("{path} was refused"));
            }
            given += 1;
            slowest = slowest.max(asked.elapsed());
        }
        tokio::time::sleep(PULSE).await;
    }
    Ok((given, slowest))
}

pub(super) async fn measure(measurement: &Measurement, report: &mut Report) -> Outcome {
    let place = Place::new(measurement)?;
    let db = place.db()?;
    let homes = town(&db, DEVICES)?;
    drop(db);
    let server = place.serve()?;
    let mut devices: Vec<_> = homes
        .into_iter()
        .map(|home| RawDevice::new(home.session))
        .collect();
    let mut peak = 0.0_f64;
    for busy in BUSY {
        let came = ask(place.address(), devices.get_mut(..busy).unwrap_or_default(), None).await?;
        peak = peak.max(per_second(&came.good));
    }
    let every = Duration::from_secs_f64(devices.len() as f64 / (TIMES * peak));
    let (came, pulse) = tokio::join!(
        ask(place.address(), &mut devices, Some(every)),
        pulse(place.address())
    );
    let (came, (given, slowest)) = (came?, pulse?);
    let good = per_second(&came.good);
    report.value("peak", peak, "requests/s");
    report.value("asked", per_second(&came.asked), "requests/s");
    report.value("answered", good, "requests/s");
    report.value("answered, of the peak", good / peak * 100.0, "%");
    report.value("refused", per_second(&came.refused), "requests/s");
    report.value("anything else", per_second(&came.other), "requests/s");
    report.value("signs of life", f64::from(given), "");
    report.value("slowest sign of life", slowest.as_secs_f64() * 1_000.0, "ms");
    report.value("server memory", server.rss_bytes(), "B");
    server.stop()
}

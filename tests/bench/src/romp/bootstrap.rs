//! W2: a fresh device pulls a family's ten thousand rows. W6: the same after nine in ten of them were removed.
//!
//! Measured twice: raw (requests only, rows thrown away; comparable with other raw drivers) and with the real store of
//! a device, until its exchange is done, which is when the last page is durable and its rows can be read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use romp_domain::{Kind, Problem, Swipe};
use romp_store::{RandomIds, Store, StoreError, WallClock};
use romp_sync::exchange;
use tokio::task::JoinSet;

use super::place::Place;
use super::protocol::{Line, RawDevice};
use super::town::{Home, SignedIn, fill, remove, sign_in, town};
use crate::http::{Connection, Version, Wire};
use crate::process::Program;
use crate::report::Report;
use crate::{Measurement, Outcome};

/// Rows of the family.
pub(crate) const ROWS: usize = 10_000;
/// Fresh devices at once, in the second part.
pub(crate) const AT_ONCE: usize = 50;

/// A device with a store of its own.
pub(super) struct Fresh {
    pub(super) store: Store,
    session: SignedIn,
}

impl Fresh {
    /// Opens an empty store and signs its device in.
    pub(super) fn new(place: &Place, home: &Home, name: &str) -> Outcome<Self> {
        let store = Store::open(&place.device(name), Arc::new(WallClock), &RandomIds)
            .map_err(|error| error.to_string())?;
        let device = store.device().map_err(|error| error.to_string())?;
        let session = sign_in(&place.db()?, home.household, device)?;
        Ok(Self { store, session })
    }

    /// Its way to the server.
    pub(super) fn line(&self, place: &Place, wire: &Wire) -> Line {
        Line::new(place.address(), self.session.token.clone(), wire.clone())
    }

    /// The token of its session.
    pub(super) fn token(&self) -> &str {
        &self.session.token
    }

    /// Exchanges until both sides have everything.
    pub(super) async fn sync(&self, line: &Line) -> Outcome {
        exchange(&self.store.replica(None), line)
            .await
            .map_err(|problem: Problem| problem.to_string())
    }

    /// How many swipes can be read.
    pub(super) fn swipes(&self) -> Outcome<usize> {
        self.store
            .read(|reader| Ok::<_, StoreError>(reader.list::<Swipe>()?.len()))
            .map_err(|error| error.to_string())
    }
}

pub(super) async fn fresh_device(measurement: &Measurement, report: &mut Report) -> Outcome {
    let place = Place::new(measurement)?;
    let db = place.db()?;
    let home = town(&db, 2)?.swap_remove(0);
    fill(&db, &home, ROWS)?;
    drop(db);
    bootstrap(&place, &home, ROWS, "", report).await?;

    let at_once = if measurement.quick { AT_ONCE / 5 } else { AT_ONCE };
    let mut devices = Vec::new();
    for number in 0..at_once {
        devices.push(Fresh::new(&place, &home, &format!("many-{number}"))?);
    }
    let server = place.serve()?;
    let wire = Wire::default();
    let cpu = server.cpu_s();
    let started = Instant::now();
    let mut running = JoinSet::new();
    for device in devices {
        let line = device.line(&place, &wire);
        running.spawn(async move {
            device.sync(&line).await?;
            device.swipes()
        });
    }
    let mut each = Vec::new();
    while let Some(done) = running.join_next().await {
        expect(done.map_err(|error| error.to_string())??, ROWS)?;
        each.push(started.elapsed());
    }
    report.value(&format!("{at_once} devices, store"), ms(started.elapsed()), "ms");
    report.value(
        &format!("{at_once} devices, server CPU"),
        server.cpu_s() - cpu,
        "s",
    );
    report.value(&format!("{at_once} devices, server RSS"), server.rss_bytes(), "B");
    server.stop()
}

pub(super) async fn after_removal(measurement: &Measurement, report: &mut Report) -> Outcome {
    let live = ROWS / 10;
    let only_live = Place::new(measurement)?;
    let db = only_live.db()?;
    let home = town(&db, 2)?.swap_remove(0);
    fill(&db, &home, live)?;
    drop(db);
    bootstrap(&only_live, &home, live, "only live: ", report).await?;

    let place = Place::new(measurement)?;
    let db = place.db()?;
    let home = town(&db, 2)?.swap_remove(0);
    let ids = fill(&db, &home, ROWS)?;
    remove(&db, &home, ids.get(live..).unwrap_or_default())?;
    drop(db);
    report.note(
        "the 9,000 removed rows are swipes, removed in the database as a device's removal would store them: no device \
         removes swipes, and of what devices remove a family may have 2,400 rows",
    );
    bootstrap(&place, &home, live, "after removal: ", report).await
}

/// One fresh device, raw and with its store.
async fn bootstrap(place: &Place, home: &Home, rows: usize, prefix: &str, report: &mut Report) -> Outcome {
    let device = Fresh::new(place, home, "one")?;
    let raw = sign_in(&place.db()?, home.household, super::town::new_device())?;
    let server = place.serve()?;
    // The first request of a server opens files and fills caches; it is not what is asked about.
    pull_raw(place, &server, RawDevice::new(raw.clone())).await?;

    let pulled = pull_raw(place, &server, RawDevice::new(raw)).await?;
    if pulled.live < rows {
        return Err(format!("{} rows came, {rows} are there", pulled.live));
    }
    report.value(&format!("{prefix}raw"), ms(pulled.time), "ms");
    report.value(&format!("{prefix}rows sent"), pulled.rows as f64, "rows");
    report.value(&format!("{prefix}server CPU"), pulled.cpu_s * 1_000.0, "ms");
    report.value(&format!("{prefix}wire"), pulled.bytes, "B");

    let wire = Wire::default();
    let line = device.line(place, &wire);
    let started = Instant::now();
    device.sync(&line).await?;
    expect(device.swipes()?, rows)?;
    report.value(&format!("{prefix}store"), ms(started.elapsed()), "ms");
    report.value(&format!("{prefix}server RSS"), server.rss_bytes(), "B");
    server.stop()
}

struct Pulled {
    time: Duration,
    rows: usize,
    live: usize,
    bytes: f64,
    cpu_s: f64,
}

async fn pull_raw(place: &Place, server: &Program, mut device: RawDevice) -> Outcome<Pulled> {
    let wire = Wire::default();
    let cpu = server.cpu_s();
    let started = Instant::now();
    let mut connection = Connection::open(place.address(), Version::One, &wire).await?;
    let (mut rows, mut live) = (0, 0);
    loop {
        let answer = connection.ask(device.sync(Vec::new())).await?;
        let reply = device.absorb(&answer)?;
        rows += reply.rows.len();
        let swipe = Kind::Swipe.word();
        live += reply
            .rows
            .iter()
            .filter(|row| row.kind == swipe && row.fields.is_some())
            .count();
        if !reply.more {
            break;
        }
    }
    Ok(Pulled {
        time: started.elapsed(),
        rows,
        live,
        bytes: wire.bytes(),
        cpu_s: server.cpu_s() - cpu,
    })
}

fn expect(found: usize, wanted: usize) -> Outcome {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{found} rows can be read, {wanted} are there"))
    }
}

pub(super) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

//! Atuin's server on `SQLite`, driven by raw requests.
//!
//! A swipe is a record, a family is a user, a device is a host. Atuin's clients encrypt what they send; here the
//! record holds the same JSON as Romp's row, in the clear and without a wrapped key, which is less than Atuin's own
//! clients send, store and pull. Pages are of the size that its server advertises.

mod account;

use std::time::{Duration, Instant};

use rand::RngExt;
use romp_domain::PetId;
use serde_json::{Value, json};
use uuid::Uuid;

use account::{Account, Place};

use crate::http::{Answer, Ask, Connection, Version, Wire};
use crate::load::ask_all;
use crate::report::Report;
use crate::romp::{dice, fresh_id, opinion};
use crate::{Measurement, Outcome, Workload};

/// Devices in W1, and the swipes of each.
const DEVICES: usize = 1_000;
/// Swipes of each; one batch.
const BATCH: usize = 100;
/// Connections that share the devices' requests.
const CONNECTIONS: usize = 64;
/// Rows of the family in W2, W5 and W6.
const ROWS: usize = 10_000;
/// Changes on either side in W4.
const CHANGES: usize = 1_000;
/// Records of a page, as the server advertises it.
const PAGE: usize = 100;

/// Makes one measurement of Atuin's server.
pub(crate) async fn measure(measurement: &Measurement, report: &mut Report) -> Outcome {
    match measurement.workload {
        Workload::W1 => push(measurement, report).await,
        Workload::W2 => fresh_device(measurement, report).await,
        Workload::W4 => catch_up(measurement, report).await,
        Workload::W5 => noop(measurement, report).await,
        Workload::W6 => after_removal(measurement, report).await,
        Workload::W3 | Workload::W8 | Workload::W9 => {
            report.blank("its server tells clients nothing by itself: they ask at intervals");
            Ok(())
        }
        Workload::W7 => {
            report.blank("it keeps logs and merges nothing; what a log means is its client's");
            Ok(())
        }
    }
}

/// A host of an account: its log.
struct Host {
    account: Account,
    id: Uuid,
    next: usize,
}

impl Host {
    fn new(account: Account) -> Self {
        Self {
            account,
            id: fresh_id(),
            next: 0,
        }
    }

    /// The request that appends so many swipes to the log.
    fn append(&mut self, count: usize, dice: &mut rand::rngs::ChaCha8Rng) -> Outcome<Ask> {
        let mut records = Vec::with_capacity(count);
        for _ in 0..count {
            let pet = PetId(Uuid::from_u128(dice.random()));
            let swipe = opinion(dice, PetId(self.id), pet);
            let text = serde_json::to_string(&swipe).map_err(|error| error.to_string())?;
            records.push(json!({
                "id": fresh_id(),
                "idx": self.next,
                "host": {"id": self.id, "name": ""},
                "timestamp": 1_790_000_000_000_000_000_u64 + self.next as u64,
                "version": "v0",
                "tag": "swipe",
                "data": {"data": text, "content_encryption_key": ""},
            }));
            self.next += 1;
        }
        let mut headers = self.account.headers();
        headers.push(("content-type", "application/json".to_owned()));
        let body = serde_json::to_vec(&records).map_err(|error| error.to_string())?;
        Ok(Ask::post("/api/v0/record", headers, body))
    }

    /// The request for what the server has of every log.
    fn index(&self) -> Ask {
        Ask::get("/api/v0/record", self.account.headers())
    }

    /// The request for a page of another host's log.
    fn page(&self, of: Uuid, start: usize) -> Ask {
        let path = format!("/api/v0/record/next?host={of}&tag=swipe&start={start}&count={PAGE}");
        Ask::get(path, self.account.headers())
    }
}

async fn push(measurement: &Measurement, report: &mut Report) -> Outcome {
    let place = Place::new(measurement)?;
    let accounts = place.accounts(DEVICES)?;
    let disk_before = place.disk_bytes();
    let server = place.serve()?;
    let mut dice = dice(1);
    let mut hosts: Vec<Host> = accounts.into_iter().map(Host::new).collect();
    let batches = hosts
        .iter_mut()
        .map(|host| host.append(BATCH, &mut dice))
        .collect::<Outcome<Vec<_>>>()?;
    let wire = Wire::default();
    let cpu_before = server.cpu_s();
    let mut pushed = ask_all(place.address(), Version::One, CONNECTIONS, batches, &wire).await?;
    let cpu_pushed = server.cpu_s();
    let wire_pushed = wire.bytes();
    let pulls = hosts.iter().map(Host::index).collect();
    let mut pulled = ask_all(place.address(), Version::One, CONNECTIONS, pulls, &wire).await?;
    let cpu_pulled = server.cpu_s();
    let last = BATCH - 1;
    for (host, answer) in hosts.iter().zip(&pulled.answers) {
        let found = index_of(answer, host.id)?;
        if found != Some(last as u64) {
            return Err(format!("the log of {} ends at {found:?}", host.id));
        }
    }
    let rss = server.rss_bytes();
    server.stop()?;
    let swipes = (DEVICES * BATCH) as f64;
    report.value("swipes", swipes / pushed.all.as_secs_f64(), "1/s");
    report.times("batch", &mut pushed.each);
    report.value("push CPU", cpu_pushed - cpu_before, "s");
    report.value("push wire", wire_pushed / swipes, "B/swipe");
    report.value("pulls", DEVICES as f64 / pulled.all.as_secs_f64(), "1/s");
    report.times("pull", &mut pulled.each);
    report.value("pull CPU", cpu_pulled - cpu_pushed, "s");
    report.value("pull wire", (wire.bytes() - wire_pushed) / swipes, "B/swipe");
    report.value("wire", wire.bytes() / swipes, "B/swipe");
    report.value("disk", (place.disk_bytes() - disk_before) / swipes, "B/swipe");
    report.value("server RSS", rss, "B");
    report.note("atuin: the push is not answered with rows, so a pull of an own log is its index only");
    report.note(
        "atuin: stores what it is sent and merges nothing; gets a swipe's JSON in the clear, without a wrapped key, which is \
         less than its own clients send, and not compressed",
    );
    Ok(())
}

async fn fresh_device(measurement: &Measurement, report: &mut Report) -> Outcome {
    let place = Place::new(measurement)?;
    let account = place.account()?;
    let server = place.serve()?;
    let mut writer = Host::new(account.clone());
    fill(&place, &mut writer, ROWS).await?;
    bootstrap(&place, account.clone(), writer.next).await?;
    let cpu = server.cpu_s();
    let pulled = bootstrap(&place, account.clone(), writer.next).await?;
    report.value("raw", ms(pulled.0), "ms");
    report.value("rows sent", writer.next as f64, "rows");
    report.value("server CPU", (server.cpu_s() - cpu) * 1_000.0, "ms");
    report.value("wire", pulled.1, "B");
    report.value("server RSS", server.rss_bytes(), "B");
    server.stop()
}

/// Atuin's clients remove an entry by appending a record that says so.
async fn after_removal(measurement: &Measurement, report: &mut Report) -> Outcome {
    for (prefix, records) in [
        ("only live: ", ROWS / 10),
        ("after removal: ", ROWS + ROWS * 9 / 10),
    ] {
        let place = Place::new(measurement)?;
        let account = place.account()?;
        let server = place.serve()?;
        let mut writer = Host::new(account.clone());
        fill(&place, &mut writer, records).await?;
        bootstrap(&place, account.clone(), records).await?;
        let cpu = server.cpu_s();
        let pulled = bootstrap(&place, account, records).await?;
        report.value(&format!("{prefix}raw"), ms(pulled.0), "ms");
        report.value(&format!("{prefix}rows sent"), records as f64, "rows");
        report.value(
            &format!("{prefix}server CPU"),
            (server.cpu_s() - cpu) * 1_000.0,
            "ms",
        );
        report.value(&format!("{prefix}wire"), pulled.1, "B");
        server.stop()?;
    }
    report.note(
        "atuin: a removal is one more record, as its own clients write it, so 9,000 removals make 19,000",
    );
    Ok(())
}

async fn catch_up(measurement: &Measurement, report: &mut Report) -> Outcome {
    let place = Place::new(measurement)?;
    let account = place.account()?;
    let server = place.serve()?;
    let mut other = Host::new(account.clone());
    fill(&place, &mut other, CHANGES).await?;
    let mut own = Host::new(account);
    let mut dice = dice(4);
    let wire = Wire::default();
    let cpu = server.cpu_s();
    let started = Instant::now();
    let mut connection = Connection::open(place.address(), Version::One, &wire).await?;
    connection.ask(own.index()).await?;
    for _ in 0..CHANGES / BATCH {
        connection.ask(own.append(BATCH, &mut dice)?).await?;
    }
    for start in (0..CHANGES).step_by(PAGE) {
        connection.ask(own.page(other.id, start)).await?;
    }
    report.value("up to date, raw", ms(started.elapsed()), "ms");
    report.value("wire", wire.bytes(), "B");
    report.value("server CPU", (server.cpu_s() - cpu) * 1_000.0, "ms");
    server.stop()
}

async fn noop(measurement: &Measurement, report: &mut Report) -> Outcome {
    let place = Place::new(measurement)?;
    let account = place.account()?;
    let server = place.serve()?;
    let mut host = Host::new(account);
    fill(&place, &mut host, ROWS).await?;
    let requests = if measurement.quick { 1_000 } else { 5_000 };
    for (version, name) in [(Version::One, "HTTP/1.1"), (Version::Two, "HTTP/2")] {
        for (connections, how) in [(1, "one by one"), (16, "16 at once")] {
            let asks = vec![host.index(); requests];
            let wire = Wire::default();
            let cpu = server.cpu_s();
            let took = ask_all(place.address(), version, connections, asks, &wire).await;
            let Ok(mut took) = took else {
                if version == Version::One {
                    took?;
                }
                report.note("atuin: its server does not speak HTTP/2");
                return server.stop();
            };
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
    }
    server.stop()
}

/// Appends records to a log.
async fn fill(place: &Place, host: &mut Host, records: usize) -> Outcome {
    let mut dice = dice(0);
    let mut connection = Connection::open(place.address(), Version::One, &Wire::default()).await?;
    while host.next < records {
        let count = BATCH.min(records - host.next);
        connection.ask(host.append(count, &mut dice)?).await?;
    }
    Ok(())
}

/// A new host of the account asks what there is, and pulls it, page by page. Returns the time and the bytes.
async fn bootstrap(place: &Place, account: Account, records: usize) -> Outcome<(Duration, f64)> {
    let host = Host::new(account);
    let wire = Wire::default();
    let started = Instant::now();
    let mut connection = Connection::open(place.address(), Version::One, &wire).await?;
    let index: Value = parse(&connection.ask(host.index()).await?.read()?)?;
    let hosts = index.get("hosts").and_then(Value::as_object).ok_or("no index")?;
    let mut found = 0;
    for (id, logs) in hosts {
        let id: Uuid = id.parse().map_err(|_| "not a host")?;
        let last = logs.get("swipe").and_then(Value::as_u64).ok_or("no log")? as usize;
        for start in (0..=last).step_by(PAGE) {
            let page: Vec<Value> = parse(&connection.ask(host.page(id, start)).await?.read()?)?;
            found += page.len();
        }
    }
    if found == records {
        Ok((started.elapsed(), wire.bytes()))
    } else {
        Err(format!("{found} records came, {records} are there"))
    }
}

fn index_of(answer: &Answer, host: Uuid) -> Outcome<Option<u64>> {
    let index: Value = parse(&answer.read()?)?;
    Ok(index
        .pointer(&format!("/hosts/{host}/swipe"))
        .and_then(Value::as_u64))
}

fn parse<T: serde::de::DeserializeOwned>(body: &[u8]) -> Outcome<T> {
    serde_json::from_slice(body).map_err(|error| format!("an answer cannot be read: {error}"))
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

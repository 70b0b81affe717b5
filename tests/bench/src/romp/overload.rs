//! W9: three times as much is asked as the server can do. What it does then, and whether it still gives signs of life.
//!
//! Terms: what is **offered** is the schedule: each device wants an answer every so often, whatever became of the last
//! one. What is **asked** is what it sends; at a turn at which it still waits for an answer it sends nothing, and is
//! **left waiting**. The **peak** is what the same devices are answered when they ask in turn, few at a time. A **polite**
//! device comes back when it was told to, and wants nothing before; all others ask on.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use hyper::header::RETRY_AFTER;
use tokio::task::JoinSet;
use tokio::time::{Instant as Turn, sleep_until, timeout_at};

use super::idle::possible;
use super::place::Place;
use super::protocol::RawDevice;
use super::town::{new_device, sign_in_many, town};
use crate::http::{Ask, Connection, Version, Wire};
use crate::report::Report;
use crate::{Measurement, Outcome};

/// Families; each has as many devices as it takes.
const FAMILIES: usize = 1_000;
/// So many at a time keep the server busy: as many of them as are answered most are the peak.
const BUSY: [usize; 5] = [16, 32, 64, 128, 256];
/// As much more is asked.
const TIMES: f64 = 3.0;
/// How long each part is watched.
const WATCHED: Duration = Duration::from_secs(5);
/// How often the peak and more are measured in turn, and with `--quick`: a machine is not always as fast.
const ROUNDS: usize = 7;
const ROUNDS_QUICKLY: usize = 3;
/// Between two signs of life.
const PULSE: Duration = Duration::from_millis(100);

/// Who asks three times as much: the name, devices, each with a connection, and how many of them are polite.
const CROWDS: [(&str, usize, usize); 3] = [
    ("1,000 devices", 1_000, 0),
    ("4,000 devices", 4_000, 0),
    ("4,000 devices, half of them polite", 4_000, 2_000),
];

/// What came of the wishes of some devices.
#[derive(Debug, Default)]
struct Came {
    offered: u32,
    good: Vec<Duration>,
    refused: Vec<Duration>,
    other: u32,
}

impl Came {
    fn asked(&self) -> usize {
        self.good.len() + self.refused.len() + self.other as usize
    }

    fn add(&mut self, other: Self) {
        self.offered += other.offered;
        self.good.extend(other.good);
        self.refused.extend(other.refused);
        self.other += other.other;
    }
}

fn per_second(count: usize, watched: Duration) -> f64 {
    count as f64 / watched.as_secs_f64()
}

/// Asks; the status, and after how long to come back, where the answer says so.
async fn status(connection: &mut Connection, ask: Ask) -> Outcome<(u16, Option<Duration>)> {
    let reply = connection.begin(ask).await?;
    let status = reply.status().as_u16();
    let after = reply.headers().get(RETRY_AFTER);
    let after = after.and_then(|value| value.to_str().ok()?.parse().ok());
    let body = reply.into_body().collect().await;
    body.map_err(|error| error.to_string())?;
    Ok((status, after.map(Duration::from_secs)))
}

/// One device, until the end.
struct Device {
    connection: Connection,
    /// The same question each time: it leaves nothing to be done later.
    question: Ask,
    /// From one wish to the next.
    every: Duration,
    polite: bool,
}

impl Device {
    async fn wishes(mut self, first: Turn, end: Turn) -> Outcome<Came> {
        let mut came = Came::default();
        let mut turn = first;
        while turn < end {
            sleep_until(turn).await;
            came.offered += 1;
            let asked = Instant::now();
            let answer = timeout_at(end, status(&mut self.connection, self.question.clone())).await;
            let mut back = Turn::now();
            // Not answered by the end: it is left waiting.
            let Ok(answer) = answer else {
                came.offered += turns_passed(turn, end, self.every);
                break;
            };
            match answer? {
                (200, _) => came.good.push(asked.elapsed()),
                (429 | 503, after) => {
                    came.refused.push(asked.elapsed());
                    if self.polite {
                        back += after.ok_or("a refusal without a time to come back")?;
                        turn = back;
                        continue;
                    }
                }
                _ => came.other += 1,
            }
            let passed = turns_passed(turn, back, self.every);
            came.offered += passed;
            turn += self.every * (passed + 1);
        }
        Ok(came)
    }
}

/// How many turns have come since one, until another moment.
fn turns_passed(turn: Turn, until: Turn, every: Duration) -> u32 {
    (until.saturating_duration_since(turn).as_secs_f64() / every.as_secs_f64()) as u32
}

/// Lets these questions be asked, each by a device of its own, so many at a time and the next when one is answered: what
/// the server can do for all of them, where nobody asks too much. How many were answered a second.
async fn in_turn(address: SocketAddr, questions: &[Ask], busy: usize, watched: Duration) -> Outcome<f64> {
    let mut groups = Vec::with_capacity(busy);
    for group in questions.chunks(questions.len().div_ceil(busy)) {
        let mut devices = Vec::with_capacity(group.len());
        for question in group {
            let connection = Connection::open(address, Version::One, &Wire::default()).await?;
            devices.push((connection, question.clone()));
        }
        groups.push(devices);
    }
    let end = Turn::now() + watched;
    let mut workers = JoinSet::new();
    for mut devices in groups {
        workers.spawn(async move {
            let mut answered = 0;
            loop {
                for (connection, question) in &mut devices {
                    let Ok(answer) = timeout_at(end, status(connection, question.clone())).await else {
                        return Ok::<_, String>(answered);
                    };
                    answered += usize::from(answer?.0 == 200);
                }
            }
        });
    }
    let mut answered = 0;
    while let Some(worker) = workers.join_next().await {
        answered += worker.map_err(|error| error.to_string())??;
    }
    Ok(per_second(answered, watched))
}

/// Lets these questions be asked, each by a device of its own; what came of those of the polite ones, and of the rest.
async fn ask(
    address: SocketAddr,
    questions: &[Ask],
    polite: usize,
    every: Duration,
    watched: Duration,
) -> Outcome<(Came, Came)> {
    let mut open = Vec::with_capacity(questions.len());
    for _ in questions {
        open.push(Connection::open(address, Version::One, &Wire::default()).await?);
    }
    let began = Turn::now();
    let end = began + watched;
    let mut workers = JoinSet::new();
    let all = Arc::new(Mutex::new((Came::default(), Came::default())));
    for (number, (connection, question)) in open.into_iter().zip(questions).enumerate() {
        let device = Device {
            connection,
            question: question.clone(),
            every,
            polite: number < polite,
        };
        // Not all in the same moment.
        let first = began + every * number as u32 / questions.len() as u32;
        let all = Arc::clone(&all);
        workers.spawn(async move {
            let came = device.wishes(first, end).await?;
            let mut all = all.lock().map_err(|_| "a worker is lost")?;
            let which = if number < polite { &mut all.0 } else { &mut all.1 };
            which.add(came);
            Ok::<_, String>(())
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker.map_err(|error| error.to_string())??;
    }
    let all = Arc::into_inner(all).and_then(|all| all.into_inner().ok());
    all.ok_or_else(|| "a worker is lost".to_owned())
}

/// Asks for signs of life until it is dropped; how long each took.
async fn pulse(address: SocketAddr, watched: Duration) -> Outcome<Vec<Duration>> {
    let mut given = Vec::new();
    let mut connection = Connection::open(address, Version::One, &Wire::default()).await?;
    let end = Instant::now() + watched;
    while Instant::now() < end {
        for path in ["/health/live", "/health/ready"] {
            let asked = Instant::now();
            if status(&mut connection, Ask::get(path, Vec::new())).await?.0 != 200 {
                return Err(format!("{path} was refused"));
            }
            given.push(asked.elapsed());
        }
        tokio::time::sleep(PULSE).await;
    }
    Ok(given)
}

/// Tells what came of three times the peak.
fn tell(report: &mut Report, crowd: &str, mut of_peak: Vec<f64>, watched: Duration, mut came: Came) {
    let per_second = |count| per_second(count, watched);
    let good = per_second(came.good.len());
    let name = |what: &str| format!("{crowd}: {what}");
    of_peak.sort_by(f64::total_cmp);
    report.value(&name("offered"), per_second(came.offered as usize), "1/s");
    report.value(&name("asked"), per_second(came.asked()), "1/s");
    report.value(&name("answered"), good, "1/s");
    for (what, which) in [
        ("", of_peak.len() / 2),
        (", at worst", 0),
        (", at best", of_peak.len() - 1),
    ] {
        report.value(
            &name(&format!("answered, of the peak{what}")),
            of_peak[which] * 100.0,
            "%",
        );
    }
    report.value(&name("refused"), per_second(came.refused.len()), "1/s");
    let waiting = (came.offered as usize).saturating_sub(came.asked());
    report.value(&name("left waiting"), per_second(waiting), "1/s");
    report.value(&name("anything else"), per_second(came.other as usize), "1/s");
    report.times(&name("answered in"), &mut came.good);
    report.times(&name("refused in"), &mut came.refused);
}

pub(super) async fn measure(measurement: &Measurement, report: &mut Report) -> Outcome {
    let possible = possible(report);
    let rounds = if measurement.quick { ROUNDS_QUICKLY } else { ROUNDS };
    let place = Place::new(measurement)?;
    let db = place.db()?;
    let homes = town(&db, FAMILIES)?;
    let most = CROWDS.iter().map(|(_, devices, _)| *devices).max();
    let each = most.unwrap_or_default().min(possible).div_ceil(FAMILIES);
    let (mut sessions, mut more) = (Vec::new(), Vec::new());
    for home in homes {
        let devices = std::iter::repeat_with(new_device).take(each - 1).collect();
        more.extend(sign_in_many(&db, home.household, devices)?);
        sessions.push(home.session);
    }
    // One of each family first.
    sessions.extend(more);
    let questions: Vec<_> = sessions
        .into_iter()
        .map(|session| RawDevice::new(session).sync(Vec::new()))
        .collect();
    drop(db);
    let server = place.serve()?;
    for (crowd, devices, polite) in CROWDS {
        let (mut of_peak, mut came, mut pulses) =
            (Vec::new(), (Came::default(), Came::default()), Vec::new());
        let questions = some(&questions, devices)?;
        let (mut most, mut busiest) = (0.0_f64, BUSY[0]);
        for busy in BUSY {
            let answered = in_turn(place.address(), questions, busy, WATCHED).await?;
            if answered > most {
                (most, busiest) = (answered, busy);
            }
        }
        report.value(&format!("{crowd}: peak"), most, "1/s");
        report.value(&format!("{crowd}: peak, at a time"), busiest as f64, "");
        for _ in 0..rounds {
            let peak = in_turn(place.address(), questions, busiest, WATCHED).await?;
            let every = Duration::from_secs_f64(devices as f64 / (TIMES * peak));
            let (now, pulse) = tokio::join!(
                ask(place.address(), questions, polite, every, WATCHED),
                pulse(place.address(), WATCHED)
            );
            let now = now?;
            of_peak.push(per_second(now.0.good.len() + now.1.good.len(), WATCHED) / peak);
            came.0.add(now.0);
            came.1.add(now.1);
            pulses.extend(pulse?);
        }
        let (polite, mut came) = came;
        if !polite.good.is_empty() {
            let asked = polite.asked() as f64;
            let name = format!("{crowd}: answered, of what these ask");
            report.value(&name, polite.good.len() as f64 / asked * 100.0, "%");
            let mut times = polite.good.clone();
            report.times(&format!("{crowd}: these answered in"), &mut times);
        }
        came.add(polite);
        tell(report, crowd, of_peak, WATCHED * rounds as u32, came);
        report.value(&format!("{crowd}: signs of life"), pulses.len() as f64, "");
        report.times(&format!("{crowd}: sign of life"), &mut pulses);
        let slowest = pulses.last().copied().unwrap_or_default();
        report.value(
            &format!("{crowd}: slowest sign of life"),
            slowest.as_secs_f64() * 1_000.0,
            "ms",
        );
    }
    report.value("server memory", server.rss_bytes(), "B");
    server.stop()
}

fn some(questions: &[Ask], devices: usize) -> Outcome<&[Ask]> {
    questions
        .get(..devices)
        .ok_or_else(|| format!("there are only {} devices", questions.len()))
}

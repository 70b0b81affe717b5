//! Many devices at once, on a few connections.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::Outcome;
use crate::http::{Answer, Ask, Connection, Version, Wire};

/// What a run of requests took.
#[derive(Debug)]
pub(crate) struct Took {
    /// From the first request to the last answer.
    pub(crate) all: Duration,
    /// Of each request.
    pub(crate) each: Vec<Duration>,
    /// The answers, in the order of the requests.
    pub(crate) answers: Vec<Answer>,
}

/// Asks everything, on so many connections; each takes the next request when it has its answer.
pub(crate) async fn ask_all(
    address: SocketAddr,
    version: Version,
    connections: usize,
    asks: Vec<Ask>,
    wire: &Wire,
) -> Outcome<Took> {
    let count = asks.len();
    let queue = std::sync::Arc::new(std::sync::Mutex::new(asks.into_iter().enumerate()));
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(address, version, wire).await?);
    }
    let started = Instant::now();
    let mut workers = JoinSet::new();
    for mut connection in open {
        let queue = std::sync::Arc::clone(&queue);
        workers.spawn(async move {
            let mut done = Vec::new();
            loop {
                let next = queue.lock().map_err(|_| "a worker is lost")?.next();
                let Some((number, ask)) = next else {
                    return Ok::<_, String>(done);
                };
                let asked = Instant::now();
                let answer = connection.ask(ask).await?;
                done.push((number, asked.elapsed(), answer));
            }
        });
    }
    let mut each = vec![Duration::ZERO; count];
    let mut answers = vec![Answer::default(); count];
    while let Some(done) = workers.join_next().await {
        for (number, time, answer) in done.map_err(|error| error.to_string())?? {
            each[number] = time;
            answers[number] = answer;
        }
    }
    Ok(Took {
        all: started.elapsed(),
        each,
        answers,
    })
}

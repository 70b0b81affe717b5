//! Many people sign in, some of them with addresses that nobody has: what it costs, and what can be told from it.
//!
//! How many samples of time are taken is `ROMP_SIGN_INS` (20 without it), half of them of each kind:
//! `ROMP_SIGN_INS=2000 cargo test --release -p romp-server --test binary row_19 -- --nocapture`. The times are printed,
//! not judged: a busy machine must not fail a test.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::guesses::{answer, credentials, sign_in};
use super::program::{Place, inhabited};

const PASSWORD: &str = "planted pass phrase";

/// People at once.
const CROWD: usize = 200;

/// What a server may need at most, in KiB: what it has anyway, and a few passwords being hashed (19 MiB each).
const MOST_KIB: u64 = 400 * 1024;

/// A network for every twenty people: no throttle is in the way.
fn network(n: usize) -> String {
    let n = n / 20;
    format!("127.0.{}.{}:0", 1 + n / 250, 1 + n % 250)
}

/// Sign-in with an address that nobody has.
fn nobodys(n: usize) -> Value {
    let mut body = credentials("some other pass phrase", n);
    body["email"] = "nobody@example.org".into();
    body
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Everything after the head: the head has a number of its own for each request.
fn told(reply: &str) -> (String, String) {
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

#[expect(clippy::print_stderr, reason = "the numbers are what the long run is for")]
#[test]
fn row_19_an_unknown_address_and_a_wrong_password_are_answered_alike_and_their_times_are_printed() {
    let samples = std::env::var("ROMP_SIGN_INS").map_or(20, |number| number.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let place = Place::file(folder.path());
    let (server, _) = inhabited(&place, PASSWORD);
    let address: SocketAddr = server.address.parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    runtime.block_on(async {
        for n in 0..samples / 2 {
            // Each kind first as often as the other.
            for is_known in [n % 2 == 0, n % 2 != 0] {
                let body = if is_known {
                    credentials("some other pass phrase", n)
                } else {
                    nobodys(n)
                };
                // Ten tries at an address from one network, no more.
                let began = Instant::now();
                let reply = answer(address, &network(n * 2), "203.0.113.7", body).await;
                let times = if is_known { &mut known } else { &mut unknown };
                times.push((began.elapsed(), told(&reply)));
            }
        }
    });
    let (status, _) = &known[0].1;
    assert!(status.contains(" 401 "), "{status}");
    let all = known.iter().chain(&unknown);
    assert!(all.clone().all(|(_, told)| told == &known[0].1), "{all:#?}");
    let middle = |kind: &[(Duration, _)]| median(kind.iter().map(|(time, _)| *time).collect());
    let (known, unknown) = (middle(&known), middle(&unknown));
    eprintln!(
        "{samples} sign-ins: median {known:?} with a wrong password, {unknown:?} with an unknown address, ratio {:.3}",
        unknown.as_secs_f64() / known.as_secs_f64()
    );
}

#[test]
fn row_22_two_hundred_people_at_once_are_all_answered_and_memory_stays_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::file(folder.path());
    let (server, session) = inhabited(&place, PASSWORD);
    let token = session["token"].as_str().unwrap();
    let address: SocketAddr = server.address.parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let crowd = runtime.spawn(async move {
        let people: Vec<_> = (0..CROWD)
            .map(|n| {
                tokio::spawn(async move { sign_in(address, &network(n), "203.0.113.7", nobodys(n)).await })
            })
            .collect();
        let mut answers = Vec::new();
        for person in people {
            answers.push(person.await.unwrap());
        }
        answers
    });
    // Meanwhile a device of the family goes on.
    let mut exchanges = 0;
    while !crowd.is_finished() {
        let request = serde_json::json!({"protocol": 2, "cursor": 0, "clock": 0, "mutations": []});
        assert!(server.post("/v1/sync", token, &request)["protocol"] == 2);
        exchanges += 1;
        std::thread::sleep(Duration::from_millis(20));
    }
    let answers = runtime.block_on(crowd).unwrap();
    assert!(exchanges > 0);
    assert!(
        answers.iter().all(|status| [401, 429, 503].contains(status)),
        "{answers:?}"
    );
    assert!(answers.contains(&401), "somebody is looked at: {answers:?}");
    if let Some(peak) = server.peak_kib() {
        assert!(peak < MOST_KIB, "{peak} KiB");
    }
}

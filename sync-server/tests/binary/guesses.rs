//! Somebody guesses at a password, from one network and under many claimed addresses, while its owner signs in from
//! another network.
//!
//! How often is `ROMP_GUESSES` (300 without it):
//! `ROMP_GUESSES=10000 cargo test -p romp-server --test binary row_20 -- --nocapture`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Instant;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use super::program::{Place, inhabited};

/// Where the guesser is, and where the owner is: two networks, as far as the server can see.
const GUESSER: &str = "127.0.0.1:0";
const OWNER: &str = "127.0.0.2:0";

const PASSWORD: &str = "planted pass phrase";

/// At the same time.
const GUESSERS: usize = 8;

/// Sign-ins of the owner during the guesses.
const SIGN_INS: usize = 5;

/// The status that a sign-in from `from` is answered with.
pub(super) async fn sign_in(server: SocketAddr, from: &str, claimed: &str, body: Value) -> u16 {
    let reply = answer(server, from, claimed, body).await;
    reply.split(' ').nth(1).unwrap().parse().unwrap()
}

/// The whole reply to a sign-in.
pub(super) async fn answer(server: SocketAddr, from: &str, claimed: &str, body: Value) -> String {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(from.parse().unwrap()).unwrap();
    let mut stream = socket.connect(server).await.unwrap();
    let body = body.to_string();
    let request = format!(
        "POST /v1/sign-in HTTP/1.1\r\nHost: romp\r\nConnection: close\r\nX-Forwarded-For: {claimed}\r\n\
         Forwarded: for={claimed}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).await.unwrap();
    String::from_utf8(reply).unwrap()
}

pub(super) fn credentials(password: &str, n: usize) -> Value {
    let device = json!({"id": format!("00000000-0000-0000-0000-{n:012}"), "name": "desk"});
    json!({"email": "planted@example.org", "password": password, "device": device})
}

#[expect(clippy::print_stderr, reason = "the numbers are what the long run is for")]
#[test]
fn row_20_guesses_without_end_are_throttled_and_keep_nobody_out_who_comes_from_elsewhere() {
    let guesses = std::env::var("ROMP_GUESSES").map_or(300, |number| number.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let place = Place::file(folder.path());
    let (server, _) = inhabited(&place, PASSWORD);
    let address: SocketAddr = server.address.parse().unwrap();
    let began = Instant::now();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (answers, signed_in) = runtime.block_on(async {
        let guessing: Vec<_> = (0..GUESSERS)
            .map(|who| {
                tokio::spawn(async move {
                    let mut answers = BTreeMap::<u16, usize>::new();
                    for n in (who..guesses).step_by(GUESSERS) {
                        let claimed = format!("198.51.{}.{}", n / 250 % 250, n % 250);
                        let guess = credentials(&format!("guess number {n}"), 1);
                        let status = sign_in(address, GUESSER, &claimed, guess).await;
                        *answers.entry(status).or_default() += 1;
                    }
                    answers
                })
            })
            .collect();
        let mut signed_in = Vec::new();
        for n in 0..SIGN_INS {
            signed_in.push(sign_in(address, OWNER, "203.0.113.7", credentials(PASSWORD, n + 10)).await);
        }
        let mut answers = BTreeMap::<u16, usize>::new();
        for guesser in guessing {
            for (status, number) in guesser.await.unwrap() {
                *answers.entry(status).or_default() += number;
            }
        }
        // And once more after them, from where the guesses came: that one waits, and only that one.
        signed_in.push(sign_in(address, OWNER, "203.0.113.7", credentials(PASSWORD, 9)).await);
        let here = sign_in(address, GUESSER, "203.0.113.7", credentials(PASSWORD, 8)).await;
        assert_eq!(here, 429, "whoever is where the guesses come from waits");
        (answers, signed_in)
    });
    let judged = answers.get(&401).copied().unwrap_or_default();
    let refused = answers.get(&429).copied().unwrap_or_default();
    eprintln!(
        "{guesses} guesses in {:?}: {judged} judged, {refused} refused; the owner was answered {signed_in:?}",
        began.elapsed()
    );
    assert_eq!(judged + refused, guesses, "{answers:?}");
    assert!(judged <= 10, "{judged} were judged");
    assert_eq!(signed_in, [200; SIGN_INS + 1]);
}

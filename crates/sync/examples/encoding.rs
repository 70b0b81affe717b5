//! Sizes and times of the two encodings: `cargo run --release -p romp-sync --example encoding`.
//!
//! The numbers in `docs/decisions/0014-binary-encoding.md` are from here. Times are the shortest of many runs: a
//! machine that is busy with something else only ever makes them longer.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a table for a person, from data that is good"
)]

use std::hint::black_box;
use std::time::Instant;

use romp_domain::wire::{Chain, Epoch, Link, MAX_BODY_BYTES, PROTOCOL, SyncReply, SyncRequest};
use romp_domain::{DeviceId, Fields, Hlc, Kind, Mutation, Op, Row, Sent};
use romp_sync::codec::{decode_reply, decode_request, encode_reply, encode_request};
use romp_sync::compress::{Inflater, compressed};
use serde_json::{Value, json};
use uuid::Uuid;

/// Numbers that look random and are the same every time (Knuth's MMIX generator).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        let mut step = || {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            self.0 >> 32
        };
        step() << 32 | step()
    }

    fn id(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.next(), self.next())
    }
}

const START_MS: i64 = 1_795_348_800_000;

fn swipe(numbers: &mut Numbers, actor: Uuid) -> Fields {
    let verdict = ["yes", "no", "later"][(numbers.next() % 3) as usize];
    fields(json!({
        "actor_pet": actor, "target_pet": numbers.id(), "verdict": verdict, "by_child": null, "released": null
    }))
}

fn card(numbers: &mut Numbers, actor: Uuid) -> Fields {
    let name = ["Rex", "Luna", "Mr. Pickles", "Bella", "Zoë"][(numbers.next() % 5) as usize];
    let energy = numbers.next() % 5 + 1;
    fields(json!({
        "for_pet": actor, "distance": "under_2_km", "reasons": ["same_energy", "shared_hours"],
        "rank": numbers.next() % 40,
        "pet": {
            "id": numbers.id(), "name": name, "species": "dog", "breed": "Border Collie", "energy": energy,
            "sociability": "friendly", "play_styles": ["chaser", "wrestler"], "size": "medium", "age": "adult"
        }
    }))
}

fn fields(value: Value) -> Fields {
    serde_json::from_value(value).unwrap()
}

fn request(mutations: Vec<Mutation>, numbers: &mut Numbers) -> SyncRequest {
    SyncRequest {
        protocol: PROTOCOL,
        device: Some(DeviceId(numbers.id())),
        epoch: Some(Epoch(numbers.next())),
        cursor: 12_345,
        scope: Some(1),
        clock: Hlc::at_ms(START_MS),
        link: Some(Link {
            mid: 345,
            chain: Chain(numbers.next()),
        }),
        mutations: mutations.into_iter().map(Sent::from).collect(),
        ..SyncRequest::default()
    }
}

fn reply(rows: Vec<Row>, numbers: &mut Numbers) -> SyncReply {
    SyncReply {
        protocol: PROTOCOL,
        epoch: Epoch(numbers.next()),
        ack_mid: 345,
        ack_chain: Chain(numbers.next()),
        ack_seq: 12_345,
        scope: 1,
        head: 12_345,
        clock: Hlc::at_ms(START_MS),
        rows,
        cursor: 12_345,
        ..SyncReply::default()
    }
}

fn rows(kind: &str, numbers: &mut Numbers, one: fn(&mut Numbers, Uuid) -> Fields) -> Vec<Row> {
    let actor = numbers.id();
    let row = |seq| Row {
        kind: kind.to_owned(),
        id: numbers.id(),
        seq,
        fields: Some(one(numbers, actor)),
    };
    (10_001..12_001).map(row).collect()
}

fn swipes(numbers: &mut Numbers) -> Vec<Mutation> {
    let actor = numbers.id();
    let mutation = |mid| Mutation {
        mid,
        hlc: Hlc::at_ms(START_MS + (mid as i64) * 1_700 + (numbers.next() % 1_000) as i64),
        base_seq: Some(12_000),
        waited: false,
        kind: Kind::Swipe,
        id: numbers.id(),
        op: Op::Patch {
            fields: swipe(numbers, actor),
        },
    };
    (346..446).map(mutation).collect()
}

/// The shortest time of a run, in microseconds.
fn time_us<T>(what: impl Fn() -> T) -> f64 {
    let run = |_| {
        let start = Instant::now();
        black_box(what());
        start.elapsed().as_secs_f64() * 1e6
    };
    (0..300).map(run).fold(f64::INFINITY, f64::min)
}

fn inflate(bytes: &[u8]) -> Vec<u8> {
    let mut inflater = Inflater::new(16 * MAX_BODY_BYTES).unwrap();
    inflater.take(bytes).unwrap();
    inflater.finish().unwrap()
}

/// One line of the table: a message in one encoding.
fn line<M>(name: &str, message: &M, encode: impl Fn(&M) -> Vec<u8>, decode: impl Fn(Vec<u8>) -> M) {
    let plain = encode(message);
    let small = compressed(&plain);
    let squeeze = small.as_ref().map_or(0.0, |_| time_us(|| compressed(&plain)));
    let unfold = small.as_ref().map_or(0.0, |small| time_us(|| inflate(small)));
    println!(
        "| {name} | {} | {} | {:.1} | {:.1} | {squeeze:.1} | {unfold:.1} |",
        plain.len(),
        small.as_ref().map_or(plain.len(), Vec::len),
        time_us(|| encode(message)),
        time_us(|| decode(plain.clone())),
    );
}

fn request_lines(name: &str, message: &SyncRequest) {
    let json = |message: &SyncRequest| serde_json::to_vec(message).unwrap();
    line(&format!("{name}, JSON"), message, json, |bytes| {
        serde_json::from_slice(&bytes).unwrap()
    });
    line(&format!("{name}, binary"), message, encode_request, |bytes| {
        decode_request(bytes).unwrap()
    });
}

fn reply_lines(name: &str, message: &SyncReply) {
    let json = |message: &SyncReply| serde_json::to_vec(message).unwrap();
    line(&format!("{name}, JSON"), message, json, |bytes| {
        serde_json::from_slice(&bytes).unwrap()
    });
    line(&format!("{name}, binary"), message, encode_reply, |bytes| {
        decode_reply(bytes).unwrap()
    });
}

fn main() {
    let mut numbers = Numbers(7);
    println!("| message | bytes | with zstd | encode µs | decode µs | compress µs | unfold µs |");
    println!("|---|---|---|---|---|---|---|");
    request_lines("no-op request", &request(Vec::new(), &mut numbers));
    reply_lines("no-op reply", &reply(Vec::new(), &mut numbers));
    let mutations = swipes(&mut numbers);
    request_lines("100 swipes", &request(mutations, &mut numbers));
    let swipes = rows("swipe", &mut numbers, swipe);
    reply_lines("2,000 rows (swipes)", &reply(swipes, &mut numbers));
    let cards = rows("card", &mut numbers, card);
    reply_lines("2,000 rows (cards)", &reply(cards, &mut numbers));
}

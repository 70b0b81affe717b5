//! How much memory a request takes when it is read, whatever is in it: the server lets so many in at a time by that.

use peak_alloc::PeakAlloc;
use romp_domain::wire::{MAX_BODY_BYTES, MAX_NESTED, SyncRequest};
use romp_domain::{Fields, Hlc, Kind, Mutation, Op};
use romp_sync::codec::{MEMORY, decode_request, encode_request, nested};
use serde_json::Value;
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Bytes that a reader may take for itself, whatever is sent.
const OWN: usize = 64 * 1024;

fn request(value: Value) -> SyncRequest {
    let fields = Fields([("name".to_owned(), value)].into_iter().collect());
    SyncRequest {
        protocol: 2,
        mutations: vec![
            Mutation {
                mid: 1,
                hlc: Hlc(1),
                base_seq: None,
                waited: false,
                kind: Kind::Pet,
                id: Uuid::from_u128(1),
                op: Op::Patch { fields },
            }
            .into(),
        ],
        ..SyncRequest::default()
    }
}

/// Reads something, and says how many bytes of memory that took at its most.
fn taken<R>(read: impl FnOnce() -> R) -> (usize, R) {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let read = read();
    (ALLOCATOR.peak_usage().saturating_sub(before), read)
}

/// As many of a piece as there may be, and then digits until the body is full.
fn filled(piece: &str, most: usize) -> String {
    let count = most.min((MAX_BODY_BYTES - 1_000) / (piece.len() + 1));
    let mut list = vec![piece; count].join(",");
    while list.len() + 1_000 < MAX_BODY_BYTES {
        list.push_str(",0");
    }
    format!("[{list}]")
}

#[test]
fn row_26_no_request_takes_more_memory_than_the_server_counts() {
    let pieces = ["0", "\"\"", "[0]", "{\"\":0}", "{\"a\":{\"b\":[0]}}"];
    for piece in pieces {
        let each = nested(piece.as_bytes());
        for most in [usize::MAX, (MAX_NESTED - 8) / each.max(1)] {
            let list = filled(piece, most);
            let sent = request(serde_json::from_str(&list).unwrap());
            let json = serde_json::to_vec(&sent).unwrap();
            let binary = encode_request(&sent);
            drop(sent);
            // As the server does.
            let fits = nested(&json) <= MAX_NESTED;
            let (bytes, read) = taken(|| fits.then(|| serde_json::from_slice::<SyncRequest>(&json)));
            let length = json.len();
            assert!(
                bytes <= MEMORY[1] * length + OWN,
                "{piece} as JSON: {bytes} for {length}"
            );
            assert!(read.is_none_or(|read| read.is_ok()), "{piece}");
            let length = binary.len();
            let (bytes, read) = taken(|| decode_request(binary));
            assert!(
                bytes <= MEMORY[0] * length + OWN,
                "{piece} in binary: {bytes} for {length}"
            );
            assert_eq!(read.is_ok(), fits, "{piece}");
        }
    }
}

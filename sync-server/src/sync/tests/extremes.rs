//! Numbers at the ends of their range.

use romp_domain::time::MINUTE_MS;
use romp_domain::wire::{Chain, Digest, Epoch, Link, Outcome, SyncRequest};
use romp_domain::{DeviceId, Hlc, Kind, Mutation, Op, Pet, PlaydateAct, Role};
use romp_sync::codec::{decode_request, encode_request};
use serde_json::json;
use uuid::Uuid;

use super::rig::{Rig, fields};
use crate::db::DbExt;

/// The ends of what is stored as a signed number, and of what is sent.
const ENDS: [u64; 5] = [0, i64::MAX as u64, 1 << 63, u64::MAX - 1, u64::MAX];

/// One number of a request, set to something.
type Set = fn(&mut SyncRequest, u64);

/// The request's only mutation.
fn only(request: &mut SyncRequest) -> Mutation {
    request.mutations[0].known().unwrap().clone()
}

const NUMBERS: [(&str, Set); 15] = [
    ("cursor", |request, n| request.cursor = n),
    ("anew", |request, n| request.anew = Some(n)),
    ("anew, from the beginning", |request, n| {
        request.cursor = 0;
        request.anew = Some(n);
    }),
    ("scope", |request, n| request.scope = Some(n)),
    ("clock", |request, n| request.clock = Hlc(n)),
    ("epoch", |request, n| request.epoch = Some(Epoch(n))),
    ("digest", |request, n| request.digest = Some(Digest(n))),
    ("protocol", |request, n| request.protocol = n as u32),
    ("wait_s", |request, n| request.wait_s = n as u32),
    ("link", |request, n| {
        let chain = Chain(n);
        request.link = Some(Link { mid: n, chain });
    }),
    ("adopted link", |request, n| {
        let chain = Chain(n);
        request.link = Some(Link { mid: n, chain });
        request.device = Some(DeviceId(Uuid::from_u128(u128::from(n) + 700_000)));
        request.adopt = true;
        request.mutations.clear();
    }),
    ("mid", |request, n| {
        let mut mutation = only(request);
        mutation.mid = n;
        request.mutations = vec![mutation.into()];
    }),
    ("hlc", |request, n| {
        let mut mutation = only(request);
        mutation.hlc = Hlc(n);
        request.mutations = vec![mutation.into()];
    }),
    ("base_seq", |request, n| {
        let mut mutation = only(request);
        mutation.base_seq = Some(n);
        request.mutations = vec![mutation.into()];
    }),
    ("expect_rev", |request, n| {
        let mut mutation = only(request);
        mutation.kind = Kind::Playdate;
        let expect_rev = n as u32;
        mutation.op = Op::Act {
            act: PlaydateAct::Accept,
            expect_rev,
        };
        request.mutations = vec![mutation.into()];
    }),
];

#[test]
fn row_30_extreme_numbers_harm_nothing() {
    let rig = Rig::new();
    let a = rig.family(1);
    let (household, pet) = (a.household, a.pet.0);
    let mut steady = rig.device(household, 600, Role::Owner);
    while steady.sync(&rig).unwrap().more {}
    let (mut head, mut devices) = (steady.cursor, 1_000);
    let energy = |level: u64| fields(json!({ "energy": level }));
    for (name, set) in NUMBERS {
        for n in ENDS {
            devices += 1;
            let mut device = rig.device(household, devices, Role::Owner);
            let hello = device.sync(&rig).unwrap();
            device.patch(Kind::Pet, pet, energy(1));
            let mut request = device.request(&rig);
            request.epoch = Some(hello.epoch);
            set(&mut request, n);
            let text = serde_json::to_string(&request).unwrap();
            assert_eq!(
                serde_json::from_str::<SyncRequest>(&text).unwrap(),
                request,
                "{name} {n}"
            );
            assert_eq!(
                decode_request(encode_request(&request)).unwrap(),
                request,
                "{name} {n}"
            );
            match crate::sync::sync(&rig.server, &device.session, request) {
                Ok(reply) => {
                    assert!(
                        reply.clock.ms() <= rig.now().0 + MINUTE_MS,
                        "{name} {n}: {reply:?}"
                    );
                    assert!(reply.head <= head + 1, "{name} {n}: {reply:?}");
                    for result in reply.results {
                        if let Outcome::Rejected { problem } = result.outcome {
                            assert!(problem.code.status() < 500, "{name} {n}: {problem:?}");
                        }
                    }
                }
                Err(problem) => assert!(problem.code.status() < 500, "{name} {n}: {problem:?}"),
            }
            // Others go on as ever, the family's numbers with them, and whoever speaks later is later.
            rig.pass(2 * MINUTE_MS);
            let level = 2 + u64::from(n % 2 == 0) + devices as u64 % 2;
            steady.patch(Kind::Pet, pet, energy(level));
            steady.outbox[0].hlc = Hlc::at_ms(rig.now().0);
            let mut reply = steady.sync(&rig).unwrap();
            assert!(
                !matches!(reply.results.remove(0).outcome, Outcome::Rejected { .. }),
                "{name} {n}"
            );
            assert!(
                (head..=head + 2).contains(&reply.head),
                "{name} {n}: {} after {head}",
                reply.head
            );
            assert!(!reply.more && reply.reset.is_none(), "{name} {n}: {reply:?}");
            head = reply.head;
            assert_eq!(
                steady.all::<Pet>()[0].1.energy.unwrap().get(),
                level as u8,
                "{name} {n}"
            );
        }
    }
    // What is stored of what they said is at the end of its range, and not at the other.
    let stored = rig
        .server
        .db
        .read(move |tx| Ok((tx.devices(household)?, tx.household(household)?)));
    let (devices, household) = stored.unwrap();
    let most = i64::MAX as u64;
    assert!(
        devices.iter().any(|device| device.cursor == most),
        "a cursor beyond what can be stored"
    );
    assert!(
        devices.iter().any(|device| device.held.mid == most),
        "and a number"
    );
    let soon = Hlc::at_ms(rig.now().0 + MINUTE_MS);
    assert!(devices.iter().all(|device| device.last_hlc <= soon));
    let household = household.unwrap();
    assert!(household.head_seq == head && household.clock <= soon && household.gc_floor <= head);
}

#[test]
fn row_30_what_is_numbered_far_ahead_is_asked_for_from_the_beginning() {
    let rig = Rig::new();
    let mut a = rig.family(1);
    let held = a.owner.next_mid - 1;
    for mid in ENDS {
        a.owner.outbox = vec![Mutation {
            mid,
            base_seq: None,
            waited: false,
            hlc: Hlc(0),
            kind: Kind::Pet,
            id: a.pet.0,
            op: Op::Patch {
                fields: fields(json!({"energy": 3})),
            },
        }];
        match crate::sync::sync(&rig.server, &a.owner.session, a.owner.request(&rig)) {
            Ok(reply) => assert_eq!((reply.need_from, reply.ack_mid), (Some(held + 1), held), "{mid}"),
            Err(problem) => assert_eq!((mid, problem.code.status()), (0, 400)),
        }
    }
}

//! Numbers at the ends of their range, and texts that something might take for its own language.

use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::time::MINUTE_MS;
use romp_domain::wire::{Chain, Digest, Epoch, Link, Outcome, SyncRequest};
use romp_domain::{
    Card, DeviceId, Entity, Hlc, Household, Kind, Mutation, Op, Pet, PetId, PlaydateAct, Role, Sent, Switch,
    UtcMs,
};
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

/// What a database, or a text that is put together, might take for more than a text.
const HOSTILE: [&str; 6] = [
    "');DROP TABLE pets--",
    "' OR '1'='1",
    "\"; DELETE FROM a;--",
    "$1 ?1 :a @b %s {}",
    "%_\\' \\x00 \\u0000",
    "${x} #{x} `x` /*",
];

#[test]
fn row_31_what_would_be_sql_is_stored_and_shown_as_it_was_typed() {
    let rig = Rig::new();
    let (mut a, mut b) = (rig.family(1), rig.family(2));
    for (n, text) in (10..).zip(HOSTILE) {
        assert!(text.len() <= 20, "a nickname");
        let against = json!([{"against": text, "valid_until": "2027-01-01", "evidence": "declared"}]);
        let switch = Switch {
            operations: [romp_domain::policy::Operation::Live].into(),
            starts_at: UtcMs(0),
            ..Switch::example()
        };
        let mut off = switch.to_fields();
        off.0.insert("comment".to_owned(), text.into());
        // Only the server says these.
        for own in ["author", "zone"] {
            off.0.remove(own);
        }
        let (blocked, switched) = (Uuid::from_u128(0xB10C), Uuid::from_u128(0x5717));
        let pet = json!({"name": text, "triggers": text, "needs": text, "owner_notes": text, "vaccinations": against,
            "breed": {"known": "described", "words": text}});
        let block = json!({"species": "dog", "name": text, "blocked": true});
        a.owner.patch(Kind::Pet, a.pet.0, fields(pet.clone()));
        a.owner
            .patch(Kind::Child, a.kid.0, fields(json!({ "nickname": text })));
        a.owner.patch(
            Kind::Household,
            HOUSEHOLD_ROW,
            fields(json!({"name": text, "place": text})),
        );
        a.owner.patch(Kind::Switch, switched, off);
        a.owner.patch(Kind::Block, blocked, fields(block));
        let reply = a.owner.sync(&rig).unwrap();
        assert!(
            reply
                .results
                .iter()
                .all(|result| result.outcome == Outcome::Applied),
            "{text}: {:?}",
            reply.results
        );
        // Where a word of the protocol is expected, it is none.
        a.owner.patch(Kind::Pet, a.pet.0, fields(json!({ text: 1 })));
        a.owner
            .patch(Kind::Pet, a.pet.0, fields(json!({ "species": text })));
        a.owner.patch(
            Kind::Pet,
            a.pet.0,
            fields(json!({ "owner_notes": format!("{text}\0") })),
        );
        let mut request = a.owner.request(&rig);
        let mut foreign = serde_json::to_value(&request.mutations[0]).unwrap();
        foreign["kind"] = text.into();
        foreign["mid"] = a.owner.next_mid.into();
        request
            .mutations
            .push(serde_json::from_value::<Sent>(foreign).unwrap());
        let reply = crate::sync::sync(&rig.server, &a.owner.session, request).unwrap();
        assert_eq!(reply.results.len(), 4);
        for n in [0, 1, 3] {
            let Outcome::Rejected { problem } = &reply.results[n].outcome else {
                panic!("{text}: {n}")
            };
            assert_eq!(problem.code.status(), 422, "{text}: {problem:?}");
        }
        a.owner.next_mid += 1;
        a.owner.outbox.clear();

        let mut fresh = rig.device(a.household, 9_000 + n, Role::Owner);
        while fresh.sync(&rig).unwrap().more {}
        let row = |kind: Kind, id: Uuid| fresh.rows[&(kind.word().to_owned(), id)].0.clone();
        let seen = row(Kind::Pet, a.pet.0);
        for (name, value) in pet.as_object().unwrap() {
            assert_eq!(seen.get(name.as_str()), Some(value), "{text}: {name}");
        }
        assert_eq!(row(Kind::Child, a.kid.0).get("nickname").unwrap(), text);
        assert_eq!(row(Kind::Household, HOUSEHOLD_ROW).get("place").unwrap(), text);
        assert_eq!(row(Kind::Switch, switched).get("comment").unwrap(), text);
        assert_eq!(row(Kind::Block, blocked).get("name").unwrap(), text);
        assert_eq!(fresh.all::<Household>().len(), 1);
        // Nobody else lost anything, and the name is on the card that others are dealt.
        while b.owner.sync(&rig).unwrap().more {}
        assert_eq!(b.owner.all::<Pet>().len(), 1);
        let mut newcomer = rig.family(n);
        while newcomer.owner.sync(&rig).unwrap().more {}
        let cards = newcomer.owner.all::<Card>();
        assert!(
            cards.iter().any(|(_, card)| shown(card, a.pet, text)),
            "{text}: {cards:?}"
        );
    }
}

fn shown(card: &Card, pet: PetId, name: &str) -> bool {
    card.pet.id == pet && card.pet.name.as_ref().is_some_and(|shown| shown.as_str() == name)
}

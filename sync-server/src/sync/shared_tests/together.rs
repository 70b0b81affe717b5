//! Two servers, one database, everything at once.

use std::collections::BTreeSet;
use std::sync::{Barrier, mpsc};

use romp_domain::wire::Outcome;
use romp_domain::{Child, Entity, Kind, Matched, Playdate, PlaydateState, Role, Swipe, SwipeId, Verdict};
use uuid::Uuid;

use super::super::tests::rig::{Device, Family, Rig, fields};
use super::two_servers;
use crate::db::{DbExt, FeedEntry};

#[test]
fn many_devices_of_a_household_push_to_both_servers_and_every_commit_has_its_own_number() {
    let Some((_, rigs)) = two_servers("many devices, two servers") else {
        return;
    };
    let family = rigs[0].bare_family(1);
    let devices: Vec<Device> = (0..8)
        .map(|n| rigs[0].device(family.household, 500 + n, Role::Owner))
        .collect();
    let (together, profile) = (Barrier::new(devices.len()), family.child_profile());
    let mut numbers: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = devices
            .into_iter()
            .enumerate()
            .map(|(n, mut device)| {
                let (together, rigs, profile) = (&together, &rigs, &profile);
                scope.spawn(move || {
                    together.wait();
                    (0..10)
                        .map(|i| {
                            let id = Uuid::from_u128(10_000 + n as u128 * 100 + i);
                            device.patch(Kind::Child, id, profile.to_fields());
                            let reply = device.sync(&rigs[(n + i as usize) % 2]).unwrap();
                            assert_eq!(reply.results[0].outcome, Outcome::Applied);
                            assert!(
                                device.outbox.is_empty() && device.rows.contains_key(&("child".into(), id))
                            );
                            reply.ack_seq
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    numbers.sort_unstable();
    assert_eq!(
        numbers,
        (1..=80).collect::<Vec<_>>(),
        "no number twice, none left out"
    );
    let mut fresh = rigs[1].device(family.household, 999, Role::Owner);
    while fresh.sync(&rigs[1]).unwrap().more {}
    assert_eq!(fresh.all::<Child>().len(), 80);
}

#[test]
fn row_45_a_request_that_arrives_at_both_servers_at_once_takes_effect_once() {
    let Some((_, rigs)) = two_servers("a request that arrives twice") else {
        return;
    };
    let mut family = rigs[0].bare_family(1);
    for round in 0..100 {
        let id = Uuid::from_u128(20_000 + round);
        family
            .owner
            .patch(Kind::Child, id, family.child_profile().to_fields());
        family
            .owner
            .patch(Kind::Child, id, fields(serde_json::json!({"wings": 2})));
        let request = family.owner.request(&rigs[0]);
        let (together, session) = (Barrier::new(2), &family.owner.session);
        let replies = std::thread::scope(|scope| {
            let both = rigs.each_ref().map(|rig| {
                let (together, request) = (&together, request.clone());
                scope.spawn(move || {
                    together.wait();
                    crate::sync::sync(&rig.server, session, request).unwrap()
                })
            });
            both.map(|thread| thread.join().unwrap())
        });
        assert_eq!(replies[0].results, replies[1].results);
        assert_eq!(replies[0].ack_mid, replies[1].ack_mid);
        assert!(matches!(replies[0].results[1].outcome, Outcome::Rejected { .. }));
        family.owner.sync(&rigs[0]).unwrap();
        let household = family.household;
        let head = rigs[0]
            .server
            .db
            .read(move |tx| tx.household(household))
            .unwrap()
            .unwrap()
            .head_seq;
        assert_eq!(head, round as u64 + 1, "one commit, however often it was sent");
    }
}

/// An owner's own yes, which needs no release by another.
fn says_yes(family: &mut Family, to: romp_domain::PetId) {
    let yes = Swipe {
        actor_pet: family.pet,
        target_pet: to,
        verdict: Some(Verdict::Yes),
        by_child: None,
        released: Some(Verdict::Yes),
    };
    family
        .owner
        .patch(Kind::Swipe, SwipeId::of(family.pet, to).0, yes.to_fields());
}

fn catch_up(family: &mut Family, rig: &Rig) {
    while family.owner.sync(rig).unwrap().more {}
}

#[test]
fn row_56_families_that_all_say_yes_to_each_other_at_once_match_once_and_are_never_booked_twice() {
    let Some((_, rigs)) = two_servers("mutual yeses") else {
        return;
    };
    let families: Vec<Family> = (1..=5).map(|n| rigs[0].family(n)).collect();
    let pets: Vec<_> = families.iter().map(|family| family.pet).collect();
    let together = Barrier::new(families.len());
    let mut families: Vec<Family> = std::thread::scope(|scope| {
        let threads: Vec<_> = families
            .into_iter()
            .enumerate()
            .map(|(n, mut family)| {
                let (together, pets, rig) = (&together, &pets, &rigs[n % 2]);
                scope.spawn(move || {
                    together.wait();
                    let own = family.pet;
                    for pet in pets.iter().filter(|pet| **pet != own) {
                        says_yes(&mut family, *pet);
                        let reply = family.owner.sync(rig).unwrap();
                        assert_eq!(reply.results[0].outcome, Outcome::Applied);
                    }
                    family
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for family in &mut families {
        catch_up(family, &rigs[1]);
        let met: BTreeSet<_> = family
            .owner
            .all::<Matched>()
            .into_iter()
            .map(|(_, m)| m.other.id)
            .collect();
        assert_eq!(met.len(), 4, "family {} matched with {met:?}", family.n);
        let mut slots: Vec<_> = family
            .owner
            .all::<Playdate>()
            .into_iter()
            .filter(|(_, playdate)| playdate.state == PlaydateState::Proposed)
            .map(|(_, playdate)| playdate.slot)
            .collect();
        slots.sort_by_key(|slot| slot.start());
        assert_eq!(slots.len(), 4);
        assert!(
            slots.windows(2).all(|pair| pair[0].end() <= pair[1].start()),
            "booked twice: {slots:?}"
        );
    }
}

#[test]
fn row_55_a_commit_that_comes_late_is_not_skipped_by_a_cursor() {
    let Some((_, rigs)) = two_servers("a late commit") else {
        return;
    };
    let family = rigs[0].bare_family(1);
    let (household, row) = (family.household, Uuid::from_u128(77));
    let mut pulling = rigs[1].device(household, 500, Role::Owner);
    let mut pushing = rigs[1].device(household, 501, Role::Owner);
    for device in [&mut pulling, &mut pushing] {
        device.sync(&rigs[1]).unwrap();
        device.sync(&rigs[1]).unwrap();
    }
    let profile = family.child_profile().to_fields();
    let (took, taken) = mpsc::channel();
    let (go, wait) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        // Takes its number, and then takes its time.
        let (server, late) = (&rigs[0].server, profile.clone());
        scope.spawn(move || {
            server.db.write(move |tx| {
                let nobody = romp_sync::Stamp(romp_domain::Hlc(1), romp_domain::DeviceId(Uuid::nil()));
                tx.put_row(
                    household,
                    Kind::Child,
                    row,
                    &romp_sync::Registers::of(&late, nobody),
                )?;
                let seq = tx.next_seq(household)?;
                tx.mark(
                    household,
                    FeedEntry {
                        kind: Kind::Child,
                        id: row,
                        seq,
                        gone: false,
                    },
                )?;
                took.send(seq).unwrap();
                wait.recv().unwrap();
                Ok(())
            })
        });
        let number: u64 = taken.recv().unwrap();
        // Another device of the household pushes meanwhile, at the other server.
        let next = scope.spawn(|| {
            pushing.patch(Kind::Child, Uuid::from_u128(78), profile.clone());
            pushing.sync(&rigs[1]).unwrap()
        });
        let seen = pulling.sync(&rigs[1]).unwrap();
        assert!(
            seen.rows.is_empty() && seen.cursor < number,
            "{number} is not committed yet: {seen:?}"
        );
        go.send(()).unwrap();
        assert_eq!(
            next.join().unwrap().ack_seq,
            number + 1,
            "numbers are given in the order of commits"
        );
    });
    while pulling.sync(&rigs[1]).unwrap().more {}
    assert_eq!(
        pulling.all::<Child>().len(),
        2,
        "the late one, and the one that waited for it"
    );
}

//! W1: a thousand devices come back from a weekend offline. Each pushes a hundred swipes in one batch; then each pulls.
//!
//! The devices have pulled before, so the push can be answered without rows, which are asked for in the second phase.
//! That is how the peers do it. A device of the app that has no more to send is told the rows with its last batch, in
//! one round trip instead of two.

use std::collections::BTreeSet;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use romp_domain::{Kind, PetId, Swipe, Verdict};

use super::place::Place;
use super::protocol::RawDevice;
use super::town::{row_of, town};
use crate::http::{Connection, Version, Wire};
use crate::load::ask_all;
use crate::report::Report;
use crate::{Measurement, Outcome};

/// Devices, each of a family of its own.
pub(crate) const DEVICES: usize = 1_000;
/// Swipes of each; one batch.
pub(crate) const SWIPES: usize = 100;
/// Connections that share the devices' requests.
pub(crate) const CONNECTIONS: usize = 64;

/// Dice that always fall the same way.
pub(crate) fn dice(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// A verdict as often as families give it: 60 % no, 25 % later, 15 % yes, which the owner releases at once.
pub(crate) fn opinion(dice: &mut ChaCha8Rng, actor: PetId, target: PetId) -> Swipe {
    let verdict = match dice.random_range(0..100) {
        0..60 => Verdict::No,
        60..85 => Verdict::Later,
        _ => Verdict::Yes,
    };
    Swipe {
        actor_pet: actor,
        target_pet: target,
        verdict: Some(verdict),
        by_child: None,
        released: (verdict == Verdict::Yes).then_some(verdict),
    }
}

pub(super) async fn measure(measurement: &Measurement, report: &mut Report) -> Outcome {
    let place = Place::new(measurement)?;
    let db = place.db()?;
    let homes = town(&db, DEVICES)?;
    drop(db);
    let disk_before = place.disk_bytes()?;
    let server = place.serve()?;

    let mut connection = Connection::open(place.address(), Version::One, &Wire::default()).await?;
    let mut dice = dice(1);
    let mut devices = Vec::with_capacity(homes.len());
    let mut batches = Vec::with_capacity(homes.len());
    for (number, home) in homes.iter().enumerate() {
        let mut targets = BTreeSet::new();
        while targets.len() < SWIPES.min(homes.len() - 1) {
            let target = dice.random_range(0..homes.len());
            if target != number {
                targets.insert(target);
            }
        }
        let swipes = targets
            .into_iter()
            .map(|target| row_of(&opinion(&mut dice, home.pet, homes[target].pet)));
        let patches = swipes.map(|(id, fields)| (Kind::Swipe, id, fields)).collect();
        let mut device = RawDevice::new(home.session.clone());
        loop {
            let answer = connection.ask(device.sync(Vec::new())).await?;
            if !device.absorb(&answer)?.more {
                break;
            }
        }
        batches.push(device.push(patches));
        devices.push(device);
    }

    let wire = Wire::default();
    let cpu_before = server.cpu_s();
    let mut pushed = ask_all(place.address(), Version::One, CONNECTIONS, batches, &wire).await?;
    let cpu_pushed = server.cpu_s();
    let wire_pushed = wire.bytes();

    let mut refused = 0;
    let mut pulls = Vec::with_capacity(devices.len());
    for (device, answer) in devices.iter_mut().zip(&pushed.answers) {
        let reply = device.absorb(answer)?;
        refused += reply.results.iter().filter(|result| !is_applied(result)).count();
        pulls.push(device.sync(Vec::new()));
    }
    if refused > 0 {
        return Err(format!("{refused} swipes were refused"));
    }
    let mut pulled = ask_all(place.address(), Version::One, CONNECTIONS, pulls, &wire).await?;
    let cpu_pulled = server.cpu_s();
    let mut told = 0;
    for (device, answer) in devices.iter_mut().zip(&pulled.answers) {
        told += device.absorb(answer)?.rows.len();
    }
    if told < DEVICES * SWIPES {
        return Err(format!("{told} rows were told, {} were pushed", DEVICES * SWIPES));
    }
    let rss = server.rss_bytes();
    server.stop()?;

    let swipes = (DEVICES * SWIPES) as f64;
    report.value("swipes", swipes / pushed.all.as_secs_f64(), "1/s");
    report.times("batch", &mut pushed.each);
    report.value("push CPU", cpu_pushed - cpu_before, "s");
    report.value("push wire", wire_pushed / swipes, "B/swipe");
    report.note(
        "romp: without limits on how often one address or family asks, for all of it comes from one address",
    );
    report.value("pulls", DEVICES as f64 / pulled.all.as_secs_f64(), "1/s");
    report.times("pull", &mut pulled.each);
    report.value("pull CPU", cpu_pulled - cpu_pushed, "s");
    report.value("pull wire", (wire.bytes() - wire_pushed) / swipes, "B/swipe");
    report.value("wire", wire.bytes() / swipes, "B/swipe");
    report.value("disk", (place.disk_bytes()? - disk_before) / swipes, "B/swipe");
    report.value("server RSS", rss, "B");
    Ok(())
}

fn is_applied(result: &romp_domain::wire::MutationResult) -> bool {
    result.outcome == romp_domain::wire::Outcome::Applied
}

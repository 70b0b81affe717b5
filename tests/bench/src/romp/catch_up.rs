//! W4: a device comes back with a thousand changes of its own, to a thousand of another device.

use std::time::Instant;

use romp_domain::{Kind, PetId};
use romp_store::StoreError;

use super::bootstrap::{Fresh, ms};
use super::place::Place;
use super::protocol::RawDevice;
use super::push::{dice, opinion};
use super::town::{new_device, row_of, sign_in, town};
use crate::http::{Connection, Version, Wire};
use crate::report::Report;
use crate::{Measurement, Outcome};

/// Changes on either side.
pub(crate) const CHANGES: usize = 1_000;
/// Changes in one request of the other device.
const BATCH: usize = 100;

pub(super) async fn measure(measurement: &Measurement, report: &mut Report) -> Outcome {
    let place = Place::new(measurement)?;
    let db = place.db()?;
    let home = town(&db, 2)?.swap_remove(0);
    let other = sign_in(&db, home.household, new_device())?;
    drop(db);
    let device = Fresh::new(&place, &home, "returning")?;
    let server = place.serve()?;
    let wire = Wire::default();
    let line = device.line(&place, &wire);
    device.sync(&line).await?;

    let mut dice = dice(4);
    let mut other = RawDevice::new(other);
    let mut connection = Connection::open(place.address(), Version::One, &Wire::default()).await?;
    for _ in 0..CHANGES / BATCH {
        let patches = (0..BATCH)
            .map(|_| row_of(&opinion(&mut dice, home.pet, PetId(new_device().0))))
            .map(|(id, fields)| (Kind::Swipe, id, fields))
            .collect();
        let answer = connection.ask(other.sync(patches)).await?;
        other.absorb(&answer)?;
    }
    device
        .store
        .write(|writer| {
            for _ in 0..CHANGES {
                let (id, fields) = row_of(&opinion(&mut dice, home.pet, PetId(new_device().0)));
                writer.patch(Kind::Swipe, id, &fields)?;
            }
            Ok::<_, StoreError>(())
        })
        .map_err(|error| error.to_string())?;

    let (cpu, before) = (server.cpu_s(), wire.bytes());
    let started = Instant::now();
    device.sync(&line).await?;
    report.value("up to date, store", ms(started.elapsed()), "ms");
    report.value("wire", wire.bytes() - before, "B");
    report.value("server CPU", (server.cpu_s() - cpu) * 1_000.0, "ms");
    let found = device.swipes()?;
    if found != 2 * CHANGES {
        return Err(format!("{found} swipes can be read, {} were made", 2 * CHANGES));
    }
    server.stop()
}

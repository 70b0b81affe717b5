//! W3: one device changes something every second; another follows the event stream and has it in its store. Five
//! hundred devices of other families listen meanwhile.

use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use romp_domain::{Kind, PetId};
use tokio::sync::mpsc;

use super::bootstrap::Fresh;
use super::idle::listen;
use super::place::Place;
use super::protocol::RawDevice;
use super::push::{dice, opinion};
use super::town::{new_device, row_of, sign_in_many, town};
use crate::http::{Connection, Version, Wire};
use crate::report::Report;
use crate::{Measurement, Outcome};

/// Devices that only listen.
const IDLE: usize = 500;
/// Changes, one a second.
const CHANGES: u32 = 300;
/// Changes in a quick run.
const QUICK_CHANGES: u32 = 30;
/// Between two changes.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn measure(measurement: &Measurement, report: &mut Report) -> Outcome {
    let place = Place::new(measurement)?;
    let db = place.db()?;
    let mut homes = town(&db, 2)?;
    let home = homes.swap_remove(0);
    let strangers = homes.swap_remove(0);
    let idle = sign_in_many(
        &db,
        strangers.household,
        std::iter::repeat_with(new_device).take(IDLE).collect(),
    )?;
    drop(db);
    let follower = Fresh::new(&place, &home, "follower")?;
    let server = place.serve()?;
    let _idle = listen(place.address(), &idle).await?;

    let line = follower.line(&place, &Wire::default());
    follower.sync(&line).await?;
    let mut events = Connection::open(place.address(), Version::One, &Wire::default()).await?;
    let mut stream = events
        .begin(RawDevice::events(follower.token()))
        .await?
        .into_body();
    let (applied, mut arrivals) = mpsc::unbounded_channel();
    let following = tokio::spawn(async move {
        while let Some(Ok(frame)) = stream.frame().await {
            if frame.data_ref().is_some_and(|data| data.starts_with(b"data")) {
                follower.sync(&line).await?;
                if applied.send((Instant::now(), follower.swipes()?)).is_err() {
                    break;
                }
            }
        }
        Ok::<_, String>(())
    });

    let mut writer = RawDevice::new(home.session.clone());
    let mut connection = Connection::open(place.address(), Version::One, &Wire::default()).await?;
    let mut dice = dice(3);
    let cpu = server.cpu_s();
    let count = if measurement.quick { QUICK_CHANGES } else { CHANGES };
    let (mut since_sent, mut since_commit) = (Vec::new(), Vec::new());
    for number in 1..=count {
        tokio::time::sleep(PAUSE).await;
        let (id, fields) = row_of(&opinion(&mut dice, home.pet, PetId(new_device().0)));
        let ask = writer.sync(vec![(Kind::Swipe, id, fields)]);
        let sent = Instant::now();
        let answer = connection.ask(ask).await?;
        let committed = Instant::now();
        writer.absorb(&answer)?;
        let at = loop {
            let (at, swipes) = arrivals.recv().await.ok_or("the event stream ended")?;
            if swipes >= number as usize {
                break at;
            }
        };
        since_sent.push(at.duration_since(sent));
        // The server pokes before it answers, so the follower can be first; that is no time at all.
        since_commit.push(at.saturating_duration_since(committed));
    }
    following.abort();
    report.times("answered to applied", &mut since_commit);
    report.times("sent to applied", &mut since_sent);
    report.value(
        "server CPU",
        (server.cpu_s() - cpu) * 1_000.0 / f64::from(count),
        "ms/change",
    );
    server.stop()
}

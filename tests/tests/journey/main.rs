//! The main job, end to end: two families, four devices, one playdate. In process with every order of syncing, and
//! over HTTP against the real server program.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

mod apart;
mod family;
mod gone;
mod in_process;
mod lost;
mod moving;
mod proxy;
mod quiet;
mod story;
mod wire;

use std::sync::Arc;

use in_process::{InProcess, ServerClock};
use moving::Moving;
use romp_domain::UtcMs;
use romp_domain::time::DAY_MS;
use romp_tests::server::ServerProcess;
use story::{World, Wrong};

/// Sunday, 22 November 2026, noon in UTC.
const START: UtcMs = UtcMs(1_795_348_800_000);

fn orders() -> Vec<[usize; 4]> {
    let mut all = Vec::new();
    for a in 0..4 {
        for b in 0..4 {
            for c in 0..4 {
                let d = 6 - (a + b + c).min(6);
                let order = [a, b, c, d];
                if (0..4).all(|n| order.contains(&n)) {
                    all.push(order);
                }
            }
        }
    }
    all
}

async fn in_process(wrong: Wrong, order: [usize; 4]) -> World {
    let clock = Arc::new(ServerClock::at(START));
    let server = Arc::new(InProcess::new(clock.clone()));
    let invite = server.clone();
    let world = World::gather(
        move |_| Ok(server.clone()),
        || invite.invite(),
        "https://romp.example",
        START,
        wrong,
    )
    .await;
    world.live_through(order, || ()).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn in_every_order_of_the_four_devices_the_same_playdate_comes_about_and_is_called_off() {
    let orders = orders();
    assert_eq!(orders.len(), 24);
    for order in orders {
        let world = in_process(Wrong::Nothing, order).await;
        world.a_pet_falls_ill().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_sends_everything_twice_changes_nothing() {
    in_process(Wrong::SendsTwice, [1, 3, 0, 2])
        .await
        .a_pet_falls_ill()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_answers_get_lost_after_the_server_took_them_changes_nothing() {
    in_process(Wrong::LosesAnswers, [1, 3, 0, 2])
        .await
        .a_pet_falls_ill()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_three_days_off_in_either_direction_changes_nothing() {
    for days in [3, -3] {
        in_process(Wrong::Clock { ms: days * DAY_MS }, [2, 0, 3, 1])
            .await
            .a_pet_falls_ill()
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_that_deletes_its_account_is_in_no_byte_of_anybodys_files() {
    let server = Arc::new(InProcess::new(Arc::new(ServerClock::at(START))));
    let (way, invite) = (server.clone(), server.clone());
    let world = World::gather(
        move |_| Ok(way.clone()),
        move || invite.invite(),
        "https://romp.example",
        START,
        Wrong::Nothing,
    )
    .await;
    world.live_through([1, 3, 0, 2], || ()).await;
    world.the_first_family_goes_for_good(server.folder()).await;
    let files = Arc::try_unwrap(server).ok().unwrap().stopped();
    assert_eq!(gone::places(files.path()), 0, "on the server");
}

/// Two families with the real server program.
async fn over_http(server: &ServerProcess) -> World {
    let now = romp_app::Clock::now(&romp_app::WallClock);
    let connect = |address: &str| -> Result<Arc<dyn romp_app::Server>, romp_domain::Problem> {
        Ok(Arc::new(romp_app::HttpServer::at(address)?))
    };
    World::gather(connect, || server.invite(), server.url(), now, Wrong::Nothing).await
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http_against_the_real_server_program() {
    let server = ServerProcess::start();
    let world = over_http(&server).await;
    world.live_through([1, 3, 0, 2], || ()).await;
    world.a_pet_falls_ill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_57_a_family_that_is_blocked_without_a_connection_is_kept_apart_from_all_devices() {
    let server = ServerProcess::start();
    let world = over_http(&server).await;
    world.live_through([1, 3, 0, 2], || ()).await;
    world.the_second_family_blocks_the_first().await;
    world.it_is_lifted_and_the_match_taken_back().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_49_quiet_hours_hold_online_and_offline_and_nothing_is_lost_in_them() {
    let server = ServerProcess::start();
    let world = over_http(&server).await;
    world.quiet_hours_begin_and_end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_after_every_exchange_has_lost_nothing_it_acknowledged() {
    let mut server = Some(ServerProcess::start());
    let address = server.as_ref().unwrap().url().to_owned();
    let now = romp_app::Clock::now(&romp_app::WallClock);
    let way = Moving::at(&address);
    let to_it = way.clone();
    let world = World::gather(
        move |_: &str| Ok(Arc::new(to_it.clone()) as Arc<dyn romp_app::Server>),
        || server.as_ref().unwrap().invite(),
        &address,
        now,
        Wrong::Nothing,
    )
    .await;
    let mut kills = 0;
    let kill = || {
        let again = server.take().unwrap().killed_and_started_again();
        way.moved_to(again.url());
        server = Some(again);
        kills += 1;
    };
    world.live_through([1, 3, 0, 2], kill).await;
    assert_eq!(kills, 28, "four devices in seven rounds");
    world.a_pet_falls_ill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lost_its_database_is_given_everything_again_by_the_families_devices() {
    let server = ServerProcess::start();
    let address = server.url().to_owned();
    let now = romp_app::Clock::now(&romp_app::WallClock);
    let way = Moving::at(&address);
    let to_it = way.clone();
    let world = World::gather(
        move |_: &str| Ok(Arc::new(to_it.clone()) as Arc<dyn romp_app::Server>),
        || server.invite(),
        &address,
        now,
        Wrong::Nothing,
    )
    .await;
    world.live_through([1, 3, 0, 2], || ()).await;
    let empty = ServerProcess::start();
    way.moved_to(empty.url());
    drop(server);
    world
        .the_server_has_lost_everything(|| empty.invite(), &address)
        .await;
}

//! What one server announces reaches who listens at another.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use romp_domain::{Kind, Role};
use serde_json::json;
use tokio_stream::{Stream, StreamExt};
use uuid::Uuid;

use super::super::tests::rig::{Device, Rig, fields};
use crate::db::postgres::bus::{NAME, Tempo};
use crate::db::postgres::tests::{TestDb, fresh};
use crate::gateway::events::events;

/// Longer than any test.
const NEVER: Duration = Duration::from_hours(1);
/// Shorter than the heartbeat of a stream, which would find everything by itself.
const DEADLINE: Duration = Duration::from_secs(15);

const AT_ONCE: Duration = Duration::from_millis(10);

/// Two servers that talk to each other only as fast as this.
fn talking(test: &str, tempo: Tempo) -> Option<(Arc<TestDb>, [Rig; 2])> {
    let first = Arc::new(fresh(test)?.again_at(tempo));
    let second = Arc::new(first.again());
    let rig = Rig::on(first.clone(), Rig::noon());
    let rigs = [Rig::on(second, rig.clock.clone()), rig];
    for rig in &rigs {
        rig.server.db.join(&rig.server.pokes);
    }
    Some((first, rigs))
}

/// Waits until this many connections hear notes.
async fn until_listening(db: &TestDb, count: usize) {
    let ready = async {
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = '{NAME}' AND state = 'idle' AND (query LIKE '%pg_backend_pid%' OR query LIKE '%pg_notify%')"
        );
        while db.database.sql(&sql) != count.to_string() {
            tokio::time::sleep(AT_ONCE).await;
        }
    };
    tokio::time::timeout(DEADLINE, ready)
        .await
        .expect("the servers listen to each other");
}

fn hang_up(db: &TestDb) {
    db.database.sql(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = '{NAME}'"));
}

fn told(response: Response) -> impl Stream<Item = String> + Unpin {
    let pieces = response.into_body().into_data_stream();
    Box::pin(pieces.map(|piece| String::from_utf8(piece.unwrap().to_vec()).unwrap()))
}

async fn next(events: &mut (impl Stream<Item = String> + Unpin)) -> Option<String> {
    tokio::time::timeout(DEADLINE, events.next())
        .await
        .expect("something is told before the heartbeat")
}

fn edit(device: &mut Device, rig: &Rig) -> u64 {
    let child = fields(json!({"nickname": "Mia", "avatar": "fox", "age_band": "7-9"}));
    device.patch(Kind::Child, Uuid::from_u128(u128::from(device.next_mid)), child);
    device.sync(rig).unwrap().ack_seq
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_at_one_server_and_an_ended_session_reach_a_stream_at_the_other() {
    let tempo = Tempo {
        look: NEVER,
        ..Tempo::default()
    };
    let Some((db, [a, b])) = talking("a poke between servers", tempo) else {
        return;
    };
    until_listening(&db, 2).await;
    let family = a.bare_family(1);
    let listening = a.device(family.household, 99, Role::Owner);
    let mut pushing = family.owner;
    let mut events = told(
        events(Arc::clone(&b.server), listening.session.clone())
            .await
            .unwrap(),
    );
    assert_eq!(next(&mut events).await.unwrap(), "data: 0\n\n");
    let head = edit(&mut pushing, &a);
    assert_eq!(next(&mut events).await.unwrap(), format!("data: {head}\n\n"));
    crate::accounts::sign_out(&a.server, &listening.session).unwrap();
    assert_eq!(next(&mut events).await, None, "signed out at the other server");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_heard_is_found_by_looking() {
    let tempo = Tempo {
        look: AT_ONCE,
        shortest_pause: NEVER,
        longest_pause: NEVER,
        ..Tempo::default()
    };
    let Some((db, [a, b])) = talking("looking", tempo) else {
        return;
    };
    until_listening(&db, 2).await;
    let mut family = a.bare_family(1);
    let mut heard = b.server.pokes.subscribe(family.household);
    hang_up(&db);
    until_listening(&db, 0).await;
    let number = edit(&mut family.owner, &a);
    let found = tokio::time::timeout(DEADLINE, heard.wait_for(|known| *known == number)).await;
    assert!(found.is_ok_and(|found| found.is_ok()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_line_is_taken_up_again() {
    let tempo = Tempo {
        look: NEVER,
        shortest_pause: AT_ONCE,
        longest_pause: AT_ONCE,
        ..Tempo::default()
    };
    let Some((db, [a, b])) = talking("a lost line", tempo) else {
        return;
    };
    until_listening(&db, 2).await;
    hang_up(&db);
    until_listening(&db, 2).await;
    let mut family = a.bare_family(1);
    let mut heard = b.server.pokes.subscribe(family.household);
    let number = edit(&mut family.owner, &a);
    let found = tokio::time::timeout(DEADLINE, heard.wait_for(|known| *known == number)).await;
    assert!(found.is_ok_and(|found| found.is_ok()));
}

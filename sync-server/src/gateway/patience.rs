//! Exchanges that wait for something new: for devices behind a proxy that cuts event streams.
//!
//! While it waits, an exchange holds a task and three ends of channels: no thread, no connection to the database. The
//! answer is always that of a whole exchange made at its end, so nothing is told that had become old in the meantime.

use std::sync::Arc;
use std::time::Duration;

use romp_domain::policy::Operation;
use romp_domain::wire::{MAX_WAIT_S, SyncReply, SyncRequest};
use romp_domain::{HouseholdId, Problem};
use tokio::time::{Instant, sleep_until};

use super::{Refusal, run};
use crate::db::{DbExt, SessionRecord};
use crate::server::Server;
use crate::sync::{switches, sync};

/// Answers an exchange: at once, or when there is something new, or when it has waited as long as it may.
///
/// `reading` stands for the memory that the request takes: given back when its changes are stored, also where nobody
/// waits for the answer any more. What only asks, and may wait for something new, has none of it.
pub(crate) async fn answer(
    server: Arc<Server>,
    session: SessionRecord,
    request: SyncRequest,
    reading: impl Send + 'static,
) -> Result<SyncReply, Refusal> {
    let longest = Duration::from_secs(request.wait_s.min(MAX_WAIT_S).into());
    answer_within(server, session, request, longest, reading).await
}

async fn answer_within(
    server: Arc<Server>,
    session: SessionRecord,
    request: SyncRequest,
    longest: Duration,
    reading: impl Send + 'static,
) -> Result<SyncReply, Refusal> {
    let reading = (!request.mutations.is_empty()).then_some(reading);
    if longest.is_zero() || request.more || !request.mutations.is_empty() {
        let household = session.household;
        let work = move |server: &Server| {
            let reply = sync(server, &session, request);
            drop(reading);
            reply
        };
        return in_turn(server, household, work).await;
    }
    let end = Instant::now() + longest;
    // Listening begins before the first look, so that nothing falls in between.
    let mut head = server.pokes.subscribe(session.household);
    let mut sessions = server.pokes.subscribe_sessions(session.household);
    let mut closing = server.pokes.subscribe_closing();
    let seat = server.waiting.take(session.id);
    let mut lost = false;
    loop {
        let over = lost || Instant::now() >= end || *closing.borrow_and_update();
        let (asking, asked) = (session.clone(), request.clone());
        let (off, reply) = in_turn(Arc::clone(&server), session.household, move |server| {
            Ok((is_off(server, &asking)?, sync(server, &asking, asked)?))
        })
        .await?;
        if over || off || tells_something(&request, &reply) {
            return Ok(reply);
        }
        tokio::select! {
            Ok(()) = head.changed() => {}
            Ok(()) = sessions.changed() => {}
            _ = closing.changed() => {}
            () = seat.lost() => lost = true,
            () = sleep_until(end) => {}
        }
    }
}

/// Work for a family, when it is that family's turn and then its own.
async fn in_turn<T: Send + 'static>(
    server: Arc<Server>,
    household: HouseholdId,
    work: impl FnOnce(&Server) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Refusal> {
    let turn = server.families.turn(household).await?;
    run(server, move |server| {
        // Until the work is done, even if nobody waits for it any more.
        let _turn = turn;
        work(server)
    })
    .await
}

/// Whether news at once is switched off for a session: its exchanges do not wait for any.
fn is_off(server: &Server, session: &SessionRecord) -> Result<bool, Problem> {
    let (session, now) = (session.clone(), server.clock.now());
    let off = server
        .db
        .read(move |tx| switches::off_for(tx, now, &session, Operation::Live))?;
    Ok(off.is_some())
}

/// Whether an answer leaves the device other than it was.
fn tells_something(request: &SyncRequest, reply: &SyncReply) -> bool {
    let asked_for = reply.need_from.is_some() || reply.fork.is_some() || reply.reset.is_some();
    let remarks = reply.compared || reply.outdated || reply.more;
    let moves = !reply.rows.is_empty() || reply.cursor != request.cursor;
    let learns = request.epoch != Some(reply.epoch)
        || request.scope != Some(reply.scope)
        || request
            .link
            .is_none_or(|link| link.mid != reply.ack_mid || link.chain != reply.ack_chain);
    asked_for || remarks || moves || learns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::rig::{HERE, Rig, sign_in_request};
    use crate::accounts::{sign_in, sign_out};
    use crate::server::WAITING_OF_A_SESSION;
    use romp_domain::switch::SwitchScope;
    use romp_domain::wire::{Digest, Link, PROTOCOL};
    use romp_domain::{Entity, ErrorCode, Switch};
    use serde_json::json;
    use tokio::task::JoinHandle;
    use uuid::Uuid;

    /// Longer than any test.
    const LONG: Duration = Duration::from_hours(1);

    /// What a device sends that has everything.
    async fn settled(rig: &Rig, session: &SessionRecord) -> SyncRequest {
        let mut request = SyncRequest {
            protocol: PROTOCOL,
            ..SyncRequest::default()
        };
        let first = at_once(rig, session, &request).await;
        request = SyncRequest {
            epoch: Some(first.epoch),
            scope: Some(first.scope),
            cursor: first.cursor,
            link: Some(Link {
                mid: first.ack_mid,
                chain: first.ack_chain,
            }),
            ..request
        };
        request
    }

    async fn at_once(rig: &Rig, session: &SessionRecord, request: &SyncRequest) -> SyncReply {
        let (session, request) = (session.clone(), request.clone());
        answer(Arc::clone(&rig.server), session, request, ())
            .await
            .unwrap()
    }

    fn waiting(
        rig: &Rig,
        session: &SessionRecord,
        request: &SyncRequest,
        longest: Duration,
    ) -> JoinHandle<Result<SyncReply, Refusal>> {
        tokio::spawn(answer_within(
            Arc::clone(&rig.server),
            session.clone(),
            request.clone(),
            longest,
            (),
        ))
    }

    /// Still waiting, although there was time to answer.
    async fn is_waiting(answer: &mut JoinHandle<Result<SyncReply, Refusal>>) -> bool {
        tokio::time::timeout(Duration::from_millis(50), answer)
            .await
            .is_err()
    }

    /// The answer, which does not wait for as long as it might.
    async fn is_answered(answer: JoinHandle<Result<SyncReply, Refusal>>) -> SyncReply {
        let answered = tokio::time::timeout(LONG / 60, answer).await;
        answered.expect("it does not wait").unwrap().unwrap()
    }

    fn commit(rig: &Rig, session: &SessionRecord) -> u64 {
        let household = session.household;
        let head = rig.server.db.write(move |tx| tx.next_seq(household)).unwrap();
        rig.server.pokes.announce(household, head);
        head
    }

    #[tokio::test]
    async fn row_26_the_memory_of_changes_is_taken_until_they_are_stored_also_where_nobody_waits_any_more() {
        let rig = Rig::new();
        let session = rig.session(&rig.owner(1).token);
        let change = json!([{"mid": 1, "hlc": 1, "kind": "household", "id": Uuid::nil(), "op": "patch", "fields": {"travel_km": 5}}]);
        let request = SyncRequest {
            mutations: serde_json::from_value(change).unwrap(),
            ..settled(&rig, &session).await
        };
        let (begun, has_begun) = std::sync::mpsc::channel();
        let (go_on, goes_on) = std::sync::mpsc::channel::<()>();
        let server = Arc::clone(&rig.server);
        let busy = std::thread::spawn(move || {
            server.db.write(move |_| {
                begun.send(()).unwrap();
                goes_on.recv().unwrap();
                Ok(())
            })
        });
        has_begun.recv().unwrap();
        let memory = Arc::new(());
        let (server, held) = (Arc::clone(&rig.server), Arc::clone(&memory));
        let asked = tokio::spawn(answer(server, session, request, held));
        // The job is at the writer, which is busy; whoever asked goes away.
        tokio::time::sleep(Duration::from_millis(100)).await;
        asked.abort();
        assert!(asked.await.unwrap_err().is_cancelled());
        assert_eq!(Arc::strong_count(&memory), 2);
        go_on.send(()).unwrap();
        busy.join().unwrap().unwrap();
        while Arc::strong_count(&memory) > 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn an_answer_waits_until_there_is_something_new() {
        let rig = Rig::new();
        let session = rig.session(&rig.owner(1).token);
        let request = settled(&rig, &session).await;
        let mut answer = waiting(&rig, &session, &request, LONG);
        assert!(is_waiting(&mut answer).await);
        let head = commit(&rig, &session);
        assert_eq!(answer.await.unwrap().unwrap().cursor, head);
    }

    #[tokio::test]
    async fn what_another_family_does_ends_no_waiting_and_time_does() {
        let rig = Rig::new();
        let (session, other) = (rig.session(&rig.owner(1).token), rig.session(&rig.owner(2).token));
        let request = settled(&rig, &session).await;
        let mut answer = waiting(&rig, &session, &request, LONG);
        commit(&rig, &other);
        assert!(is_waiting(&mut answer).await);
        answer.abort();
        let over = waiting(&rig, &session, &request, Duration::from_millis(1));
        let reply = over.await.unwrap().unwrap();
        assert_eq!((reply.cursor, reply.rows.len()), (request.cursor, 0));
    }

    #[tokio::test]
    async fn of_too_many_that_wait_for_a_session_the_oldest_is_answered() {
        let rig = Rig::new();
        let session = rig.session(&rig.owner(1).token);
        let request = settled(&rig, &session).await;
        let mut first = waiting(&rig, &session, &request, LONG);
        assert!(is_waiting(&mut first).await);
        let mut others: Vec<_> = (0..WAITING_OF_A_SESSION)
            .map(|_| waiting(&rig, &session, &request, LONG))
            .collect();
        let reply = first.await.unwrap().unwrap();
        assert_eq!((reply.cursor, reply.rows.len()), (request.cursor, 0));
        for other in &mut others {
            assert!(is_waiting(other).await);
        }
    }

    #[tokio::test]
    async fn a_session_that_ends_while_it_waits_is_told_so() {
        let rig = Rig::new();
        let session = rig.session(&rig.owner(1).token);
        let request = settled(&rig, &session).await;
        let mut answer = waiting(&rig, &session, &request, LONG);
        assert!(is_waiting(&mut answer).await);
        sign_out(&rig.server, &session).unwrap();
        let Refusal(problem) = answer.await.unwrap().unwrap_err();
        assert_eq!(problem.code, ErrorCode::NotSignedIn);
    }

    /// News at once, off for a session from so many milliseconds on.
    fn no_news_at_once(rig: &Rig, session: &SessionRecord, after_ms: i64) {
        let switch = Switch {
            scope: SwitchScope::Session { session: session.id },
            operations: [Operation::Live].into(),
            starts_at: rig.now().plus_ms(after_ms),
            ends_at: None,
            ..Switch::example()
        };
        rig.switch_off(session.household, switch);
    }

    #[tokio::test]
    async fn row_07_an_exchange_does_not_wait_where_news_at_once_is_off_and_elsewhere_it_does() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let other = rig.session(&sign_in(&rig.server, HERE, sign_in_request(1, 2)).unwrap().token);
        let session = rig.session(&owner.token);
        no_news_at_once(&rig, &session, 0);
        let request = settled(&rig, &session).await;
        let answered = is_answered(waiting(&rig, &session, &request, LONG)).await;
        assert_eq!(answered.cursor, request.cursor);
        let request = settled(&rig, &other).await;
        assert!(is_waiting(&mut waiting(&rig, &other, &request, LONG)).await);
    }

    #[tokio::test]
    async fn row_07_an_exchange_that_waits_is_answered_when_it_next_looks_after_news_at_once_was_turned_off()
    {
        let rig = Rig::new();
        let session = rig.session(&rig.owner(1).token);
        let request = settled(&rig, &session).await;
        no_news_at_once(&rig, &session, 1);
        let mut answer = waiting(&rig, &session, &request, LONG);
        assert!(is_waiting(&mut answer).await);
        rig.server.pokes.announce(session.household, 1);
        assert!(is_waiting(&mut answer).await, "not yet");
        rig.pass(1);
        rig.server.pokes.announce(session.household, 2);
        assert_eq!(is_answered(answer).await.cursor, request.cursor);
    }

    #[tokio::test]
    async fn a_stopping_server_answers_who_waits_and_lets_nobody_wait() {
        let rig = Rig::new();
        let session = rig.session(&rig.owner(1).token);
        let request = settled(&rig, &session).await;
        let mut early = waiting(&rig, &session, &request, LONG);
        assert!(is_waiting(&mut early).await);
        rig.server.pokes.close();
        early.await.unwrap().unwrap();
        waiting(&rig, &session, &request, LONG).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn what_has_something_to_tell_does_not_wait() {
        let rig = Rig::new();
        let session = rig.session(&rig.owner(1).token);
        let request = settled(&rig, &session).await;
        let news = [
            SyncRequest {
                epoch: None,
                ..request.clone()
            },
            SyncRequest {
                scope: Some(77),
                ..request.clone()
            },
            SyncRequest {
                digest: Some(Digest::default()),
                ..request.clone()
            },
            SyncRequest {
                cursor: request.cursor + 1,
                ..request.clone()
            },
            SyncRequest {
                link: Some(Link {
                    mid: 9,
                    ..Link::default()
                }),
                ..request.clone()
            },
        ];
        for request in news {
            waiting(&rig, &session, &request, LONG).await.unwrap().unwrap();
        }
        let unsettled = SyncRequest { wait_s: 0, ..request };
        at_once(&rig, &session, &unsettled).await;
    }
}

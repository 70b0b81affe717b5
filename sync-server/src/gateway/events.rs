//! The event stream of a session: the number of the household's last commit, whenever it rises.
//!
//! The database has the last word: a poke only says that it is worth looking, and so does every heartbeat, so a lost
//! poke, another server's commit, a session ended elsewhere and the beginning of quiet hours are all found within one.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use romp_domain::policy::Operation;
use romp_domain::{ErrorCode, HouseholdId, Problem, Role};
use tokio::sync::watch;

use super::seats::Seat;
use super::{Refusal, run};
use crate::accounts::{goes_on, has_child_consent};
use crate::db::{DbExt, Fault, SecretHash, SessionRecord, Tx};
use crate::door::GoesOn;
use crate::server::Server;
use crate::sync::switches;

/// Between two signs of life: shorter than the minute after which proxies give a silent connection up.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// Asks the reverse proxy to hand every event on at once.
const NO_BUFFERING: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-accel-buffering"),
    HeaderValue::from_static("no"),
);

/// The reply that goes on until the session or the server ends, it is switched off, or the consent that it needs is
/// withdrawn.
///
/// # Errors
/// `ConsentMissing` on a child's device.
pub(crate) async fn events(server: Arc<Server>, session: SessionRecord) -> Result<Response, Refusal> {
    if session.role == Role::Child {
        let asking = session.clone();
        let look = move |server: &Server| Ok(server.db.read(move |tx| takes_part(tx, &asking))?);
        if !run(Arc::clone(&server), look).await? {
            return Err(ErrorCode::ConsentMissing.into());
        }
    }
    let events = Sse::new(follow(server, &session, HEARTBEAT));
    Ok((Extension(GoesOn), [NO_BUFFERING], events).into_response())
}

/// Whether a session is an owner's, or an owner's consent to children using the app holds.
fn takes_part(tx: &mut dyn Tx, session: &SessionRecord) -> Result<bool, Fault> {
    Ok(session.role != Role::Child || has_child_consent(tx, session.household)?)
}

/// Somebody who follows a household's commits. Small: there is one for every device that is on.
struct Follower {
    server: Arc<Server>,
    token: SecretHash,
    household: HouseholdId,
    head: watch::Receiver<u64>,
    sessions: watch::Receiver<()>,
    closing: watch::Receiver<bool>,
    seat: Seat,
    /// It has looked once; from then on it waits before it looks.
    begun: bool,
    told: Option<u64>,
}

/// The events, made when the reader can take one: a slow reader is told the newest number only, and one that is gone
/// costs nothing more.
fn follow(
    server: Arc<Server>,
    session: &SessionRecord,
    heartbeat: Duration,
) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
    // Listening begins before the first look, so that nothing falls in between.
    let follower = Follower {
        head: server.pokes.subscribe(session.household),
        sessions: server.pokes.subscribe_sessions(session.household),
        closing: server.pokes.subscribe_closing(),
        seat: server.streams.take(session.id),
        token: session.token,
        household: session.household,
        begun: false,
        told: None,
        server,
    };
    stream::unfold(follower, move |mut follower| async move {
        let event = follower.next(heartbeat).await?;
        Some((Ok(event), follower))
    })
}

impl Follower {
    /// The next event; none when the session or the server ends, or the stream is switched off.
    async fn next(&mut self, heartbeat: Duration) -> Option<Event> {
        if std::mem::replace(&mut self.begun, true) {
            if *self.closing.borrow() {
                return None;
            }
            tokio::select! {
                Ok(()) = self.head.changed() => {}
                Ok(()) = self.sessions.changed() => {}
                _ = self.closing.changed() => return None,
                () = self.seat.lost() => return None,
                () = tokio::time::sleep(heartbeat) => {}
            }
        }
        let token = self.token;
        // One poke wakes all of a family's streams: a few look at a time, so that others' work goes on between.
        let turn = self.server.looks.turn(self.household).await;
        let look = move |server: &Server| {
            let _turn = turn;
            look(server, token)
        };
        match run(Arc::clone(&self.server), look).await {
            Ok(None) => None,
            Ok(Some(head)) if self.told != Some(head) => {
                self.told = Some(head);
                Some(Event::default().data(head.to_string()))
            }
            // Nothing new, or the database is away: the stream stays.
            Ok(_) | Err(_) => Some(Event::default().comment("")),
        }
    }
}

/// The number of the household's last commit; `None` when the session has ended, its token was replaced a while ago, or it
/// may have no stream any more. Whoever asks for another one is told why, and whoever has the newer token gets one.
fn look(server: &Server, token: SecretHash) -> Result<Option<u64>, Problem> {
    let now = server.clock.now();
    let head = server.db.read(move |tx| {
        let found = tx.held(&token)?;
        let Some((session, _)) = found.filter(|(session, held)| goes_on(session, *held, now)) else {
            return Ok(None);
        };
        if switches::off_for(tx, now, &session, Operation::Live)?.is_some() || !takes_part(tx, &session)? {
            return Ok(None);
        }
        Ok(tx
            .household(session.household)?
            .map(|household| household.head_seq))
    })?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::rig::Rig;
    use crate::accounts::{admit, rotate, sign_out};
    use crate::secrets::token_hash;
    use crate::server::STREAMS_OF_A_SESSION;
    use futures_util::StreamExt;
    use romp_domain::switch::SwitchScope;
    use romp_domain::{Entity, HouseholdId, Switch};

    /// Longer than any test.
    const NEVER: Duration = Duration::from_hours(1);

    /// The text of the events that come, one by one.
    fn told(rig: &Rig, session: &SessionRecord, heartbeat: Duration) -> impl Stream<Item = String> + Unpin {
        let body = Sse::new(follow(Arc::clone(&rig.server), session, heartbeat))
            .into_response()
            .into_body();
        Box::pin(
            body.into_data_stream()
                .map(|piece| String::from_utf8(piece.unwrap().to_vec()).unwrap()),
        )
    }

    fn commit(rig: &Rig, session: &SessionRecord) {
        let household = session.household;
        let head = rig.server.db.write(move |tx| tx.next_seq(household)).unwrap();
        rig.server.pokes.announce(household, head);
    }

    #[tokio::test]
    async fn every_commit_is_told_and_signing_out_ends_the_stream() {
        let rig = Rig::new();
        let session = rig.session(&rig.owner(1).token);
        let mut events = told(&rig, &session, NEVER);
        assert_eq!(events.next().await.unwrap(), "data: 0\n\n");
        commit(&rig, &session);
        assert_eq!(events.next().await.unwrap(), "data: 1\n\n");
        sign_out(&rig.server, &session).unwrap();
        assert_eq!(events.next().await, None);
    }

    #[tokio::test]
    async fn a_silent_stream_gives_signs_of_life_and_finds_what_nobody_announced() {
        let rig = Rig::new();
        let session = rig.session(&rig.owner(1).token);
        let mut events = told(&rig, &session, Duration::from_millis(1));
        assert_eq!(events.next().await.unwrap(), "data: 0\n\n");
        assert_eq!(events.next().await.unwrap(), ": \n\n");
        let household = session.household;
        rig.server.db.write(move |tx| tx.next_seq(household)).unwrap();
        let mut found = events.skip_while(|event| std::future::ready(event == ": \n\n"));
        assert_eq!(found.next().await.unwrap(), "data: 1\n\n");
    }

    #[tokio::test]
    async fn of_too_many_streams_of_a_session_the_oldest_ends_and_other_sessions_keep_theirs() {
        let rig = Rig::new();
        let session = rig.session(&rig.owner(1).token);
        let other = rig.session(&rig.owner(2).token);
        let mut theirs = told(&rig, &other, NEVER);
        theirs.next().await.unwrap();
        let mut streams = Vec::new();
        for _ in 0..=STREAMS_OF_A_SESSION {
            let mut events = told(&rig, &session, NEVER);
            events.next().await.unwrap();
            streams.push(events);
        }
        assert_eq!(streams[0].next().await, None);
        commit(&rig, &session);
        for events in &mut streams[1..] {
            assert_eq!(events.next().await.unwrap(), "data: 1\n\n");
        }
        commit(&rig, &other);
        assert_eq!(theirs.next().await.unwrap(), "data: 1\n\n");
    }

    #[tokio::test]
    async fn row_18_a_stream_ends_when_its_session_is_too_old() {
        let rig = Rig::new();
        let session = rig.session(&rig.owner(1).token);
        let mut events = told(&rig, &session, Duration::from_millis(1));
        events.next().await.unwrap();
        rig.pass(crate::accounts::IDLE_MS);
        let mut left = events.skip_while(|event| std::future::ready(event == ": \n\n"));
        assert_eq!(left.next().await, None);
    }

    #[tokio::test]
    async fn row_17_a_stream_ends_a_minute_after_its_token_was_replaced() {
        let rig = Rig::new();
        let token = rig.owner(1).token;
        rig.pass(romp_domain::time::DAY_MS);
        let session = rig.session(&token);
        let mut events = told(&rig, &session, Duration::from_millis(1));
        events.next().await.unwrap();
        let next = rotate(&rig.server, &session).unwrap().token;
        admit(&rig.server, token_hash(&next).unwrap()).unwrap();
        assert_eq!(
            events.next().await.unwrap(),
            ": \n\n",
            "what is under way goes on"
        );
        rig.pass(romp_domain::time::MINUTE_MS);
        let mut left = events.skip_while(|event| std::future::ready(event == ": \n\n"));
        assert_eq!(left.next().await, None);
        assert!(
            rig.session(&next).ended_at.is_none(),
            "to whoever has the newer one"
        );
    }

    /// Stores a switch of news at once, and tells nobody.
    fn switched_off(rig: &Rig, household: HouseholdId, switch: Switch) {
        let operations = [Operation::Live].into();
        rig.switch_off(household, Switch { operations, ..switch });
    }

    #[tokio::test]
    async fn row_07_turning_news_at_once_off_ends_the_streams_that_it_covers_and_no_others() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let session = rig.session(&owner.token);
        let tablet = rig.session(&rig.paired(&owner, Role::Child, 50).token);
        let (mut here, mut there) = (told(&rig, &session, NEVER), told(&rig, &tablet, NEVER));
        here.next().await.unwrap();
        there.next().await.unwrap();
        let scope = SwitchScope::Session { session: tablet.id };
        switched_off(
            &rig,
            session.household,
            Switch {
                scope,
                starts_at: rig.now(),
                ends_at: None,
                ..Switch::example()
            },
        );
        commit(&rig, &session);
        assert_eq!(there.next().await, None);
        assert_eq!(here.next().await.unwrap(), "data: 1\n\n");
        commit(&rig, &session);
        assert_eq!(here.next().await.unwrap(), "data: 2\n\n");
    }

    #[tokio::test]
    async fn row_60_a_childs_stream_ends_with_the_consent_and_none_begins_without() {
        let rig = Rig::new();
        let owner = rig.owner(1);
        let session = rig.session(&owner.token);
        let tablet = rig.session(&rig.paired(&owner, Role::Child, 50).token);
        let (mut here, mut there) = (told(&rig, &session, NEVER), told(&rig, &tablet, NEVER));
        here.next().await.unwrap();
        there.next().await.unwrap();
        let opened = async |session: &SessionRecord| {
            let reply = events(Arc::clone(&rig.server), session.clone()).await;
            reply.map(drop).map_err(|Refusal(problem)| problem.code)
        };
        assert_eq!(opened(&tablet).await, Ok(()));
        rig.consent(session.household, false);
        commit(&rig, &session);
        assert_eq!(there.next().await, None);
        assert_eq!(here.next().await.unwrap(), "data: 1\n\n");
        assert_eq!(opened(&tablet).await, Err(ErrorCode::ConsentMissing));
        assert_eq!(opened(&session).await, Ok(()));
        // Where nobody said so, with the next sign of life.
        rig.consent(session.household, true);
        let mut there = told(&rig, &tablet, Duration::from_millis(1));
        there.next().await.unwrap();
        rig.consent(session.household, false);
        let mut left = there.skip_while(|event| std::future::ready(event == ": \n\n"));
        assert_eq!(left.next().await, None);
    }

    #[tokio::test]
    async fn row_07_a_stream_ends_when_quiet_hours_begin_and_nobody_says_so() {
        let rig = Rig::new();
        let session = rig.session(&rig.owner(1).token);
        let later = Switch {
            starts_at: rig.now().plus_ms(60_000),
            ends_at: None,
            ..Switch::example()
        };
        switched_off(&rig, session.household, later);
        let mut events = told(&rig, &session, Duration::from_millis(1));
        events.next().await.unwrap();
        assert_eq!(events.next().await.unwrap(), ": \n\n");
        rig.pass(60_000);
        let mut left = events.skip_while(|event| std::future::ready(event == ": \n\n"));
        assert_eq!(left.next().await, None);
    }

    #[tokio::test]
    async fn a_stopping_server_ends_its_streams_and_begins_no_new_ones() {
        let rig = Rig::new();
        let session = rig.session(&rig.owner(1).token);
        let mut events = told(&rig, &session, NEVER);
        events.next().await.unwrap();
        rig.server.pokes.close();
        assert_eq!(events.next().await, None);
        let mut late = told(&rig, &session, NEVER);
        late.next().await.unwrap();
        assert_eq!(late.next().await, None);
    }

    #[tokio::test]
    async fn of_one_family_s_streams_a_few_look_at_a_time_and_those_of_others_do_not_wait() {
        use futures_util::FutureExt;
        let rig = Rig::new();
        let [own, other] = [1, 2].map(|n| rig.session(&rig.owner(n).token));
        let mut looking = Vec::new();
        while let Some(turn) = rig.server.looks.turn(own.household).now_or_never() {
            looking.push(turn.unwrap());
            assert!(looking.len() < 100, "there is a limit");
        }
        let mut waits = Box::pin(told(&rig, &own, NEVER));
        assert!(
            tokio::time::timeout(Duration::from_millis(50), waits.next())
                .await
                .is_err()
        );
        told(&rig, &other, NEVER).next().await.unwrap();
        drop(looking);
        waits.next().await.unwrap();
    }
}

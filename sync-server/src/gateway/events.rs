//! The event stream of a session: the number of the household's last commit, whenever it rises.
//!
//! The database has the last word: a poke only says that it is worth looking, and so does every heartbeat, so a lost
//! poke, another server's commit and a session ended elsewhere are all found within one.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use romp_domain::Problem;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};

use super::run;
use crate::db::{DbExt, SessionRecord};
use crate::server::Server;

/// Between two signs of life: shorter than the minute after which proxies give a silent connection up.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// Asks the reverse proxy to hand every event on at once.
const NO_BUFFERING: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-accel-buffering"),
    HeaderValue::from_static("no"),
);

/// The reply that goes on until the session or the server ends.
pub(crate) fn events(server: Arc<Server>, session: SessionRecord) -> Response {
    ([NO_BUFFERING], Sse::new(follow(server, session, HEARTBEAT))).into_response()
}

/// What there is to follow.
struct Followed {
    head: watch::Receiver<u64>,
    sessions: watch::Receiver<()>,
    closing: watch::Receiver<bool>,
}

fn follow(
    server: Arc<Server>,
    session: SessionRecord,
    heartbeat: Duration,
) -> impl Stream<Item = Result<Event, Infallible>> {
    // Listening begins before the first look, so that nothing falls in between.
    let followed = Followed {
        head: server.pokes.subscribe(session.household),
        sessions: server.pokes.subscribe_sessions(session.household),
        closing: server.pokes.subscribe_closing(),
    };
    // One event waits at most: a slow reader is told the newest number only.
    let (events, stream) = mpsc::channel(1);
    tokio::spawn(tell(server, session, followed, heartbeat, events));
    ReceiverStream::new(stream).map(Ok)
}

async fn tell(
    server: Arc<Server>,
    session: SessionRecord,
    mut followed: Followed,
    heartbeat: Duration,
    events: mpsc::Sender<Event>,
) {
    let mut told = None;
    loop {
        let token = session.token;
        let event = match run(Arc::clone(&server), move |server| look(server, token)).await {
            Ok(None) => return,
            Ok(head) if head != told => {
                told = head;
                Event::default().data(head.unwrap_or_default().to_string())
            }
            // Nothing new, or the database is away: the stream stays.
            Ok(_) | Err(_) => Event::default().comment(""),
        };
        if events.send(event).await.is_err() || *followed.closing.borrow() {
            return;
        }
        tokio::select! {
            Ok(()) = followed.head.changed() => {}
            Ok(()) = followed.sessions.changed() => {}
            _ = followed.closing.changed() => return,
            () = events.closed() => return,
            () = tokio::time::sleep(heartbeat) => {}
        }
    }
}

/// The number of the household's last commit; `None` when the session has ended.
fn look(server: &Server, token: crate::db::SecretHash) -> Result<Option<u64>, Problem> {
    let head = server.db.read(move |tx| {
        let Some(session) = tx
            .session_by_token(&token)?
            .filter(|session| session.ended_at.is_none())
        else {
            return Ok(None);
        };
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
    use crate::accounts::sign_out;

    /// Longer than any test.
    const NEVER: Duration = Duration::from_hours(1);

    /// The text of the events that come, one by one.
    fn told(rig: &Rig, session: &SessionRecord, heartbeat: Duration) -> impl Stream<Item = String> + Unpin {
        let body = Sse::new(follow(Arc::clone(&rig.server), session.clone(), heartbeat))
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
        let found = events.skip_while(|event| event == ": \n\n").next().await;
        assert_eq!(found.unwrap(), "data: 1\n\n");
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
}

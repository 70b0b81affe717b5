//! Two servers on one PostgreSQL: what one ends, the other does not let in any more.

use std::sync::Arc;

use axum::body::Body;
use futures_util::StreamExt;
use romp_domain::ErrorCode;
use romp_domain::policy::Endpoint;
use tower::ServiceExt;

use super::request;
use crate::accounts::rig::{HERE, proved, register_request, sign_in_request};
use crate::accounts::{admit, invite, register, revoke_others, rotate, sign_in};
use crate::db::Db;
use crate::db::postgres::tests::fresh;
use crate::env::{SystemClock, SystemRandom};
use crate::secrets::token_hash;
use crate::server::{Server, Settings};

fn server(db: Arc<dyn Db>) -> Arc<Server> {
    let server = Server::new(
        db,
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
        Settings::default(),
    );
    server.db.join(&server.pokes);
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn row_16_a_session_that_one_server_ends_is_refused_by_the_other_at_once_and_its_stream_ends() {
    let Some(db) = fresh("ended sessions on two servers") else {
        return;
    };
    let two = server(Arc::new(db.again()));
    let one = server(db);
    let invitation = invite(&one, 1).unwrap();
    let lost = register(&one, HERE, register_request(1, Some(invitation.expose()))).unwrap();
    let kept = sign_in(&one, HERE, sign_in_request(1, 70)).unwrap();
    let hash = |token: &str| token_hash(token).unwrap();

    // The next token is handed out by one and taken by the other.
    let session = admit(&one, hash(&lost.token)).unwrap();
    let next = rotate(&one, &session).unwrap().token;
    admit(&two, hash(&next)).unwrap();
    let asking = request("GET", Endpoint::Events.path(), Some(&next), Body::empty());
    let stream = two.router().oneshot(asking).await.unwrap();
    let mut stream = stream.into_body().into_data_stream();
    stream.next().await.unwrap().unwrap();

    let by = admit(&one, hash(&kept.token)).unwrap();
    revoke_others(&one, &by, &proved()).unwrap();
    for token in [&lost.token, &next] {
        let refused = admit(&two, hash(token)).unwrap_err();
        assert_eq!(refused.code, ErrorCode::NotSignedIn);
    }
    admit(&two, hash(&kept.token)).unwrap();
    while stream.next().await.is_some() {}
}

//! Two servers on one PostgreSQL: what one ends, the other does not let in any more, whichever way it was ended.

use std::sync::Arc;

use axum::body::Body;
use futures_util::StreamExt;
use romp_domain::policy::{Access, Endpoint, Method};
use romp_domain::row::HOUSEHOLD_ROW;
use romp_domain::text::{Email, Password, PersonName};
use romp_domain::wire::{
    ChangePasswordRequest, ConfirmOwnerRequest, DeleteAccountRequest, InviteOwnerRequest, JoinAsOwnerRequest,
    PairRequest, RemoveOwnerRequest,
};
use romp_domain::{Consent, Entity, ErrorCode, Hlc, Household, Kind, Role, UserId, ZoneName};
use serde_json::json;
use tower::ServiceExt;

use super::requests::{ANOTHER, body};
use super::{request, status_of};
use crate::accounts::rig::{
    HERE, PASSWORD, device, naming, pairing, proved, register_request, sign_in_request, typed,
};
use crate::accounts::{
    admit, change_password, create_pairing, delete_account, invite, pair, register, revoke, revoke_others,
    rotate, sign_in, sign_out,
};
use crate::db::postgres::tests::fresh;
use crate::db::{Db, SessionRecord};
use crate::env::{SystemClock, SystemRandom};
use crate::owners::{confirm_owner, invite_owner, join_as_owner, remove_owner};
use crate::passwords::Work;
use crate::secrets::token_hash;
use crate::server::{Server, Settings};

fn server(db: Arc<dyn Db>) -> Arc<Server> {
    let server = Server::new(
        db,
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
        Settings {
            hashing: Work::LEAST,
            unlimited: true,
            ..Settings::default()
        },
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

/// The tokens of a family on two servers, each of which has let all of them in.
struct Family {
    /// The first owner's, on the device with which it registered; and the token that it was given and has not used.
    first: String,
    next: String,
    /// The same owner's on another device.
    again: String,
    /// A device that this owner let in, and a child's.
    paired: String,
    child: String,
    /// Another owner's, and a device that this one let in.
    second: String,
    by_second: String,
    other: UserId,
}

/// The session of a token, if this server lets it in.
fn session(server: &Arc<Server>, token: &str) -> Result<SessionRecord, ErrorCode> {
    admit(server, token_hash(token).unwrap()).map_err(|problem| problem.code)
}

async fn family(one: &Arc<Server>, two: &Arc<Server>, n: u128) -> Family {
    let of = |m: u128| device(n * 100 + m);
    let invitation = invite(one, 1).unwrap();
    let mut registering = register_request(n, Some(invitation.expose()));
    registering.device = of(1);
    let first = register(one, HERE, registering).unwrap().token;
    let mut settings = Household::new(ZoneName::utc());
    let given_at = one.clock.now();
    settings.child_consent = Some(Consent {
        notice: Consent::NOTICE,
        given_at,
    });
    let clock = Hlc::at_ms(given_at.0);
    let consent = json!({"protocol": 2, "cursor": 0, "clock": clock, "mutations": [{"mid": 1, "hlc": clock,
        "kind": Kind::Household, "id": HOUSEHOLD_ROW, "op": "patch", "fields": settings.to_fields()}]});
    let path = Endpoint::Sync.path();
    assert_eq!(status_of(one, "POST", path, Some(&first), &consent).await, 200);
    let let_in = |token: &str, role, m| {
        let code = create_pairing(one, &session(one, token).unwrap(), &pairing(role))
            .unwrap()
            .code;
        pair(two, HERE, PairRequest { code, device: of(m) })
            .unwrap()
            .token
    };
    let mut signing_in = sign_in_request(n, 0);
    signing_in.device = of(2);
    let again = sign_in(two, HERE, signing_in).unwrap().token;
    let (paired, child) = (let_in(&first, Role::Owner, 3), let_in(&first, Role::Child, 4));
    let by = session(one, &first).unwrap();
    let code = invite_owner(one, &by, InviteOwnerRequest { email: None })
        .unwrap()
        .code;
    let joining = JoinAsOwnerRequest {
        code,
        email: Email::new(&format!("second{n}@example.org")).unwrap(),
        password: Password::new(PASSWORD.into()).unwrap(),
        name: PersonName::new("Ben").unwrap(),
        device: of(5),
    };
    let second = join_as_owner(two, HERE, joining).unwrap().token;
    let other = session(one, &second).unwrap().user.unwrap();
    let (user, password) = (other, typed(PASSWORD));
    confirm_owner(one, &by, &ConfirmOwnerRequest { user, password }).unwrap();
    let by_second = let_in(&second, Role::Owner, 6);
    let next = rotate(one, &by).unwrap().token;
    let family = Family {
        first,
        next,
        again,
        paired,
        child,
        second,
        by_second,
        other,
    };
    for token in family.all() {
        for server in [one, two] {
            session(server, token).unwrap();
        }
    }
    family
}

impl Family {
    fn all(&self) -> [&String; 6] {
        // Not the next token: its first use would end the one before.
        [
            &self.first,
            &self.again,
            &self.paired,
            &self.child,
            &self.second,
            &self.by_second,
        ]
    }
}

/// Ends something by way of a server, and says what must be over and what goes on.
type End = for<'f> fn(&Arc<Server>, &'f Family) -> [Vec<&'f str>; 2];

/// Every way in which a session ends before its time.
fn ends() -> [(&'static str, End); 6] {
    [
        ("another password", |server, family| {
            let request = ChangePasswordRequest {
                current: typed(PASSWORD),
                password: Password::new(ANOTHER.into()).unwrap(),
            };
            change_password(server, &session(server, &family.first).unwrap(), &request).unwrap();
            [
                vec![&family.first, &family.next, &family.again, &family.paired],
                vec![&family.child, &family.second, &family.by_second],
            ]
        }),
        ("signed out", |server, family| {
            sign_out(server, &session(server, &family.first).unwrap()).unwrap();
            [
                vec![&family.first, &family.next],
                vec![
                    &family.again,
                    &family.paired,
                    &family.child,
                    &family.second,
                    &family.by_second,
                ],
            ]
        }),
        ("one session ended by another", |server, family| {
            let gone = session(server, &family.second).unwrap().id;
            revoke(server, &session(server, &family.first).unwrap(), &naming(gone)).unwrap();
            [
                vec![&family.second],
                vec![
                    &family.first,
                    &family.again,
                    &family.paired,
                    &family.child,
                    &family.by_second,
                ],
            ]
        }),
        ("all others ended", |server, family| {
            revoke_others(server, &session(server, &family.again).unwrap(), &proved()).unwrap();
            [
                vec![&family.first, &family.next, &family.second, &family.by_second],
                vec![&family.again],
            ]
        }),
        ("an owner removed", |server, family| {
            let (user, password) = (family.other, typed(PASSWORD));
            let request = RemoveOwnerRequest { user, password };
            remove_owner(server, &session(server, &family.first).unwrap(), &request).unwrap();
            [
                vec![&family.second, &family.by_second],
                vec![&family.first, &family.again, &family.paired, &family.child],
            ]
        }),
        ("the account deleted", |server, family| {
            let password = typed(PASSWORD);
            let request = DeleteAccountRequest { password };
            delete_account(server, &session(server, &family.again).unwrap(), &request).unwrap();
            let mut all: Vec<&str> = family.all().map(String::as_str).into();
            all.push(&family.next);
            [all, vec![]]
        }),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn row_16_whatever_ends_a_session_on_one_server_is_in_force_on_the_other_with_the_next_request() {
    let Some(db) = fresh("every end of a session on two servers") else {
        return;
    };
    let two = server(Arc::new(db.again()));
    let one = server(db);
    for (n, (why, end)) in ends().into_iter().enumerate() {
        let family = family(&one, &two, n as u128 + 1).await;
        // Whatever comes over the stream comes from the other server.
        let streaming = match why {
            "one session ended by another" | "an owner removed" => &family.second,
            _ => &family.first,
        };
        let asking = request("GET", Endpoint::Events.path(), Some(streaming), Body::empty());
        let stream = two.router().oneshot(asking).await.unwrap();
        let mut stream = stream.into_body().into_data_stream();
        stream.next().await.unwrap().unwrap();

        let [over, on] = end(&one, &family);
        for token in over {
            for endpoint in Endpoint::ALL
                .iter()
                .filter(|endpoint| endpoint.access() != Access::Public)
            {
                let method = match endpoint.method() {
                    Method::Get => "GET",
                    Method::Post => "POST",
                };
                let asked = body(*endpoint, uuid::Uuid::nil());
                let status = status_of(&two, method, endpoint.path(), Some(token), &asked).await;
                assert!(
                    [401, 410].contains(&status),
                    "{why}: {endpoint:?} answers {status}"
                );
            }
        }
        for token in on {
            let asked = json!({"protocol": 2, "cursor": 0, "clock": 1 << 16});
            let status = status_of(&two, "POST", Endpoint::Sync.path(), Some(token), &asked).await;
            assert_eq!(status, 200, "{why}");
        }
        while stream.next().await.is_some() {}
    }
}

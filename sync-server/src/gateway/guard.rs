//! Who is calling, whether they may and how often: the policy table's word on every route.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use romp_domain::policy::{Access, Endpoint, Operation, Switchable};
use romp_domain::switch::Word;
use romp_domain::time::MINUTE_MS;
use romp_domain::{ErrorCode, Problem};

use super::journal::{Answered, Asked};
use super::load::Stage;
use super::origin::Origin;
use super::{CALLED, Refusal, run_at};
use crate::accounts;
use crate::db::{DbExt, SecretHash, SessionRecord};
use crate::secrets::token_hash;
use crate::server::Server;
use crate::sync::switches;
use crate::tally::Called;

/// How often it is noted that a session is in use. A note is a write, and calls that only read should stay that.
const TOUCH_EVERY_MS: i64 = 5 * MINUTE_MS;

/// Lets a request through to its endpoint, with its session, or refuses it.
pub(crate) async fn guard(
    State((server, endpoint)): State<(Arc<Server>, Endpoint)>,
    request: Request,
    next: Next,
) -> Response {
    let answering = CALLED.scope(endpoint.rate(), answer(server, endpoint, request, next));
    let mut reply = answering.await.unwrap_or_else(IntoResponse::into_response);
    reply.extensions_mut().insert(Answered(endpoint));
    reply
}

async fn answer(
    server: Arc<Server>,
    endpoint: Endpoint,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let class = endpoint.rate();
    if let (Some(rates), Some(origin)) = (&server.rates, request.extensions().get::<Origin>())
        && let Err(too_many) = rates.count_address(class, *origin)
    {
        return Ok(Refusal(too_many).counted());
    }
    let roles = match endpoint.access() {
        Access::Public => return Ok(next.run(request).await),
        Access::Roles(roles) => roles,
    };
    let token = bearer(request.headers());
    let door = Arc::clone(&server);
    let (session, off) = run_at(Stage::AtTheDoor, door, move |server| {
        admit(server, token, endpoint)
    })
    .await?;
    let (id, asked) = (session.id, Asked::by(session.id));
    let counted = match &server.rates {
        Some(rates) => rates.count_session(class, &session),
        None => Ok(()),
    };
    let refused = match (counted, off) {
        (Ok(()), _) if !roles.contains(&session.role) => Some(ErrorCode::Forbidden.into()),
        (Ok(()), Some((operation, word))) => {
            let (door, session, switch) = (Arc::clone(&server), session.clone(), word.switch);
            run_at(Stage::AtTheDoor, door, move |server| {
                switches::note(server, &session, operation, switch)
            })
            .await?;
            Some(word.problem(server.clock.now()))
        }
        (counted, _) => counted.err(),
    };
    let mut reply = match refused {
        None => {
            request.extensions_mut().insert(session);
            next.run(request).await
        }
        Some(refused) => Refusal(refused).into_response(),
    };
    let now = server.clock.now();
    server
        .tally
        .count(id, Called::Endpoint(endpoint), outcome(&reply), now);
    reply.extensions_mut().insert(asked);
    Ok(reply)
}

/// With which code a request was refused, if it was.
fn outcome(reply: &Response) -> Option<ErrorCode> {
    if reply.status().is_success() {
        return None;
    }
    let code = reply.extensions().get::<ErrorCode>().copied();
    Some(code.unwrap_or(ErrorCode::Internal))
}

/// The session with a token, if it has not ended, and whoever signed in belongs to the family or may call the endpoint
/// before; and what is switched off for it, and by which switch, if that is what the endpoint does.
fn admit(
    server: &Server,
    token: Option<SecretHash>,
    endpoint: Endpoint,
) -> Result<(SessionRecord, Option<(Operation, Word)>), Problem> {
    let token = token.ok_or(ErrorCode::NotSignedIn)?;
    let now = server.clock.now();
    let session = accounts::admit(server, token)?;
    if session.waiting && !endpoint.while_waiting() {
        return Err(ErrorCode::OwnerWaiting.into());
    }
    let off = match endpoint.switchable() {
        Switchable::As(operation) => {
            let session = session.clone();
            let off = server
                .db
                .read(move |tx| switches::off_for(tx, now, &session, operation))?;
            off.map(|word| (operation, word))
        }
        Switchable::Never | Switchable::ByChange => None,
    };
    let id = session.id;
    if now.since_ms(session.used_at) >= TOUCH_EVERY_MS {
        server.db.write(move |tx| tx.touch_session(id, now))?;
    }
    Ok((session, off))
}

/// What would be stored of the one bearer token in the headers.
fn bearer(headers: &HeaderMap) -> Option<SecretHash> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        token_hash(token)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::rig::Rig;

    #[test]
    fn only_one_well_formed_bearer_token_is_read() {
        let token = "a".repeat(64);
        let headers = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, value.parse().unwrap());
            }
            bearer(&headers).is_some()
        };
        let good = format!("Bearer {token}");
        assert!(headers(&[&good]) && headers(&[&format!("bearer {token}")]));
        assert!(!headers(&[]) && !headers(&[&good, &good]));
        for bad in [
            &token,
            &format!("Basic {token}"),
            &format!("Bearer  {token}"),
            &format!("Bearer {token} "),
            "Bearer ",
        ] {
            assert!(!headers(&[bad]), "{bad}");
        }
    }

    #[test]
    fn that_a_session_is_in_use_is_noted_now_and_then() {
        let rig = Rig::new();
        let token = rig.owner(1).token;
        let since = rig.session(&token).used_at;
        rig.pass(TOUCH_EVERY_MS - 1);
        admit(&rig.server, token_hash(&token), Endpoint::Sync).unwrap();
        assert_eq!(rig.session(&token).used_at, since);
        rig.pass(1);
        admit(&rig.server, token_hash(&token), Endpoint::Sync).unwrap();
        assert_eq!(rig.session(&token).used_at, rig.now());
    }
}

//! The HTTP interface, called in process.

mod access;
mod bad_input;
mod encodings;
mod extremes;
mod gone;
mod injection;
mod journey;
mod limited;
mod matrix;
mod requests;
mod stored;
mod surface;
mod switched_off;
mod two_servers;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Request, StatusCode};
use romp_domain::policy::{Endpoint, Method};
use romp_domain::{ErrorCode, Problem};
use serde_json::Value;
use tower::ServiceExt;

use crate::accounts::rig::Rig;
use crate::server::Server;

/// A reply that has come completely.
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    /// The problem it tells.
    fn problem(&self) -> Problem {
        let problem: Problem = serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}: {:?}", self.status, String::from_utf8_lossy(&self.body)));
        assert_eq!(self.status.as_u16(), problem.code.status());
        assert!(
            problem.message.ends_with('.') && problem.message.len() < 400,
            "{problem:?}"
        );
        problem
    }

    fn code(&self) -> ErrorCode {
        self.problem().code
    }

    fn json(&self) -> Value {
        assert_eq!(
            self.status,
            StatusCode::OK,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        serde_json::from_slice(&self.body).unwrap()
    }
}

fn request(method: &str, path: &str, token: Option<&str>, body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(body.into()).unwrap()
}

/// Sends a request and takes the reply in. Streams that do not end are for the tests of `gateway::events`.
async fn send(rig: &Rig, request: Request<Body>) -> Reply {
    let response = Arc::clone(&rig.server).router().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let streams = parts
        .headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind == "text/event-stream");
    let body = if streams {
        Vec::new()
    } else {
        to_bytes(body, 1 << 20).await.unwrap().to_vec()
    };
    Reply {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

/// Calls an endpoint with a JSON body.
async fn call(rig: &Rig, endpoint: Endpoint, token: Option<&str>, body: &Value) -> Reply {
    let method = match endpoint.method() {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    send(rig, request(method, endpoint.path(), token, body.to_string())).await
}

/// The status of a server's reply.
pub(crate) async fn status_of(
    server: &Arc<Server>,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: &Value,
) -> u16 {
    let request = request(method, path, token, body.to_string());
    let reply = server.router().oneshot(request).await.unwrap();
    reply.status().as_u16()
}

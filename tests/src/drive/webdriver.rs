//! The part of the W3C WebDriver protocol that a window test needs.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use serde_json::{Value, json};

use crate::http;

/// One session with a driver that listens on this machine.
pub(super) struct WebDriver {
    address: SocketAddr,
    session: String,
}

/// An address on this machine that nobody listens on at the moment.
pub(super) fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("this machine has a free port")
}

/// Whether a driver answers there and can begin a session.
pub(super) fn is_ready(address: SocketAddr) -> bool {
    send(address, "GET /status", &Value::Null).is_ok_and(|status| status["ready"] == true)
}

impl WebDriver {
    /// Begins a session, which opens the window.
    pub(super) fn begin(address: SocketAddr, capabilities: &Value) -> Self {
        let reply = send(
            address,
            "POST /session",
            &json!({"capabilities": {"alwaysMatch": capabilities}}),
        )
        .unwrap_or_else(|error| panic!("the window did not open: {error}"));
        let session = reply["sessionId"]
            .as_str()
            .expect("a session has an id")
            .to_owned();
        Self { address, session }
    }

    /// Makes a call of the session (`POST actions`, `DELETE `, …).
    pub(super) fn call(&self, verb: &str, path: &str, body: &Value) -> Value {
        let line = format!("{verb} /session/{}{path}", self.session);
        send(self.address, &line, body).unwrap_or_else(|error| panic!("{verb} {path}: {error}"))
    }
}

fn send(address: SocketAddr, line: &str, body: &Value) -> Result<Value, String> {
    let host = address.to_string();
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let headers = [("Host", host.as_str()), ("Content-Type", "application/json")];
    let reply = http::request(address, line, &headers, &body).map_err(|error| error.to_string())?;
    let mut value: Value = serde_json::from_str(&reply.body).map_err(|error| error.to_string())?;
    if reply.status == 200 {
        Ok(value["value"].take())
    } else {
        Err(reply.body)
    }
}

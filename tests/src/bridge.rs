//! The development bridge: the user interface and the core behind it, for an ordinary browser on this machine.
//!
//! It answers on the loopback address only. A token in the first address opens it once and is exchanged for a
//! cookie; without that cookie, with another host name (a foreign page whose name was pointed at this machine), or
//! from another origin there is nothing but 403. Deliberately absent: TLS, and any use outside development.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Bytes;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use romp_app::App;
use romp_domain::{ErrorCode, Problem};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt};
use tower_http::services::{ServeDir, ServeFile};

/// A bridge that is bound to its address and not yet served.
pub struct Bridge {
    listener: TcpListener,
    address: SocketAddr,
    guard: Arc<Guard>,
    router: Router,
}

/// What lets a request in.
struct Guard {
    hosts: [String; 2],
    cookie_name: String,
    token: String,
    token_used: AtomicBool,
    session: String,
}

impl Bridge {
    /// Binds to a free port of the loopback address. `ui` is the built user interface.
    pub async fn bind(app: Arc<App>, ui: PathBuf) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let guard = Arc::new(Guard {
            hosts: [
                format!("127.0.0.1:{}", address.port()),
                format!("localhost:{}", address.port()),
            ],
            cookie_name: format!("romp-bridge-{}", address.port()),
            token: secret()?,
            token_used: AtomicBool::new(false),
            session: secret()?,
        });
        let index = ServeFile::new(ui.join("index.html"));
        let router = Router::new()
            .route("/call", post(call))
            .route("/events", get(events))
            .with_state(app)
            .fallback_service(ServeDir::new(ui).fallback(index))
            .layer(middleware::from_fn_with_state(guard.clone(), admit));
        Ok(Self {
            listener,
            address,
            guard,
            router,
        })
    }

    /// The address that opens the bridge, once.
    pub fn url(&self) -> String {
        format!("http://{}/?token={}", self.address, self.guard.token)
    }

    /// Serves until it is dropped.
    pub async fn serve(self) -> io::Result<()> {
        axum::serve(self.listener, self.router).await
    }
}

async fn call(State(app): State<Arc<App>>, body: Bytes) -> Result<Json<Value>, Response> {
    let request = serde_json::from_slice(&body).map_err(|_| refuse(&ErrorCode::BadRequest.into()))?;
    app.handle(request)
        .await
        .map(Json)
        .map_err(|problem| refuse(&problem))
}

async fn events(State(app): State<Arc<App>>) -> Sse<impl Stream<Item = Result<Event, axum::Error>>> {
    let changes = WatchStream::from_changes(app.changes());
    Sse::new(changes.map(|number| Ok(Event::default().data(number.to_string()))))
        .keep_alive(KeepAlive::default())
}

fn refuse(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(problem)).into_response()
}

/// Lets nobody in but the browser that was given the address.
async fn admit(
    State(guard): State<Arc<Guard>>,
    Query(mut query): Query<BTreeMap<String, String>>,
    request: Request,
    next: Next,
) -> Response {
    if !guard.is_same_origin(request.headers()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    if let Some(token) = query.remove("token").filter(|_| request.uri().path() == "/") {
        return guard.open(&token);
    }
    if !guard.has_session(request.headers()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut response = next.run(request).await;
    response.headers_mut().extend(safety_headers());
    response
}

impl Guard {
    /// Exchanges the token for the session's cookie: the first time only.
    fn open(&self, token: &str) -> Response {
        if token != self.token || self.token_used.swap(true, Ordering::SeqCst) {
            return StatusCode::FORBIDDEN.into_response();
        }
        let cookie = format!(
            "{}={}; HttpOnly; SameSite=Strict; Path=/",
            self.cookie_name, self.session
        );
        ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
    }

    fn is_same_origin(&self, headers: &HeaderMap) -> bool {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(host) = text(header::HOST).filter(|host| self.hosts.iter().any(|known| known == host))
        else {
            return false;
        };
        !headers.contains_key(header::ORIGIN) || text(header::ORIGIN) == Some(&format!("http://{host}"))
    }

    fn has_session(&self, headers: &HeaderMap) -> bool {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split("; "))
            .filter_map(|cookie| cookie.split_once('='))
            .any(|(name, value)| name == self.cookie_name && value == self.session)
    }
}

/// The window's own content security policy, and what keeps the answers out of other places.
fn safety_headers() -> [(HeaderName, HeaderValue); 4] {
    let configuration: Value =
        serde_json::from_str(include_str!("../../tauri.conf.json")).expect("tauri.conf.json is JSON");
    let policy = configuration["app"]["security"]["csp"]
        .as_str()
        .expect("tauri.conf.json has a policy");
    [
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_str(policy).expect("the policy is plain text"),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ]
}

/// 256 random bits, in a form that fits into an address and into a cookie.
fn secret() -> io::Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

//! The way to a server over HTTP: exchanges in the binary encoding, compressed where that helps; the rest as JSON.
//!
//! Over TLS, connections are HTTP/2 where the server (or the proxy before it) offers it: there, the headers of one
//! exchange after the other are a few bytes. Without TLS, which is only on this machine, they are HTTP/1.1.

use std::time::Duration;

use futures_util::stream;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use reqwest::{Client, RequestBuilder, Response, Url, redirect};
use romp_domain::policy::{Endpoint, Method};
use romp_domain::wire::{
    DeleteAccountRequest, MAX_ANSWER_BYTES, PairRequest, PairingReply, PairingRequest, RegisterRequest,
    SessionReply, SignInRequest, SyncReply, SyncRequest,
};
use romp_domain::{ErrorCode, Problem};
use romp_sync::codec::{self, decode_reply, encode_request};
use romp_sync::compress::{self, InflateError, Inflater, compressed};
use romp_sync::pokes::PokeReader;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Answer, Pokes, Server, Token, address};

/// A server that has not picked up by then is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// For one request and its answer, on a slow line.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Silence on the stream of pokes after which it is dead: three missed keep-alives of 20 s (`SYNC.md`).
const SILENCE_TIMEOUT: Duration = Duration::from_secs(65);

/// What an event stream says it is.
const EVENT_STREAM: &str = "text/event-stream";

/// A server reached over HTTP.
#[derive(Debug, Clone)]
pub struct HttpServer {
    base: Url,
    client: Client,
}

impl HttpServer {
    /// The server at `address`: `https`, or `http` on this machine.
    pub fn at(address: &str) -> Result<Self, Problem> {
        let base = address::read(address)?;
        // No redirects: a token must not follow one to somewhere else.
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(SILENCE_TIMEOUT);
        if address::is_loopback(&base) {
            builder = builder.no_proxy();
        } else {
            builder = builder.https_only(true);
        }
        let client = builder.build().map_err(|error| {
            tracing::error!(%error, "no HTTP client");
            Problem::new(ErrorCode::Offline)
        })?;
        Ok(Self { base, client })
    }

    fn request(&self, endpoint: Endpoint, token: Option<&Token>) -> RequestBuilder {
        let mut url = self.base.clone();
        url.set_path(&format!(
            "{}{}",
            self.base.path().trim_end_matches('/'),
            endpoint.path()
        ));
        let builder = match endpoint.method() {
            Method::Get => self.client.get(url),
            Method::Post => self.client.post(url),
        };
        match token {
            Some(token) => builder.bearer_auth(token.expose()),
            None => builder,
        }
    }

    fn post<'a, B: Serialize + Sync, T: DeserializeOwned + Send>(
        &'a self,
        endpoint: Endpoint,
        token: Option<&'a Token>,
        body: &'a B,
    ) -> Answer<'a, T> {
        Box::pin(async move { answered(self.request(endpoint, token).json(body)).await })
    }
}

/// Sends a request and reads its answer as JSON.
async fn answered<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Problem> {
    let request = request.timeout(REQUEST_TIMEOUT);
    let response = accept(request.send().await.map_err(offline)?).await?;
    let bytes = read_body(response).await?;
    // An empty body is `()`.
    let text: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
    serde_json::from_slice(text).map_err(|_| Problem::new(ErrorCode::ServerAddress))
}

impl Server for HttpServer {
    fn register<'a>(&'a self, request: &'a RegisterRequest) -> Answer<'a, SessionReply> {
        self.post(Endpoint::Register, None, request)
    }

    fn sign_in<'a>(&'a self, request: &'a SignInRequest) -> Answer<'a, SessionReply> {
        self.post(Endpoint::SignIn, None, request)
    }

    fn pair<'a>(&'a self, request: &'a PairRequest) -> Answer<'a, SessionReply> {
        self.post(Endpoint::Pair, None, request)
    }

    fn pairing_create<'a>(
        &'a self,
        token: &'a Token,
        request: &'a PairingRequest,
    ) -> Answer<'a, PairingReply> {
        self.post(Endpoint::CreatePairing, Some(token), request)
    }

    fn sign_out<'a>(&'a self, token: &'a Token) -> Answer<'a, ()> {
        Box::pin(async move {
            let request = self
                .request(Endpoint::SignOut, Some(token))
                .timeout(REQUEST_TIMEOUT);
            accept(request.send().await.map_err(offline)?).await.map(drop)
        })
    }

    fn delete_account<'a>(&'a self, token: &'a Token, request: &'a DeleteAccountRequest) -> Answer<'a, ()> {
        self.post(Endpoint::DeleteAccount, Some(token), request)
    }

    fn ask<'a>(&'a self, endpoint: Endpoint, token: Option<&'a Token>, body: Value) -> Answer<'a, Value> {
        Box::pin(async move {
            let request = self.request(endpoint, token);
            let request = if body.is_null() {
                request
            } else {
                request.json(&body)
            };
            answered(request).await
        })
    }

    fn sync<'a>(&'a self, token: &'a Token, request: &'a SyncRequest) -> Answer<'a, SyncReply> {
        Box::pin(async move {
            let patience = REQUEST_TIMEOUT + Duration::from_secs(request.wait_s.into());
            let builder = self
                .request(Endpoint::Sync, Some(token))
                .timeout(patience)
                .header(CONTENT_TYPE, codec::CONTENT_TYPE)
                .header(ACCEPT_ENCODING, compress::CONTENT_ENCODING);
            let bytes = encode_request(request);
            let builder = match compressed(&bytes) {
                Some(less) => builder
                    .header(CONTENT_ENCODING, compress::CONTENT_ENCODING)
                    .body(less),
                None => builder.body(bytes),
            };
            let response = accept(builder.send().await.map_err(offline)?).await?;
            if !says(&response, CONTENT_TYPE, codec::CONTENT_TYPE) {
                return Err(ErrorCode::ServerAddress.into());
            }
            let bytes = read_body(response).await?;
            decode_reply(bytes).map_err(|_| ErrorCode::NotUnderstood.into())
        })
    }

    fn events<'a>(&'a self, token: &'a Token) -> Answer<'a, Pokes> {
        Box::pin(async move {
            let request = self
                .request(Endpoint::Events, Some(token))
                .header(ACCEPT, EVENT_STREAM);
            let answer = tokio::time::timeout(REQUEST_TIMEOUT, request.send()).await;
            let sent = answer.map_err(|_| Problem::new(ErrorCode::Offline))?;
            let response = accept(sent.map_err(offline)?).await?;
            if !says(&response, CONTENT_TYPE, EVENT_STREAM) {
                return Err(ErrorCode::ServerAddress.into());
            }
            let state = (response, PokeReader::default());
            let pokes: Pokes = Box::pin(stream::unfold(state, next_poke));
            Ok(pokes)
        })
    }
}

async fn next_poke(
    (mut response, mut reader): (Response, PokeReader),
) -> Option<(Result<u64, Problem>, (Response, PokeReader))> {
    loop {
        if let Some(head) = reader.pop() {
            return Some((Ok(head), (response, reader)));
        }
        match response.chunk().await {
            Ok(Some(bytes)) => reader.take(&bytes),
            Ok(None) | Err(_) => return None,
        }
    }
}

/// Passes a good answer on; turns any other into a problem.
async fn accept(response: Response) -> Result<Response, Problem> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let wait_s = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
    let body = read_body(response).await.unwrap_or_default();
    // Only a body of ours is believed: a proxy's 401 must not end the session.
    let mut problem = match (serde_json::from_slice::<Problem>(&body), status.as_u16()) {
        (Ok(told), _) if told.code != ErrorCode::NotUnderstood => told,
        (_, 429) => ErrorCode::TooMany.into(),
        (_, 413) => ErrorCode::TooLarge.into(),
        (_, 404 | 300..400) => ErrorCode::ServerAddress.into(),
        // A newer server's, most likely.
        (Ok(told), 400..500) => told,
        _ => ErrorCode::Unavailable.into(),
    };
    problem.retry_after_s = problem.retry_after_s.or(wait_s);
    Err(problem)
}

/// Whether a header has this value, whatever parameters follow it.
fn says(response: &Response, name: HeaderName, value: &str) -> bool {
    let said = response.headers().get(name).and_then(|said| said.to_str().ok());
    said.and_then(|said| said.split(';').next())
        .is_some_and(|said| said.trim().eq_ignore_ascii_case(value))
}

async fn read_body(mut response: Response) -> Result<Vec<u8>, Problem> {
    if says(&response, CONTENT_ENCODING, compress::CONTENT_ENCODING) {
        return unpack(response).await;
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(offline)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(Problem::new(ErrorCode::TooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Unpacks a body while it comes.
async fn unpack(mut response: Response) -> Result<Vec<u8>, Problem> {
    let refused = |error| match error {
        InflateError::Malformed => Problem::new(ErrorCode::ServerAddress),
        InflateError::TooLarge => ErrorCode::TooLarge.into(),
    };
    let mut inflater = Inflater::new(MAX_ANSWER_BYTES).map_err(|error| {
        tracing::error!(%error, "no decompressor");
        Problem::new(ErrorCode::Offline)
    })?;
    while let Some(chunk) = response.chunk().await.map_err(offline)? {
        inflater.take(&chunk).map_err(refused)?;
    }
    inflater.finish().map_err(refused)
}

fn offline(error: reqwest::Error) -> Problem {
    // Without the address: it may be a family's own.
    tracing::debug!(error = %error.without_url(), "the server cannot be reached");
    Problem::new(ErrorCode::Offline)
}

//! The way between a device and the real server program: through what cuts streams, and how many bytes it takes.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE};
use romp_app::{App, Config, HttpServer, MemoryVault, Server, Token};
use romp_domain::calls::{PetSave, Pets, Register, SignIn, Status, SyncNow};
use romp_domain::wire::{DeviceInfo, Link, PROTOCOL, RegisterRequest, SyncReply, SyncRequest};
use romp_domain::{DeviceId, Hlc, Pet, Species};
use romp_sync::codec::{self, decode_reply, encode_request};
use romp_tests::server::ServerProcess;

use crate::proxy::Proxy;

/// Far longer than anything here takes; only a fault makes a test last that long.
const PATIENCE: Duration = Duration::from_mins(2);

fn text<T: TryFrom<String, Error: std::fmt::Debug>>(text: &str) -> T {
    text.to_owned().try_into().unwrap()
}

fn pet(name: &str) -> PetSave {
    let mut pet = Pet::new(Species::Dog);
    pet.name = Some(text(name));
    PetSave {
        id: None,
        seen: None,
        pet,
    }
}

/// Lets the app go on until something is true of it.
async fn until(app: &App, what: impl AsyncFn(&App) -> bool) {
    let mut changes = app.changes();
    let all = async {
        while !what(app).await {
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(PATIENCE, all).await.expect("it comes true");
}

fn app(folder: &tempfile::TempDir) -> Arc<App> {
    App::open(Config::new(
        folder.path().into(),
        Box::new(MemoryVault::default()),
    ))
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_that_cuts_streams_changes_arrive_all_the_same() {
    let server = ServerProcess::start();
    let proxy = Proxy::cutting_streams(server.url()).await;
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (one, other) = (app(&folders[0]), app(&folders[1]));
    one.call(Register {
        server: server.url().to_owned(),
        invitation: Some(server.invite()),
        email: text("ann@romp.example"),
        password: text("correct horse"),
        name: text("Ann"),
        device: text("desk"),
    })
    .await
    .unwrap();
    one.call(SyncNow {}).await.unwrap();
    other
        .call(SignIn {
            server: proxy.url(),
            email: text("ann@romp.example"),
            password: text("correct horse"),
            device: text("tablet"),
        })
        .await
        .unwrap();
    let running = tokio::spawn(other.clone().run_background());
    // After the third it does not exchange any more without having been told that there is something.
    let cut = async {
        while proxy.streams() < 3 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, cut)
        .await
        .expect("streams are tried");
    for names in 1..4 {
        one.call(pet("Rex")).await.unwrap();
        one.call(SyncNow {}).await.unwrap();
        until(&other, async |app| {
            app.call(Pets {}).await.unwrap().len() == names
        })
        .await;
    }
    other.call(pet("Max")).await.unwrap();
    until(&other, async |app| {
        app.call(Status {}).await.unwrap().pending == 0
    })
    .await;
    one.call(SyncNow {}).await.unwrap();
    assert_eq!(one.call(Pets {}).await.unwrap().len(), 4);
    assert_eq!(proxy.streams(), 3, "not tried again so soon");
    running.abort();
}

/// A device that has everything: its token and its next request.
async fn settled(server: &ServerProcess) -> (Token, SyncRequest) {
    let direct = HttpServer::at(server.url()).unwrap();
    let device = DeviceId(uuid::Uuid::from_u128(0x0192_3456_789a_7bcd_8ef0_1234_5678_9abc));
    let registration = RegisterRequest {
        invitation: Some(server.invite()),
        email: text("ann@romp.example"),
        password: text("correct horse"),
        name: text("Ann"),
        device: DeviceInfo {
            id: device,
            name: text("desk"),
        },
        household: None,
    };
    let token = Token::new(direct.register(&registration).await.unwrap().token);
    let first = SyncRequest {
        protocol: PROTOCOL,
        device: Some(device),
        clock: Hlc::at_ms(1_795_348_800_000),
        ..SyncRequest::default()
    };
    let reply = direct.sync(&token, &first).await.unwrap();
    let request = SyncRequest {
        epoch: Some(reply.epoch),
        scope: Some(reply.scope),
        cursor: reply.cursor,
        link: Some(Link {
            mid: reply.ack_mid,
            chain: reply.ack_chain,
        }),
        ..first
    };
    (token, request)
}

/// The bytes of an exchange, headers and all: the fewest of many on one connection. The date, which every reply has, is
/// told anew each second; HTTP/2 has told everything else but the token before.
async fn bytes_of_one(proxy: &Proxy, exchange: impl AsyncFn() -> SyncReply) -> u64 {
    let mut fewest = u64::MAX;
    for _ in 0..50 {
        let before = proxy.bytes();
        assert!(exchange().await.rows.is_empty());
        fewest = fewest.min(proxy.bytes() - before);
    }
    fewest
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "a measurement is to be seen")]
async fn an_exchange_with_nothing_to_say_takes_some_200_bytes_over_http_2() {
    let server = ServerProcess::start();
    let (token, request) = settled(&server).await;
    let proxy = Proxy::before(server.url()).await;

    let http_1 = HttpServer::at(&proxy.url()).unwrap();
    let http_1 = bytes_of_one(&proxy, async || http_1.sync(&token, &request).await.unwrap()).await;

    // As the app does over TLS, without it: only so can the bytes be counted.
    let client = reqwest::Client::builder()
        .http2_prior_knowledge()
        .no_proxy()
        .build()
        .unwrap();
    let http_2 = bytes_of_one(&proxy, async || {
        let sent = client
            .post(format!("{}/v1/sync", proxy.url()))
            .bearer_auth(token.expose())
            .header(CONTENT_TYPE, codec::CONTENT_TYPE)
            .header(ACCEPT_ENCODING, "zstd")
            .body(encode_request(&request))
            .send();
        decode_reply(sent.await.unwrap().bytes().await.unwrap()).unwrap()
    })
    .await;
    println!("an exchange with nothing to say: {http_1} bytes over HTTP/1.1, {http_2} over HTTP/2");
    // The token is as long as its digits are easy to compress.
    assert!(http_2 < 210, "{http_2}");
    assert!(http_1 < 500, "{http_1}");
}

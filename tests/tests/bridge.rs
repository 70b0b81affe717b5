//! The development bridge lets in the browser that was given its address, and nothing else.

use std::fs;
use std::net::SocketAddr;

use romp_app::{App, Config, MemoryVault};
use romp_tests::bridge::Bridge;
use romp_tests::http::{self, Reply};
use tempfile::TempDir;

/// A served bridge over an empty device.
struct Served {
    address: SocketAddr,
    opening: String,
    _run_time: tokio::runtime::Runtime,
    _folder: TempDir,
}

fn served() -> Served {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let ui = folder.path().join("ui");
    fs::create_dir_all(&ui).expect("a folder can be made");
    fs::write(ui.join("index.html"), "the page").expect("a page can be written");
    let run_time = tokio::runtime::Runtime::new().expect("a run time can be made");
    let url = run_time.block_on(async {
        let config = Config::new(folder.path().join("device"), Box::new(MemoryVault::default()));
        let app = App::open(config).expect("an empty folder can be opened");
        let bridge = Bridge::bind(app, ui)
            .await
            .expect("the loopback address can be bound");
        let url = bridge.url();
        tokio::spawn(bridge.serve());
        url
    });
    let (address, opening) = url
        .trim_start_matches("http://")
        .split_once('/')
        .expect("an address has a path");
    Served {
        address: address.parse().expect("an address and a port"),
        opening: format!("/{opening}"),
        _run_time: run_time,
        _folder: folder,
    }
}

impl Served {
    fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send(&format!("GET {path}"), headers, "")
    }

    fn send(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let host = self.address.to_string();
        let mut all = headers.to_vec();
        if !headers.iter().any(|(name, _)| *name == "Host") {
            all.push(("Host", &host));
        }
        http::request(self.address, line, &all, body).expect("the bridge answers")
    }

    /// The cookie that the token is exchanged for.
    fn cookie(&self) -> String {
        let reply = self.get(&self.opening, &[]);
        assert_eq!((reply.status, reply.header("location")), (303, Some("/")));
        let cookie = reply.header("set-cookie").expect("a cookie");
        assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
        cookie.split(';').next().unwrap_or_default().to_owned()
    }
}

const STATUS: &str = r#"{"call": "status", "with": {}}"#;

#[test]
fn the_token_opens_once_and_its_cookie_from_then_on() {
    let bridge = served();
    let cookie = bridge.cookie();
    assert_eq!(bridge.get(&bridge.opening, &[]).status, 403, "the token was used");

    let page = bridge.get("/", &[("Cookie", &cookie)]);
    assert_eq!((page.status, page.body.as_str()), (200, "the page"));
    let policy = page
        .header("content-security-policy")
        .expect("the window's policy");
    assert!(policy.contains("default-src 'self'"), "{policy}");

    let status = bridge.send("POST /call", &[("Cookie", &cookie)], STATUS);
    assert_eq!(status.status, 200, "{}", status.body);
    assert!(
        status.body.contains(r#""connection":"not_joined""#),
        "{}",
        status.body
    );
}

#[test]
fn everything_else_is_refused() {
    let bridge = served();
    let cookie = bridge.cookie();
    let port = bridge.address.port();
    let localhost = format!("localhost:{port}");
    let other_port = format!("127.0.0.1:{}", port.wrapping_add(1));
    let own = format!("http://{}", bridge.address);
    let from_localhost = format!("http://{localhost}");
    let c = ("Cookie", cookie.as_str());

    for (what, headers, expected) in [
        ("no cookie", vec![], 403),
        ("a wrong cookie", vec![("Cookie", "romp-bridge=1")], 403),
        (
            "a foreign name for this machine",
            vec![c, ("Host", "pets.example")],
            403,
        ),
        ("another port", vec![c, ("Host", other_port.as_str())], 403),
        ("another origin", vec![c, ("Origin", "https://pets.example")], 403),
        ("an origin without a name", vec![c, ("Origin", "null")], 403),
        (
            "this machine, but another origin than the host",
            vec![c, ("Origin", from_localhost.as_str())],
            403,
        ),
        ("its own origin", vec![c, ("Origin", own.as_str())], 200),
        (
            "the machine's other name",
            vec![c, ("Host", localhost.as_str())],
            200,
        ),
    ] {
        assert_eq!(
            bridge.send("POST /call", &headers, STATUS).status,
            expected,
            "{what}"
        );
    }
    for path in [
        "/",
        "/index.html",
        "/events",
        "/?token=",
        "/?token=0",
        "/romp_ui_bg.wasm?token=0",
    ] {
        assert_eq!(bridge.get(path, &[]).status, 403, "{path}");
    }
}

#[test]
fn a_problem_comes_with_its_own_status() {
    let bridge = served();
    let cookie = bridge.cookie();
    let c = [("Cookie", cookie.as_str())];
    let garbage = bridge.send("POST /call", &c, "{");
    assert_eq!(garbage.status, 400);
    assert!(
        garbage.body.contains(r#""code":"bad_request""#),
        "{}",
        garbage.body
    );
    let offline = bridge.send(
        "POST /call",
        &c,
        r#"{"call": "pairing_create", "with": {"role": "child"}}"#,
    );
    assert_eq!(offline.status, 409, "{}", offline.body);
    assert!(
        offline.body.contains(r#""code":"not_joined""#),
        "{}",
        offline.body
    );
}

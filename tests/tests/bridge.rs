//! The development bridge lets in the browser that was given its address, and nothing else.

use std::fs;
use std::net::SocketAddr;

use romp_app::{App, Config, MemoryVault};
use romp_tests::bridge::Bridge;
use romp_tests::drive::{Browser, Page, View, wait_for};
use romp_tests::http::{self, Reply};
use romp_tests::tools;
use tempfile::TempDir;

/// A served bridge over an empty device.
struct Served {
    address: SocketAddr,
    opening: String,
    url: String,
    _run_time: tokio::runtime::Runtime,
    _folder: TempDir,
}

fn served() -> Served {
    serving(&[("index.html", "the page")])
}

/// The same, with a user interface of these files.
fn serving(files: &[(&str, &str)]) -> Served {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let ui = folder.path().join("ui");
    fs::create_dir_all(&ui).expect("a folder can be made");
    for (name, text) in files {
        fs::write(ui.join(name), text).expect("a page can be written");
    }
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
        url: url.clone(),
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
fn row_75_every_page_of_the_bridge_comes_with_the_windows_policy() {
    let bridge = served();
    let cookie = bridge.cookie();
    let configuration = fs::read_to_string(tools::root().join("tauri.conf.json")).expect("a configuration");
    for path in ["/", "/index.html", "/nowhere/at/all", "/call"] {
        let page = bridge.get(path, &[("Cookie", &cookie)]);
        let policy = page.header("content-security-policy").expect(path);
        assert!(configuration.contains(policy), "{path}: {policy}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
}

#[test]
fn row_75_a_script_that_somebody_planted_in_the_page_does_not_run() {
    if !tools::available("the planted script", &["chromium", "sh"], &[]) {
        return;
    }
    let page = r#"<!doctype html><base href="https://evil.example/"><body onload="window.planted = 'onload'">
        <script>window.planted = "inline"</script>
        <img src="x" onerror="window.planted = 'onerror'">
        <iframe srcdoc="<script>parent.planted = 'frame'</script>"></iframe>
        <object data="data:text/html,<script>parent.planted = 'object'</script>"></object>
        <a id="link" href="javascript:void(window.planted = 'link')">Rex</a>
        <p id="styled" style="color: rgb(1, 2, 3)"></p>
        <script src="/own.js"></script>"#;
    let own = r#"
        try { window.evaluated = eval("1"); } catch { window.evaluated = "refused"; }
        try { window.made = new Function("return 1")(); } catch { window.made = "refused"; }
        try { new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])); window.compiled = true; }
        catch { window.compiled = false; }
        document.getElementById("link").click();
        fetch("https://evil.example/").catch(() => {}).then(() => window.own = true);"#;
    let bridge = serving(&[("index.html", page), ("own.js", own)]);
    let mut browser = Browser::open(&bridge.url, View::TABLET);
    wait_for("the page's own script", || {
        (browser.evaluate("window.own === true") == true).then_some(())
    });
    let found = browser.evaluate(
        "({planted: window.planted ?? null, evaluated: window.evaluated, made: window.made, \
          compiled: window.compiled, frames: window.frames.length, \
          styled: getComputedStyle(document.getElementById('styled')).color, base: document.baseURI.includes('evil')})",
    );
    assert_eq!(
        found,
        serde_json::json!({
            "planted": null, "evaluated": "refused", "made": "refused", "compiled": true, "frames": found["frames"],
            "styled": found["styled"], "base": false,
        })
    );
    assert_ne!(found["styled"], "rgb(1, 2, 3)", "styles are no way in either");
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
        r#"{"call": "pairing_create", "with": {"role": "child", "password": "romp-demo-password"}}"#,
    );
    assert_eq!(offline.status, 409, "{}", offline.body);
    assert!(
        offline.body.contains(r#""code":"not_joined""#),
        "{}",
        offline.body
    );
}

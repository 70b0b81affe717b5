//! The real window under a display that exists in memory only: first start, a swipe, undo, a restart.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Read as _;
use std::path::Path;

use romp_tests::drive::deck::{decide, top, wait_for_top};
use romp_tests::drive::{Page, Window, WindowOptions, wait_for};
use tempfile::TempDir;

fn window_on(data: &Path) -> Window {
    Window::open(data, &WindowOptions::default())
}

#[test]
fn a_first_start_without_network_leads_to_a_deck_whose_verdicts_survive_a_restart() {
    if !Window::available("the window's first start") {
        return;
    }
    let data = TempDir::new().expect("a temporary folder can be made");
    let mut window = window_on(data.path());
    window.press("welcome-start");
    window.go("nav-pets");
    window.press("pet-add");
    window.press("pet-name");
    window.type_text("Zoë O’Malley");
    window.press("pet-save");
    window.wait("pet-item");
    window.go("nav-deck");

    let first = top(&mut window);
    decide(&mut window, |window| window.press("deck-yes"));
    let second = top(&mut window);
    decide(&mut window, |window| window.press_key("ArrowLeft"));
    let third = top(&mut window);
    assert!(
        third != first && third != second,
        "a card that was decided does not come back by itself"
    );
    window.press("deck-undo");
    wait_for_top(&mut window, &second);
    let count = window.text("deck-count");
    window.close();

    let mut window = window_on(data.path());
    window.go("nav-deck");
    assert_eq!(
        top(&mut window),
        second,
        "the first card stays decided after a restart"
    );
    assert_eq!(window.text("deck-count"), count);
    window.press("deck-undo");
    wait_for_top(&mut window, &first);
    window.close();
}

#[test]
fn row_79_the_page_cannot_go_elsewhere_and_take_along_what_it_read() {
    if !Window::available("the window whose page goes elsewhere") {
        return;
    }
    let elsewhere = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    elsewhere.set_nonblocking(true).expect("it can be asked");
    let address = elsewhere.local_addr().expect("it has an address");
    let data = TempDir::new().expect("a temporary folder can be made");
    let mut window = window_on(data.path());
    window.wait("welcome-start");
    let before = window.evaluate("location.href");
    for way in [
        format!("location.href = 'http://{address}/?secret'"),
        format!("window.open('http://{address}/?secret')"),
        format!(
            "(() => {{ const a = document.createElement('a'); a.href = 'http://{address}/?secret'; document.body.append(a); a.click(); }})()"
        ),
    ] {
        window.evaluate(&format!("(() => {{ {way}; return null; }})()"));
        std::thread::sleep(std::time::Duration::from_millis(700));
        // The system may open a connection when a link is pressed; what matters is that nothing is said on it.
        let mut said = Vec::new();
        while let Ok((mut line, _)) = elsewhere.accept() {
            let wait = std::time::Duration::from_millis(500);
            line.set_read_timeout(Some(wait)).expect("it can be waited for");
            let mut some = [0; 1_000];
            let read = line.read(&mut some).unwrap_or(0);
            said.extend_from_slice(&some[..read]);
        }
        let said = String::from_utf8_lossy(&said).into_owned();
        assert_eq!(said, "", "it was asked: {way}");
        assert_eq!(window.evaluate("location.href"), before, "{way}");
    }
    window.wait("welcome-start");
    window.close();
}

#[test]
fn data_that_cannot_be_read_are_left_alone_and_the_window_says_so() {
    if !Window::available("the window on broken data") {
        return;
    }
    let data = TempDir::new().expect("a temporary folder can be made");
    let mut window = window_on(data.path());
    window.wait("welcome-start");
    window.close();
    let broken = databases(data.path());
    assert!(!broken.is_empty(), "the app keeps a database in its folder");
    for file in &broken {
        fs::write(file, "not a database").expect("the file can be overwritten");
    }

    let mut window = window_on(data.path());
    let sentence = "The file with Romp's data cannot be read.";
    wait_for("the sentence", || {
        let text = window.evaluate("document.body.innerText");
        text.as_str()
            .is_some_and(|text| text.contains(sentence))
            .then_some(())
    });
    window.close();
    for file in &broken {
        assert_eq!(
            fs::read(file).ok().as_deref(),
            Some(b"not a database".as_slice()),
            "nothing was written"
        );
    }
}

/// The database files in a data folder, without SQLite's files beside them.
fn databases(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries
        .map(|entry| entry.path())
        .filter(|path| fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0")))
        .collect()
}

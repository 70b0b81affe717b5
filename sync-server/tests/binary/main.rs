//! The program as an operator runs it: started, asked, stopped; and what it says while it does.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod crowd;
mod guesses;
mod https;
mod program;
mod quiet;
mod raw;
mod shared;
mod stopping;
mod tls;

use std::fs;
use std::io::{BufRead, Read};
use std::process::Output;

use program::{Place, Running, inhabited, ran, registered};
use serde_json::json;

#[test]
fn a_server_starts_lets_a_family_in_and_stops_without_having_told_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    starts_and_stops(&Place::file(folder.path()));
}

fn starts_and_stops(place: &Place) {
    let mut server = Running::start(place);
    let url = format!("http://{}", server.address);
    assert!(
        ran(place.program().args(["healthcheck", "--url", &url]))
            .status
            .success()
    );

    let invited = place.invite();
    let invitation = String::from_utf8(invited.stdout).unwrap();
    assert_eq!(
        invitation.trim().len(),
        19,
        "the code alone is on standard output"
    );
    let password = "planted pass phrase";
    let owner = registered(&server, &invitation, password);
    let token = owner["token"].as_str().unwrap();
    let pairing = server.post(
        "/v1/pairings",
        token,
        &json!({"role": "owner", "password": password}),
    );

    let mut events = server.send("GET", "/v1/events", token, "");
    let mut line = String::new();
    while !line.starts_with("data: ") {
        line.clear();
        assert!(
            events.read_line(&mut line).unwrap() > 0,
            "the stream ended before its first event"
        );
    }
    assert!(server.terminate(), "it stops although somebody is listening");
    assert!(
        events.read_to_string(&mut line).is_ok(),
        "the stream ended in order"
    );
    assert!(
        !ran(place.program().args(["healthcheck", "--url", &url]))
            .status
            .success()
    );

    let log = fs::read_to_string(&place.log).unwrap() + &String::from_utf8(invited.stderr).unwrap();
    assert!(log.contains("registered") && log.contains("stopping"), "{log}");
    let code = pairing["code"].as_str().unwrap();
    for secret in [
        token,
        password,
        invitation.trim(),
        code,
        "planted@example.org",
        "Planted",
    ] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}

#[test]
fn a_file_that_is_no_database_is_named_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("romp.db"), "my diary").unwrap();
    let refused = ran(Place::file(folder.path())
        .program()
        .args(["serve", "--listen", "127.0.0.1:0"]));
    assert!(!refused.status.success() && refused.stdout.is_empty());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("is not a database. It was left as it is."),
        "{said}"
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("romp.db")).unwrap(),
        "my diary"
    );
}

#[test]
fn a_copy_is_made_while_the_server_runs_and_put_back_when_it_has_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::file(folder.path());
    let (mut server, _) = inhabited(&place, "planted pass phrase");
    let copy = folder.path().join("copy.db");
    let backup = || ran(place.program().arg("backup").arg("--to").arg(&copy));
    let restore = || ran(place.program().arg("restore").arg("--from").arg(&copy));
    let said = |output: Output| String::from_utf8(output.stderr).unwrap();
    assert!(backup().status.success());
    assert!(said(backup()).contains("is there already"));
    assert!(said(restore()).contains("is in use. Please stop the server first."));

    assert!(server.terminate());
    assert!(restore().status.success());
    assert!(folder.path().join("romp.db.before-restore-1").exists());
    assert!(ran(place.program().arg("new-epoch")).status.success());
    let server = Running::start(&place);
    let again = json!({
        "email": "planted@example.org", "password": "planted pass phrase",
        "device": {"id": "00000000-0000-0000-0000-000000000001", "name": "Tablet"}
    });
    assert!(server.post("/v1/sign-in", "", &again)["token"].is_string());
}

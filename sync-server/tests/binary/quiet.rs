//! The log at its most talkative, while somebody does everything that there is to do about an account.

use std::fs;
use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};

use super::program::{Place, Running, posted, registered};

/// The code in the mail to the owner that says this.
fn mailed(folder: &Path, saying: &str) -> String {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mails: Vec<String> = files.map(|file| fs::read_to_string(file).unwrap()).collect();
    let mail = mails
        .iter()
        .find(|mail| mail.contains(saying) && mail.contains(ADDRESS))
        .unwrap();
    let code = mail.lines().find_map(|line| line.strip_prefix("    "));
    code.unwrap().trim().to_owned()
}

const PASSWORD: &str = "planted pass phrase";

/// The owner's address, in the end.
const ADDRESS: &str = "planted.other@example.org";

fn device(n: u32) -> Value {
    json!({"id": format!("00000000-0000-0000-0000-00000000{n:04}"), "name": "Plantedtablet"})
}

/// The family's own rows, those that are refused, and those that nobody can read.
fn exchanges(server: &Running, token: &str) {
    let clock = u64::from(u32::MAX) << 16;
    let given = json!({"notice": 1, "given_at": 1});
    let change = |mid: u32, kind: &str, id: &str, fields: Value| json!({"mid": mid, "hlc": clock, "kind": kind, "id": id, "op": "patch", "fields": fields});
    let nil = "00000000-0000-0000-0000-000000000000";
    let (pet, slot) = (nil.replace("0-0", "7-0"), nil.replace("0-0", "8-0"));
    let settings = json!({"zone": "Europe/Zurich", "travel_km": 7, "venues": ["walk"], "place": "Plantedplace",
        "name": "Plantedfamily", "area": {"lat_c": 4711, "lon_c": -12233}, "child_consent": given, "share_consent": given});
    let pets =
        json!({"species": "dog", "name": "Plantedpet", "owner_notes": "Plantednote", "needs": "Plantedneed"});
    let exchange = json!({"protocol": 2, "cursor": 0, "clock": clock, "mutations": [
        change(1, "household", nil, settings),
        change(2, "pet", &pet, pets),
        change(3, "child", &slot, json!({"nickname": "Plantedchild", "avatar": "fox", "age_band": "7-9"})),
        change(4, "child", &slot, json!({"nickname": "Plantedchild that is too long", "plantedfield": "plantedvalue"})),
        change(5, "plantedkind", &slot, json!({})),
    ]});
    let reply = server.post("/v1/sync", token, &exchange);
    let outcomes: Vec<_> = reply["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["outcome"])
        .collect();
    assert_eq!(
        outcomes,
        ["applied", "applied", "applied", "rejected", "rejected"],
        "{reply}"
    );
}

/// Everything that can be typed wrongly.
fn is_refused(server: &Running, token: &str) {
    let refused = |path: &str, token: &str, body: Value| {
        assert!(posted(&server.address, path, token, &body).is_err(), "{path}");
    };
    let wrong = "plantedwrong";
    let sign_in = |email: &str| json!({"email": email, "password": wrong, "device": device(53)});
    refused("/v1/sign-in", "", sign_in(ADDRESS));
    refused("/v1/sign-in", "", sign_in("planted.nobody@example.org"));
    refused(
        "/v1/sign-in",
        "",
        json!({"email": "planted", "plantedfield": wrong}),
    );
    refused("/v1/pair", "", json!({"code": wrong, "device": device(54)}));
    refused("/v1/account/verify", token, json!({"code": wrong}));
    refused("/v1/account/delete", token, json!({"password": wrong}));
    refused(
        "/v1/account/password",
        token,
        json!({"current": wrong, "password": PASSWORD}),
    );
    refused(
        "/v1/me/address",
        token,
        json!({"email": "planted@", "password": PASSWORD}),
    );
    refused(
        "/v1/me/address",
        token,
        json!({"email": "planted.third@example.org", "password": wrong}),
    );
    refused(
        "/v1/reset-password",
        "",
        json!({"email": ADDRESS, "code": wrong, "password": "planted new words"}),
    );
    refused("/v1/sync", wrong, json!({}));
}

#[test]
fn row_41_whatever_is_done_about_an_account_the_log_tells_nothing_of_anybody() {
    let folder = tempfile::tempdir().unwrap();
    let (place, mail) = (Place::file(folder.path()), folder.path().join("mail"));
    let way = format!("file:{}", mail.display());
    let options = ["--mail", &*way, "--mail-from", "Romp <romp@example.org>"];
    let mut server = Running::start_with(&place, &options);
    let mut secrets = Vec::new();
    let mut keep = |secret: &Value| {
        let secret = secret.as_str().unwrap().to_owned();
        secrets.push(secret.clone());
        secret
    };

    let invitation = String::from_utf8(place.invite().stdout).unwrap();
    let password = PASSWORD;
    let owner = registered(&server, &invitation, password);
    keep(&Value::from(invitation.trim()));
    let token = keep(&owner["token"]);
    for id in ["session", "household"] {
        keep(&owner[id]);
    }
    let address = json!({"email": ADDRESS, "password": password});
    server.post("/v1/me/address", &token, &address);
    server.post("/v1/me/rename", &token, &json!({"name": "Plantedname"}));
    exchanges(&server, &token);

    // A child's tablet, another owner, and the same one on another device: rightly and wrongly.
    let asked = json!({"role": "child", "password": password});
    let code = keep(&server.post("/v1/pairings", &token, &asked)["code"]);
    let tablet = server.post("/v1/pair", "", &json!({"code": code, "device": device(50)}));
    keep(&tablet["token"]);
    let again = json!({"email": ADDRESS, "password": password, "device": device(51)});
    let again = server.post("/v1/sign-in", "", &again);
    keep(&again["token"]);
    let code = keep(&server.post("/v1/owners/invite", &token, &json!({"email": null}))["code"]);
    let joining = json!({"code": code, "email": "planted.second@example.org", "password": password,
        "name": "Plantedsecond", "device": device(52)});
    let second = server.post("/v1/owners/join", "", &joining);
    keep(&second["token"]);
    is_refused(&server, &token);
    // Of a sign of life only the most talkative log says anything.
    let mut alive = String::new();
    let mut reply = server.send("GET", "/health/live", "", "");
    reply.read_to_string(&mut alive).unwrap();
    // Every mail is out before it has stopped.
    assert!(server.terminate());
    let mut log = fs::read_to_string(&place.log).unwrap();

    let mut server = Running::start_with(&place, &options);
    let code = keep(&mailed(&mail, "the address is yours").into());
    server.post("/v1/account/verify", &token, &json!({ "code": code }));
    server.post("/v1/forgot-password", "", &json!({ "email": ADDRESS }));
    assert!(server.terminate());
    log += &fs::read_to_string(&place.log).unwrap();

    let mut server = Running::start_with(&place, &options);
    let code = keep(&mailed(&mail, "choose a new password").into());
    let reset = json!({"email": ADDRESS, "code": code, "password": "planted other phrase"});
    server.post("/v1/reset-password", "", &reset);
    let back = json!({"email": ADDRESS, "password": "planted other phrase", "device": device(51)});
    let token = keep(&server.post("/v1/sign-in", "", &back)["token"]);
    let change = json!({"current": "planted other phrase", "password": "planted last phrase"});
    let token = keep(&server.post("/v1/account/password", &token, &change)["token"]);
    server.post(
        "/v1/account/delete",
        &token,
        &json!({"password": "planted last phrase"}),
    );
    assert!(server.terminate());
    log += &fs::read_to_string(&place.log).unwrap();

    for said in [
        "DEBUG",
        "answered",
        "registered",
        "signed in",
        "paired",
        "password changed",
        "account deleted",
    ] {
        assert!(log.contains(said), "{said} is not in it: {log}");
    }
    let small = log.to_lowercase();
    for personal in [
        "planted",
        "@example.org",
        "lat_c",
        "-12233",
        "zurich",
        "127.0.0.1",
    ] {
        assert!(!small.contains(personal), "{personal} is in the log: {log}");
    }
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} is in the log");
    }
}

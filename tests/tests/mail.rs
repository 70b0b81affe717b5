//! Mail through a real mail server: encrypted before anything is told, with the password, and later where not now.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use romp_tests::drive::wait_for;
use romp_tests::http::{self, Reply};
use romp_tests::mail::{Door, MailServer, PASSWORD, USER};
use romp_tests::server::ServerProcess;
use serde_json::{Value, json};
use tempfile::TempDir;

const SENDER: &str = "Römp für Familien <romp@example.org>";
const ADDRESS: &str = "ann@example.org";

/// A folder with a certificate for 127.0.0.1 and its key.
fn certificate() -> TempDir {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).expect("a certificate is made");
    let folder = TempDir::new().expect("a temporary folder can be made");
    for (name, text) in [
        ("certificate.pem", made.cert.pem()),
        ("key.pem", made.signing_key.serialize_pem()),
    ] {
        fs::write(folder.path().join(name), text).expect("it can be written");
    }
    folder
}

/// A server of ours that sends through a mail server on this machine, and trusts the certificate.
fn romp(way: &str, certificate: &Path) -> ServerProcess {
    let trusted = certificate.join("certificate.pem");
    ServerProcess::start_with(&[
        ("ROMP_MAIL", way),
        ("ROMP_MAIL_FROM", SENDER),
        ("ROMP_OPEN_REGISTRATION", "true"),
        ("SSL_CERT_FILE", &trusted.to_string_lossy()),
    ])
}

fn encrypted(port: u16) -> String {
    format!("smtp://{USER}:{PASSWORD}@127.0.0.1:{port}?tls=required")
}

fn post(server: &ServerProcess, path: &str, token: &str, body: &Value) -> Reply {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("Host", "romp"), ("Content-Type", "application/json")];
    if !token.is_empty() {
        headers.push(("Authorization", &bearer));
    }
    let reply = http::request(
        server.address(),
        &format!("POST {path}"),
        &headers,
        &body.to_string(),
    );
    reply.expect("the server answers")
}

/// Registers, which has a code mailed; returns the session's token. The answer does not wait for the mail.
fn register(server: &ServerProcess) -> String {
    let body = json!({
        "invitation": null, "email": ADDRESS, "password": "velvet anchor cinnamon orbit", "name": "Ann",
        "device": {"id": "00000000-0000-0000-0000-000000000007", "name": "Desk"}
    });
    let reply = post(server, "/v1/register", "", &body);
    assert_eq!(reply.status, 200, "{}", reply.body);
    let reply: Value = serde_json::from_str(&reply.body).expect("a session is JSON");
    reply["token"].as_str().expect("with a token").to_owned()
}

/// The mail that arrives as the `n`th.
fn mail(at: &MailServer, n: usize) -> Value {
    wait_for("a mail", || at.events("mail").into_iter().nth(n))
}

/// The header lines and the text of a mail.
fn parts(mail: &Value) -> (String, String) {
    let content = mail["content"].as_str().expect("a mail has content");
    let (head, text) = content.split_once("\r\n\r\n").expect("with a head");
    (head.to_owned(), text.to_owned())
}

#[test]
fn a_mail_goes_out_encrypted_and_signed_in_and_says_who_sends_it() {
    if !MailServer::available("mail") {
        return;
    }
    let certificate = certificate();
    let door = Door::Locked {
        password: PASSWORD,
        certificate: certificate.path(),
    };
    let post_office = MailServer::start(0, door);
    let server = romp(&encrypted(post_office.port()), certificate.path());
    let token = register(&server);
    let first = mail(&post_office, 0);
    assert_eq!(
        (&first["tls"], &first["signed_in"], &first["sender"], &first["to"]),
        (
            &json!(true),
            &json!(true),
            &json!("romp@example.org"),
            &json!([ADDRESS])
        )
    );
    let (head, text) = parts(&first);
    for line in [
        // RFC 2047: what is not ASCII is written so.
        "From: =?utf-8?b?UsO2bXAgZsO8ciBGYW1pbGllbg==?= <romp@example.org>",
        "To: ann@example.org",
        "Subject: Your Romp code",
        "Content-Type: text/plain; charset=utf-8",
        "MIME-Version: 1.0",
    ] {
        assert!(head.lines().any(|one| one == line), "{line} in {head}");
    }
    for name in ["Date: ", "Message-ID: <"] {
        assert!(head.lines().any(|one| one.starts_with(name)), "{name} in {head}");
    }
    assert!(text.contains("Type it into Romp within 30 minutes."), "{text}");
    let code = text
        .lines()
        .find(|line| line.starts_with("    "))
        .expect("a code");
    let verified = post(
        &server,
        "/v1/account/verify",
        &token,
        &json!({"code": code.trim()}),
    );
    assert_eq!(verified.status, 200, "{}", verified.body);

    let change =
        json!({"current": "velvet anchor cinnamon orbit", "password": "copper lantern meadow tulip"});
    assert_eq!(post(&server, "/v1/account/password", &token, &change).status, 200);
    let (_, text) = parts(&mail(&post_office, 1));
    let soft_breaks = text.replace("=\r\n", "");
    assert!(
        soft_breaks.contains("choose “I forgot my password”")
            || soft_breaks.contains("choose =E2=80=9CI forgot my password=E2=80=9D"),
        "{text}"
    );
    let secrets = [PASSWORD, code.trim(), ADDRESS];
    assert!(
        secrets.iter().all(|secret| !server.log().contains(secret)),
        "the log tells no secret"
    );
}

#[test]
fn what_nobody_takes_now_is_sent_when_somebody_does_and_whoever_asked_hears_nothing_of_it() {
    if !MailServer::available("mail that waits") {
        return;
    }
    let certificate = certificate();
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port is free")
        .port();
    let server = romp(&encrypted(port), certificate.path());
    let tries = || server.log().matches("was not taken by the mail server").count();
    register(&server);
    wait_for("a try while nobody is there", || (tries() > 0).then_some(()));

    let door = |password| Door::Locked {
        password,
        certificate: certificate.path(),
    };
    let other = MailServer::start(port, door("another"));
    wait_for("a try with a password that is wrong", || {
        (!other.events("sign_in").is_empty()).then_some(())
    });
    assert!(
        other
            .events("sign_in")
            .iter()
            .all(|try_| try_["tls"] == true && try_["right"] == false)
    );
    assert!(other.events("mail").is_empty());
    drop(other);

    let post_office = MailServer::start(port, door(PASSWORD));
    let sent = mail(&post_office, 0);
    assert_eq!(sent["to"], json!([ADDRESS]));
    assert!(
        parts(&sent)
            .1
            .contains("This code shows that the address is yours")
    );
}

#[test]
fn without_encryption_nothing_is_told_unless_that_was_chosen_for_this_machine() {
    if !MailServer::available("mail in the clear") {
        return;
    }
    let certificate = certificate();
    let post_office = MailServer::start(0, Door::Open);
    let server = romp(&encrypted(post_office.port()), certificate.path());
    register(&server);
    wait_for("the try", || {
        server
            .log()
            .contains("was not taken by the mail server")
            .then_some(())
    });
    assert!(!post_office.events("hello").is_empty());
    assert!(post_office.events("sign_in").is_empty() && post_office.events("mail").is_empty());
    drop(server);

    let way = format!("smtp://127.0.0.1:{}", post_office.port());
    let server = romp(&way, certificate.path());
    register(&server);
    assert_eq!(mail(&post_office, 0)["tls"], false);
}

#[test]
fn a_mail_server_whose_certificate_nobody_vouches_for_is_told_nothing() {
    if !MailServer::available("mail to a stranger") {
        return;
    }
    let (theirs, trusted) = (certificate(), certificate());
    let door = Door::Locked {
        password: PASSWORD,
        certificate: theirs.path(),
    };
    let post_office = MailServer::start(0, door);
    let server = romp(&encrypted(post_office.port()), trusted.path());
    register(&server);
    wait_for("the try", || {
        server
            .log()
            .contains("was not taken by the mail server")
            .then_some(())
    });
    assert!(post_office.events("sign_in").is_empty() && post_office.events("mail").is_empty());
}

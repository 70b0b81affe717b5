//! TLS in process.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::program::{Place, Running};

const LIVE: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// Writes a new certificate for this machine, with its key.
fn certify(folder: &std::path::Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    made.cert.der().clone()
}

/// Asks over TLS, trusting one certificate only.
fn asked(address: &str, trusted: &CertificateDer<'static>) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(address)?);
    stream.write_all(LIVE)?;
    let mut reply = String::new();
    match stream.read_to_string(&mut reply) {
        Err(error) if reply.is_empty() => Err(error),
        _ => Ok(reply),
    }
}

#[test]
fn row_44_over_tls_there_is_hsts_and_plain_http_is_not_answered() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = certify(folder.path());
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
    let files = [
        "--tls-cert",
        cert.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ];
    let mut server = Running::start_with(&Place::file(folder.path()), &files);

    let reply = asked(&server.address, &certificate).unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    assert!(
        reply.contains("strict-transport-security: max-age=63072000"),
        "{reply}"
    );

    let mut plain = TcpStream::connect(&server.address).unwrap();
    plain.write_all(LIVE).unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");

    let other = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    assert!(asked(&server.address, other.cert.der()).is_err());

    // A renewed certificate is used from the moment the operator says so.
    let renewed = certify(folder.path());
    assert!(asked(&server.address, &renewed).is_err());
    server.signal("-HUP");
    while asked(&server.address, &renewed).is_err() {
        std::thread::yield_now();
    }
    fs::write(&cert, "rubbish").unwrap();
    server.signal("-HUP");
    asked(&server.address, &renewed).unwrap();
    assert!(server.terminate());
}

#[test]
fn row_44_a_healthcheck_over_tls_believes_the_servers_own_certificate_and_no_other() {
    let [folder, elsewhere] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    certify(folder.path());
    certify(elsewhere.path());
    let place = Place::file(folder.path());
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
    let files = [
        "--tls-cert",
        cert.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ];
    let mut server = Running::start_with(&place, &files);
    let asked = |scheme: &str, certificate: Option<&std::path::Path>| {
        let mut command = place.program();
        command.args(["healthcheck", "--url"]);
        command.arg(format!("{scheme}://{}", server.address));
        command.args(certificate.map(|_| "--tls-cert")).args(certificate);
        let ended = super::program::ran(&mut command);
        (ended.status.success(), String::from_utf8(ended.stderr).unwrap())
    };
    let (good, said) = asked("https", Some(&cert));
    assert!(good, "{said}");
    assert!(!asked("https", Some(&elsewhere.path().join("cert.pem"))).0);
    assert!(!asked("http", Some(&cert)).0);
    let (good, said) = asked("https", None);
    assert!(
        !good && said.contains("--tls-cert has to name the server's certificate"),
        "{said}"
    );
    assert!(server.terminate());
}

#[test]
fn a_certificate_that_cannot_be_read_is_named_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path());
    let missing = folder.path().join("nowhere.pem");
    let refused = super::program::ran(
        Place::file(folder.path())
            .program()
            .args(["serve", "--listen", "127.0.0.1:0", "--tls-cert"])
            .arg(&missing)
            .arg("--tls-key")
            .arg(folder.path().join("key.pem")),
    );
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success() && said.contains("nowhere.pem cannot be read"),
        "{said}"
    );
}

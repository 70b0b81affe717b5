//! Over TLS, the app talks to whom it can be sure of, or says nothing at all.

use std::io::Read;
use std::net::TcpListener;
use std::sync::Arc;

use romp_app::{HttpServer, Server, Token};
use romp_domain::ErrorCode;
use romp_domain::wire::SyncRequest;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::{Error, ServerConfig, ServerConnection, StreamOwned};

#[tokio::test]
async fn row_44_a_server_with_a_certificate_that_nobody_vouches_for_is_told_nothing() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).expect("a certificate is made");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("with its key");
    let config = ServerConfig::builder_with_provider(default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("there are versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("they fit");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let met = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("somebody comes");
        let connection = ServerConnection::new(Arc::new(config)).expect("it can be served");
        let mut inside = StreamOwned::new(connection, stream);
        let mut told = Vec::new();
        let error = inside.read_to_end(&mut told).err();
        let why = error.and_then(|error| error.into_inner()?.downcast::<Error>().ok());
        (told, why)
    });
    let server = HttpServer::at(&format!("https://localhost:{port}")).expect("it is an address");
    let refused = server
        .sync(&Token::new("the-token"), &SyncRequest::default())
        .await;
    assert_eq!(refused.expect_err("it is not trusted").code, ErrorCode::Offline);
    let (told, why) = met.join().expect("it was met");
    assert!(told.is_empty(), "not even the token");
    assert!(
        matches!(why.as_deref(), Some(Error::AlertReceived(_))),
        "the certificate is why: {why:?}"
    );
}

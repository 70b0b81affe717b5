//! The way to a PostgreSQL database that asks for TLS: through a proxy that speaks it, in front of the cluster's socket.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use romp_postgres_cluster::cluster;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::program::{program, ran};

/// A certificate for this machine that nobody trusts, as a file, and what a server needs to show it.
fn certified(folder: &Path) -> (PathBuf, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let file = folder.join("certificate.pem");
    std::fs::write(&file, made.cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (file, TlsAcceptor::from(Arc::new(config)))
}

/// What every connection begins with that wants TLS, and the answer that it gets.
async fn passed_on(mut stream: TcpStream, acceptor: TlsAcceptor, socket: PathBuf) -> std::io::Result<()> {
    let mut request = [0; 8];
    stream.read_exact(&mut request).await?;
    assert_eq!(
        request,
        [0, 0, 0, 8, 4, 210, 22, 47],
        "TLS is asked for before anything is said"
    );
    stream.write_all(b"S").await?;
    let mut inside = acceptor.accept(stream).await?;
    let mut database = UnixStream::connect(socket).await?;
    copy_bidirectional(&mut inside, &mut database).await.map(drop)
}

async fn proxy(acceptor: TlsAcceptor, socket: PathBuf) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(passed_on(stream, acceptor.clone(), socket.clone()));
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_protected_way_is_taken_when_its_certificate_is_trusted_and_only_then() {
    let Some(cluster) = cluster("TLS to the database") else {
        return;
    };
    let (database, folder) = (cluster.empty(), tempfile::tempdir().unwrap());
    let (certificate, acceptor) = certified(folder.path());
    let port = proxy(acceptor, database.socket()).await.port();
    let (user, _) = database.url().split_once('@').unwrap();
    let url = format!("{user}@localhost:{port}/{}?sslmode=require", database.name());
    let invite = |trusted: Option<&Path>| -> Output {
        let mut command = program(url.as_ref());
        if let Some(file) = trusted {
            command.env("SSL_CERT_FILE", file);
        }
        tokio::task::block_in_place(|| ran(command.arg("invite")))
    };
    let refused = invite(None);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success() && said.contains("no protected connection"),
        "{said}"
    );
    let invited = invite(Some(&certificate));
    assert!(
        invited.status.success(),
        "{}",
        String::from_utf8_lossy(&invited.stderr)
    );
    assert_eq!(database.sql("SELECT count(*) FROM invitations"), "1");
}

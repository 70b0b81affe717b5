//! TLS in process: for servers without a proxy before them.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What is spoken inside, in the order of preference.
const INSIDE: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// A certificate with its key, as files: they are read again when they are renewed.
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<ServerConfig>>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

impl Tls {
    /// TLS with the certificate chain and the private key in these PEM files.
    ///
    /// # Errors
    /// A sentence for the operator: which file cannot be read, or why the two do not fit.
    pub fn of(certificate: &Path, key: &Path) -> Result<Self, String> {
        Ok(Self {
            current: RwLock::new(read(certificate, key)?),
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        })
    }

    /// Reads the files again. What is wrong with them leaves everything as it was.
    ///
    /// # Errors
    /// As [`Tls::of`].
    pub fn reload(&self) -> Result<(), String> {
        let config = read(&self.certificate, &self.key)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        TlsAcceptor::from(config).accept(stream).await
    }
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, String> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| {
            format!(
                "The certificate {} cannot be read: {error}.",
                certificate.display()
            )
        })?;
    let secret = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| format!("The private key {} cannot be read: {error}.", key.display()))?;
    let mut config = ServerConfig::builder_with_provider(default_provider().into())
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}."))?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|error| {
            format!(
                "The certificate {} does not work with its key: {error}.",
                certificate.display()
            )
        })?;
    config.alpn_protocols = INSIDE.iter().map(|name| name.to_vec()).collect();
    Ok(Arc::new(config))
}

//! TLS to the database: rustls, with the certificates that the system trusts.

use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::OpenError;

/// The way to connect that the URL asks for.
///
/// `sslmode=require` checks the certificate, which PostgreSQL's own programs do not: an unchecked one keeps nobody
/// out who is in between. `SSL_CERT_FILE` names other certificates to trust, such as a hosting company's own. Without
/// `sslmode`, only a database on this machine is spoken to, and in plain.
pub(super) fn connector(config: &mut Config) -> Result<MakeRustlsConnect, OpenError> {
    if config.get_ssl_mode() == SslMode::Prefer {
        if !config.get_hosts().iter().all(is_here) {
            return Err(OpenError::Unprotected);
        }
        config.ssl_mode(SslMode::Disable);
    }
    let mut roots = RootCertStore::empty();
    if config.get_ssl_mode() != SslMode::Disable {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let tls = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::Tls {
            detail: error.to_string(),
        })?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(tls))
}

/// Whether a host is this machine.
fn is_here(host: &Host) -> bool {
    match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse()
                    .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
    }
}
